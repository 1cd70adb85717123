"""The API: what it answers, what it refuses in words, and what never leaves by it."""

import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.datastructures import MultiValueDict

from cases import fixtures, index, interchange
from cases.catalogue import Catalogue
from cases.exports import FILES
from cases.models import CaseVersion, Edition, Item, Municipality, Silence, Statement, Theme, Tier
from cases.record import record

SITE = "https://casebook.example.jp"
SLUGS = [row["slug"] for row in fixtures.rows("cases.csv")]
LISTS = ["/api/v1/cases", "/api/v1/facets", "/api/v1/municipalities"]
ADDRESSES = [
    *LISTS, "/api/v1/editions", "/api/v1/cases/toba-ibasho", "/api/v1/cases/toba-ibasho?format=gif",
    "/api/v1/openapi.json", "/api/v1/catalog.jsonld", "/api/v1/cases?q=ごとう&per_page=1",
    "/api/v1/municipalities?q=森町", "/api/v1/municipalities?pref=42&page=2",
]  # fmt: skip
REFUSED = [
    "/api/v1/",
    "/api/v1/cases/",
    "/api/v1/cases/nonesuch",
    "/api/v1/cases?field=foo",
    "/api/v1/cases?page=99",
]
CANARY = "まだ公開していない試験の言葉"


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = SITE


def _path(address):
    assert address.startswith(f"{SITE}/")
    return address.removeprefix(SITE)


