"""kill -9 at the worst moments: all of it or nothing, the public pages agree, and the site is back by itself."""

import io
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from tests.editing import (
    BACK_SECONDS,
    answers,
    assert_whole,
    casebook,
    confirm,
    previewed,
    rows,
    saved,
    sign_in,
    state,
    table,
    until,
    until_back,
)
from tests.served import serving
from tests.visitor import Visitor

ROWS = 2_000
ROUNDS = 14  # a case each
DRAFTS = """
from cases.models import CaseVersion
for version in CaseVersion.objects.published().order_by("pk"):
    draft = version.revise(by=None, reason="試験のため")
    draft.summary = f"試験用の概要{draft.pk:05}番"
    draft.save()
"""
SUBMIT = """
from cases.models import CaseVersion
for draft in CaseVersion.objects.filter(status="draft").exclude(case__slug__startswith="shiken"):
    draft.submit(by=None)
"""

PUBLISH = """
from cases.models import CaseVersion
for version in CaseVersion.objects.filter(status="in_review").exclude(case__slug__startswith="shiken"):
    version.publish(by=None)
"""


def _kill(site):
    for pid in site.workers():
        os.kill(pid, signal.SIGKILL)


def _timed(act, *args):
    """Seconds that `act` takes undisturbed; it succeeds."""
    began = time.monotonic()
    status, page = act(*args)
    assert status == 200
    assert "errornote" not in page, page
    return time.monotonic() - began


def _killed_during(site, moment, act, *args):
    """Kill the workers `moment` seconds into `act`; seconds until the site was back. Its answer, if any, is lost."""
    with ThreadPoolExecutor(1) as beside:
        acting = beside.submit(act, *args)
        time.sleep(moment)
        _kill(site)
        killed = time.monotonic()
        until_back(site)
        assert isinstance(acting.exception(), None | OSError | HTTPException)
    assert_whole(site.data_dir / "casebook.sqlite3")
    return time.monotonic() - killed


@pytest.mark.parametrize("delay", [0.3, 1.0, 2.5])
def test_an_import_is_there_with_all_its_rows_or_none(delay, site, measured):
    visitor, longest, whole = sign_in(site, "kanri"), 0, 0
    for turn in range(3):
        name = f"shiken{int(delay * 10)}x{turn}"
        path, _ = previewed(visitor, table(name, ROWS))
        confirm(visitor, path)
        time.sleep(delay)
        _kill(site)
        killed = time.monotonic()
        until_back(site)
        longest = max(longest, time.monotonic() - killed)
        assert_whole(site.data_dir / "casebook.sqlite3")
        is_done = state(site, path) == "done"
        assert saved(site, name) == (ROWS if is_done else 0)
        whole += is_done
    measured(f"{whole} of 3 were done, back after {longest:.1f} s at most")


@pytest.fixture(scope="module")
def revised(site):
    """Every case with a draft beside what is public: (version's key, slug)."""
    site.manage("shell", "-v0", "-c", DRAFTS)
    drafts = "SELECT v.id, c.slug FROM cases_caseversion v JOIN cases_case c ON c.id = v.case_id WHERE v.status = 'draft'"
    return [pair for pair in rows(site, drafts) if not pair[1].startswith("shiken")][:ROUNDS]


def test_a_photograph_is_there_with_all_its_files_or_not_at_all(site, revised, chance, measured):
    editor, longest = sign_in(site, "kanri"), 0
    picture = io.BytesIO()
    Image.radial_gradient("L").resize((2400, 1600)).convert("RGB").save(picture, "JPEG")
    photograph = {"photos-0-image": ("試験.jpg", picture.getvalue())}
    usual = _timed(_add_photograph, editor, revised[0][0], photograph)
    for pk, _ in revised[1:]:
        moment = chance.uniform(0, 1.2 * usual)
        longest = max(longest, _killed_during(site, moment, _add_photograph, editor, pk, photograph))
    named = {name for (name,) in rows(site, "SELECT image FROM cases_photo")}
    folder = site.data_dir / "media"
    orphans = [path for path in _files(folder) if not _is_of(named, path, folder)]
    for path in orphans:  # a day later
        os.utime(path, (0, 0))
    site.manage("clean_photographs")
    assert all(_is_of(named, path, folder) for path in _files(folder))
    for name in named:
        Image.open(folder / name).load()
    assert named
    measured(
        f"{len(named)} of {len(revised)} were kept, {len(orphans)} orphans, back after {longest:.1f} s at most"
    )


