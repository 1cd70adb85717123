"""What no browser sends, sent to the served site as raw bytes: each gets one answer, and the log keeps nothing of it."""

import io
import logging
import re
import socket
import string
from urllib.parse import urlsplit

import pytest
from gunicorn.config import Config

from casebook.log import Log
from tests.served import serving

SECRET = "himitsu-no-kotoba"  # what somebody typed
OURS = [
    "/",
    "/cases/",
    "/admin/",
    "/static/",
    "/photographs/",
    "/preview/",
    "/api/v1/",
    "/editions/",
    "/guide/",
    "/topics/",
]
TAILS = [
    "..", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%252e%252e%252fetc/passwd", "..\\..\\win.ini",
    "%5c%5cevil.example", "%2f%2fevil.example", "/evil.example", "//evil.example/", "%00", "x%00.html", "%0d%0aX-Evil:%201",
    "%0aSet-Cookie:a=b", "%ff%fe", "%ed%a0%80", "%c0%ae%c0%ae/", "%zz", "%", "*", ";a=b", "'--", "${jndi:x}", "%3Czz-canary%3E", "%1b[31m",
    ".env", ".git/config", "casebook.sqlite3", "var/casebook.sqlite3", "secret_key", "settings.py", "manage.py", "backup.zip", "log",
    "wp-login.php", "server-status", "index.php", "a" * 3000, "/" * 200, "%F0%9F%91%A8",
]  # fmt: skip
PATHS = [start + tail for start in OURS for tail in TAILS]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "FOO", "DEBUG", "PURGE"]
HELLO = "\r\n\r\nhello"
MALFORMED = {
    "length and chunks": f"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /{SECRET} HTTP/1.1\r\n\r\n",
    "chunks and length": f"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGET /{SECRET}\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 5\r\nContent-Length: 6" + HELLO,
    "a length twice": "Content-Length: 5\r\nContent-Length: 5" + HELLO,
    "a list of lengths": "Content-Length: 5, 6" + HELLO,
    "no length at all": "Content-Length: -1" + HELLO,
    "a length in words": "Content-Length: go" + HELLO,
    "a full-width length": "Content-Length: ５" + HELLO,
    "a length with a sign": "Content-Length: +5" + HELLO,
    "a length beyond any": "Content-Length: 99999999999999999999" + HELLO,
    "a space before the colon": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a space in a name": "X A: b\r\n\r\n",
    "a folded line": "X-A: b\r\n c\r\n\r\n",
    "NUL in a name": "X\0A: b\r\n\r\n",
    "NUL in a value": "X-A: a\0b\r\n\r\n",
    "a second host": "Host: evil.example\r\n\r\n",
    "a header of 20 kB": f"X-A: {'a' * 20_000}\r\n\r\n",
    "cookies of 20 kB": f"Cookie: {'a=b; ' * 4_000}\r\n\r\n",
    "200 headers": "".join(f"X-{number}: a\r\n" for number in range(200)) + "\r\n",
}
TARGETS = [
    f"/cases/?q={SECRET} x",
    f"/cases/?q={SECRET}相談",
    f"/cases/?q={SECRET}\0",
    f"/?q={SECRET}" + "a" * 20_000,
]

pytestmark = pytest.mark.xdist_group("hostile_http")  # one site is enough


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("hostile")) as served:
        yield served


@pytest.fixture
def send(site):
    """Send a text as it is; give back the status of each answer that comes, and all of it."""
    place = urlsplit(site.url)

    def whole(text):
        with socket.create_connection((place.hostname, place.port), timeout=30) as wire:
            try:
                wire.sendall(text.encode())
                answer = b"".join(iter(lambda: wire.recv(65536), b""))
            except ConnectionResetError:  # refused before it was read to its end
                return [400], ""
        told = answer.decode("utf-8", "replace")
        return [int(status) for status in re.findall(r"^HTTP/1\.1 (\d{3})", told, re.M)], told

    return whole


@pytest.fixture
def ask(send, site):
    here = urlsplit(site.url).netloc

    def ask(target, *lines, method="GET", host=here):
        head = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *lines]
        return send("\r\n".join(head) + "\r\n\r\n")

    return ask


