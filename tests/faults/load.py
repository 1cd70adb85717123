"""Twenty readers of 5,000 cases, alone; and while 5,000 rows are imported and a backup is made."""

import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from urllib.parse import quote, urlsplit

import pytest

from tests.bench.load import measure
from tests.editing import PEOPLE, assert_whole, confirm, previewed, rows, saved, sign_in, state, table, until
from tests.served import ROOT, serving

CASES = ROWS = 5_000
READERS, SECONDS = 20, 60
WORDS = ["居場所", "相談", "オンライン", "試験", "会"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("load")) as served:
        served.manage("make_synthetic", str(CASES), "--yes-this-is-a-benchmark")
        served.manage("shell", "-v0", "-c", PEOPLE)  # who would keep synthetic cases out
        yield served


def _paths(site):
    """Lists, filters, searches and cases, mixed: an endless iterator."""
    chance = random.Random(7)  # noqa: S311
    slugs = [slug for (slug,) in rows(site, "SELECT slug FROM cases_case")]
    fields = [slug for (slug,) in rows(site, "SELECT key FROM cases_field")]
    kinds = [
        lambda: f"/cases/?page={chance.randrange(1, 200)}",
        lambda: f"/cases/?field={chance.choice(fields)}&page={chance.randrange(1, 20)}",
        lambda: f"/cases/?q={quote(chance.choice(WORDS))}&field={chance.choice(fields)}",
        lambda: f"/cases/{chance.choice(slugs)}/",
    ]
    return iter(cycle([chance.choice(kinds)() for _ in range(5_000)]))


def _measure(site, seconds):
    address = urlsplit(site.url)
    return measure((address.hostname, address.port), _paths(site), connections=READERS, seconds=seconds)


def _in_words(read):
    slowest = 1000 * max(read.latencies)
    return f"{read.rate:,.0f} answers/s, p95 {read.percentile(0.95):.0f} ms, slowest {slowest:.0f} ms"


def test_twenty_readers_of_5000_cases(site, measured):
    _measure(site, 5)  # what each process reads once
    read = _measure(site, SECONDS)  # any answer but 200 ends it
    measured(_in_words(read))
    assert read.percentile(0.95) <= 300
    assert read.rate >= 150


def test_twenty_readers_while_5000_rows_are_imported_and_a_backup_is_made(site, measured, tmp_path):
    editor = sign_in(site, "kanri")
    with ThreadPoolExecutor(2) as beside:
        reading = beside.submit(_measure, site, SECONDS)
        began = time.monotonic()
        path, page = previewed(editor, table("shiken", ROWS))
        assert f"新しい事例 {ROWS:,}件" in page
        backup = beside.submit(site.manage, "backup", "--to", str(tmp_path / "kept.zip"))
        confirm(editor, path)
        until(lambda: state(site, path) == "done", patience=120)
        imported = time.monotonic() - began
        backup.result()
        read = reading.result()
    measured(f"imported in {imported:.1f} s; {_in_words(read)}")
    assert saved(site, "shiken") == ROWS
    assert imported <= 60
    assert read.percentile(0.95) <= 1_000
    assert max(read.latencies) <= 5
    assert_whole(site.data_dir / "casebook.sqlite3")
    again = {"DATA_DIR": str(tmp_path / "again")}
    told = _restored(site, again, tmp_path / "kept.zip")
    assert told in (CASES, CASES + ROWS)


def _restored(site, settings, path):
    """How many cases there are where the backup was restored: those of one moment."""
    env = os.environ | dict(site.env) | settings
    subprocess.run(
        [sys.executable, "manage.py", "restore", str(path)],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
    )
    count = "from cases.models import Case; print(Case.objects.count())"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", count],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout)
