"""Public pages: what they show, and what they never do."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import get_resolver

from cases import fixtures, index
from cases.models import Case, CaseVersion, Link, Photo, Silence, Statement, Tier

TABLE = fixtures.rows("report_table_3_1.csv")
SLUGS = [row["slug"] for row in fixtures.rows("cases.csv")]
PAGES = [
    "/", "/cases/", "/cases/toba-ibasho/", "/cases/toba-ibasho/v1/", "/tools/", "/tools/zoom/", "/tools/web-meeting/", "/about/",
    "/near/", "/near/?pref=42", "/near/?from=422118", "/near/?from=%E6%A3%AE%E7%94%BA", "/compare/",
    "/compare/?ids=toba-ibasho", "/downloads/", "/cases/toba-ibasho/inquiry/", "/compare/?ids=toba-ibasho,goto-sodan&only=different&view=cases&own=1",
    "/topics/", "/topics/organisation/", "/topics/remedies/?theme=koho",
    "/guide/", "/guide/ibasho/", "/guide/lessons/", "/guide/checklist/",
    "/feed/", "/sitemap.xml", "/sitemap-1.xml", "/robots.txt", "/opensearch.xml", "/api/", "/survey/", "/survey/2022/",
    "/accessibility/", "/accessibility/results/", "/privacy/", "/help/", "/cite/", "/glossary/", "/en/",
    "/editions/", "/editions/?q=2026-11%E7%89%88%E3%83%BB%E9%B3%A5%E7%BE%BD%E5%B8%82",
]  # fmt: skip
FILES = re.compile(r"/[a-z_]+\.(csv|xlsx)|.*\.pdf")
CANARY = "まだ公開していない試験の言葉"


class _Links(HTMLParser):
    """Every address a page links to or loads."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


def _crawl(client):
    """Every page reachable from the entrance by its links → {address: answer}."""
    seen, waiting = {}, ["/"]
    while waiting:
        address = waiting.pop()
        path = address.partition("#")[0]
        if path in seen or not path.startswith("/") or path.startswith(("/static/", "/admin/")):
            continue
        # Of the 1,788 municipalities one prefecture's stand for all.
        if path.startswith("/near/?from=") and not path.startswith("/near/?from=42"):
            continue
        # One filter deep is every kind of page; deeper only repeats them.
        if path.count("=") > 1:
            continue
        if FILES.match(path):  # walked in test_downloads and test_documents
            continue
        seen[path] = client.get(path)
        if "text/html" in seen[path].headers["Content-Type"]:
            base = path.partition("?")[0]
            waiting += [
                base + link if link.startswith("?") else link for link in _Links(seen[path].text).found
            ]
    return seen


def test_every_link_of_every_page_leads_somewhere(client):
    pages = _crawl(client)
    assert {path for path, answer in pages.items() if answer.status_code != 200} == set()
    assert {f"/cases/{slug}/" for slug in SLUGS} <= set(pages)
    assert len(pages) > 50


def test_links_within_a_page_have_their_target(client):
    for path, answer in _crawl(client).items():
        targets = set(re.findall(r'\sid="([^"]+)"', answer.text))
        inside = {link[1:] for link in _Links(answer.text).found if link.startswith("#")}
        assert inside <= targets, path


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["municipality_as_printed"])
def test_a_case_page_shows_its_row_of_the_table(row, client):
    slug = next(one["slug"] for one in fixtures.rows("cases.csv") if one["code"] == row["code"])
    text = client.get(f"/cases/{slug}/").text
    for key in (
        "municipality_as_printed",
        "summary_as_printed",
        "class_as_printed",
        "tool_family",
        "tool",
        "style",
    ):
        assert row[key] in text, key
    assert "図表3-1" in text
    assert "出典に記載なし" in text


@pytest.mark.parametrize(
    "fact", fixtures.document("public_facts.json")["facts"], ids=lambda fact: fact["text"][:12]
)
def test_a_case_page_shows_its_public_facts_with_their_source(fact, client):
    case = Case.objects.get(municipality=fact["municipality"])
    text = client.get(f"/cases/{case.slug}/").text
    source = next(
        one for one in fixtures.document("public_facts.json")["sources"] if one["id"] == fact["source"]
    )
    assert fact["text"] in text
    assert source["url"].replace("&", "&amp;") in text


