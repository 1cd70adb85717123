"""`manage.py serve` as it runs: its words, its log, its files, its second start."""

import sqlite3
import subprocess
import sys
import urllib.request

import pytest
from django.conf import settings

OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _get(site, path):
    with OPEN.open(site.url + path) as answer:
        return answer.read().decode(), answer.headers


def test_it_says_where_it_serves_and_how_to_make_the_first_editor(site):
    said = site.log.read_text()
    assert "15事例を読み込みました" in said
    assert f"{site.url}/ で見られます" in said
    assert "make editor" in said


def test_a_taken_port_is_told_in_words(site):
    run = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env=site.env,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "待ち受けられません" in run.stderr
    assert "BIND=127.0.0.1:8001 make run" in run.stderr


def test_loading_again_changes_nothing(site):
    assert "読み込みませんでした" in site.manage("load_casebook")


def test_there_is_no_default_account(tmp_path, site):
    env = {**site.env, "DATA_DIR": str(tmp_path)}
    for command in (["migrate", "-v", "0"], ["load_casebook"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=env,
            check=True,
            capture_output=True,
        )
    with sqlite3.connect(tmp_path / "casebook.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM auth_user").fetchone() == (0,)
    database.close()


def test_the_log_keeps_no_search_word_and_no_address(site):
    _get(site, "/cases/?q=himitsu-no-kotoba&field=himitsu-no-kotoba")
    with pytest.raises(urllib.error.HTTPError) as missing:
        _get(site, "/nonesuch/?q=himitsu-no-kotoba")
    missing.value.close()
    said = site.log.read_text()
    assert "GET /cases/ 200" in said
    assert "himitsu-no-kotoba" not in said
    assert "127.0.0.1 -" not in said


def test_reading_writes_nothing(site):
    _get(site, "/")
    files = [site.data_dir / name for name in ("casebook.sqlite3", "casebook.sqlite3-wal")]

    def state():
        return [(file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]

    before = state()
    for _ in range(50):
        for path in ("/", "/cases/?field=ibasho", "/cases/toba-ibasho/", "/tools/zoom/"):
            _get(site, path)
    assert state() == before


def test_static_files_are_hashed_kept_and_carry_the_headers(site):
    page, _ = _get(site, "/")
    address = next(part for part in page.split('"') if part.startswith("/static/site."))
    assert len(address.split(".")) == 3
    style, headers = _get(site, address)
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "url(http" not in style


def test_head_is_answered_without_complaint(site):
    with OPEN.open(urllib.request.Request(site.url + "/cases/", method="HEAD")) as answer:
        assert answer.read() == b""
        assert int(answer.headers["Content-Length"]) > 1000
    assert "no-body response" not in site.log.read_text()
