"""How long after a publication the pages are new: asked for without pause, by both workers' connections."""

import json
import subprocess
from http.client import BadStatusLine, HTTPConnection
from time import monotonic

from tests.bench.served import Site

SLUG = "goto-sodan"
PAGES = ["/", "/cases/", f"/cases/{SLUG}/", "/feed/", "/api/v1/cases", "/cases/?sort=new"]
CONNECTIONS = 8  # so that every worker is asked
MOST = 60
QUIET = 1.0  # seconds for which nothing old may come back


def seconds_until_new(site: Site) -> tuple[float, int]:
    """Publish a case while the casebook is served → (seconds, answers that were old again after those).

    The seconds last until the last old answer, if there was any, and as long again as the slowest new one took.
    """
    summary = f"試験用の概要{monotonic()}"
    with site.served():
        connections = [HTTPConnection(*site.address) for _ in range(CONNECTIONS)]
        for path in PAGES:
            assert not any(_is_new(connection, path, summary) for connection in connections)
        channels = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        publisher = site.start("-m", "tests.bench.inside", "publish", SLUG, summary, **channels)
        assert publisher.stdout.readline() == "ready\n"
        publisher.stdin.write("now\n")
        publisher.stdin.close()
        published = json.loads(publisher.stdout.readline())
        asked = [(connection, path) for connection in connections for path in PAGES]
        old, last, slowest = asked.copy(), published, 0.0
        while old:
            if monotonic() - published > MOST:
                raise SystemExit(f"{[path for _, path in old]}: not new after {MOST} s")
            began, (connection, path) = monotonic(), old.pop(0)
            if not _is_new(connection, path, summary):
                old, last = [*old, (connection, path)], monotonic()
            else:
                slowest = max(slowest, monotonic() - began)
        again = 0
        end = monotonic() + QUIET
        while monotonic() < end:
            again += sum(not _is_new(connection, path, summary) for connection, path in asked)
        for connection in connections:
            connection.close()
        publisher.wait()
    return last - published + slowest, again


def _is_new(connection, path, summary):
    try:
        connection.request("GET", path)
        answer = connection.getresponse().read().decode()
    except (ConnectionError, BadStatusLine):  # gunicorn had closed it for being idle
        connection.close()
        return _is_new(connection, path, summary)
    return summary in answer or json.dumps(summary)[1:-1] in answer
