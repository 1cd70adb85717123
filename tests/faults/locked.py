"""Another process holds the lock to write for 45 seconds: readers don't notice, editors are told."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.editing import sign_in
from tests.visitor import Visitor, read_form

HELD_SECONDS = 45
ADD = "/admin/cases/synonym/add/"
PAGES = [
    "/",
    "/cases/",
    "/cases/?field=sodan",
    "/cases/?q=%E5%B1%85%E5%A0%B4%E6%89%80",
    "/cases/goto-sodan/",
    "/cases.csv",
]


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_readers_go_on_and_a_save_is_refused_in_words(lock, site, measured):
    editor, waits, reads = sign_in(site, "kanri"), [], []
    new = editor.form(ADD) | {"word": f"試験{lock}", "means": "オンライン"}
    other = sqlite3.connect(site.data_dir / "casebook.sqlite3", isolation_level=None)
    other.execute(f"BEGIN {lock}")
    end = time.monotonic() + HELD_SECONDS
    try:
        with ThreadPoolExecutor(1) as beside:
            reading = beside.submit(_read_until, site, end, reads)
            while time.monotonic() < end:
                asked = time.monotonic()
                status, page = editor.ask(ADD, new)
                waits.append(time.monotonic() - asked)
                assert status == 503
                assert "ほかの処理がデータベースを使っています" in page
                assert f'name="word" value="試験{lock}"' in page
                new = read_form(page)  # the page's own button sends it again
            reading.result()
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert max(waits) < 7  # 5 s for the lock
    assert editor.ask(ADD, new)[0] == 200
    assert f"試験{lock}" in editor.ask("/admin/cases/synonym/")[1]
    measured(
        f"{len(reads)} pages read, the slowest {max(reads):.2f} s; {len(waits)} saves told after {max(waits):.1f} s at most"
    )


def _read_until(site, end, reads):
    while time.monotonic() < end:
        for path in PAGES:
            asked = time.monotonic()
            assert Visitor(site).ask(path)[0] == 200, path
            reads.append(time.monotonic() - asked)