def test_no_path_opens_a_file_leads_elsewhere_or_breaks_anything(ask):
    assert len(PATHS) >= 400
    for path in PATHS:
        statuses, told = ask(path)
        assert len(statuses) == 1, path
        assert statuses[0] in (200, 301, 302, 400, 404), (path, statuses)
        head = told.split("\r\n\r\n")[0]
        assert not re.search(r"^(X-Evil|Set-Cookie)", head, re.M | re.I), path
        assert not re.search(r"^Location: (?!/[^/\\])", head, re.M | re.I), (path, head)
        for trace in ("root:x:0", "SQLite format", "Traceback", "SECRET_KEY", "<zz-canary"):
            assert trace not in told, path


@pytest.mark.parametrize("method", METHODS)
def test_no_other_method_does_anything(method, ask):
    for path in ("/", "/cases/", "/api/v1/cases", "/static/nonesuch", "/nonesuch", "/robots.txt"):
        assert ask(path, "Content-Length: 0", method=method)[0] == [405], path
    assert ask("/admin/", "Content-Length: 0", method=method)[0][0] in (302, 403, 405)


@pytest.mark.parametrize("what", MALFORMED)
def test_what_could_be_read_in_two_ways_is_refused_with_one_answer(what, send, site):
    statuses, told = send(f"POST / HTTP/1.1\r\nHost: {urlsplit(site.url).netloc}\r\n" + MALFORMED[what])
    assert len(statuses) <= 1, told
    assert statuses[0] in (400, 405, 431), statuses


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1]evil", "a b", "/", "." * 300],
)
def test_no_other_host_is_answered_for(host, ask):
    statuses, told = ask("/", host=host)
    assert statuses == [400]
    assert "evil.example" not in told


@pytest.mark.parametrize(
    "path", ["/", "/cases", "/admin/", "/feed/", "/sitemap.xml", "/robots.txt", "/api/v1/cases"]
)
def test_what_a_request_says_of_the_host_changes_nothing(path, ask):
    said = [f"X-Forwarded-{what}: evil.example" for what in ("Host", "Server", "Prefix", "Port")]
    said += ["Forwarded: host=evil.example", "X-Original-URL: /evil.example", "X-Rewrite-URL: /evil.example"]
    assert (
        "evil.example"
        not in ask(path, *said, "Origin: https://evil.example", "X-HTTP-Method-Override: DELETE")[1]
    )


@pytest.mark.parametrize("path", ["/", "/robots.txt", "/cases.csv", "/favicon.svg"])
def test_1200_ranges_are_not_gathered(path, ask):
    for ranges in (",".join(f"{one}-{one}" for one in range(1200)), "99999999-", "5-1", "a-b", "0-," * 240):
        assert ask(path, f"Range: bytes={ranges}")[0][0] in (200, 404, 416, 431)


@pytest.mark.parametrize("target", TARGETS, ids=range(len(TARGETS)))
def test_a_malformed_request_is_refused_and_the_log_keeps_neither_its_words_nor_who_sent_it(
    target, ask, site
):
    before = len(site.log.read_text())
    assert ask(target)[0][0] in (400, 414)
    said = site.log.read_text()[before:]
    assert SECRET not in said
    assert "127.0.0.1" not in said


def test_every_line_of_the_log_is_one_answer_whatever_the_path_held(ask, site):
    ask(f"/x%0a[01/Jan/2026:00:00:00%20+0900]%20GET%20/{SECRET}%20200%201%201%1b[31m")
    ask(f"/preview/{SECRET}/")
    said = site.log.read_text()
    started, _, answers = said.partition("/admin/ を開いてください。\n")
    assert started
    for line in answers.splitlines():
        assert re.fullmatch(r"\[.*?\] \S+ \S+ \d{3} (\d+|None) \d+", line), line
        assert set(line) <= set(string.printable) - set("\x0b\x0c\r")
    assert "/preview/-/" in answers
    assert f"/preview/{SECRET}" not in answers


def test_an_error_outside_of_django_is_told_without_the_query():
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    log = Log(Config())
    log.error_log.addHandler(handler)
    try:
        log.exception("Error handling request %s %s", "GET", f"/cases.csv?q={SECRET}")
    finally:
        log.error_log.removeHandler(handler)
    assert "Error handling request GET /cases.csv" in told.getvalue()
    assert SECRET not in told.getvalue()
