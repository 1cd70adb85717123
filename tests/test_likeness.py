"""From one's own municipality: which is meant, which tier it counts to, which cases come near, and why."""

import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import fixtures, gazetteer, index, likeness
from cases.catalogue import Catalogue
from cases.models import CaseVersion, Municipality, Tier, ToolUse

ROWS = fixtures.rows("municipalities.csv")


@pytest.fixture
def known():
    return gazetteer.current(index.current().words)


def _codes(found):
    return [one.code for one in found]


def _text(answer):
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def _titles(answer):
    """The cards of a page, in order."""
    return re.findall(r'<h3><a href="/cases/([^/]+)/">', answer.text)


# Which municipality is meant


def test_every_municipality_is_found_by_its_code_and_by_its_full_name(known):
    assert len(ROWS) == 1788
    for row in ROWS:
        assert _codes(known.find(row["code"])) == [row["code"]]
        assert _codes(known.find(row["code"][:5])) == [row["code"]]
        assert _codes(known.find(row["full_name"])) == [row["code"]], row


def test_every_name_and_reading_finds_its_municipality_among_others_of_that_name(known):
    for row in ROWS:
        assert row["code"] in _codes(known.find(row["municipality"] or row["prefecture"])), row
        assert row["code"] in _codes(known.find(row["kana"])), row


@pytest.mark.parametrize(
    "typed",
    [
        "422118", "４２２１１８", "42211", " 42211-8 ", "五島市", "五島", "長崎県五島市", "長崎県 五島市", "長崎県　五島市",
        "長崎県五島", "ごとうし", "ゴトウシ", "ｺﾞﾄｳｼ", "ごとう", "ながさきけんごとうし",
    ],
)  # fmt: skip
def test_one_municipality_answers_to_many_ways_of_writing(typed, known, client):
    assert _codes(known.find(typed)) == ["422118"]
    assert "長崎県五島市に近い事例" in _text(client.get("/near/", {"from": typed}))


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("森町", ["013455", "224618"]),
        ("府中市", ["132063", "342084"]),
        ("府中", ["132063", "342084", "343021"]),
        ("だてし", ["012335", "072133"]),
        ("京都", ["260002", "261009"]),
    ],
)
def test_a_name_of_several_offers_them_all(typed, codes, known, client):
    assert _codes(known.find(typed)) == codes
    page = client.get("/near/", {"from": typed})
    assert f"「{typed}」に当たる自治体が{len(codes)}つあります" in _text(page)
    for code in codes:
        assert f'href="/near/?from={code}"' in page.text


def test_a_county_is_read_past_but_no_name_is_cut_by_it(known):
    assert _codes(known.find("北海道茅部郡森町")) == ["013455"]
    assert _codes(known.find("茅部郡森町")) == ["013455", "224618"]
    for name in ("福岡県小郡市", "岐阜県郡上市", "奈良県大和郡山市", "郡山市"):
        assert [one.full_name[-len(name) :] for one in known.find(name)] == [name]


@pytest.mark.parametrize(
    "typed", ["ナルニア市", "422119", "12", "市", "1234567", "あ" * 500, "%", "<b>", "'--"]
)
def test_what_means_no_municipality_is_said_and_stays_in_the_form(typed, known, client):
    assert known.find(typed) == []
    page = client.get("/near/", {"from": typed})
    assert page.status_code == 200
    assert "に当たる自治体が見つかりませんでした" in _text(page)
    assert 'href="/near/?pref=01"' in page.text
    assert "<b>" not in page.text
    if typed.isalpha() and len(typed) <= 100:
        assert f'value="{typed}"' in page.text


def test_without_typing_every_municipality_is_two_links_away(client):
    landing = client.get("/near/").text
    prefectures = re.findall(r'href="/near/\?pref=(\d\d)"', landing)
    assert len(prefectures) == len(set(prefectures)) == 47
    offered = set()
    for pref in prefectures:
        offered |= set(re.findall(r'href="/near/\?from=(\d{6})"', client.get(f"/near/?pref={pref}").text))
    assert offered == {row["code"] for row in ROWS}