def _wrong(answer, status=400):
    """The faults of a refusal: parameter → messages."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    told = {}
    for one in answer.json()["errors"]:
        assert set(one) == {"parameter", "message"}
        assert re.search("[ぁ-ん]", one["message"])
        told.setdefault(one["parameter"], []).append(one["message"])
    return told


def _strings(data):
    """Every text in an answer, however deep."""
    if isinstance(data, dict):
        return [text for value in data.values() for text in _strings(value)]
    if isinstance(data, list):
        return [text for value in data for text in _strings(value)]
    return [data] if isinstance(data, str) else []


# Cases


@pytest.mark.parametrize(
    "query",
    ["", "field=ibasho&tier=city_lt50k", "tool=zoom&tool=line&sort=reading", "q=ごとう", "q=ＺＯＯＭ 居場所", "pref=24&trial=yes",
     "field=jiritsu&tier=city_lt50k"],
)  # fmt: skip
def test_a_list_holds_the_cases_that_the_finder_finds(query, client):
    catalogue = Catalogue(_parsed(query))
    answer = client.get(f"/api/v1/cases?{query}").json()
    assert [case["slug"] for case in answer["cases"]] == [one.case.slug for one in catalogue.versions()]
    assert answer["total"] == catalogue.total


def _parsed(query):
    """`a=1&a=2` → {"a": ["1", "2"]}."""
    data = {}
    for name, value in parse_qsl(query):
        data.setdefault(name, []).append(value)
    return MultiValueDict(data)


def test_paging_walks_through_every_case_once_and_back(client):
    walked, address, before = [], "/api/v1/cases?per_page=4&sort=code", None
    while address:
        answer = client.get(address)
        page = answer.json()
        walked += [case["slug"] for case in page["cases"]]
        assert (page["total"], page["pages"], page["per_page"]) == (15, 4, 4)
        assert page["previous"] == (before and SITE + before)
        links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("Link", "")))
        assert links == {one: rel for one, rel in ((page["next"], "next"), (page["previous"], "prev")) if one}
        # The way back is written in one canonical order, whichever way the walk began.
        before = f"/api/v1/cases?{_ordered(address)}"
        address = page["next"] and _path(page["next"])
    assert sorted(walked) == sorted(SLUGS)


def _ordered(address):
    """The query as the API writes it: the selection, then the page (from the second on), then per_page."""
    query = dict(parse_qsl(urlsplit(address).query))
    return urlencode({name: query[name] for name in ("sort", "page", "per_page") if name in query})


def test_a_case_holds_what_its_page_holds(client):
    for slug in SLUGS:
        made = record(CaseVersion.objects.published().with_content().get(case__slug=slug))
        case = client.get(f"/api/v1/cases/{slug}").json()
        assert [(one["name"], one["value"], one["source"]) for one in case["facts"]] == [
            (fact.name, fact.value, fact.source) for fact in made.facts
        ]
        groups = [*made.groups, made.beside]
        told = [claim.text for group in groups for entry in group.entries for claim in entry.claims]
        answered = [*case["groups"], case["beside"]]
        items = [item for group in answered for item in group["items"]]
        assert [claim["text"] for item in items for claim in item["claims"]] == told
        assert [source["title"] for source in case["sources"]] == [source.title for source in made.sources]
        numbers = {source["number"] for source in case["sources"]}
        cited = {number for item in items for claim in item["claims"] for number in claim["sources"]}
        assert cited | {case["summary_source"]} <= numbers
        assert (case["items"], case["items_filled"]) == (made.items, made.items_filled)
        assert all(bool(item["claims"]) != bool(item["silence"]) for item in items)


def test_the_three_silences_stay_apart(client, draft, editor, publisher):
    draft.statements.filter(item="support").delete()
    Silence.objects.filter(version=draft, item__in=["outlook", "message", "support"]).delete()
    Silence.objects.create(version=draft, item_id="outlook", kind="none", note="試験用の補足")
    _published(draft, editor, publisher)
    case = client.get("/api/v1/cases/toba-ibasho").json()
    items = {item["key"]: item for group in case["groups"] for item in group["items"]}
    assert items["outlook"]["silence"] == {"kind": "none", "words": "該当なし（試験用の補足）"}
    assert items["failure"]["silence"]["kind"] == "not_stated"
    assert "message" not in items


def _published(version, editor, publisher):
    version.submit(by=editor)
    version.publish(by=publisher)


def test_a_remedy_stands_with_its_challenge_in_either_shape(client, draft, state, editor, publisher):
    challenge = state(draft, "challenges", "試験用の課題")
    state(draft, "remedies", "試験用の工夫", answers=challenge)
    challenge.themes.add(Theme.objects.first())
    draft.photos.create(
        image="photographs/" + "a" * 32 + ".png",
        width=1,
        height=1,
        alt="試験用の写真",
        credit="試験",
        licence="試験用",
    )
    draft.links.create(title="試験用のページ", url="https://example.jp/a")
    _published(draft, editor, publisher)
    case = client.get("/api/v1/cases/toba-ibasho").json()
    items = {item["key"]: item for group in case["groups"] for item in group["items"]}
    (claim,) = items["challenges"]["claims"]
    assert claim["themes"] == [{"key": Theme.objects.first().key, "name": Theme.objects.first().name}]
    assert [one["text"] for one in claim["remedies"]] == ["試験用の工夫"]
    assert case["photographs"][0]["url"] == f"{SITE}/photographs/{'a' * 32}.png"
    assert case["links"] == [{"title": "試験用のページ", "url": "https://example.jp/a"}]
    gif = client.get("/api/v1/cases/toba-ibasho?format=gif").json()
    assert re.fullmatch("試験用の課題(［[0-9]+］)+", gif["制約条件"])
    assert re.fullmatch("試験用の工夫(［[0-9]+］)+", gif["導入での工夫"])
    assert gif["イメージ"][0]["イメージファイル"] == case["photographs"][0]["url"]
    assert gif["関連URL"] == ["https://example.jp/a"]


def test_dates_are_iso_and_as_exact_as_their_source(client, toba):
    case = client.get("/api/v1/cases/toba-ibasho").json()
    assert case["surveyed"] == {
        "on": toba.surveyed_on.isoformat(),
        "precision": toba.surveyed_precision,
        "words": next(fact["value"] for fact in case["facts"] if fact["key"] == "surveyed"),
    }
    assert case["checked_on"] is None
    assert {source["read_on"] for source in case["sources"]} <= {None, "2026-11-23"}


def test_what_names_a_case_keeps_naming_it(client, draft, editor, publisher):
    before = client.get("/api/v1/cases/toba-ibasho").json()
    draft.reason = "試験用の改訂"
    draft.save()
    _published(draft, editor, publisher)
    after = client.get("/api/v1/cases/toba-ibasho").json()
    assert (before["version"], after["version"], after["reason"]) == (1, 2, "試験用の改訂")
    assert before["permanent_url"] in before["citation"]
    assert "第1版" in before["citation"]
    assert before["permanent_url"] != after["permanent_url"]
    for case in (before, after):
        for address in (
            case["url"],
            case["permanent_url"],
            case["api_url"],
            case["terms"]["url"].partition("#")[0],
        ):
            assert client.get(_path(address)).status_code == 200


# In the models of others

GIF = {
    "タイトル", "サブタイトル", "事例実施年", "事例の場所", "対象組織", "行政サービス分類", "テーマ", "キーワード",
    "取り組みの概要", "取り組み理由", "目的", "挑戦したこと", "取り組み内容", "学んだこと", "成果", "導入での工夫", "制約条件",
    "普及", "持続させる仕組み", "評価の方法", "利用した制度", "協力者", "イメージ", "ビデオ", "関連URL", "関連事例",
    "連絡先情報", "ID", "公開日", "最終更新日",
}  # fmt: skip
OURS = {"掲載ページ", "版", "出典", "事例集"}


def test_a_case_reads_as_the_governments_model_and_loses_nothing(client):
    for slug in SLUGS:
        made = record(CaseVersion.objects.published().with_content().get(case__slug=slug))
        gif = client.get(f"/api/v1/cases/{slug}?format=gif").json()
        entries = [entry for group in (*made.groups, made.beside) for entry in group.entries]
        assert set(gif) <= GIF | OURS | {entry.name for entry in entries}
        text = "\n".join(_strings(gif))
        assert all(claim.text in text for entry in entries for claim in entry.claims)
        known = {fact.value for fact in made.facts}
        assert gif["事例の場所"] in made.municipality
        assert gif["テーマ"] in known
        assert all(value not in ("", [], None) for value in gif.values())
        assert {"連絡先情報", "事例実施年", "目的"}.isdisjoint(gif)


def test_a_case_of_several_versions_tells_its_first_day_and_its_last(client, draft, editor, publisher):
    _published(draft, editor, publisher)
    gif = client.get("/api/v1/cases/toba-ibasho?format=gif").json()
    assert gif["版"] == 2
    assert gif["公開日"] <= gif["最終更新日"]


def test_every_item_of_the_model_is_one_it_has_and_every_hearing_item_exists():
    keys = {key for some in interchange.GIF_ITEMS.values() for key in some}
    assert set(interchange.GIF_ITEMS) <= GIF
    assert keys <= set(Item.objects.values_list("key", flat=True))


def test_the_catalogue_is_told_as_dcat_with_every_file_for_programs(client):
    answer = client.get("/api/v1/catalog.jsonld")
    assert answer.headers["Content-Type"] == "application/ld+json; charset=utf-8"
    catalog = answer.json()
    (dataset,) = catalog["dcat:dataset"]
    files = {one["dcat:downloadURL"]["@id"].rpartition("/")[2] for one in dataset["dcat:distribution"]}
    assert files == {name for name, file in FILES.items() if file.for_programs}
    for one in dataset["dcat:distribution"]:
        given = client.get(_path(one["dcat:downloadURL"]["@id"]))
        assert one["dcat:mediaType"]["@id"].endswith(given.headers["Content-Type"].partition(";")[0])
    prefixes = {name.partition(":")[0] for name in _names(catalog) if not name.startswith("@")}
    assert prefixes <= set(catalog["@context"])
    (service,) = catalog["dcat:service"]
    for place in ("dcat:endpointDescription", "dcat:landingPage"):
        assert client.get(_path(service[place]["@id"])).status_code == 200


def _names(data):
    """Every name in JSON-LD, the context's own aside."""
    if isinstance(data, list):
        return {name for one in data for name in _names(one)}
    if not isinstance(data, dict):
        return set()
    inner = {name: value for name, value in data.items() if name != "@context"}
    return set(inner) | {name for value in inner.values() for name in _names(value)}


