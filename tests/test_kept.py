"""Pages kept whole: the same as Django's own, and new at once when anything that they show has changed."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from urllib.parse import quote

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, close_old_connections, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from cases import bundle, kept
from cases.kept import Kept
from cases.models import (
    Case,
    CaseVersion,
    CatalogueStamp,
    Edition,
    Field,
    GlossaryTerm,
    GuidePage,
    GuideVersion,
    Item,
    Municipality,
    PreviewLink,
    Source,
    Style,
    Survey,
    Theme,
    Tier,
    Tool,
    ToolFamily,
    stamp,
)
from tests.test_views import PAGES

API = ["/api/v1/cases", "/api/v1/cases/toba-ibasho", "/api/v1/facets", "/api/v1/editions"]
FILES = {"/robots.txt"}  # cheaper to make than to look for
CANARY = "試験用の、新しい言葉"


class Site:
    """Our application as gunicorn has it; knows what of it Django was asked for."""

    def __init__(self):
        self.django, self.asked = WSGIHandler(), []
        self.kept = Kept(self._made)

    def _made(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        return self.django(environ, start_response)

    def get(self, path, method="GET", *, through=None, **headers):
        """→ (status, headers, body)."""
        for end in (request_started, request_finished):  # which would end the test's transaction too
            end.disconnect(close_old_connections)
        environ = RequestFactory(headers=headers).generic(method, path).environ
        environ.pop("CONTENT_LENGTH", None)
        started = []
        body = (through or self.kept)(environ, lambda *given: started.extend(given))
        content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        for end in (request_started, request_finished):
            end.connect(close_old_connections)
        return int(started[0][:3]), dict(started[1]), content

    def keeps(self, path, **headers):
        """Whether a second question doesn't reach Django."""
        self.get(path, **headers)
        before = len(self.asked)
        self.get(path, **headers)
        return len(self.asked) == before


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(stamp, "BELIEVED", 0)
    monkeypatch.setattr(stamp, "_believed", (0.0, ""))
    return Site()


def _typed(path):
    return "?q=" in path or "from=" in path


@pytest.mark.parametrize("path", [*PAGES, *API])
def test_a_kept_answer_is_djangos_own(path, site):
    status, headers, body = site.get(path, through=site.django)
    site.get(path)
    again = site.get(path)
    vary = {} if path in FILES else {"Vary": "Accept-Encoding"}
    assert again == (status, headers | vary, body)
    assert site.keeps(path) is not (_typed(path) or path in FILES)


@pytest.mark.parametrize("path", ["/", "/cases/toba-ibasho/", "/feed/", "/api/v1/cases", "/cases/?q=zoom"])
def test_a_compressed_answer_is_the_same_one(path, site):
    plain, compressed = site.get(path), site.get(path, accept_encoding="br, gzip")
    assert compressed[1]["Content-Encoding"] == "gzip"
    assert int(compressed[1]["Content-Length"]) == len(compressed[2]) < len(plain[2])
    assert gzip.decompress(compressed[2]) == plain[2]
    assert compressed[1]["ETag"] != plain[1]["ETag"]


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        ("gzip", True), ("GZIP", True), ("gzip;q=0.5, *;q=0", True), ("deflate, gzip ; q=1", True), ("gzip;q=0.001", True),
        ("", False), ("identity", False), ("br", False), ("gzip;q=0", False), ("gzip; q=0.000, br", False),
    ],
)  # fmt: skip
def test_it_is_compressed_for_who_takes_that(accepted, is_compressed, site):
    for _ in range(2):
        assert ("Content-Encoding" in site.get("/", accept_encoding=accepted)[1]) is is_compressed


