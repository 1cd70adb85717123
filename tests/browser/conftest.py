"""The served site, a real browser, and pages that forgive nothing.

Browser tests talk to the site over HTTP and to its commands through `site.manage`, never to the ORM:
while Playwright runs, its event loop makes Django refuse queries in this process.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.served import serving

from .chromium import find

HERE = Path(__file__).parent
NO_BROWSER = (
    "ブラウザーのテストを実行していません：Chromium が見つかりません。"
    "NO BROWSER TESTS WERE RUN: no Chromium. "
    "npm ci --prefix tests/browser, or install chromium, or set $CHROMIUM."
)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items):
    """Every test of this folder is a browser test, and all go to one worker: one site, one browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def program():
    """The browser to launch. Without one the tests are skipped, but where CI=true they fail."""
    if not (found := find()):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_BROWSER)
    return found


@pytest.fixture(scope="session")
def site(program, tmp_path_factory):
    """The real thing, served from an empty data folder: a `Site`.

    It asks for the browser first: where nobody can look, nothing is served.
    """
    with serving(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture(scope="module")
def chromium(program):
    """The launched browser, of Playwright's kind.

    It lives for one module, not the session: the ORM tests that follow in this process need its event
    loop gone, and a launch takes half a second.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program.executable, args=program.args, env={**os.environ, **program.env}
        )
        yield browser
        browser.close()


@pytest.fixture
def troubles():
    """What the pages of this test complained about, as lines; the test fails if any is left at its end.

    A test that provokes a complaint on purpose (a 404 is one) checks it and calls `troubles.clear()`.
    """
    return []


@pytest.fixture
def new_page(site, chromium, troubles):
    """Makes pages, each in a context of its own, so with its own cookies; `page.goto("/cases/")` works.

    `new_page(width=1280, height=900, java_script=True, color_scheme="light", forced_colors=None,
    reduced_motion=None)`: the last three as the CSS media features have them. All is closed at the end,
    and then console errors (a breach of the CSP is one), uncaught exceptions and requests to another
    host fail the test.
    """
    contexts = []

    def make(
        *,
        width=1280,
        height=900,
        java_script=True,
        color_scheme="light",
        forced_colors=None,
        reduced_motion=None,
    ):
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": height},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            java_script_enabled=java_script,
            color_scheme=color_scheme,
            forced_colors=forced_colors,
            reduced_motion=reduced_motion,
        )
        contexts.append(context)
        context.on("console", console)
        context.on("weberror", exception)
        context.on("request", request)
        return context.new_page()

    def console(message):
        if message.type == "error":
            troubles.append(f"console: {message.text} ({message.location['url']})")

    def exception(thrown):
        troubles.append(f"exception: {thrown.error.stack or thrown.error}")

    def request(sent):
        parts = urlsplit(sent.url)
        if parts.scheme not in ("about", "blob", "data") and f"{parts.scheme}://{parts.netloc}" != site.url:
            troubles.append(f"another host: {sent.url}")

    yield make
    for context in contexts:
        context.close()
    if troubles:
        pytest.fail("the pages complained:\n" + "\n".join(troubles), pytrace=False)


@pytest.fixture
def page(new_page):
    """A page on a desktop: 1280 × 900, Japanese, scripts on, light."""
    return new_page()


@pytest.fixture(scope="session")
def axe():
    """The accessibility sweep: `axe(page)` → its violations as readable lines, best empty.

    It runs inside the page, past the CSP; the page needs scripts on.
    """

    def sweep(page):
        found = Axe().run(page, options={"runOnly": AXE_TAGS, "resultTypes": ["violations"]})
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['target']} {node['html']}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]

    return sweep
