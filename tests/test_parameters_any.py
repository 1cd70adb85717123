"""Any address and any query gets a sound answer: every public URL, as a server would hand it over."""

import gzip
import json
import re
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.http import QueryDict
from django.urls import get_resolver, reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from casebook.wsgi import application
from cases import bundle, index
from cases.comparison import OPTIONS
from cases.models import CaseVersion, Edition, Photo, PreviewLink

EXAMPLES = 2000  # in all, on each database
PHOTOGRAPH = "0123456789abcdef0123456789abcdef.png"
HOST = "testserver"
FOREIGN = "fremd.example"  # what headers say of another host; nothing of it may come back

# A value for each parameter of an address, so that most examples get past the door.
REAL = {
    "slug": "toba-ibasho",
    "key": "remedies",
    "number": 1,
    "label": "2026-11",
    "year": 2022,
    "rest": "nonesuch",
}
REAL_OF = {
    "tool": {"slug": "zoom"},
    "guide_page": {"slug": "sodan"},
    "guide_page_paper": {"slug": "sodan"},
    "file": {"name": "cases.csv"},
    "edition_file": {"name": "cases.csv"},
    "photograph": {"name": PHOTOGRAPH},
    "preview_photograph": {"name": PHOTOGRAPH},
    "sitemap_file": {"number": 1},
}  # fmt: skip
# Files and the API refuse what they can't understand (400); a page says so and shows the rest. The last asks for
# another edition by its name: without it, there's nothing to show.
REFUSING = re.compile(r"file$|_paper$|^casebook$|^api_|^edition_changes$")
MOST_PAIRS = 3000  # what Django reads of one query (DATA_UPLOAD_MAX_NUMBER_FIELDS)
URLS = {
    pattern.name: sorted(pattern.pattern.regex.groupindex)
    for pattern in get_resolver("cases.urls").url_patterns
}

