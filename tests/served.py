"""The site as `manage.py serve` serves it, for tests that ask over HTTP: on data of its own, gone afterwards."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).parent.parent
# The whole environment of the site (casebook/settings.py): what a developer has set must not leak in.
SETTINGS = {
    "BIND", "DATA_DIR", "DATABASE_URL", "REPLICA_URL", "MEDIA_STORE", "SITE_URL", "SECRET_KEY", "DEBUG",
    "SELF_APPROVAL", "CONTACT",
}  # fmt: skip
START_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True)
class Site:
    """The site as `manage.py serve` serves it, on a database of its own."""

    url: str
    data_dir: Path
    log: Path
    env: Mapping[str, str]
    pid: int  # of gunicorn's master

    def workers(self) -> list[int]:
        """Process ids of gunicorn's workers (Linux)."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def manage(self, *args, stdin=None):
        """Run `manage.py <args>` on the site's data, with `stdin` as its input text.

        Returns what it printed; raises RuntimeError with all of its output when it fails.
        """
        command = [sys.executable, "manage.py", *args]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(args)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


@contextmanager
def serving(folder: Path, *, under: Sequence[str] = (), **settings: str):
    """Serve the site from `folder`, with these variables, for as long as the block lasts: a `Site`.

    `under` is a program that runs it. Raises RuntimeError with the site's own output if it won't start.
    """
    bind = settings.get("BIND") or f"127.0.0.1:{_free_port()}"
    env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    env |= {"BIND": bind, "DATA_DIR": str(folder / "data")} | settings
    log_file = folder / "serve.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*under, sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the tests only, and they stop the site
        )
    served = Site(f"http://{bind}", folder / "data", log_file, env, process.pid)
    try:
        if trouble := _await(served.url, process):
            raise RuntimeError(f"manage.py serve {trouble}:\n{served.log.read_text()}")
        yield served
    finally:
        _stop(process)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(url, process):
    """Wait until the site answers 200: None, or what went wrong in words."""
    opener = build_opener(ProxyHandler({}))  # a proxy for the outer world isn't for this
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            return f"ended with {process.returncode}"
        try:
            with opener.open(url, timeout=10):
                return None
        except HTTPError as error:  # it stands, but not well
            error.close()
            return f"answered {error.code}"
        except OSError:  # nobody listens yet, or is slow
            time.sleep(0.1)
    return f"did not answer in {START_SECONDS} s"


def _stop(process):
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn's workers too
        process.wait()
