"""Public pages kept whole: found before Django is asked, and never older than what they were made from.

Kept is what says `Cache-Control: public, no-cache` and depends on nothing but its address. It's kept in the
process for as long as the catalogue's stamp and the day (pages name it) stay as they were: when either moves,
all of it goes at once.
"""

import gzip
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import parse_qsl

from django.utils.http import parse_etags
from django.utils.timezone import get_default_timezone

from .models import CatalogueStamp

MOST_OCTETS = 8 * 2**20  # of all answers in a process; a compressed page has about 6 KB
MOST_OF_ONE = 2**20
BESIDES = 4096  # octets that an answer needs beside its body: address, headers
TYPED = {"q", "from"}  # what readers typed is kept nowhere
_OF_THE_ADDRESS = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
_OF_THE_BODY = {"content-encoding", "content-length", "content-type"}
_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """An answer as it goes out: whole, or in a few headers (304) to who has it already."""

    tag: str
    headers: list[tuple[str, str]]
    headers_of_304: list[tuple[str, str]]
    body: bytes


@dataclass
class Shelf:
    """The answers that hold under one stamp, on one day. All go when there are too many: most are asked for once."""

    now: tuple | None
    answers: dict[tuple, Answer] = field(default_factory=dict)
    octets: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, asked: tuple, answer: Answer) -> None:
        octets = len(answer.body) + BESIDES
        with self.turn:
            if asked in self.answers:  # somebody else has made it meanwhile
                return
            if self.octets + octets > MOST_OCTETS:
                self.answers, self.octets = {}, 0
            self.answers[asked] = answer
            self.octets += octets


class Kept:
    """A WSGI application that asks another one once for each of its public pages."""

    def __init__(self, application: Callable):
        self.application = application
        self.shelf = Shelf(None)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if not _is_for_a_page(environ) or (now := _now()) is None:
            return self.application(environ, start_response)
        shelf = self.shelf
        if shelf.now != now:
            shelf = self.shelf = Shelf(now)
        zipped = bool(_TAKES_GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")))
        asked = (zipped, *map(environ.get, _OF_THE_ADDRESS))
        answer = shelf.answers.get(asked)
        if answer is None:
            status, headers, body = self._ask(environ)
            if not _may_be_kept(status, headers):
                start_response(status, headers)
                return body if environ["REQUEST_METHOD"] == "GET" else _closed(body)
            answer = _whole(headers, body, zipped)
            if len(answer.body) <= MOST_OF_ONE and not _typed(environ.get("QUERY_STRING", "")):
                shelf.keep(asked, answer)
        if _has(environ.get("HTTP_IF_NONE_MATCH"), answer.tag):
            start_response("304 Not Modified", answer.headers_of_304.copy())
            return ()
        start_response("200 OK", answer.headers.copy())
        return (answer.body,) if environ["REQUEST_METHOD"] == "GET" else ()

    def _ask(self, environ):
        """The other application's whole answer, also to who has it already or asks for its headers alone."""
        plain = environ | {"REQUEST_METHOD": "GET"}
        plain.pop("HTTP_IF_NONE_MATCH", None)
        started = []
        body = self.application(plain, lambda *given: started.extend(given))
        return *started[:2], body


def _is_for_a_page(environ):
    """Pages end in a slash; the rest (photographs, tables, PDFs) lies ready in files, or would need much room."""
    path = environ.get("PATH_INFO", "")
    is_page = path.endswith(("/", ".xml")) or path.startswith("/api/")
    return is_page and environ["REQUEST_METHOD"] in ("GET", "HEAD") and not environ.get("CONTENT_LENGTH")


def _now():
    """What an answer made from now on is true under; None where the database doesn't say.

    It's read before the answer is made, which can only be newer than it.
    """
    try:
        return CatalogueStamp.glance(), today()
    except Exception:  # whatever it is, Django meets it as well, and has words for it
        return None


def today() -> date:
    """The day in Japan; Django's localdate() takes ten times as long."""
    return datetime.now(get_default_timezone()).date()


def _may_be_kept(status, headers):
    """Whether it's a whole public page that every reader gets alike."""
    told = dict(headers)
    is_public = told.get("Cache-Control") == "public, no-cache" and told.get("ETag", "").startswith('"')
    return status == "200 OK" and is_public and not told.keys() & {"Set-Cookie", "Vary"}


def _typed(query):
    return any(name in TYPED for name, _ in parse_qsl(query, keep_blank_values=True))


def _has(tags, tag):
    """Whether `tag` is among those of an If-None-Match."""
    return bool(tags) and any(one in (tag, f"W/{tag}", "*") for one in parse_etags(tags))


def _closed(body):
    body.close()
    return ()


def _whole(headers, body, zipped):
    """The answer that Django gives as headers and pieces; compressed, it has a tag of its own."""
    try:
        content = b"".join(body)
    finally:
        body.close()
    told = dict(headers) | {"Vary": "Accept-Encoding"}
    if zipped:
        content = gzip.compress(content, compresslevel=6, mtime=0)
        told["ETag"] = f'{told["ETag"][:-1]}-gzip"'
        told |= {"Content-Encoding": "gzip", "Content-Length": str(len(content))}
    short = [(name, value) for name, value in told.items() if name.lower() not in _OF_THE_BODY]
    return Answer(told["ETag"], list(told.items()), short, content)