# Every parameter that the site reads (the last test here watches that), and some that it does not.
KNOWN = [
    *index.FACETS,
    *OPTIONS,
    "q",
    "sort",
    "page",
    "per_page",
    "volume",
    "format",
    "from",
    "ids",
    "since",
    "case",
]
NAMES = [*KNOWN, "nonesuch", "field[]", "Q", "q\x00", "__class__", "next", "csrfmiddlewaretoken"]
SENSE = [
    "zoom", "ibasho", "sodan", "city_lt50k", "42", "kyushu-okinawa", "toba-ibasho", "toba-ibasho,goto-sodan", "different",
    "cases", "1", "2", "gif", "new", "2026-11", "2026-11版・鳥羽市", "422118", "森町", "とば", "ｽﾏｰﾄ", "相談 Zoom",
]  # fmt: skip
SLUGS = [
    "toba-ibasho",
    "goto-sodan",
    "kyoto-pref-ibasho",
    "toyoake-sodan",
    "edogawa-ibasho",
    "nonesuch",
    "",
    "\x00",
    "--",
]
TAG = "\"'><zz-canary onzz=1>{{7*7}}"
HOSTILE = [
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\uffff", "\ufffe", "\U0010ffff", "%", "_", "\\", "%_\\%", "'--", "\";",
    "0", "-1", "１", "٣", "1e9", "1.0", "+1", " 1", "NaN", "Infinity", "null", "[]", "9" * 30, "9" * 5000, "-" + "9" * 30, "2147483648",
    "0000-00", "2026-13-99", "9999999-01", "令和99年", TAG, "<script>alert(1)</script>", "javascript:alert(1)", "</title>" + TAG,
    "zoom\r\nSet-Cookie: a=b", "//evil.example/", "https://evil.example/", "../../../../etc/passwd", "file:///etc/passwd",
    "http://127.0.0.1:1/", "{{settings.SECRET_KEY}}", "${jndi:ldap://x}", "(a+)+$" + "a" * 99, "が" * 33, "か\u3099" * 33, "ﷺ" * 99,
    "語 " * 1000, "a," * 2000, "," * 5000, "あ" * 33_000, "x" * 100_000, "\u202e\u200b\x1b[31m", "👨‍👩‍👧‍👦" * 40,
]  # fmt: skip
RAW = [
    "%", "%%", "%zz", "%u0000", "%00", "%ff", "%ed%a0%80", "%ed%bf%bf%ed%a0%80", "%c0%ae%c0%ae", "%f4%90%80%80", "%E3%81", "\xff\xfe",
    "=", "==", "&&", ";", "+", "#", "?", "%0d%0aSet-Cookie:%20a=b", "a=b=c", "%26", "%3D", "%2e%2e%2f", "..", "\x7f", "\t", "\u3042",
]  # fmt: skip
PATHS = [
    "/", "//evil.example/", "/%2e%2e/", "/../", "/..%2f..%2fetc/passwd", "/.env", "/.git/config", "/%00", "/%0d%0aSet-Cookie:a=b",
    "%", "/;a=b", "/*", "/index.php", "/%ff%fe", "/v01/", "/v0/", "/v999999999/", "/v1/changes", ".json", "/changes/changes/", "/" * 50,
]  # fmt: skip
words = st.one_of(
    st.sampled_from(SENSE), st.sampled_from(SENSE + HOSTILE), st.sampled_from(HOSTILE), st.text(max_size=60)
)
written = st.one_of(
    words.map(lambda text: quote(text, errors="surrogatepass")),
    st.sampled_from(RAW),
    st.binary(max_size=9).map(quote_from_bytes),
)
names = st.one_of(st.sampled_from(KNOWN), st.sampled_from(NAMES), st.text(max_size=9)).map(
    lambda text: quote(text, errors="surrogatepass")
)
pairs = st.lists(st.tuples(names, written).map("=".join), max_size=5)
queries = st.one_of(
    pairs.map("&".join),
    pairs.map("&".join),
    written,
    st.tuples(names, written, st.sampled_from([2, 50, 999, 4000])).map(
        lambda one: "&".join([f"{one[0]}={one[1]}"[:200]] * one[2])
    ),
)
headers = st.dictionaries(
    st.sampled_from(
        [
            "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_MATCH", "IF_RANGE", "RANGE", "ACCEPT", "ACCEPT_LANGUAGE", "ACCEPT_ENCODING", "COOKIE",
            "REFERER", "ORIGIN", "USER_AGENT", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_REQUESTED_WITH",
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                "", "*", '"', 'W/"x"', '"x", *', "gzip", "gzip;q=0", "ja;q=nan", "de, en;q=9", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 99999",
                "bytes=0-0", "bytes=-1", "bytes=9999999999-", "bytes=" + "0-1," * 1200, "sessionid=x; csrftoken=\xff", "=" * 9000, "\xff\xfe",
            ]
        ),
        st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), max_size=40),
    ),
    max_size=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _one_connection():
    """The end of a request must not end the test's transaction with it."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def places(toba, editor, administrator, publisher, settings, monkeypatch):
    """The address of each public URL, where something is: also a picture, an old version, an edition's file, a draft."""
    settings.CONTACT = "https://example.jp/madoguchi"
    member = bundle.Member("cases.csv", "試", lambda: ["試験用".encode()], "cases.csv")
    monkeypatch.setattr(bundle, "_members", lambda *_: [member])
    bundle.make(Edition.freeze("2026-11", by=administrator))
    version = toba.revise(by=editor)
    facts = {"width": 1, "height": 1, "alt": "試験用", "credit": "試", "licence": "試"}
    version.photos.create(image=f"photographs/{PHOTOGRAPH}", **facts)
    Photo._meta.get_field("image").storage.save(f"photographs/{PHOTOGRAPH}", BytesIO(b"\x89PNG\r\n\x1a\n"))
    version.submit(by=editor)
    version.publish(by=publisher)
    version = CaseVersion.objects.published().get(case__slug="goto-sodan").revise(by=editor)
    version.photos.create(image=f"photographs/{PHOTOGRAPH}", **facts)
    real = REAL | {"token": PreviewLink.make(version, by=editor).token}
    return {
        name: reverse(name, kwargs={one: (real | REAL_OF.get(name, {}))[one] for one in parameters})
        for name, parameters in URLS.items()
    }


