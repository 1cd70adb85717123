"""The served site, a real browser, and pages that forgive nothing.

Browser tests talk to the site over HTTP and to its commands through `site.manage`, never to the ORM:
while Playwright runs, its event loop makes Django refuse queries in this process.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from .chromium import find

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# The whole environment of the site (casebook/settings.py): what a developer has set must not leak in.
SETTINGS = {"BIND", "DATA_DIR", "DATABASE_URL", "SITE_URL", "SECRET_KEY", "DEBUG", "SELF_APPROVAL"}
START_SECONDS = 60
STOP_SECONDS = 10
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


@dataclass(frozen=True)
class Site:
    """The site as `manage.py serve` serves it, on a database of its own."""

    url: str
    data_dir: Path
    log: Path
    env: Mapping[str, str]

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


@pytest.fixture(scope="session")
def program():
    """The browser to launch. Without one the tests are skipped, but where CI=true they fail."""
    if not (found := find()):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_BROWSER)
    return found


@pytest.fixture(scope="session")
def site(program, tmp_path_factory):
    """The real thing, served from an empty data folder: a `Site`. Fails with its output if it won't start.

    It asks for the browser first: where nobody can look, nothing is served.
    """
    folder = tmp_path_factory.mktemp("site")
    bind = f"127.0.0.1:{_free_port()}"
    env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    env |= {"BIND": bind, "DATA_DIR": str(folder / "data")}
    served = Site(f"http://{bind}", folder / "data", folder / "serve.log", env)
    with served.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the tests only, and they stop the site
        )
    try:
        if trouble := _await(served.url, process):
            pytest.fail(f"manage.py serve {trouble}:\n{served.log.read_text()}", pytrace=False)
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