# Facets, municipalities, editions


def test_a_facets_count_is_what_choosing_it_finds(client):
    chosen = "field=ibasho&q=オンライン"
    answer = client.get(f"/api/v1/facets?{chosen}").json()
    assert {facet["key"] for facet in answer["facets"]} == set(index.FACETS)
    for facet in answer["facets"]:
        for value in facet["values"][:3]:
            rest = chosen if facet["key"] != "field" else "q=オンライン"
            found = client.get(f"/api/v1/cases?{rest}&{facet['key']}={value['key']}").json()
            assert found["total"] == value["count"], (facet["key"], value["key"])


@pytest.mark.parametrize(
    ("query", "codes"),
    [("q=とば", {"242110"}), ("q=242110", {"242110"}), ("q=三重県鳥羽市", {"242110"}), ("q=森町", {"013455", "224618"}),
     ("q=nonesuch", set()), ("q=森町&pref=22", {"224618"})],
)  # fmt: skip
def test_a_municipality_is_found_by_all_it_is_called(query, codes, client):
    answer = client.get(f"/api/v1/municipalities?{query}").json()
    assert {one["code"] for one in answer["municipalities"]} == codes


def test_all_1788_municipalities_can_be_read_page_by_page(client):
    first = client.get("/api/v1/municipalities?per_page=100").json()
    assert (first["total"], first["pages"]) == (Municipality.objects.count(), 18)
    last = client.get("/api/v1/municipalities?per_page=100&page=18").json()
    assert (last["next"], len(last["municipalities"])) == (None, 88)
    assert first["municipalities"][0]["band"] is None