def test_the_entrance_shows_24_cells_and_explains_the_empty_ones(client):
    text = client.get("/").text
    assert text.count("調査した15件に該当なし") >= 12
    for row in TABLE:
        assert row["class_as_printed"] in text


def _count(page):
    """The words of the heading over the results."""
    return re.sub(r"<[^>]+>|\s", "", re.search(r"<h2.*?</h2>", page, re.S).group())


def test_the_finder_counts_and_removes(client):
    text = client.get("/cases/?tier=city_lt50k&tool=zoom").text
    assert _count(text) == "1件"
    assert "鳥羽市" in text
    assert "五島市" not in text
    assert 'href="?tool=zoom"' in text or 'href="/cases/?tool=zoom"' in text
    title = re.search(r"<title>(.*?)</title>", text, re.S).group(1)
    assert "市区町村5万人未満" in title
    assert "1件" in title


def test_an_empty_result_says_what_to_drop_and_what_that_gives(client):
    text = client.get("/cases/?field=jiritsu&tier=city_lt50k").text
    assert _count(text) == "0件"
    assert "市区町村5万人未満" in text
    assert re.search(r"外すと[^<]*2?1?件", re.sub(r"<[^>]+>", "", text))


def test_what_the_address_says_wrongly_is_told(client):
    text = client.get("/cases/?field=foo&page=abc").text
    assert "分野「foo」はありません" in text
    assert "ページは1から始まる数" in text


# What never happens


def test_no_draft_is_on_any_public_url(client, toba, editor, new_case, state):
    draft = toba.revise(by=editor)
    draft.summary = CANARY
    draft.save()
    Statement.objects.filter(version=draft).update(text=CANARY)
    Silence.objects.filter(version=draft).update(note=CANARY)
    Link.objects.create(version=draft, title=CANARY, url="https://example.jp/")
    photo = Photo(version=draft, alt=CANARY, credit=CANARY, licence=CANARY, width=1, height=1)
    photo.image.name = "photographs/0123456789abcdef0123456789abcdef.jpg"
    Photo.objects.bulk_create([photo])
    hidden = new_case("shitagaki", publish=False, summary=CANARY)
    reviewed = new_case("shinsa", publish=False, summary=CANARY, municipality="012033")
    reviewed.submit(by=editor)
    withdrawn = new_case("torisage", municipality="012050", summary=CANARY)
    withdrawn.withdraw(by=None, reason="試験")
    addresses = _crawl(client)
    addresses |= {path: client.get(path) for path in PAGES}
    for path, answer in addresses.items():
        assert CANARY not in answer.text, path
        # One names every municipality of 北海道, the other every page that was tried.
        if path not in ("/near/?pref=01", "/accessibility/results/"):
            assert "函館市" not in answer.text, path
    for slug in ("shitagaki", "shinsa", "torisage"):
        answer = client.get(f"/cases/{slug}/")
        unknown = client.get("/cases/nonesuch/")
        assert (answer.status_code, answer.text) == (404, unknown.text)
    assert client.get("/photographs/0123456789abcdef0123456789abcdef.jpg").status_code == 404
    assert hidden.status == "draft"


