"""The disk is full, or can only be read: readers go on, whoever writes is told, and afterwards all is whole."""

import io
import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.editing import IMPORTS, assert_whole, casebook, sign_in, table, until_back
from tests.visitor import Visitor, read_form

ADD = "/admin/cases/synonym/add/"
PAGES = [
    "/",
    "/cases/",
    "/cases/?field=sodan",
    "/cases/?q=%E6%A9%9F",
    "/cases/goto-sodan/",
    "/topics/organisation/",
    "/guide/",
]
FILES = ["/cases.csv", "/cases.xlsx", "/api/v1/cases", "/feed/", "/sitemap.xml"]
DRAFT = """
from cases.models import CaseVersion
print("draft", CaseVersion.objects.published().get(case__slug="goto-sodan").revise(by=None, reason="試験のため").pk)
"""


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def small(tmp_path):
    """A disk of 200 MB; what lies on it is gone with it."""
    folder = tmp_path / "small"
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", folder)
    yield folder
    _run("umount", "--lazy", folder)


@contextmanager
def _full(folder):
    """No octet is left on the disk."""
    balloon = folder / "balloon"
    with balloon.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        balloon.unlink()


def _read(site, paths):
    told = {path: Visitor(site).ask(path)[0] for path in paths}
    assert {path: status for path, status in told.items() if status != 200} == {}


def _photograph(editor, path):
    picture = io.BytesIO()
    Image.new("RGB", (1200, 800), "teal").save(picture, "PNG")
    sent = editor.form(path) | {
        "photos-TOTAL_FORMS": "1", "photos-0-alt": "試験用の一色", "photos-0-credit": "試験",
        "photos-0-licence": "CC0", "photos-0-position": "0", "_save": "1",
    }  # fmt: skip
    return editor.ask(path, sent, files={"photos-0-image": ("試験.png", picture.getvalue())})


def _draft(site):
    return f"/admin/cases/caseversion/{site.manage('shell', '-v0', '-c', DRAFT).partition('draft ')[2].strip()}/change/"


def _half_files(site):
    return [path for path in (site.data_dir / "media").rglob("*") if path.is_file()]


def test_a_full_disk_is_told_to_who_writes_and_to_nobody_else(small, measured):
    with casebook(small) as site:
        editor, draft = sign_in(site, "kanri"), _draft(site)
        _read(site, PAGES)
        form = editor.form(ADD) | {"word": "試験", "means": "オンライン"}
        with closing(sqlite3.connect(site.data_dir / "casebook.sqlite3")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # it would have room to write for a while
        with _full(small):
            _read(site, PAGES + FILES)
            status, page = editor.ask(ADD, form)
            assert status in (503, 507)
            assert "保存する場所がいっぱいです" in page
            assert 'name="word" value="試験"' in page
            for told in (
                _photograph(editor, draft),
                editor.ask(
                    f"{IMPORTS}add/",
                    editor.form(f"{IMPORTS}add/"),
                    files={"import_file": ("試験.csv", table("shiken", 50))},
                ),
            ):
                assert told[0] in (503, 507), told
                assert "保存する場所がいっぱいです" in told[1]
            _read(site, PAGES + FILES)
            assert not _half_files(site)
        assert editor.ask(ADD, read_form(page))[0] == 200, "the page's own button saves"
        assert _photograph(editor, draft)[0] == 200
        assert len(_half_files(site)) == 3
        assert not list(site.data_dir.rglob("*.new"))
        _read(site, [*PAGES, *FILES, "/cases/goto-sodan.pdf"])
    assert_whole(small / "data/casebook.sqlite3")
    measured(f"{len(PAGES + FILES)} addresses read on a full disk, three kinds of writing refused")


@contextmanager
def _immutable(*paths):
    """Nobody writes to these, root neither (a mount can't be made read-only under open files)."""
    _run("chattr", "+i", *paths)
    try:
        yield
    finally:
        _run("chattr", "-i", *paths)


def test_photographs_that_can_only_be_read_are_told_to_who_uploads(tmp_path, measured):
    with casebook(tmp_path) as site:
        editor, draft = sign_in(site, "kanri"), _draft(site)
        folder = site.data_dir / "media/photographs"
        folder.mkdir(parents=True)
        with _immutable(folder):
            status, page = _photograph(editor, draft)
            assert status == 503
            assert "保存する場所に書き込めません" in page
            _read(site, PAGES + FILES)
            form = editor.form(ADD) | {"word": "試験", "means": "オンライン"}
            assert editor.ask(ADD, form)[0] == 200, "what isn't a photograph is saved"
        assert _photograph(editor, draft)[0] == 200
    assert_whole(tmp_path / "data/casebook.sqlite3")
    measured("refused in words, the rest goes on")


def test_a_database_that_can_only_be_read_is_read(tmp_path, measured):
    with casebook(tmp_path) as site:
        editor = sign_in(site, "kanri")
        form = editor.form(ADD) | {"word": "試験", "means": "オンライン"}
        database = site.data_dir / "casebook.sqlite3"
        with _immutable(database):
            for pid in site.workers():  # who has it open may write on
                os.kill(pid, 9)
            until_back(site)
            _read(site, PAGES + FILES)
            status, page = editor.ask(ADD, form)
            assert status == 503
            assert "いまは読むことだけができます" in page
            assert 'name="word" value="試験"' in page
        for pid in site.workers():
            os.kill(pid, 9)
        until_back(site)
        assert editor.ask(ADD, read_form(page))[0] == 200
    assert_whole(Path(database))
    measured("read, and refused in words")