@pytest.mark.parametrize("pref", ["48", "0", "x", "\x00", "４２０"])
def test_an_unknown_prefecture_is_said(pref, client):
    page = client.get("/near/", {"pref": pref})
    assert page.status_code == 200
    if pref.isprintable():
        assert f"「{pref}」という番号の都道府県はありません" in _text(page)


def test_a_changed_municipality_is_found_under_its_new_name(client):
    assert "近い事例" not in _text(client.get("/near/?from=新五島市")).partition("見つかり")[0]
    goto = Municipality.objects.get(pk="422118")
    goto.name, goto.reading = "新五島市", "しんごとうし"
    goto.save()
    assert "長崎県新五島市に近い事例" in _text(client.get("/near/?from=しんごとう"))


# Its tier


def test_every_municipality_counts_to_a_tier_of_the_report():
    tiers = set(Tier.objects.values_list("pk", flat=True))
    for municipality in Municipality.objects.all():
        found = likeness.tiers_of(municipality)
        assert found
        assert set(found) <= tiers, municipality


@pytest.mark.parametrize(
    ("name", "tiers"),
    [
        ("長崎県", ["prefecture"]),
        ("札幌市", ["designated_city"]),
        ("江戸川区", ["ward_ge300k"]),
        ("千代田区", ["ward_lt300k"]),
        ("富山市", ["city_ge300k"]),
        ("函館市", ["city_110k_300k", "city_50k_100k"]),
        ("亀岡市", ["city_50k_100k"]),
        ("府中町", ["city_50k_100k"]),
        ("五島市", ["city_lt50k"]),
        ("檜原村", ["city_lt50k"]),
    ],
)
def test_a_tier_follows_from_kind_and_band(name, tiers):
    assert likeness.tiers_of(Municipality.objects.get(name=name)) == tiers


def test_the_hole_at_100_to_110_thousand_is_explained_with_both_neighbours(client):
    text = _text(client.get("/near/?from=012025"))
    assert "市区町村11～30万人 または 市区町村5～10万人" in text
    assert "10～11万人のところに隙間があります" in text
    assert "同じ区分と考えられる（市区町村11～30万人）" in text
    assert "人口が10～11万人のときの隣の区分（市区町村5～10万人）" in text


def test_nobody_else_is_told_of_the_hole(client):
    for code in ("422118", "260002", "131237", "011002"):
        assert "隙間" not in _text(client.get(f"/near/?from={code}"))


def test_the_class_that_the_report_prints_goes_before_the_census(client):
    """豊島区 has 301,599 inhabitants in the census; the report prints 30万人未満."""
    text = _text(client.get("/near/?from=131164"))
    assert "自治体区分 特別区30万人未満" in text
    assert "考えると「特別区30万人以上」ですが" in text
    assert "報告書の区分を優先します" in text
    ibaraki = _text(client.get("/near/?from=272116"))
    assert "自治体区分 市区町村11～30万人 報告書に印刷された区分です。" in ibaraki
    assert "隙間" not in ibaraki


def test_a_case_beside_the_report_prints_no_class(client, new_case):
    new_case("hakodate", tier=Tier.objects.get(pk="city_lt50k"))
    text = _text(client.get("/near/?from=012025"))
    assert "自治体区分の目安 市区町村11～30万人" in text
    assert "この自治体の事例" in text


# The order, and its reasons


@pytest.fixture
def near():
    def make(name, most=20):
        return likeness.near(Catalogue(), Municipality.objects.get(name=name), most)

    return make


def _version(like):
    return CaseVersion.objects.with_card().get(pk=like.pk)