def test_a_reader_gets_no_cookie_and_leaves_no_row(client, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        for path in [*PAGES, "/nonesuch/", "/cases/?field=foo"]:
            answer = client.get(path)
            assert not answer.cookies
            assert "Cookie" not in answer.headers.get("Vary", "")
    for query in queries:
        assert query["sql"].lstrip("( ").upper().startswith("SELECT"), query["sql"]


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


@pytest.mark.parametrize("path", [*PAGES, "/nonesuch/", "/cases/nonesuch/", "/admin/login/"])
def test_every_answer_carries_the_headers(path, client):
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert (
        policy["default-src"]
        == policy["object-src"]
        == policy["frame-ancestors"]
        == policy["base-uri"]
        == "'none'"
    )
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == "'self'"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "charset=utf-8" in answer.headers["Content-Type"]
    if path.startswith("/admin/"):
        assert "no-store" in answer.headers["Cache-Control"]
    else:
        assert answer.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
@pytest.mark.parametrize("path", [*PAGES, "/nonesuch/"])
def test_the_public_site_takes_get_and_head_only(method, path, client):
    answer = client.generic(method, path, b"x")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", PAGES)
def test_head_answers_like_get(path, client):
    assert client.head(path).status_code == 200
    assert client.head(path).content == b""


def test_an_unchanged_page_is_not_sent_twice(client):
    tag = client.get("/cases/").headers["ETag"]
    assert client.get("/cases/", headers={"If-None-Match": tag}).status_code == 304


def test_a_foreign_host_is_refused(client):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("status", [400, 403, 404])
def test_error_pages_are_japanese_and_lead_back(status, client, settings):
    too_many = "&".join(["field=a"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    path = {400: f"/cases/?{too_many}", 403: "/admin/auth/user/", 404: "/nonesuch/"}[status]
    if status == 403:
        from django.contrib.auth import get_user_model

        client.force_login(get_user_model().objects.create_user("dare", is_staff=True))
    answer = client.get(path)
    assert answer.status_code == status
    assert 'lang="ja"' in answer.text
    assert 'href="/"' in answer.text


def test_the_500_page_needs_no_database(client, monkeypatch, django_assert_num_queries):
    from cases import views

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(views, "Catalogue", broken)
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        answer = client.get("/cases/")
    assert answer.status_code == 500
    assert 'lang="ja"' in answer.text
    assert "RuntimeError" not in answer.text


# At any size


@pytest.mark.parametrize(
    "path", ["/", "/cases/", "/cases/?field=ibasho&tier=city_lt50k&sort=new", "/tools/", "/tools/zoom/"]
)
def test_a_list_costs_at_most_ten_queries_at_any_size(path, client, new_case, monkeypatch):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        monkeypatch.setattr(index, "_kept", None)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    few = cost()
    for number in range(60):
        new_case(f"shiken-{number}", tier=Tier.objects.get(pk="city_lt50k"))
    assert cost() == few <= 10


# Any question gets an answer: test_parameters_any


def test_every_public_url_is_walked_here():
    """A new URL must join PAGES, so that every fact above holds for it (changes, preview, an edition, files, health: test_history, test_review, test_editions, test_downloads, test_documents, test_health)."""
    names = {pattern.name for pattern in get_resolver("cases.urls").url_patterns}
    assert names == {
        "entrance", "finder", "case", "version", "changes", "preview", "preview_photograph", "tools", "tool", "about", "photograph", "near", "compare",
        "downloads", "file", "compare_file", "inquiry", "casebook", "case_paper", "compare_paper", "topic_paper", "topics", "topic", "guide", "guide_page", "guide_paper", "guide_page_paper", "feed", "sitemap", "sitemap_file", "robots", "opensearch",
        "editions", "edition", "edition_changes", "edition_file", "survey", "survey_year",
        "accessibility", "accessibility_results", "privacy", "help", "cite", "glossary", "english", "security",
        "api", "api_cases", "api_case", "api_facets", "api_municipalities", "api_editions", "api_openapi", "api_catalog",
        "api_nothing", "healthz", "readyz",
    }  # fmt: skip


def test_the_published_version_is_the_one_shown(client, draft, editor, publisher):
    draft.summary = "改訂した概要"
    draft.save()
    draft.submit(by=editor)
    assert "改訂した概要" not in client.get("/cases/toba-ibasho/").text
    draft.publish(by=publisher)
    for path in ("/cases/toba-ibasho/", "/cases/", "/tools/zoom/", "/"):
        assert "改訂した概要" in client.get(path).text, path
    CaseVersion.objects.published().get(case=draft.case).withdraw(by=publisher, reason="試験")
    for path in ("/cases/", "/tools/zoom/", "/"):
        assert "鳥羽市" not in client.get(path).text, path
