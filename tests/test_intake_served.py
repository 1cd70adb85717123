"""An import on the served site: in a thread of its own, whose server is killed in the middle. All rows or none."""

import os
import re
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.editing import WORDS, answers, confirm, previewed, saved, sign_in, state, table, until
from tests.served import serving

ROWS = 2_000


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


def _is_writing(stored):
    """Whether somebody holds the lock to write."""
    stored.execute("PRAGMA busy_timeout = 0")
    try:
        stored.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    stored.execute("ROLLBACK")
    return False


@pytest.mark.parametrize("moment", ["begun", "writing"])
def test_a_killed_server_leaves_all_rows_or_none_and_the_import_can_be_ended(site, stored, moment):
    visitor = sign_in(site, "henshu")
    path, page = previewed(visitor, table(f"shiken-{moment}", ROWS))
    assert f"新しい事例 {ROWS:,}件" in page
    confirm(visitor, path)
    if moment == "writing":
        until(_is_writing, stored)
    for pid in site.workers():
        os.kill(pid, signal.SIGKILL)
    until(answers, site)
    assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert stored.execute("PRAGMA foreign_key_check").fetchall() == []
    done = saved(site, f"shiken-{moment}")
    assert done == (ROWS if state(site, path) == "done" else 0)
    if not done:
        assert "確かめた後に、まとめて保存します" in visitor.ask(path)[1]
        stored.execute("PRAGMA busy_timeout = 5000")
        stored.execute("UPDATE cases_import SET moved_at = '2026-01-01 00:00:00'")  # half a minute later
        assert "途中で止まりました" in visitor.ask(path)[1]
        visitor.ask(path, visitor.form(path) | {"_act": "again"})
        until(lambda: state(site, path) == "done")
    assert saved(site, f"shiken-{moment}") == ROWS
    assert f"取り込みました：新しい事例 {ROWS:,}件" in visitor.ask(path)[1]


def test_a_server_told_to_stop_finishes_the_import_first(site, stored):
    visitor = sign_in(site, "henshu")
    path, _ = previewed(visitor, table("shiken-stop", ROWS))
    confirm(visitor, path)
    for pid in site.workers():
        os.kill(pid, signal.SIGTERM)
    until(lambda: state(site, path) != "saving")
    assert state(site, path) == "done"
    assert saved(site, "shiken-stop") == ROWS
    until(answers, site)


def test_the_progress_of_a_run_can_be_watched(site, stored):
    """The page tells the rows that are done while the thread is at work, or already what it found."""
    visitor = sign_in(site, "henshu")
    path, _ = previewed(visitor, table("shiken-watch", ROWS))
    confirm(visitor, path)
    page = visitor.ask(path)[1]
    assert re.search(rf"{ROWS}行のうち\d+行を確かめました", page) or "取り込みました" in page
    until(lambda: state(site, path) == "done")