def test_its_own_case_comes_first(near):
    first = near("五島市").found[0]
    assert _version(first).case.slug == "goto-sodan"
    assert first.reasons == [likeness.OWN]


def test_the_same_tier_goes_before_its_neighbours_and_these_before_the_same_region(near):
    found = [(_version(like).case.slug, like.reasons) for like in near("五島市").found]
    assert found[1:5] == [
        ("toba-ibasho", ["同じ区分（市区町村5万人未満）"]),
        ("toyoake-sodan", ["近い区分（市区町村5～10万人）"]),
        ("kameoka-sodan", ["近い区分（市区町村5～10万人）"]),
        ("miyazaki-pref-sodan", ["同じ地方（九州・沖縄）"]),
    ]
    assert len(found) == 15
    assert all(reasons == [] for _, reasons in found[5:])


def test_within_a_tier_the_same_prefecture_goes_before_the_same_region(near, new_case):
    for slug, municipality in {"saga": "412015", "nagasaki": "422011", "sapporo": "011002"}.items():
        new_case(slug, municipality=municipality)
    found = [(_version(like).case.slug, like.reasons[1:]) for like in near("五島市").found[1:5]]
    assert found == [
        ("nagasaki", ["同じ都道府県（長崎県）"]),
        ("saga", ["同じ地方（九州・沖縄）"]),
        ("toba-ibasho", []),
        ("sapporo", []),
    ]


def test_every_reason_is_true(near):
    for name in ("五島市", "函館市", "豊島区", "京都府", "さいたま市", "檜原村"):
        here = Municipality.objects.get(name=name)
        for like in near(name).found:
            municipality = _version(like).case.municipality
            for reason in like.reasons:
                if "区分" in reason:
                    assert _version(like).tier.name in reason
                if "同じ都道府県" in reason:
                    assert municipality.prefecture == here.prefecture
                if reason == likeness.OWN:
                    assert municipality == here


def test_neighbours_are_mutual_but_for_size_across_kinds():
    tiers = set(Tier.objects.values_list("pk", flat=True))
    assert set(likeness.NEIGHBOURS) == tiers
    for tier, beside in likeness.NEIGHBOURS.items():
        assert set(beside) <= tiers - {tier}
        for one in beside:
            assert tier in likeness.NEIGHBOURS[one], (tier, one)


def test_the_page_says_the_reasons_and_the_order_and_gives_no_number(client):
    page = client.get("/near/?from=422118")
    text = _text(page)
    assert _titles(page)[:2] == ["goto-sodan", "toba-ibasho"]
    assert "同じ区分、近い区分、ほかの区分の順に並べ" in text
    assert "点数は付けていません" in text
    assert "区分・都道府県・地方は異なります" in text
    assert not re.search(r"\d+(点|％|%)", text)


def test_after_twenty_the_finder_goes_on(client, new_case):
    for number in range(30):
        new_case(f"shiken-{number}", municipality="422011")
    page = client.get("/near/?from=422118")
    assert len(_titles(page)) == 20
    assert "近い順に20件" in _text(page)
    assert "全45件のうち" in _text(page)
    for link in ("/cases/?tier=city_lt50k", "/cases/?pref=42", "/cases/?region=kyushu-okinawa", "/cases/"):
        assert f'href="{link}"' in page.text
        assert client.get(link).status_code == 200


def test_no_draft_is_near(client, draft, new_case):
    draft.summary = "まだ公開していない言葉"
    draft.save()
    new_case("shitagaki", publish=False, municipality="422118", summary="まだ公開していない言葉")
    text = _text(client.get("/near/?from=422118"))
    assert "まだ公開していない言葉" not in text
    assert text.count("この自治体の事例") == 2  # the reason of goto-sodan, and the sentence on the order


# Similar cases


def _similar(slug, most=4):
    version = CaseVersion.objects.published().with_card().get(case__slug=slug)
    return [(_version(like).case.slug, like.reasons) for like in likeness.similar(Catalogue(), version, most)]


