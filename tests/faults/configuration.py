"""Every setting broken: `manage.py serve` doesn't start, and says why in one line."""

import os
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from tests.served import ROOT, SETTINGS

LONGEST = 60  # seconds
WRONG = {
    "DATA_DIR is a file": ({"DATA_DIR": "{here}/file"}, "DATA_DIR"),
    "DATA_DIR cannot be made": ({"DATA_DIR": "/proc/casebook"}, "DATA_DIR"),
    "a short SECRET_KEY": ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    "DEBUG for the public": ({"DEBUG": "1", "SITE_URL": "https://casebook.example.jp"}, "DEBUG"),
    "DEBUG in words": ({"DEBUG": "yes"}, "DEBUG"),
    "SELF_APPROVAL in words": ({"SELF_APPROVAL": "on"}, "SELF_APPROVAL"),
    "SITE_URL with a path": ({"SITE_URL": "https://casebook.example.jp/x"}, "SITE_URL"),
    "SITE_URL without https://": ({"SITE_URL": "casebook.example.jp"}, "SITE_URL"),
    "BIND without a port": ({"BIND": "127.0.0.1"}, "BIND"),
    "BIND of another machine": ({"BIND": "192.0.2.1:8000"}, "待ち受けられません"),
    "BIND that is taken": ({"BIND": "{taken}"}, "待ち受けられません"),
    "CONTACT that is none": ({"CONTACT": "nobody"}, "CONTACT"),
    "DATABASE_URL of another engine": ({"DATABASE_URL": "mysql://himitsu@localhost/x"}, "DATABASE_URL"),
    "DATABASE_URL that leads nowhere": (
        {"DATABASE_URL": "postgres://casebook:himitsu@127.0.0.1:1/casebook"}, "データベースを使えません"
    ),
    "a database that is a folder": ({"DATABASE_URL": "sqlite:///{here}"}, "データベースを使えません"),
    "a database that is something else": ({"DATABASE_URL": "sqlite:///{here}/file"}, "データベースを使えません"),
    "REPLICA_URL of another engine": ({"REPLICA_URL": "mysql://himitsu@localhost/x"}, "REPLICA_URL"),
    "MEDIA_STORE that isn't there": ({"MEDIA_STORE": "{here}/nonesuch"}, "MEDIA_STORE"),
    "MEDIA_STORE of another kind": ({"MEDIA_STORE": "ftp://himitsu@localhost/x"}, "MEDIA_STORE"),
}  # fmt: skip


@pytest.fixture
def here(tmp_path):
    (tmp_path / "file").write_text("this is no database, and no folder\n" * 100)
    return tmp_path


def _started(here, **settings):
    """What a start says, with the data in `here` and these settings alone."""
    env = {one: value for one, value in os.environ.items() if one not in SETTINGS}
    return subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=env | {"DATA_DIR": str(here / "data")} | settings,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )


@pytest.mark.parametrize("name", WRONG)
def test_a_start_is_refused_with_one_line(name, here, measured):
    settings, words = WRONG[name]
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        values = {"here": here, "taken": f"127.0.0.1:{taken.getsockname()[1]}"}
        done = _started(here, **{one: text.format(**values) for one, text in settings.items()})
    told = [line for line in (done.stdout + done.stderr).splitlines() if line]
    assert done.returncode != 0
    assert len(told) == 1, told
    assert words in told[0]
    assert "himitsu" not in told[0]
    measured(told[0])


@pytest.mark.parametrize("content", ["", "short", "x" * 49])
def test_a_broken_key_is_not_replaced_in_silence(content, here, measured):
    (here / "data").mkdir()
    (here / "data/secret_key").write_text(content)
    done = _started(here)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert (here / "data/secret_key").read_text() == content
    measured("refused, and left as it was")
