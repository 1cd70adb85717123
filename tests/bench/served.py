"""A casebook of its own on one database, served by gunicorn as `manage.py serve` starts it; and its peers beside it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from time import monotonic, sleep

from tests.bench.load import measure

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
# The whole environment of the site (casebook/settings.py): what a developer has set must not leak in.
SETTINGS = {
    "BIND", "DATA_DIR", "DATABASE_URL", "REPLICA_URL", "MEDIA_STORE", "SITE_URL", "SECRET_KEY", "DEBUG",
    "SELF_APPROVAL", "CONTACT",
}  # fmt: skip
Address = tuple[str, int]


class Site:
    """A casebook in a folder of its own; `url` names its database, "" is SQLite."""

    def __init__(self, name: str, folder: Path, url: str = ""):
        self.name, self.data, self.log = name, folder / "data", folder / "serve.log"
        folder.mkdir()
        self.address = free_address()
        self.env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self.env |= {"BIND": "{}:{}".format(*self.address), "DATA_DIR": str(self.data), "DATABASE_URL": url}
        self.env["PYTHONPATH"] = str(Path(__file__).parent / "as_installed")

    def start(self, *command: str, **channels) -> subprocess.Popen:
        """Start `python <command>` on this casebook."""
        return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.env, text=True, **channels)

    def inside(self, *task: str):
        """What tests/bench/inside.py tells of this casebook; SystemExit with its words where it fails."""
        asked = self.start("-m", "tests.bench.inside", *task, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = asked.communicate()
        if asked.returncode:
            raise SystemExit(out + err)
        return json.loads(out.splitlines()[-1])

    @contextmanager
    def served(self) -> Iterator[tuple[int, float]]:
        """Serve it → (process id of gunicorn's master, seconds until the first answer)."""
        began = monotonic()
        with self.log.open("ab") as log:
            process = self.start("manage.py", "serve", stdout=log, stderr=log, start_new_session=True)
        try:
            _await(self.address, process, self.log)
            yield process.pid, monotonic() - began
        finally:
            _stop(process)

    @contextmanager
    def peer(self, application: str, process: int) -> Iterator[Address]:
        """Serve another WSGI application with the very options that gunicorn serves this casebook with (Linux)."""
        command = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")[:-1]
        address = free_address()
        ours = {"casebook.wsgi:application": application, self.env["BIND"]: "{}:{}".format(*address)}
        with self.log.open("ab") as log:
            peer = subprocess.Popen(
                [ours.get(word, word) for word in command],
                cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            _await(address, peer, self.log)
            yield address
        finally:
            _stop(peer)


def free_address() -> Address:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()


def memory(process: int) -> tuple[float, float]:
    """MB of gunicorn and its workers, what they share counted once: (all, without the files they read from)."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    kilobytes = {"Pss:": 0, "Pss_Anon:": 0}
    for one in (process, *children):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            name, *rest = line.split()
            if name in kilobytes:
                kilobytes[name] += int(rest[0])
    return kilobytes["Pss:"] / 1024, kilobytes["Pss_Anon:"] / 1024


def _await(address, process, log):
    began = monotonic()
    while True:
        try:
            return measure(address, repeat("/"), connections=1, seconds=0)
        except ConnectionRefusedError:
            if process.poll() is not None or monotonic() - began > START_SECONDS:
                raise SystemExit(log.read_text()) from None
            sleep(0.01)


def _stop(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn's workers too
        process.wait()
