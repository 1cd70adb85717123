"""A wrong setting stops the start with one clear line; a right one turns on what belongs to it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.served import SETTINGS as OURS


def _manage(tmp_path, *arguments, **environment):
    return _run(tmp_path, "manage.py", *arguments, **environment)


def _run(tmp_path, *arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={**clean, "DATA_DIR": str(tmp_path / "data"), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BIND": "8000"}, "BIND は「127.0.0.1:8000」の形で"),
        ({"BIND": "127.0.0.1:99999"}, "BIND は"),
        ({"SITE_URL": "casebook.example.jp"}, "SITE_URL は「https://"),
        ({"SITE_URL": "https://casebook.example.jp/path"}, "SITE_URL は"),
        ({"SITE_URL": "ftp://casebook.example.jp"}, "SITE_URL は"),
        ({"SITE_URL": "https://casebook.example.jp:x"}, "SITE_URL は"),
        ({"DEBUG": "yes"}, "DEBUG は 0 か 1"),
        ({"DEBUG": "1", "SITE_URL": "https://casebook.example.jp"}, "DEBUG=1 は、この機械の中だけで"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY は50文字以上"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL を読み取れません"),
        ({"DATABASE_URL": "foo://user:himitsu@host/name"}, "DATABASE_URL を読み取れません"),
        ({"DATABASE_URL": "mysql://user:himitsu@host/name"}, "DATABASE_URL を読み取れません"),
        ({"REPLICA_URL": "foo://user:himitsu@host/name"}, "REPLICA_URL を読み取れません"),
        ({"MEDIA_STORE": "/nonesuch"}, "MEDIA_STORE のフォルダーがありません（/nonesuch）"),
        ({"MEDIA_STORE": "media"}, "MEDIA_STORE は、/ で始まるフォルダーか"),
        ({"MEDIA_STORE": "s3://"}, "MEDIA_STORE は、/ で始まるフォルダーか"),
        ({"MEDIA_STORE": "s3://key:himitsu@bucket"}, "MEDIA_STORE は、/ で始まるフォルダーか"),
        ({"MEDIA_STORE": "s3://bucket/a?himitsu=1"}, "MEDIA_STORE は、/ で始まるフォルダーか"),
        ({"MEDIA_STORE": "s3://bucket?endpoint=s3.example.jp"}, "MEDIA_STORE の endpoint は「https://"),
        ({"SELF_APPROVAL": "はい"}, "SELF_APPROVAL は 0 か 1"),
        ({"CONTACT": "電話で"}, "CONTACT は、メールアドレスか"),
        ({"CONTACT": "http://casebook.example.jp"}, "CONTACT は"),
        ({"DATA_DIR": "/proc/nonesuch"}, "DATA_DIR のフォルダーを作れません"),
        ({"DATA_DIR": "/proc"}, "DATA_DIR に秘密鍵を保存できません"),
        ({"DATA_DIR": "/proc", "SECRET_KEY": "試" * 50}, "DATA_DIR のフォルダーを作れません"),
    ],
)
def test_a_wrong_setting_is_refused_with_one_line(environment, words, tmp_path):
    run = _manage(tmp_path, "check", **environment)
    assert run.returncode == 1
    assert run.stderr.startswith("設定の誤り: ")
    assert words in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert "himitsu" not in run.stderr


@pytest.mark.parametrize(
    ("environment", "package"),
    [
        ({"DATABASE_URL": "postgres://user@host/name"}, "psycopg"),
        ({"REPLICA_URL": "postgres://user@host/name"}, "psycopg"),
        ({"MEDIA_STORE": "s3://bucket/media"}, "storages"),
        ({"MEDIA_STORE": "s3://bucket/media"}, "boto3"),
    ],
)
def test_a_package_that_a_setting_needs_is_asked_for_with_one_line(environment, package, tmp_path):
    # manage.py where this package isn't found
    code = (
        "import importlib.util as util, runpy, sys; found = util.find_spec\n"
        f"util.find_spec = lambda name, *more: None if name == {package!r} else found(name, *more)\n"
        "sys.argv = ['manage.py', 'check']; runpy.run_path('manage.py', run_name='__main__')"
    )
    run = _run(tmp_path, "-c", code, **environment)
    assert run.returncode == 1
    (name,) = environment
    expected = f"いまの {name} を使うには、requirements-server.txt のパッケージを入れてください。"
    assert run.stderr == f"設定の誤り: {expected}\n"


@pytest.mark.parametrize("command", ["serve", "migrate", "load_casebook", "clean_photographs"])
def test_a_database_that_is_away_is_told_with_one_line(command, tmp_path):
    away = f"postgres://user:himitsu@{str(tmp_path).replace('/', '%2F')}/name"
    run = _manage(tmp_path, command, BIND="127.0.0.1:0999", DATABASE_URL=away)
    assert run.returncode == 1
    assert re.fullmatch("データベースを使えません: .*No such file or directory.*\n", run.stderr), run.stderr
    assert "himitsu" not in run.stderr


def test_a_database_that_cannot_be_opened_is_told_with_one_line(tmp_path):
    run = _manage(tmp_path, "migrate", DATABASE_URL=f"sqlite:///{tmp_path}/nonesuch/casebook.sqlite3")
    assert (run.returncode, run.stderr) == (1, "データベースを使えません: unable to open database file\n")
    (tmp_path / "casebook.sqlite3").write_text("something else\n" * 1000)
    run = _manage(tmp_path, "migrate", DATABASE_URL=f"sqlite:///{tmp_path}/casebook.sqlite3")
    assert (run.returncode, run.stderr) == (1, "データベースを使えません: file is not a database\n")


def test_check_deploy_is_clean_when_the_site_is_https(tmp_path):
    run = _manage(
        tmp_path, "check", "--deploy", "--fail-level", "WARNING", SITE_URL="https://casebook.example.jp"
    )
    assert run.returncode == 0, run.stderr
    assert "no issues" in run.stdout + run.stderr or "ありません" in run.stdout + run.stderr


def test_the_secret_key_is_made_once_and_is_the_owners_only(tmp_path):
    for _ in range(2):
        assert _manage(tmp_path, "check").returncode == 0
    key = tmp_path / "data" / "secret_key"
    first = key.read_text()
    assert len(first) >= 50
    assert key.stat().st_mode & 0o777 == 0o600
    _manage(tmp_path, "check")
    assert key.read_text() == first
    assert [path.name for path in (tmp_path / "data").iterdir()] and not list(
        (tmp_path / "data").glob("tmp*")
    )


def test_first_starts_at_once_agree_on_one_key(tmp_path):
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=settings.BASE_DIR,
            env={**clean, "DJANGO_SETTINGS_MODULE": "casebook.settings", "DATA_DIR": str(tmp_path)},
            stdout=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    assert len({start.communicate()[0] for start in starts}) == 1
    assert {start.returncode for start in starts} == {0}


def test_sqlite_takes_readers_and_writers_at_once(tmp_path):
    code = (
        "from django.db import connection as c; k = c.cursor()\n"
        "for name in ('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'):\n"
        "    print(name, k.execute(f'PRAGMA {name}').fetchone()[0])\n"
        "print(c.settings_dict['OPTIONS']['transaction_mode'], c.settings_dict['CONN_MAX_AGE'])"
    )
    run = _manage(tmp_path, "shell", "-v", "0", "-c", code)
    assert run.stdout.split() == (
        [
            "journal_mode",
            "wal",
            "synchronous",
            "2",
            "foreign_keys",
            "1",
            "busy_timeout",
            "5000",
            "IMMEDIATE",
            "None",
        ]
    )


def test_https_turns_on_what_belongs_to_it(tmp_path):
    code = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME,"
        " s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.ALLOWED_HOSTS)"
    )
    secure = _manage(tmp_path, "shell", "-v", "0", "-c", code, SITE_URL="https://casebook.example.jp").stdout
    assert secure.strip() == (
        "__Host-sessionid __Host-csrftoken True True True 63072000 ['casebook.example.jp']"
    )
    plain = _manage(tmp_path, "shell", "-v", "0", "-c", code).stdout
    assert plain.startswith("sessionid csrftoken False False False 0 ['127.0.0.1'")


def test_no_migration_is_unmade(tmp_path):
    assert _manage(tmp_path, "makemigrations", "--check", "--dry-run").returncode == 0


def test_migrations_go_back_and_forth(tmp_path):
    for target in ([], ["cases", "zero"], []):
        run = _manage(tmp_path, "migrate", *target, "-v", "0")
        assert run.returncode == 0, run.stderr
    assert Path(tmp_path / "data" / "casebook.sqlite3").exists()