def test_the_hole_between_the_tiers_is_told_as_two(client):
    (place,) = client.get("/api/v1/municipalities?q=012025").json()["municipalities"]
    assert len(place["tiers"]) == 2
    assert client.get(_path(place["url"])).status_code == 200


def test_editions_are_listed_newest_first_without_who_made_them(client, publisher):
    assert client.get("/api/v1/editions").json() == {"editions": []}
    Edition.freeze("2026-10", "試験用の号", by=publisher)
    Edition.freeze("2026-11", by=publisher)
    answer = client.get("/api/v1/editions")
    assert [(one["label"], one["note"], one["cases"]) for one in answer.json()["editions"]] == [
        ("2026-11", None, 15), ("2026-10", "試験用の号", 15),
    ]  # fmt: skip
    assert publisher.username not in answer.text
    assert client.get("/api/v1/cases").json()["edition"] == "2026-11"
    assert client.get("/api/v1/cases/toba-ibasho").json()["edition"] == "2026-11"
    for one in answer.json()["editions"]:
        assert client.get(_path(one["url"])).status_code == 200


# What is refused, and how


def test_every_fault_of_a_question_is_told_at_once(client):
    told = _wrong(
        client.get("/api/v1/cases?field=foo&field=bar&tier=x&nonesuch=1&page=0&per_page=101&sort=a")
    )
    assert told["field"] == ["分野「foo」はありません。", "分野「bar」はありません。"]
    assert set(told) == {"field", "tier", "nonesuch", "page", "per_page", "sort"}


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ("/api/v1/cases?page=１", "page"), ("/api/v1/cases?page=1.0", "page"), ("/api/v1/cases?page=", "page"),
        ("/api/v1/cases?page=1&page=2", "page"), ("/api/v1/cases?page=NaN", "page"), ("/api/v1/cases?page=-1", "page"),
        ("/api/v1/cases?page=99999999999999999999", "page"), ("/api/v1/cases?sort=new&sort=new", "sort"),
        ("/api/v1/cases?q=a&q=b", "q"), ("/api/v1/cases?q=" + "あ" * 101, "q"), ("/api/v1/cases?q=a b c d e f g h i", "q"),
        ("/api/v1/cases?q=%00", "q"), ("/api/v1/cases?field=", "field"), ("/api/v1/cases?tool=ZOOM", "tool"),
        ("/api/v1/facets?sort=new", "sort"), ("/api/v1/facets?page=1", "page"), ("/api/v1/municipalities?pref=48", "pref"),
        ("/api/v1/municipalities?pref=24&pref=24", "pref"), ("/api/v1/municipalities?field=ibasho", "field"),
        ("/api/v1/cases/toba-ibasho?format=xml", "format"), ("/api/v1/cases/toba-ibasho?v=1", "v"),
        ("/api/v1/editions?page=1", "page"),
    ],
)  # fmt: skip
def test_a_wrong_value_or_parameter_is_refused_in_words(address, parameter, client):
    assert set(_wrong(client.get(address))) == {parameter}