def _ask(path, query="", **more):
    """(status, headers, body) of a GET, given to the application as a server gives it: bytes as Latin-1."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "HTTP_X_FORWARDED_HOST": FOREIGN,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    } | {f"HTTP_{name}": value for name, value in more.items()}
    told = []
    answer = application(environ, lambda status, headers, *_: told.extend((status, headers)))
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return int(told[0].split()[0]), told[1], body


class Page(HTMLParser):
    """A page as a browser would take it: counts what a sound one has once, and refuses what it never has."""

    EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.open, self.language = Counter(), Counter(), [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, pairs):
        given = dict(pairs)
        assert len(given) == len(pairs), f"an attribute twice: <{tag} {pairs}>"
        assert not tag.startswith("zz-"), "what was asked has become markup"
        assert not [name for name in given if name.startswith("on")], given
        for name in ("href", "src", "action"):
            assert not (given.get(name) or "").strip().lower().startswith(("javascript:", "data:"))
        self.tags[tag] += 1
        self.ids.update(filter(None, [given.get("id")]))
        if tag == "html":
            self.language = given.get("lang")
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, pairs):
        """<path … />: of SVG."""
        self.handle_starttag(tag, pairs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another"


def _is_sound(body, language):
    text = body.decode()
    page = Page(text)
    assert not page.open, page.open
    assert (page.tags["h1"], page.tags["main"], page.tags["title"]) == (1, 1, 1)
    assert page.language == language
    assert not [name for name, count in page.ids.items() if count > 1]
    assert "\x00" not in text
    assert "Traceback" not in text


def _check(status, told, body, language):
    """What holds for every answer."""
    assert status in (200, 301, 302, 304, 400, 404), body[:2000]
    given = dict(told)
    assert "Set-Cookie" not in given
    for name, value in told:
        assert not re.search(r"[\r\n\x00]", value), name
        assert FOREIGN not in value, name
    if given.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    assert FOREIGN.encode() not in body
    assert b"<zz-canary" not in body, "also where it would be no markup"
    if status in (301, 302):
        target = urlsplit(given["Location"])
        assert (target.scheme, target.netloc) in (("", ""), ("http", HOST)), given["Location"]
        assert target.path.startswith("/")
    if status in (200, 400, 404):
        kind = given["Content-Type"]
        assert "charset=utf-8" in kind or not re.search("text|json|xml;", kind), "text says how it's written"
        if kind.startswith("text/html"):
            _is_sound(body, language)
        elif "json" in kind:
            assert json.loads(body)
        elif "xml;" in kind:
            ElementTree.fromstring(body)


def _no_writing(execute, sql, *more):
    assert not re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|TRUNCATE)\b", sql, re.I), sql
    return execute(sql, *more)


PER_URL = -(-EXAMPLES // len(URLS))
repeatably = hypothesis_settings(
    max_examples=PER_URL,
    derandomize=True,  # the same examples everywhere, so that nobody's change fails by luck
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", URLS)
def test_any_question_to_any_address_gets_a_sound_answer(name, places):
    place = places[name]
    assert _ask(place)[0] == (400 if name.startswith("compare_") else 404 if name == "api_nothing" else 200)
    inner = [str(value) for value in (REAL | REAL_OF.get(name, {})).values() if f"/{value}" in place]

    @repeatably
    @given(st.data())
    def ask(data):
        path, query = place, data.draw(queries)
        beside = data.draw(st.integers(0, 9)) >= (6 if inner else 9)  # another address, next to this one
        if beside and inner and data.draw(st.booleans()):
            path = path.replace(data.draw(st.sampled_from(inner)), data.draw(written))
        elif beside:
            path += data.draw(st.sampled_from(PATHS))
        status, told, body = _ask(path, query, **data.draw(headers))
        _check(status, told, body, "en" if name == "english" and not beside else "ja")
        if beside or query.count("&") >= MOST_PAIRS:
            return
        if not REFUSING.search(name):
            assert status in (200, 302, 304), query[:200]
        if name.startswith("api_") and status != 304:
            assert "json" in dict(told)["Content-Type"]

    with connection.execute_wrapper(_no_writing):
        ask()


def test_every_parameter_that_the_site_reads_is_tried(places, monkeypatch):
    read = set()

    def noting(method):
        original = getattr(QueryDict, method)

        def note(self, name, *more):
            read.add(name)
            return original(self, name, *more)

        monkeypatch.setattr(QueryDict, method, note)

    for method in ("__getitem__", "__contains__", "getlist", "pop"):
        noting(method)
    for place in places.values():
        for value in ("1", "zoom", "toba-ibasho,goto-sodan"):
            _ask(place, urlencode([(name, value) for name in KNOWN]))
    assert read == set(KNOWN)


def test_there_are_two_thousand_examples():
    assert PER_URL * len(URLS) >= EXAMPLES
