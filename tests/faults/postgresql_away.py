"""PostgreSQL stops, starts again and is slow: told in words, and over without a restart of the site."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.editing import casebook, sign_in
from tests.postgresql import running
from tests.visitor import Visitor, read_form

PAGES = ["/", "/cases/", "/cases/?q=%E6%A9%9F", "/cases/goto-sodan/", "/api/v1/cases", "/readyz"]
ADD = "/admin/cases/synonym/add/"
SLOW_SECONDS = 5
BACK_SECONDS = 15


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A PostgreSQL server, and the casebook that is served from it."""
    with (
        running() as postgresql,
        casebook(tmp_path_factory.mktemp("site"), DATABASE_URL=postgresql.url) as site,
    ):
        yield postgresql, site


def _statuses(site):
    return {path: Visitor(site).ask(path)[0] for path in PAGES}


def _until_as_before(site):
    """Seconds until every page is answered again, asked for in turn."""
    began = time.monotonic()
    while set(_statuses(site).values()) != {200}:
        assert time.monotonic() < began + BACK_SECONDS
    return time.monotonic() - began


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_while_it_is_stopped_all_are_told_and_then_all_is_as_before(mode, both, measured):
    postgresql, site = both
    workers, editor = site.workers(), sign_in(site, "kanri")
    form = editor.form(ADD) | {"word": f"試験{mode}", "means": "オンライン"}
    assert set(_statuses(site).values()) == {200}
    postgresql.stop(mode)
    time.sleep(0.2)  # a kept page is believed for a tenth of a second
    assert set(_statuses(site).values()) == {503}
    assert Visitor(site).ask("/healthz")[0] == 200
    assert "少し待って" in Visitor(site).ask("/cases/")[1]
    status, page = editor.ask(ADD, form)
    assert status == 503
    assert f'name="word" value="試験{mode}"' in page
    postgresql.start()
    back = _until_as_before(site)
    assert editor.ask(ADD, read_form(page))[0] == 200, "the page's own button saves"
    assert f"試験{mode}" in editor.ask("/admin/cases/synonym/")[1]
    assert site.workers() == workers
    measured(f"back {back:.2f} s after the server")


def test_a_restart_between_two_pages_is_seen_by_nobody(both, measured):
    postgresql, site = both
    assert set(_statuses(site).values()) == {200}
    postgresql.stop()
    postgresql.start()
    assert set(_statuses(site).values()) == {200}
    measured("no page was refused")


def test_while_it_stands_still_nobody_is_refused(both, measured):
    """All of its processes are halted for five seconds: as slow as a server can be."""
    postgresql, site = both
    children = Path(f"/proc/{postgresql.pid}/task/{postgresql.pid}/children").read_text().split()
    halted = [postgresql.pid, *map(int, children)]
    with ThreadPoolExecutor(len(PAGES)) as readers:
        for pid in halted:
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        asked = [readers.submit(Visitor(site).ask, path) for path in PAGES]
        time.sleep(SLOW_SECONDS)
        for pid in halted:
            os.kill(pid, signal.SIGCONT)
        statuses = [one.result()[0] for one in asked]
        took = time.monotonic() - began
    assert set(statuses) == {200}
    assert took < SLOW_SECONDS + 5
    measured(f"all answered {took - SLOW_SECONDS:.2f} s after it went on")