@pytest.mark.parametrize(
    ("address", "parameter"),
    [("/api/v1/cases?page=2", "page"), ("/api/v1/cases?q=nonesuch&page=2", "page"), ("/api/v1/cases/nonesuch", "slug"),
     ("/api/v1/cases/", ""), ("/api/v1/", ""), ("/api/v1/nonesuch", ""), ("/api/v1/cases/a%0Ab", ""), ("/api/v1/cases/%2F", "")],
)  # fmt: skip
def test_what_is_not_there_is_told_as_json_too(address, parameter, client):
    assert set(_wrong(client.get(address), 404)) == {parameter}


def test_too_many_parameters_are_refused_in_words(client):
    assert _wrong(
        client.get(
            "/api/v1/cases?" + "&".join(["field=ibasho"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
        )
    )


def test_a_refusal_repeats_little_and_nothing_unprintable(client):
    answer = client.get(
        "/api/v1/cases?" + urlencode({"field": "\x1b[31m\u202e" + "x" * 5000, "\x07" * 9 + "y" * 999: "1"})
    )
    assert len(answer.content) < 1000
    assert all(text.isprintable() for text in _strings(answer.json()))


# For anybody, and nothing for one reader alone


@pytest.mark.parametrize("address", [*ADDRESSES, *REFUSED])
def test_any_site_may_read_it_and_nobody_gets_a_cookie(address, client):
    answer = client.get(address)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "charset=utf-8" in answer.headers["Content-Type"]
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "\\u3" not in answer.text, "Japanese is written as itself"


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_unchanged_is_not_sent_twice_and_head_answers_like_get(address, client, toba, publisher):
    answer = client.get(address)
    tag = answer.headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")


def test_a_publication_moves_the_stamp_and_the_tag(client, draft, editor, publisher):
    before = client.get("/api/v1/cases")
    _published(draft, editor, publisher)
    after = client.get("/api/v1/cases")
    assert before.json()["stamp"] != after.json()["stamp"]
    assert before.headers["ETag"] != after.headers["ETag"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("address", ["/api/v1/cases", "/api/v1/nonesuch", "/api/"])
def test_it_only_reads(method, address, client):
    answer = client.generic(method, address, b"x")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/"])
def test_addresses_come_from_the_site_never_from_the_request(address, client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get(address, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    assert "evil.example" not in answer.headers.get("Link", "")


def test_no_draft_and_nothing_private_leaves(client, draft, editor, new_case, state):
    draft.summary = CANARY
    draft.save()
    Statement.objects.filter(version=draft).update(text=CANARY)
    new_case("shitagaki", publish=False, summary=CANARY)
    reviewed = new_case("shinsa", publish=False, summary=CANARY, municipality="012033")
    reviewed.submit(by=editor)
    withdrawn = new_case("torisage", municipality="012050", summary=CANARY)
    withdrawn.withdraw(by=None, reason=CANARY)
    for address in [*ADDRESSES, "/api/v1/cases?per_page=100", "/api/"]:
        text = client.get(address).text
        for secret in (CANARY, editor.username, "shitagaki", "shinsa", "torisage", "confidence"):
            assert secret not in text, (address, secret)
    unknown = client.get("/api/v1/cases/nonesuch")
    for slug in ("shitagaki", "shinsa", "torisage"):
        assert client.get(f"/api/v1/cases/{slug}").content == unknown.content


def test_it_writes_nothing(client):
    with CaptureQueriesContext(connection) as queries:
        for address in [*ADDRESSES, *REFUSED, "/api/"]:
            client.get(address)
    for query in queries:
        assert query["sql"].lstrip("( ").upper().startswith("SELECT"), query["sql"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/cases?per_page=100&q=居場所", "/api/"])
def test_an_answer_costs_a_constant_number_of_queries(address, client, new_case, monkeypatch):
    def cost():
        monkeypatch.setattr(index, "_kept", None)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    cost()  # and the search file is made
    few = cost()
    for number in range(40):
        new_case(f"shiken-{number}", tier=Tier.objects.get(pk="city_lt50k"))
    client.get(address)  # the search file takes the new ones in
    assert cost() == few <= (40 if "openapi" in address or address == "/api/" else 22)


# The document, and a client that knows nothing else


def test_a_client_written_from_the_document_alone_finds_what_it_promises(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    (server,) = document["servers"]
    for path, item in document["paths"].items():
        operation = item["get"]
        examples = {
            (one["in"], one["name"]): one["example"] for one in operation["parameters"] if "example" in one
        }
        address = path.format_map({name: value for (kind, name), value in examples.items() if kind == "path"})
        query = {name: value for (kind, name), value in examples.items() if kind == "query"}
        answer = client.get(f"{_path(server['url'] + address)}?{urlencode(query, doseq=True)}")
        assert answer.status_code == 200, path
        content = operation["responses"]["200"]["content"]["application/json"]
        assert answer.json() == content["example"], path
        assert content["example"].get("total") != 0
        wrong = client.get(f"{address}?nonesuch=1")
        assert str(wrong.status_code) in operation["responses"]


def test_the_document_names_every_value_that_may_be_asked(client):
    document = client.get("/api/v1/openapi.json").json()
    parameters = {one["name"]: one for one in document["paths"]["/api/v1/cases"]["get"]["parameters"]}
    for facet, names in index.current().names.items():
        items = parameters[facet]["schema"]["items"]
        assert dict(zip(items["enum"], items["x-enumNames"], strict=True)) == names
    assert set(parameters) == {*index.FACETS, "q", "sort", "page", "per_page"}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == set(document["components"]["schemas"])


def test_an_empty_casebook_still_has_a_document(client):
    for version in CaseVersion.objects.published():
        version.withdraw(by=None, reason="試験")
    document = client.get("/api/v1/openapi.json").json()
    assert "example" not in document["paths"]["/api/v1/cases/{slug}"]["get"]["responses"]["200"]["content"]
    for address in ("/api/v1/cases", "/api/v1/facets", "/api/v1/catalog.jsonld", "/api/"):
        assert client.get(address).status_code == 200


def test_the_manual_tells_every_address_with_an_example_that_works(client):
    text = client.get("/api/").text
    document = client.get("/api/v1/openapi.json").json()
    for path, item in document["paths"].items():
        assert f"<code>GET {path}</code>" in text
        for parameter in item["get"]["parameters"]:
            assert f"<code>{parameter['name']}</code>" in text
    examples = re.findall(r'class="endpoint-example" href="([^"]+)"', text)
    assert len(examples) == len(document["paths"])
    assert {client.get(one.replace("&amp;", "&")).status_code for one in examples} == {200}
    assert "報告書や各ページの文章そのものの権利は" in text


def test_a_case_page_names_its_json(client):
    (address,) = re.findall(
        r'<link rel="alternate" type="application/json"[^>]*href="([^"]+)"',
        client.get("/cases/toba-ibasho/").text,
    )
    assert client.get(address).json()["slug"] == "toba-ibasho"