@pytest.mark.parametrize("path", ["/", "/cases/?q=zoom"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a", W/{} , "b"', "*"])
def test_who_has_it_already_is_told_so(path, encoding, form, site):
    tag = site.get(path, accept_encoding=encoding)[1]["ETag"]
    sent = {"if_none_match": form.format(tag), "accept_encoding": encoding}
    for method in ("GET", "HEAD"):
        status, headers, body = site.get(path, method, **sent)
        assert (status, body, headers["ETag"]) == (304, b"", tag)
        assert headers["Cache-Control"] == "public, no-cache"
        assert headers["Vary"] == "Accept-Encoding"
        assert not headers.keys() & {"Content-Type", "Content-Length", "Content-Encoding"}


@pytest.mark.parametrize("form", ['"other"', "{bare}", '"{bare}', "", '"x{bare}"', '"{bare}-gzip"'])
def test_who_has_another_gets_it_whole(form, site):
    bare = site.get("/")[1]["ETag"].strip('"')
    assert site.get("/", if_none_match=form.format(bare=bare))[0] == 200


def test_a_revalidation_makes_a_page_kept_too(site):
    assert site.keeps("/", if_none_match='"other"')


def test_a_revalidation_after_a_change_gets_the_new_page(site, new_case):
    tag = site.get("/cases/")[1]["ETag"]
    new_case("shiken", summary=CANARY)
    status, _, body = site.get("/cases/", if_none_match=tag)
    assert (status, CANARY in body.decode()) == (200, True)


@pytest.mark.parametrize("path", ["/", "/cases/nonesuch/", "/cases/?q=zoom", "/api/v1/cases"])
def test_head_answers_like_get_without_a_body(path, site):
    for _ in range(2):
        status, headers, body = site.get(path)
        assert site.get(path, "HEAD")[:2] == (status, headers)
        assert site.get(path, "HEAD")[2] == b""


@pytest.mark.parametrize(
    "path",
    [
        "/cases/?q=zoom", "/cases/?field=ibasho&q=%E7%9B%B8%E8%AB%87", "/cases/?%71=zoom", "/near/?from=42", "/editions/?q=x",
        "/api/v1/cases?q=zoom", "/nonesuch/", "/cases/nonesuch/", "/cases", "/admin/login/", "/admin/", "/cases.csv",
    ],
)  # fmt: skip
def test_what_was_typed_what_is_not_there_and_what_is_not_public_is_kept_nowhere(path, site):
    assert not site.keeps(path)
    assert not site.kept.shelf.answers


def test_a_preview_is_kept_nowhere(site, draft, editor):
    link = PreviewLink.make(draft, by=editor)
    status, headers, _ = site.get(f"/preview/{link.token}/")
    assert (status, headers["Cache-Control"]) == (200, "private, no-store")
    assert not site.kept.shelf.answers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_djangos(method, site):
    site.get("/")
    assert site.get("/", method)[0] == 405


def test_a_page_of_one_host_is_no_other_hosts(site):
    assert site.get("/")[0] == 200
    assert site.get("/", host="evil.example")[0] == 400


def test_an_editor_sees_the_readers_page(site, client, editor):
    client.force_login(editor)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    with_cookie = site.get("/", cookie=cookie)
    assert with_cookie == site.get("/")
    assert site.asked == ["/"]


# New at once


def _publishes_a_case(by, **_):
    draft = CaseVersion.objects.published().get(case__slug="toba-ibasho").revise(by=None)
    draft.summary = CANARY
    draft.save()
    draft.submit(by=None)
    draft.publish(by=by)


def _withdraws_a_case(by, **_):
    CaseVersion.objects.published().get(case__slug="toba-ibasho").withdraw(by=by, reason="試験")


def _publishes_a_page_of_the_guide(by, **_):
    draft = GuideVersion.objects.published().get(page__slug="ibasho").revise(by=None)
    draft.lead = CANARY
    draft.save()
    draft.submit(by=None)
    draft.publish(by=by)


def _corrects_the_report_number(**_):
    case = Case.objects.get(slug="toba-ibasho")
    case.report_number = 99
    case.save()


def _renumbers_a_chapter(**_):
    page = GuidePage.objects.get(slug="ibasho")
    page.number = "98"
    page.save()


def _takes_the_survey_back(by, **_):
    Survey.objects.get(year=2022).take_back(by=by, reason="試験")


def _freezes(by, **_):
    Edition.freeze("2026-10", CANARY, by=by)


def _makes_files(monkeypatch, **_):
    members = [bundle.Member("html/x.txt", CANARY, lambda: [b"x"], "x.txt")]
    monkeypatch.setattr(bundle, "_members", lambda edition, say: members)
    bundle.make(Edition.objects.get())


def _withdraws_files(by, **_):
    Edition.objects.get().withdraw_files(by=by, reason=CANARY)


def _renames(model, field="name", **found):
    def change(**_):
        row = model.objects.get(**found)
        setattr(row, field, CANARY)
        row.full_clean(exclude=["reading", "field"])
        row.save()

    return change


def _deletes_a_word(**_):
    GlossaryTerm.objects.first().delete()


# Table whose rows change → ways to change one, each with a page that must then be another.
CHANGES = {
    "caseversion": [
        (_publishes_a_case, ["/", "/cases/", "/cases/toba-ibasho/", "/tools/zoom/", "/feed/", "/api/v1/cases"]),
        (_withdraws_a_case, ["/", "/cases/", "/cases/toba-ibasho/", "/cases/toba-ibasho/v1/", "/sitemap.xml"]),
    ],
    "case": [(_corrects_the_report_number, ["/cases/"])],
    "guideversion": [(_publishes_a_page_of_the_guide, ["/guide/ibasho/", "/guide/"])],
    "guidepage": [(_renumbers_a_chapter, ["/guide/"])],
    "survey": [(_takes_the_survey_back, ["/survey/", "/survey/2022/"])],
    "edition": [(_freezes, ["/editions/", "/", "/cite/"])],
    "editionfile": [
        (_makes_files, ["/editions/2026-10/"]),
        (_withdraws_files, ["/editions/2026-10/"]),
    ],
    "field": [(_renames(Field, key="ibasho"), ["/", "/cases/", "/cases/toba-ibasho/", "/api/v1/facets"])],
    "tier": [(_renames(Tier, key="city_lt50k"), ["/", "/cases/", "/cases/toba-ibasho/"])],
    "tool": [(_renames(Tool, key="zoom"), ["/", "/tools/", "/tools/zoom/", "/cases/toba-ibasho/"])],
    "toolfamily": [(_renames(ToolFamily, key="web-meeting"), ["/", "/tools/", "/tools/web-meeting/"])],
    "style": [(_renames(Style, key="on-screen"), ["/cases/"])],
    "item": [(_renames(Item, key="remedies"), ["/topics/", "/topics/remedies/", "/cases/toba-ibasho/"])],
    "theme": [(_renames(Theme, key="koho"), ["/topics/remedies/?theme=koho"])],
    "source": [(_renames(Source, "title", key="report"), ["/cases/toba-ibasho/", "/guide/ibasho/", "/survey/"])],
    "municipality": [
        (_renames(Municipality, code="242110"), ["/", "/cases/", "/cases/toba-ibasho/", "/near/?pref=24", "/feed/"])
    ],
    "glossaryterm": [(_deletes_a_word, ["/glossary/"])],
}  # fmt: skip
# What belongs to something public changes with it alone: triggers refuse anything else (test_history,
# test_guide_workflow, test_survey, test_editions).
FROZEN = {
    "statement", "statement_themes", "citation", "silence", "tooluse", "link", "photo", "guidecitation",
    "edition_versions", "surveygroup", "surveyquestion", "surveyfigure", "surveyfinding", "surveyfinding_themes",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        pytest.param(*one, id=f"{table}-{at}")
        for table, ways in CHANGES.items()
        for at, one in enumerate(ways)
    ],
)
def test_whatever_is_changed_pages_are_new_at_once(change, paths, site, publisher, monkeypatch):
    if change in (_makes_files, _withdraws_files):
        _freezes(by=publisher)
    before = {path: site.get(path) for path in paths}
    assert all(site.keeps(path) for path in paths)
    change(by=publisher, monkeypatch=monkeypatch)
    for path in paths:
        now = site.get(path)
        assert now[2] != before[path][2], path
        assert now[2] == site.get(path, through=site.django)[2], path


def test_every_table_that_a_public_page_reads_is_known_to_move_the_stamp(client):
    CatalogueStamp.move(words=True)  # nothing derived earlier spares a query
    with CaptureQueriesContext(connection) as queries:
        for path in [*PAGES, *API]:
            client.get(path)
    read = {name for query in queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert read - {"cases_cataloguestamp"} == {f"cases_{name}" for name in (*CHANGES, *FROZEN)}


def test_a_word_of_the_glossary_that_is_rewritten_is_new_at_once(as_publisher, site):
    """As an editor does it: through the admin."""
    from tests.forms import change_url, sent_back

    term = GlossaryTerm.objects.first()
    site.get("/glossary/")
    sent = sent_back(as_publisher, term) | {"definition": CANARY, "_save": "1"}
    assert as_publisher.post(change_url(term), sent).status_code == 302
    assert CANARY in site.get("/glossary/")[2].decode()


def test_what_an_editor_writes_before_it_is_public_throws_nothing_away(site, editor, toba):
    site.get("/")
    draft = toba.revise(by=editor)
    draft.submit(by=editor)
    assert not site.asked[1:]
    site.get("/")
    assert site.asked == ["/"]


def test_a_new_day_begins_anew(site, monkeypatch):
    site.get("/")
    monkeypatch.setattr(kept, "today", lambda: date(2030, 1, 1))
    site.get("/")
    assert site.asked == ["/", "/"]


def test_what_a_change_makes_untrue_is_not_in_memory_any_more(site):
    site.get("/cases/toba-ibasho/")
    _withdraws_a_case(by=None)
    site.get("/")
    assert [asked[4] for asked in site.kept.shelf.answers] == ["/"]


def test_an_answer_begun_before_a_change_is_not_given_after_it(site):
    """Whoever computes while something is published keeps it where nobody looks any more."""
    made = site.django

    def slow(environ, start_response):
        answer = made(environ, start_response)
        _withdraws_a_case(by=None)
        return answer

    site.django = slow
    assert "鳥羽市" in site.get("/cases/")[2].decode()
    site.django = made
    assert "鳥羽市" not in site.get("/cases/")[2].decode()


def test_postgresql_is_believed_for_a_moment_only(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(stamp, "_believed", (0.0, ""))
    monkeypatch.setattr(stamp, "monotonic", lambda: clock[0])
    first = CatalogueStamp.glance()
    CatalogueStamp.move()
    clock[0] += stamp.BELIEVED * 0.9
    assert CatalogueStamp.glance() == first
    clock[0] += stamp.BELIEVED * 0.2
    assert CatalogueStamp.glance() != first


def test_without_an_answer_of_the_database_django_is_asked(site, monkeypatch):
    def away():
        raise DatabaseError

    site.get("/")
    monkeypatch.setattr(CatalogueStamp, "glance", away)
    assert site.get("/") == site.get("/", through=site.django)
    assert site.asked == ["/", "/"]


# Bounded, and the same for many at once


def _page(size):
    def application(environ, start_response):
        path = environ["PATH_INFO"].encode()
        body = path + b" " * (size - len(path))
        headers = [("Cache-Control", "public, no-cache"), ("ETag", f'"{path.decode()}"')]
        start_response("200 OK", [*headers, ("Content-Length", str(size))])
        return _Closed([body])

    return application


class _Closed(list):
    def close(self):
        pass


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr(CatalogueStamp, "glance", lambda: "one")


def test_what_is_kept_is_bounded(known, site, monkeypatch):
    monkeypatch.setattr(kept, "MOST_OCTETS", 100_000)
    site.django = _page(5_000)
    for number in range(200):
        site.get(f"/{number}/")
        shelf = site.kept.shelf
        assert sum(len(one.body) + kept.BESIDES for one in shelf.answers.values()) == shelf.octets <= 100_000
    assert len(site.kept.shelf.answers) > 1


def test_a_huge_page_is_given_and_not_kept(known, site):
    site.django = _page(kept.MOST_OF_ONE + 1)
    assert len(site.get("/a/")[2]) == kept.MOST_OF_ONE + 1
    assert not site.keeps("/a/")


def test_many_at_once_get_each_their_own(known, site, monkeypatch):
    monkeypatch.setattr(kept, "MOST_OCTETS", 60_000)
    site.django = _page(1_000)
    paths = [f"/{number % 17}/" for number in range(2_000)]
    with ThreadPoolExecutor(8) as pool:
        for path, (status, _, body) in zip(paths, pool.map(site.get, paths), strict=True):
            assert (status, body.strip()) == (200, path.encode())
    assert (
        sum(len(one.body) + kept.BESIDES for one in site.kept.shelf.answers.values())
        == site.kept.shelf.octets
    )


@pytest.mark.parametrize(
    "more", [[("Vary", "Cookie")], [("Set-Cookie", "a=b")], [("Cache-Control", "private, no-store")], [("ETag", 'W/"a"')]]
)  # fmt: skip
def test_what_is_one_readers_own_is_not_kept(known, site, more):
    def application(environ, start_response):
        start_response("200 OK", [("Cache-Control", "public, no-cache"), ("ETag", '"a"'), *more])
        return _Closed([b"x"])

    site.django = application
    assert not site.keeps("/")


def test_an_address_with_japanese_in_it_is_kept(site):
    assert site.keeps(f"/cases/?field={quote('試験')}")