def test_similar_cases_share_the_field_first_then_tier_tool_and_place():
    assert _similar("toba-ibasho") == [
        ("edogawa-ibasho", ["同じ分野（居場所）", "同じツール（Zoom）"]),
        ("toyama-ibasho", ["同じ分野（居場所）", "同じツール（Zoom）"]),
        ("kyoto-pref-ibasho", ["同じ分野（居場所）", "同じ地方（近畿）"]),
        ("hamamatsu-ibasho", ["同じ分野（居場所）"]),
    ]
    assert _similar("toyoake-sodan")[0] == (
        "kameoka-sodan",
        ["同じ分野（相談）", "同じ区分（市区町村5～10万人）", "同じツール（LINE）"],
    )


def test_a_case_is_not_similar_to_itself_nor_to_one_that_shares_nothing():
    for version in CaseVersion.objects.published():
        found = _similar(version.case.slug, 20)
        assert version.case.slug not in [slug for slug, _ in found]
        assert all(reasons for _, reasons in found)
    assert 0 < len(_similar("saitama-jiritsu", 20)) < 14


def test_the_family_counts_where_the_tool_differs(new_case):
    version = new_case("kazoku", publish=False)
    ToolUse.objects.create(version=version, tool_id="video-talk", family_id="web-meeting", main=True)
    version.submit(by=None)
    version.publish(by=None)
    assert (
        "kazoku",
        ["同じ分野（居場所）", "同じ区分（市区町村5万人未満）", "同じ手段の種類（Web会議システム）"],
    ) in (_similar("toba-ibasho"))


def test_a_case_page_names_similar_cases_with_the_reason_and_compares_them(client):
    page = client.get("/cases/toba-ibasho/")
    assert "似た事例" in _text(page)
    assert "同じ分野（居場所）" in _text(page)
    assert 'href="/compare/?ids=toba-ibasho,edogawa-ibasho"' in page.text
    assert 'href="/compare/?ids=toba-ibasho"' in page.text


# At any size, for any question


def _cost(client, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "path", ["/near/", "/near/?pref=42", "/near/?from=422118", f"/near/?from={quote('森町')}"]
)
def test_near_costs_at_most_ten_queries_at_any_size(path, client, new_case, monkeypatch):
    def cold():
        monkeypatch.setattr(index, "_kept", None)
        monkeypatch.setattr(gazetteer, "_kept", None)
        return _cost(client, path)

    few = cold()
    for number in range(60):
        new_case(f"shiken-{number}", municipality="422011")
    assert cold() == few <= 10


def test_a_case_page_with_its_similar_cases_costs_at_most_thirteen_queries(client, new_case):
    client.get("/cases/toba-ibasho/")
    few = _cost(client, "/cases/toba-ibasho/")
    for number in range(60):
        new_case(f"shiken-{number}")
    client.get("/cases/toba-ibasho/")
    assert _cost(client, "/cases/toba-ibasho/") == few <= 13


hostile = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789０１２３", max_size=8),
    st.text(alphabet="都道府県市区町村郡森府中五島", max_size=12),
    st.sampled_from(
        ["\x00", "\ud800", "五島市\x00", "あ" * 5000, "<script>alert(1)</script>", "%00", "42211\u0308"]
    ),
)


@pytest.mark.parametrize("parameter", ["from", "pref"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(values=st.lists(hostile, min_size=1, max_size=2))
def test_whatever_is_typed_gets_a_sound_page(parameter, client, values):
    query = urlencode([(parameter, value) for value in values], errors="surrogatepass")
    answer = client.get(f"/near/?{query}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\x00" not in answer.text
    assert len(re.findall(r"<h1[ >]", answer.text)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(typed=hostile)
def test_the_gazetteer_takes_any_text(known, typed):
    assert all(isinstance(one, Municipality) for one in known.find(typed))
