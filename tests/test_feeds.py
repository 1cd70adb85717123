"""What machines read: feed, sitemap, robots.txt, OpenSearch, linked data, one address a page."""

import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from cases import feeds
from cases.models import CaseVersion, Item, Source
from cases.record import record

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
SEARCH = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
SITE = "https://casebook.example.jp"
HOSTILE = '</script><script>alert(1)</script><!-- & "引用" \u2028'


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = SITE


def _path(address):
    assert address.startswith(f"{SITE}/")
    return address.removeprefix(SITE)


def _tree(answer):
    assert "charset=utf-8" in answer.headers["Content-Type"]
    return ElementTree.fromstring(answer.content)


def _locations(client, path="/sitemap.xml"):
    return [one.text for one in _tree(client.get(path)).findall(".//s:loc", MAP)]


# The feed


def test_the_feed_names_the_versions_published_last_first(client, draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    entries = _tree(client.get("/feed/")).findall("a:entry", ATOM)
    assert len(entries) == CaseVersion.objects.published().count()
    assert entries[0].find("a:title", ATOM).text == "三重県鳥羽市のオンライン居場所（第2版）"
    assert entries[0].find("a:id", ATOM).text == f"{SITE}/cases/toba-ibasho/#v2"
    updated = [entry.find("a:updated", ATOM).text for entry in entries]
    assert updated == sorted(updated, reverse=True)
    assert updated[0].startswith(draft.published_at.astimezone().isoformat()[:4])


def test_every_link_of_the_feed_answers_and_every_id_is_a_place(client):
    tree = _tree(client.get("/feed/"))
    links = [link.get("href") for link in tree.findall(".//a:link", ATOM)]
    assert {client.get(_path(link)).status_code for link in links} == {200}
    ids = [one.text for one in tree.findall("a:entry/a:id", ATOM)]
    assert len(set(ids)) == len(ids)
    path, place = _path(ids[0]).split("#")
    assert f'id="{place}"' in client.get(path).text


def test_the_feed_is_valid_where_atom_asks_for_more(client):
    tree = _tree(client.get("/feed/"))
    assert tree.get("{http://www.w3.org/XML/1998/namespace}lang") == "ja"
    for part in ("title", "id", "updated", "author/a:name"):
        assert tree.find(f"a:{part}", ATOM).text
    for entry in tree.findall("a:entry", ATOM):
        for part in ("title", "id", "updated", "published", "summary"):
            assert entry.find(f"a:{part}", ATOM).text


def test_the_feed_holds_at_most_fifty(client, new_case):
    for number in range(45):
        new_case(f"shiken-{number}")
    assert len(_tree(client.get("/feed/")).findall("a:entry", ATOM)) == 50


def test_an_empty_casebook_has_a_feed_and_a_sitemap(client):
    for version in CaseVersion.objects.published():
        version.withdraw(by=None, reason="試験")
    assert _tree(client.get("/feed/")).findall("a:entry", ATOM) == []
    assert f"{SITE}/cases/" in _locations(client)


@pytest.mark.parametrize(
    "path", ["/feed/", "/sitemap.xml", "/robots.txt", "/opensearch.xml", "/", "/cases/toba-ibasho/"]
)
def test_an_address_comes_from_the_site_never_from_the_request(path, client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    assert not answer.cookies


# Sitemap and robots


def test_the_sitemap_names_every_case_and_every_topic_with_content_and_each_answers(client):
    found = _locations(client)
    assert len(set(found)) == len(found)
    paths = {_path(address) for address in found}
    for version in CaseVersion.objects.published():
        assert f"/cases/{version.case.slug}/" in paths
    assert {
        "/",
        "/cases/",
        "/topics/",
        "/tools/",
        "/about/",
        "/topics/organisation/",
        "/tools/zoom/",
    } <= paths
    assert "/topics/remedies/" not in paths
    assert {client.get(path).status_code for path in paths} == {200}


def test_a_case_in_the_sitemap_carries_the_day_it_was_published(client, toba):
    tree = _tree(client.get("/sitemap.xml"))
    dates = {
        url.find("s:loc", MAP).text: url.findtext("s:lastmod", None, MAP)
        for url in tree.findall("s:url", MAP)
    }
    assert dates[f"{SITE}/cases/toba-ibasho/"].endswith("+09:00")
    assert dates[f"{SITE}/about/"] is None


def test_no_draft_and_no_withdrawn_case_is_named(client, new_case):
    new_case("shitagaki", publish=False)
    new_case("torisage", municipality="012033").withdraw(by=None, reason="試験")
    for path in ("/sitemap.xml", "/feed/"):
        assert "shitagaki" not in client.get(path).text
        assert "torisage" not in client.get(path).text


def test_a_sitemap_too_large_for_one_file_becomes_an_index_of_files(client, monkeypatch):
    whole = _locations(client)
    monkeypatch.setattr(feeds, "IN_ONE_FILE", 10)
    files = _locations(client)
    assert len(files) == -(-len(whole) // 10)
    assert [address for file in files for address in _locations(client, _path(file))] == whole
    assert client.get(f"/sitemap-{len(files) + 1}.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_the_sitemap_costs_a_constant_number_of_queries(client, new_case, django_assert_max_num_queries):
    for number in range(30):
        new_case(f"shiken-{number}")
    with django_assert_max_num_queries(9):
        client.get("/sitemap.xml")


def test_robots_keeps_the_admin_out_and_names_the_sitemap(client):
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "",
        f"Sitemap: {SITE}/sitemap.xml",
    ]


# OpenSearch


def test_a_browser_can_search_from_its_address_bar(client):
    tree = _tree(client.get("/opensearch.xml"))
    assert len(tree.find("o:ShortName", SEARCH).text) <= 16
    template = tree.find("o:Url", SEARCH).get("template")
    assert template == f"{SITE}/cases/?q={{searchTerms}}"
    assert "鳥羽市" in client.get(_path(template).replace("{searchTerms}", "とばし")).text
    assert 'rel="search" type="application/opensearchdescription+xml"' in client.get("/").text


# Linked data


def _linked(text):
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    article, breadcrumb = json.loads(data)["@graph"]
    return article, breadcrumb


@pytest.mark.parametrize("slug", ["toba-ibasho", "kyoto-pref-ibasho", "goto-sodan"])
def test_linked_data_says_what_the_record_says(slug, client):
    made = record(CaseVersion.objects.published().with_content().get(case__slug=slug))
    article, breadcrumb = _linked(client.get(f"/cases/{slug}/").text)
    assert article["name"] == made.title
    assert article["abstract"] == made.summary
    assert article["spatialCoverage"]["name"] == made.municipality
    assert article["spatialCoverage"]["identifier"]["value"] == made.code
    assert article["datePublished"] == made.published_on.isoformat()
    assert (article["version"], article["inLanguage"]) == (str(made.number), "ja")
    assert [work["name"] for work in article["citation"]] == [source.title for source in made.sources]
    assert "報告書" in article["isBasedOn"]["name"]
    assert f"オンライン{made.title.rpartition('オンライン')[2]}" in [
        subject["name"] for subject in article["about"]
    ]
    way = [item["item"] for item in breadcrumb["itemListElement"]]
    assert way == [f"{SITE}/", f"{SITE}/cases/", article["url"]]


def test_what_an_editor_writes_cannot_break_out_of_linked_data(client, draft, state, editor, publisher):
    source = Source.objects.create(key="hostile", title=HOSTILE)
    draft.summary = HOSTILE
    draft.source = source
    draft.save()
    draft.submit(by=editor)
    draft.publish(by=publisher)
    text = client.get("/cases/toba-ibasho/").text
    article, _ = _linked(text)
    assert article["abstract"] == HOSTILE
    assert article["isBasedOn"]["name"] == HOSTILE
    assert "<script>alert" not in text
    feed = _tree(client.get("/feed/"))
    assert HOSTILE in feed.find("a:entry/a:summary", ATOM).text


# One address a page


@pytest.mark.parametrize(
    ("path", "canonical", "indexed"),
    [
        ("/", "/", True),
        ("/cases/", "/cases/", True),
        ("/cases/?page=1&nonesuch=x", "/cases/", True),
        ("/cases/?tier=city_lt50k", "/cases/?tier=city_lt50k", True),
        ("/cases/?tool=zoom&field=ibasho", "/cases/?field=ibasho&tool=zoom", False),
        ("/cases/?field=sodan&field=ibasho", "/cases/?field=ibasho&field=sodan", False),
        ("/cases/?q=Zoom", "/cases/?q=Zoom", False),
        ("/cases/toba-ibasho/?utm=x", "/cases/toba-ibasho/", True),
        ("/topics/", "/topics/", True),
        ("/topics/organisation/?x=1", "/topics/organisation/", True),
        ("/topics/organisation/?field=ibasho", "/topics/organisation/?field=ibasho", True),
        ("/topics/organisation/?theme=renkei&field=ibasho", "/topics/organisation/?field=ibasho&theme=renkei", False),
        ("/tools/", "/tools/", True),
        ("/tools/zoom/", "/tools/zoom/", True),
        ("/about/", "/about/", True),
    ],
)  # fmt: skip
def test_a_page_names_its_one_address_and_combinations_stay_out_of_search_engines(
    path, canonical, indexed, client
):
    text = client.get(path).text
    (found,) = re.findall(r'<link rel="canonical" href="([^"]+)">', text)
    assert found.replace("&amp;", "&") == SITE + canonical
    assert ('<meta name="robots" content="noindex, follow">' not in text) is indexed


def test_every_page_of_the_sitemap_has_a_title_a_breadcrumb_and_itself_as_its_address(client):
    titles = []
    for address in _locations(client):
        text = client.get(_path(address)).text
        titles += re.findall(r"<title>(.*?)</title>", text, re.S)
        assert f'<link rel="canonical" href="{address}">' in text
        assert "noindex" not in text
        assert 'class="breadcrumb"' in text or urlsplit(address).path == "/"
    assert len(set(titles)) == len(titles) == len(_locations(client))


def test_every_item_is_in_the_sitemap_once_some_case_speaks_of_it(client, draft, state, editor, publisher):
    for item in Item.objects.all():
        state(draft, item.key, "試験の記述")
    draft.submit(by=editor)
    draft.publish(by=publisher)
    paths = {_path(address) for address in _locations(client)}
    assert {f"/topics/{item.key}/" for item in Item.objects.all()} <= paths
