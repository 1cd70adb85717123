"""`make bench`: a casebook on SQLite and one on PostgreSQL, grown from 15 to 100,000 cases, measured at every size.

All through gunicorn as `manage.py serve` starts it, on this machine alone (Linux), beside peers that the same
gunicorn serves: a bare WSGI answer, a plain Django one, and the list as it's usually made. It prints as it goes.
SIZES="15 1788" and DATABASES="sqlite" shorten it; ROUNDS and SECONDS (for each page, twice a round) too.
"""

import os
import platform
import sqlite3
import subprocess
import tempfile
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic

from tests.bench.fresh import seconds_until_new
from tests.bench.rounds import CONNECTIONS, measured
from tests.bench.served import Site
from tests.bench.targets import BENCHED, Targets, table
from tests.postgresql import server

SIZES = [int(size) for size in os.environ.get("SIZES", "15 1788 10000 100000").split()]
DATABASES = os.environ.get("DATABASES", "sqlite postgresql").split()
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = float(os.environ.get("SECONDS", "1"))
BOOKS = (15, BENCHED)  # sizes of which the whole book is printed


def say(*words: str) -> None:
    print(*words, flush=True)


def grow(sites: list[Site], size: int) -> None:
    """Both at once: it's one process' work each."""
    began = monotonic()
    command = ["manage.py", "make_synthetic", str(size), "--yes-this-is-a-benchmark"]
    growing = [site.start(*command, stdout=subprocess.DEVNULL) for site in sites]
    failed = [one.wait() for one in growing]
    if any(failed):
        raise SystemExit("make_synthetic failed")
    for site in sites:
        site.inside("settle")
    say(f"\nGrown to {size:,} cases in {monotonic() - began:.0f} s.")


def beside_pages(site: Site, size: int, facts: dict) -> None:
    """What isn't a page: search against a scan, a publication."""
    facts["searched"][size] = site.inside("searched")
    facts["fresh"][size] = seconds_until_new(site)


def files(site: Site, size: int, facts: dict) -> None:
    """Books and a sheet, on one database: they're made of the same rows."""
    if size in BOOKS:
        facts["papers"][size] = site.inside("papers")
    if size == BENCHED:
        facts["sheet"] = site.inside("sheet", "100000")


def main():
    with tempfile.TemporaryDirectory(prefix="casebook-bench-") as folder, ExitStack() as stack:
        urls = {name: stack.enter_context(server()) if name == "postgresql" else "" for name in DATABASES}
        sites = [Site(name, Path(folder) / name, url) for name, url in urls.items()]
        say(
            f"{datetime.now():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
            f"load {os.getloadavg()[0]:.1f} before the start. Medians of {ROUNDS} rounds of {SECONDS:g} s; "
            f"{CONNECTIONS} connections for requests/s, 1 for p50 and p99."
        )
        for site in sites:
            with site.served() as (_, start):
                say(f"From an empty folder to the first answer, {site.name}: {start:.1f} s.")
        sizes, facts = defaultdict(list), {site.name: defaultdict(dict) for site in sites}
        for size in SIZES:
            grow(sites, size)
            for site in sites:
                with _going_on(site, size):
                    sizes[site.name].append(measured(site, size, ROUNDS, SECONDS))
                    say(table(sizes[site.name][-1]))
                    beside_pages(site, size, facts[site.name])
            with _going_on(sites[0], size):
                files(sites[0], size, facts[sites[0].name])
            for (
                name,
                some,
            ) in sizes.items():  # again at every size: a run that is cut short tells what it knows
                say(str(Targets(some, facts[name])))


@contextmanager
def _going_on(site, size):
    """What fails is told, and the rest measured all the same: growing took long."""
    try:
        yield
    except (Exception, SystemExit) as failed:
        say(f"\n**failed** at {size:,}, {site.name}: {type(failed).__name__}: {failed}")


if __name__ == "__main__":
    main()
