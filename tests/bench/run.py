"""`make bench`: one casebook grown from 15 to 100,000 cases, its pages measured at every size.

All through gunicorn as `manage.py serve` starts it, on this machine alone, and read as ratios to a
static file of the same gunicorn in the same run. SIZES="15 1788" shortens it; ROUNDS and SECONDS too.
"""

import json
import os
import platform
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from itertools import cycle, repeat
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from urllib.parse import quote

from load import Round, measure

ROOT = Path(__file__).parents[2]
SIZES = [int(size) for size in os.environ.get("SIZES", "15 1788 10000 100000").split()]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = float(os.environ.get("SECONDS", "2"))  # for each page, twice a round
CONNECTIONS = 16
FEWEST = 20  # answers that a percentile rests on, however long they take
START_SECONDS = 60
# The whole environment of the site (casebook/settings.py): what a developer has set must not leak in.
SETTINGS = {"BIND", "DATA_DIR", "DATABASE_URL", "SITE_URL", "SECRET_KEY", "DEBUG"}

FILTERED = (
    "/cases/?field=ibasho&field=sodan&tier=prefecture&tier=ward_ge300k"
    "&tier=city_50k_100k&tier=city_lt50k&tool=zoom&tool=line"
)
TWO_LETTERS = ["相談", "家族", "参加", "窓口", "匿名", "録画", "予算", "離島", "仕事", "画面"]
MARK = "【合成データ】"  # stands in every synthetic text: no word to search for


@dataclass
class Measured:
    """A page at one size, by the medians of the rounds."""

    rate: float
    p50: float
    p99: float
    octets: int
    queries: int | None  # a static file has none


@dataclass
class Size:
    """Everything measured at one size; `memory` in MB: (all, without mapped files), None off Linux."""

    size: int
    start: float
    memory: tuple[float, float] | None
    pages: dict[str, Measured]


class Site:
    """A casebook in a folder of its own."""

    def __init__(self, folder: Path):
        self.data = folder / "data"
        self.log = folder / "serve.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = probe.getsockname()
        self.env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self.env |= {"BIND": ":".join(map(str, self.address)), "DATA_DIR": str(self.data)}

    def run(self, *command: str) -> str:
        """Run a Python script of ours on this casebook → what it printed."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.env, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        return done.stdout

    @contextmanager
    def served(self):
        """Serve it → (process id, seconds until the first answer)."""
        began = monotonic()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            while True:
                try:
                    measure(self.address, repeat("/"), connections=1, seconds=0)
                    break
                except ConnectionRefusedError:
                    if process.poll() is not None or monotonic() - began > START_SECONDS:
                        raise SystemExit(self.log.read_text()) from None
                    sleep(0.01)
            yield process.pid, monotonic() - began
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # gunicorn's workers too
                process.wait()

    def rows(self, query: str) -> list[tuple]:
        """Read the casebook's database directly."""
        database = sqlite3.connect(self.data / "casebook.sqlite3")
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()


def pages(site: Site) -> dict[str, Callable[[], Iterator[str]]]:
    """Page → makes the paths to ask for, one after the other, without end."""
    manifest = json.loads((site.data / "static/staticfiles.json").read_text())
    slugs = [slug for (slug,) in site.rows("SELECT slug FROM cases_case ORDER BY random() LIMIT 500")]
    unasked = _unasked(site)
    return {
        "static file": lambda: repeat(f"/static/{manifest['paths']['site.css']}"),
        "entrance": lambda: repeat("/"),
        "finder": lambda: repeat("/cases/"),
        "filtered finder": lambda: repeat(FILTERED),
        "two-letter search": lambda: cycle(f"/cases/?q={quote(word)}" for word in TWO_LETTERS),
        "long search": lambda: unasked,
        "case page": lambda: cycle(f"/cases/{slug}/" for slug in slugs),
    }


def _unasked(site):
    """Searches for 8 to 16 letters of some statement, each asked for once (a small casebook runs out)."""
    draw = random.Random(0)
    [(last,)] = site.rows("SELECT max(id) FROM cases_statement")
    ids = {draw.randint(1, last) for _ in range(5000)}
    rows = site.rows(f"SELECT text FROM cases_statement WHERE id IN ({','.join(map(str, ids))})")
    texts = [text.removeprefix(MARK) for (text,) in rows]
    asked = set()
    while True:
        text, letters = draw.choice(texts), draw.randint(8, 16)
        at = draw.randrange(max(1, len(text) - letters))
        piece = "".join(text[at : at + letters].split())
        if piece not in asked or draw.random() < 0.001:
            asked.add(piece)
            yield f"/cases/?q={quote(piece)}"


