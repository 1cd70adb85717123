"""Faults that pass: the database is locked, the disk is full, a worker is killed. Nothing is lost, all is told."""

import errno
import os
import re
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError, connection

from cases.models import CaseVersion
from tests.forms import change_url, sent_back
from tests.served import serving
from tests.visitor import Visitor, read_form

WORDS = "a long pass phrase"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("faults")) as served:
        served.manage(
            "shell", "-c",
            "from django.contrib.auth.models import User;"
            f"User.objects.create_superuser('kanri', password='{WORDS}')",
        )  # fmt: skip
        yield served


ADD = "/admin/cases/synonym/add/"


def _opened(process):
    """What a process has open (Linux)."""
    return [str(one.readlink()) for one in Path(f"/proc/{process}/fd").iterdir()]


def test_before_it_parts_into_workers_the_server_opens_no_database(site):
    Visitor(site).ask("/cases/?q=zoom")
    assert not [name for name in _opened(site.pid) if ".sqlite3" in name]
    of_workers = [name for process in site.workers() for name in _opened(process)]
    assert any(name.endswith("casebook.sqlite3") for name in of_workers)


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_database_stops_saving_in_words_but_not_reading(lock, site):
    visitor = Visitor(site).sign_in("kanri", WORDS)
    new = visitor.form(ADD) | {"word": f"試験{lock}", "means": "オンライン"}
    other = sqlite3.connect(site.data_dir / "casebook.sqlite3", isolation_level=None)
    other.execute(f"BEGIN {lock}")
    try:
        assert visitor.ask("/cases/")[0] == 200
        assert Visitor(site).ask("/")[0] == 200
        status, page = visitor.ask(ADD, new)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert status == 503
    assert "ほかの処理がデータベースを使っています" in page
    assert f'name="word" value="試験{lock}"' in page
    assert visitor.ask(ADD, read_form(page))[0] == 200, "the page's own button saves"
    assert f"試験{lock}" in visitor.ask("/admin/cases/synonym/")[1]


def test_six_editors_save_the_same_row_at_once_and_one_wins_each_round(site):
    editors = [Visitor(site).sign_in("kanri", WORDS) for _ in range(6)]
    new = {"word": "同時", "means": "オンライン"}
    editors[0].ask(ADD, editors[0].form(ADD) | new)
    listed = editors[0].ask("/admin/cases/synonym/?q=同時".replace("同時", "%E5%90%8C%E6%99%82"))[1]
    path = re.search(r"/admin/cases/synonym/\d+/change/", listed)[0]
    with ThreadPoolExecutor(6) as together:
        for turn in range(5):
            forms = list(together.map(lambda editor: editor.form(path), editors))
            sent = [form | {"means": f"{turn}回目の{number}"} for number, form in enumerate(forms)]
            answers = list(together.map(lambda editor, form: editor.ask(path, form), editors, sent))
            assert {status for status, _ in answers} == {200}
            refused = ["先に保存しています" in page for _, page in answers]
            kept = editors[0].form(path)["means"]
            assert refused.count(False) == 1
            assert kept == f"{turn}回目の{refused.index(False)}"
            for number, (_, page) in enumerate(answers):
                if refused[number]:
                    assert read_form(page)["means"] == f"{turn}回目の{number}", "what was typed is kept"


def test_six_editors_add_the_same_case_at_once_and_one_wins(site):
    editors = [Visitor(site).sign_in("kanri", WORDS) for _ in range(6)]
    path = "/admin/cases/case/add/"
    new = {"slug": "shiken-doji", "municipality": "012025"}
    forms = [editor.form(path) | new for editor in editors]
    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(lambda editor, form: editor.ask(path, form), editors, forms))
    assert {status for status, _ in answers} == {200}
    assert sum("既に存在します" in page for _, page in answers) == 5


def test_killed_workers_come_back_and_the_database_is_whole(site):
    for pid in site.workers():
        os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 15
    while (status := _status(site)) != 200 and time.monotonic() < end:
        time.sleep(0.1)
    assert status == 200
    database = sqlite3.connect(site.data_dir / "casebook.sqlite3")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def _status(site):
    try:
        return Visitor(site).ask("/")[0]
    except OSError:
        return None


@pytest.fixture(autouse=True)
def _answers_not_exceptions(client):
    client.raise_request_exception = False  # what the reader of the page gets


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("database is locked"), 503, "少し待って"),
        (OperationalError("database or disk is full"), 507, "保存する場所がいっぱいです"),
        (OperationalError("attempt to write a readonly database"), 503, "いまは読むことだけができます"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "保存する場所がいっぱいです"),
        (PermissionError(errno.EACCES, "Permission denied"), 503, "保存する場所に書き込めません"),
        (OSError(errno.EROFS, "Read-only file system"), 503, "保存する場所に書き込めません"),
    ],
)
def test_a_save_that_cannot_be_written_is_told_and_keeps_the_text(
    error, status, words, as_editor, draft, monkeypatch
):
    sent = sent_back(as_editor, draft)

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(CaseVersion, "save", fail)
    answer = as_editor.post(change_url(draft), sent | {"summary": "消えてはいけない概要", "_save": "1"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "10")
    assert words in answer.text
    assert 'name="summary" value="消えてはいけない概要"' in answer.text
    monkeypatch.undo()
    draft.refresh_from_db()
    assert draft.summary != "消えてはいけない概要"


def test_a_fault_that_is_ours_stays_a_500(as_editor, draft, monkeypatch):
    sent = sent_back(as_editor, draft)
    monkeypatch.setattr(CaseVersion, "save", lambda *args, **kwargs: 1 / 0)
    answer = as_editor.post(change_url(draft), sent | {"summary": "概要", "_save": "1"})
    assert answer.status_code == 500
    assert "サイトの側で問題が起きました" in answer.text


def test_a_password_is_never_sent_back(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.contrib.auth.authenticate", fail)
    monkeypatch.setattr("django.contrib.auth.forms.authenticate", fail)
    answer = client.post("/admin/login/", {"username": "kanri", "password": "himitsu no kotoba"})
    assert answer.status_code == 503
    assert "himitsu" not in answer.text


def test_a_full_disk_under_the_photographs_is_told_and_no_row_is_left(as_editor, draft, monkeypatch):
    from tests.test_admin import _photo_form, _picture

    sent = _photo_form(as_editor, draft, _picture())

    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fail)
    answer = as_editor.post(change_url(draft), sent)
    assert answer.status_code == 507
    assert "選び直してください" in answer.text
    assert not draft.photos.exists()
    assert connection.in_atomic_block
