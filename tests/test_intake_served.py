"""An import on the served site: in a thread of its own, whose server is killed in the middle. All rows or none."""

import csv
import io
import os
import re
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from tests.served import serving
from tests.visitor import Visitor

WORDS = "a long pass phrase"
ADD = "/admin/cases/import/add/"
HEAD = ["URLの名", "団体コード", "分野", "自治体区分", "概要", "概要の出典"]
ROWS = 2_000
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("intake")) as served:
        served.manage(
            "shell", "-c",
            "from django.contrib.auth.models import Group, User;"
            f"user = User.objects.create_user('henshu', password='{WORDS}', is_staff=True);"
            "user.groups.add(Group.objects.get(name='編集者'))",
        )  # fmt: skip
        yield served


@pytest.fixture
def stored(site):
    """The site's database, seen from outside."""
    with closing(sqlite3.connect(site.data_dir / "casebook.sqlite3", isolation_level=None)) as database:
        yield database


def _until(what, *args):
    """Wait for a true answer, as long as an editor would."""
    end = time.monotonic() + PATIENCE
    while not (answer := what(*args)):
        assert time.monotonic() < end, f"{what.__name__} took too long"
        time.sleep(0.01)
    return answer


def _uploaded(visitor, name):
    """Upload new cases; → the path of the import once its preview is there, and the page."""
    file = io.StringIO()
    rows = [
        [f"{name}-{row}", "012025", "相談", "市区町村5万人未満", "試験用の概要", "report"]
        for row in range(ROWS)
    ]
    csv.writer(file).writerows([HEAD, *rows])
    content = file.getvalue().encode()
    page = visitor.ask(ADD, visitor.form(ADD), files={"import_file": ("試験.csv", content)})[1]
    assert "取り込めません" not in page, page
    listed = visitor.ask("/admin/cases/import/")[1]
    path = re.search(r"/admin/cases/import/\d+/change/", listed)[0]

    def page_of_preview():
        page = visitor.ask(path)[1]
        return page if "このとおり取り込む" in page else ""

    return path, _until(page_of_preview)


def _confirm(visitor, path):
    assert visitor.ask(path, visitor.form(path) | {"_act": "confirm"})[0] == 200


def _state(stored, path):
    key = re.search(r"\d+", path)[0]
    return stored.execute("SELECT state FROM cases_import WHERE id = ?", [key]).fetchone()[0]


def _count(stored, name):
    return stored.execute("SELECT count(*) FROM cases_case WHERE slug LIKE ?", [f"{name}-%"]).fetchone()[0]


def _is_writing(stored):
    """Whether somebody holds the lock to write."""
    stored.execute("PRAGMA busy_timeout = 0")
    try:
        stored.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    stored.execute("ROLLBACK")
    return False


def _answers(visitor):
    try:
        return visitor.ask("/")[0] == 200
    except OSError:
        return False


@pytest.mark.parametrize("moment", ["begun", "writing"])
def test_a_killed_server_leaves_all_rows_or_none_and_the_import_can_be_ended(site, stored, moment):
    visitor = Visitor(site).sign_in("henshu", WORDS)
    path, page = _uploaded(visitor, f"shiken-{moment}")
    assert f"新しい事例 {ROWS:,}件" in page
    _confirm(visitor, path)
    if moment == "writing":
        _until(_is_writing, stored)
    for pid in site.workers():
        os.kill(pid, signal.SIGKILL)
    _until(_answers, visitor)
    assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert stored.execute("PRAGMA foreign_key_check").fetchall() == []
    saved = _count(stored, f"shiken-{moment}")
    assert saved == (ROWS if _state(stored, path) == "done" else 0)
    if not saved:
        assert "確かめた後に、まとめて保存します" in visitor.ask(path)[1]
        stored.execute("PRAGMA busy_timeout = 5000")
        stored.execute("UPDATE cases_import SET moved_at = '2026-01-01 00:00:00'")  # half a minute later
        assert "途中で止まりました" in visitor.ask(path)[1]
        visitor.ask(path, visitor.form(path) | {"_act": "again"})
        _until(lambda: _state(stored, path) == "done")
    assert _count(stored, f"shiken-{moment}") == ROWS
    assert f"取り込みました：新しい事例 {ROWS:,}件" in visitor.ask(path)[1]


def test_a_server_told_to_stop_finishes_the_import_first(site, stored):
    visitor = Visitor(site).sign_in("henshu", WORDS)
    path, _ = _uploaded(visitor, "shiken-stop")
    _confirm(visitor, path)
    for pid in site.workers():
        os.kill(pid, signal.SIGTERM)
    _until(lambda: _state(stored, path) != "saving")
    assert _state(stored, path) == "done"
    assert _count(stored, "shiken-stop") == ROWS
    _until(_answers, visitor)


def test_the_progress_of_a_run_can_be_watched(site, stored):
    """The page tells the rows that are done while the thread is at work, or already what it found."""
    visitor = Visitor(site).sign_in("henshu", WORDS)
    path, _ = _uploaded(visitor, "shiken-watch")
    _confirm(visitor, path)
    page = visitor.ask(path)[1]
    assert re.search(rf"{ROWS}行のうち\d+行を確かめました", page) or "取り込みました" in page
    _until(lambda: _state(stored, path) == "done")