def measured(site: Site, size: int) -> Size:
    """Serve the casebook and measure every page, round by round so that noise meets all alike."""
    with site.served() as (process, start):
        asked = pages(site)
        for paths in asked.values():
            measure(site.address, paths(), connections=CONNECTIONS, seconds=SECONDS / 2)
        rates: dict[str, list[Round]] = {page: [] for page in asked}
        alone: dict[str, list[Round]] = {page: [] for page in asked}
        for _ in range(ROUNDS):
            for page, paths in asked.items():
                many = measure(site.address, paths(), connections=CONNECTIONS, seconds=SECONDS)
                one = measure(site.address, paths(), connections=1, seconds=SECONDS, fewest=FEWEST)
                rates[page].append(many)
                alone[page].append(one)
        memory = _memory(process)
    paths = {page: next(paths()) for page, paths in asked.items() if page != "static file"}
    paths["case page"] = "/cases/toba-ibasho/"  # the same at every size: some cases hold less to ask for
    queries = json.loads(site.run("tests/bench/queries.py", *paths.values()))
    return Size(
        size,
        start,
        memory,
        {
            page: Measured(
                median(one.rate for one in rates[page]),
                median(one.percentile(0.5) for one in alone[page]),
                median(one.percentile(0.99) for one in alone[page]),
                alone[page][-1].octets,
                queries.get(paths.get(page)),
            )
            for page in asked
        },
    )


def _memory(process):
    """MB of gunicorn and its workers, what they share counted once: (all, without mapped files)."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        whole = own = 0
        for one in (process, *children):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                whole += int(line.split()[1]) if line.startswith("Pss:") else 0
                own += int(line.split()[1]) if line.startswith("Pss_Anon:") else 0
    except FileNotFoundError:
        return None
    return whole / 1024, own / 1024


def table(at: Size) -> str:
    """The pages of one size, as a table in Markdown."""
    static = at.pages["static file"]
    lines = [
        f"\n### {at.size:,} cases",
        f"First answer {at.start:.1f} s after the start"
        + (
            f"; memory {at.memory[0]:.0f} MB, of it {at.memory[1]:.0f} MB no mapped file."
            if at.memory
            else "."
        ),
        "",
        "| page | KB | queries | requests/s | of static | p50 ms | p99 ms | p50 ÷ static's |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for page, one in at.pages.items():
        queries = "" if one.queries is None else one.queries
        lines.append(
            f"| {page} | {one.octets / 1024:.0f} | {queries} "
            f"| {one.rate:,.0f} | {one.rate / static.rate:.1%} "
            f"| {one.p50:.2f} | {one.p99:.2f} | {one.p50 / static.p50:.1f} |"
        )
    return "\n".join(lines)


def targets(sizes: list[Size]) -> str:
    """What was measured against floor and goal, as far as the sizes of this run tell, as a table."""
    at = {one.size: one for one in sizes}
    usual, largest = at.get(1788), at.get(100_000)
    lines = ["\n### Targets", "| | measured | floor | goal | |", "|---|--:|--:|--:|---|"]

    def line(what, value, floor, goal, unit=""):
        verdict = "goal" if value <= goal else "floor" if value <= floor else "**falls short**"
        shown = f"{value:.1f}".removesuffix(".0")
        lines.append(f"| {what} | {shown}{unit} | ≤ {floor}{unit} | ≤ {goal}{unit} | {verdict} |")

    def p99(one, page):
        return one.pages[page].p99

    if largest and 15 in at:
        for page in ("filtered finder", "finder"):
            line(f"{page}, p99: 100,000 ÷ 15", p99(largest, page) / p99(at[15], page), 4, 2)
    if usual:
        ratio = p99(usual, "long search") / p99(usual, "filtered finder")
        line("long search, p99 at 1,788 ÷ filtered finder's", ratio, 4, 2)
    if usual and largest:
        for page in ("long search", "two-letter search"):
            line(f"{page}, p99: 100,000 ÷ 1,788", p99(largest, page) / p99(usual, page), 40, 10)
    for page in sizes[0].pages:
        counts = {one.pages[page].queries for one in sizes} - {None}
        if counts:
            line(f"queries, {page}", max(counts), 10, 3)
            if len(counts) > 1:
                lines.append(f"| queries, {page}, differ by size | {sorted(counts)} | | | **falls short** |")
    if usual:
        if usual.memory:
            line("memory, 2 workers, 1,788", usual.memory[0], 200, 120, " MB")
        line("start to first answer, 1,788", usual.start, 3, 1, " s")
    return "\n".join(lines)


def main():
    with tempfile.TemporaryDirectory(prefix="casebook-bench-") as folder:
        site = Site(Path(folder))
        print(
            f"{date.today()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
            f"load {os.getloadavg()[0]:.1f} before the start. Medians of {ROUNDS} rounds of {SECONDS:g} s; "
            f"{CONNECTIONS} connections for requests/s, 1 for p50 and p99."
        )
        with site.served() as (_, start):
            print(f"From an empty folder to the first answer: {start:.1f} s.", flush=True)
        if find_spec("brotli"):
            print("With the tests' brotli every start compresses more, so takes longer, than `make run`'s.")
        sizes = []
        for size in SIZES:
            began = monotonic()
            site.run("manage.py", "make_synthetic", str(size), "--yes-this-is-a-benchmark")
            grown = monotonic() - began
            sizes.append(measured(site, size))
            print(table(sizes[-1]))
            files = [site.data / name for name in ("casebook.sqlite3", "search.sqlite3")]
            megabytes = [file.stat().st_size / 2**20 for file in files]
            print("\nGrown in {:.0f} s; database {:.0f} MB, search file {:.0f} MB.".format(grown, *megabytes))
            sys.stdout.flush()
        print(targets(sizes))


if __name__ == "__main__":
    main()