def _add_photograph(editor, pk, photograph):
    path = f"/admin/cases/caseversion/{pk}/change/"
    sent = editor.form(path) | {
        "photos-TOTAL_FORMS": "1", "photos-0-alt": "試験用の模様", "photos-0-credit": "試験",
        "photos-0-licence": "CC0", "photos-0-position": "0", "_save": "1",
    }  # fmt: skip
    return editor.ask(path, sent, files=photograph)


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def _is_of(named, path, folder):
    """Whether the file is a photograph that a row names, or a narrower copy of one (name-480.jpg)."""
    name = path.relative_to(folder).as_posix()
    return name in named or re.sub(r"-\d+(\.\w+)$", r"\1", name) in named


@pytest.mark.parametrize(("act", "end"), [("publish", "published"), ("withdraw", "withdrawn")])
def test_what_was_being_decided_is_old_or_new_everywhere(act, end, site, revised, chance, measured):
    site.manage("shell", "-v0", "-c", SUBMIT if act == "publish" else PUBLISH)
    publisher, longest, done = sign_in(site, "kokai"), 0, 0
    usual = _timed(_decide, publisher, revised[0][0], act)
    for pk, slug in revised[1:]:
        longest = max(longest, _killed_during(site, chance.uniform(0, usual), _decide, publisher, pk, act))
        now = rows(site, f"SELECT status FROM cases_caseversion WHERE id = {pk}")[0][0]
        told = f"SELECT count(*) FROM cases_transition WHERE version_id = {pk} AND to_status = '{end}'"
        assert rows(site, told) == [(int(now == end),)]
        for _ in range(4):  # either worker
            assert _seen(site, f"試験用の概要{pk:05}番", slug) == {now == "published"}
        done += now == end
    public = "SELECT case_id FROM cases_caseversion WHERE status = 'published' GROUP BY 1 HAVING count(*) > 1"
    assert rows(site, public) == []
    measured(f"{done} of {len(revised) - 1} were done, back after {longest:.1f} s at most")


def _decide(publisher, pk, act):
    path = f"/admin/cases/caseversion/{pk}/change/"
    return publisher.ask(path, publisher.form(path) | {"_act": act, "_reason": "試験のため"})


def _seen(site, words, slug):
    """Whether a version is on each public page where it would be, told by its words: {True}, {False} or both."""
    reader = Visitor(site)
    seen = {
        words in reader.ask(path)[1] for path in (f"/cases/{slug}/", "/cases/", "/api/v1/cases", "/cases.csv")
    }
    return seen | {f'href="/cases/{slug}/"' in reader.ask(f"/cases/?q={quote(words)}")[1]}


def test_a_killed_master_leaves_nothing_in_the_way_of_the_next_start(tmp_path, measured):
    with casebook(tmp_path) as site:
        workers = site.workers()
        os.kill(site.pid, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), patience=BACK_SECONDS)
        began = time.monotonic()
        with serving(tmp_path, BIND=site.env["BIND"]) as again:
            assert answers(again)
            measured(f"served again after {time.monotonic() - began:.1f} s")
    assert_whole(tmp_path / "data/casebook.sqlite3")


def test_all_killed_at_once_leaves_nothing_in_the_way_of_the_next_start(tmp_path, measured):
    with casebook(tmp_path) as site:
        visitor = sign_in(site, "kanri")
        path, _ = previewed(visitor, table("shiken", ROWS))
        confirm(visitor, path)
        os.killpg(site.pid, signal.SIGKILL)
        began = time.monotonic()
        with serving(tmp_path, BIND=site.env["BIND"]) as again:
            assert answers(again)
            measured(f"served again after {time.monotonic() - began:.1f} s")
            assert saved(again, "shiken") in (0, ROWS)
    assert_whole(tmp_path / "data/casebook.sqlite3")
