"""Search in Japanese: one table of queries and the cases they find, and the same by a plain reading."""

import re

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import fixtures, index, matches, search, sheet, text
from cases.catalogue import Catalogue
from cases.models import CaseVersion, Municipality, Synonym

SODAN = {
    "toshima-sodan", "ibaraki-sodan", "goto-sodan", "miyazaki-pref-sodan", "kanagawa-pref-sodan", "toyoake-sodan",
    "kameoka-sodan",
}  # fmt: skip
LINE = {
    "shinagawa-ibasho", "goto-sodan", "miyazaki-pref-sodan", "kanagawa-pref-sodan", "toyoake-sodan", "kameoka-sodan",
    "edogawa-ibasho",
}  # fmt: skip
ALL = {row["slug"] for row in fixtures.rows("cases.csv")}

# query → the slugs it finds. Where a set would be long, a few that must be (…) and must not be in it follow.
FINDS = {
    "鳥羽": {"toba-ibasho"},
    "とば": {"toba-ibasho"},
    "トバ": {"toba-ibasho"},
    "ﾄﾊﾞ": {"toba-ibasho"},
    "ごとうし": {"goto-sodan"},
    "ゴトウシ": {"goto-sodan"},
    "422118": {"goto-sodan"},
    "４２２１１８": {"goto-sodan"},
    "マイクラ": {"nishio-ibasho"},
    "まいくら": {"nishio-ibasho"},
    "minecraft": {"nishio-ibasho"},
    "マインクラフト": {"nishio-ibasho"},
    "discord": {"hamamatsu-ibasho"},
    "ディスコード": {"hamamatsu-ibasho"},
    "ＤＩＳＣＯＲＤ": {"hamamatsu-ibasho"},
    "ライン": LINE,
    "ﾗｲﾝ": LINE,
    "line": LINE,
    "ＬＩＮＥ": LINE,
    "LINE通話": {"goto-sodan"},
    "ビデオ通話": {"toshima-sodan", "goto-sodan"},
    "試行": {"toba-ibasho"},
    "電子居場所": {"toba-ibasho"},
    "令和4年度": ALL,
    "2022年度": ALL,
    "画面越し": {"toshima-sodan", "ibaraki-sodan", "goto-sodan"},
    "テキストベース": {"miyazaki-pref-sodan", "kanagawa-pref-sodan", "toyoake-sodan", "kameoka-sodan"},
    "協議会": {"nishio-ibasho", "toba-ibasho", "ibaraki-sodan"},
    "相談 5万人未満": {"goto-sodan"},
    "相談　5万人未満": {"goto-sodan"},
    "zoom 三重": {"toba-ibasho"},
    "三重 zoom": {"toba-ibasho"},
    "ズーム 富山": {"toyama-ibasho"},
    "京都": {"kyoto-pref-ibasho", "kameoka-sodan"},
    "京都府": {"kyoto-pref-ibasho", "kameoka-sodan"},
    "東京都": {"edogawa-ibasho", "shinagawa-ibasho", "toshima-sodan"},
    "メタバース": {"kyoto-pref-ibasho"},
    "駄菓子屋": {"edogawa-ibasho"},
    "よりみち屋": {"edogawa-ibasho"},
    "オンライン": ALL,
    "オンライン居場所": {slug for slug in ALL if slug.endswith("ibasho")},
    "相談 居場所 自立支援": {"ibaraki-sodan"},
    "%": set(),
    "_": set(),
    "\\": set(),
    "100%": set(),
    "相談%": set(),
    '"': set(),
    "'": set(),
    "*": set(),
    "AND": set(),
    "NEAR(": set(),
    "存在しない言葉": set(),
    "": ALL,
    "　 ": ALL,
}


def _slugs(query):
    return {version.case.slug for version in Catalogue({"q": [query]}).versions()}


def _documents():
    """Every published case's text as search reads it, one by one."""
    versions = CaseVersion.objects.published().for_search()
    return {
        version.case.slug: [text.fold(part) for _, part in search.document(version)] for version in versions
    }


def _scan(query):
    """The same question put to a plain scan of the folded text."""
    words = search.words(query, index.current())
    return {
        slug
        for slug, parts in _documents().items()
        if all(any(spelling in part for part in parts for spelling in word.spellings) for word in words)
    }


@pytest.mark.parametrize("query", FINDS)
def test_a_query_finds_its_cases(query):
    assert _slugs(query) == FINDS[query]


@pytest.mark.parametrize(
    ("query", "more_than"),
    [
        ("相談", SODAN),
        ("居場所", {"toba-ibasho", "kyoto-pref-ibasho"}),
        ("区", {"toshima-sodan"}),
        ("市", {"toba-ibasho", "goto-sodan"}),
        ("居", {"toba-ibasho"}),
    ],
)
def test_words_of_one_and_two_letters_are_found(query, more_than):
    assert more_than <= _slugs(query)
    assert _slugs(query) == _scan(query)


LETTERS = sorted(
    {letter for parts in fixtures.document("public_facts.json")["facts"] for letter in parts["text"]}
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.data())
def test_search_is_the_same_as_a_plain_scan(data):
    fact = data.draw(st.sampled_from(fixtures.document("public_facts.json")["facts"]))["text"]
    first = data.draw(st.integers(0, len(fact) - 1))
    piece = fact[first : first + data.draw(st.integers(1, 12))]
    query = data.draw(st.sampled_from([piece, piece[::-1], f"{piece} {data.draw(st.sampled_from(LETTERS))}"]))
    assert _slugs(query[:100]) == _scan(query[:100])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.text(max_size=100))
def test_any_text_can_be_searched_for(query):
    catalogue = Catalogue({"q": [query]})
    if "q" not in catalogue.errors:
        assert {version.case.slug for version in catalogue.versions()} == _scan(query)


def test_every_reading_and_code_of_the_fifteen_finds_its_case():
    for municipality in Municipality.objects.filter(case__isnull=False):
        for query in (municipality.reading, municipality.code, municipality.name):
            assert f"{municipality}" in {
                str(version.case.municipality) for version in Catalogue({"q": [query]}).versions()
            }, query


def test_too_much_is_refused_in_words():
    assert Catalogue({"q": ["あ" * 101]}).errors["q"] == ["検索の言葉は100文字までです。"]
    assert Catalogue({"q": ["a b c d e f g h i"]}).errors["q"] == ["検索の言葉は8語までです。"]
    assert Catalogue({"q": ["あ" * 101]}).total == 15


def test_a_synonym_an_editor_adds_is_found_at_once():
    assert _slugs("マイクラフト") == set()
    Synonym.objects.create(word="マイクラフト", means="マインクラフト")
    assert _slugs("マイクラフト") == {"nishio-ibasho"}


def test_who_asks_for_the_official_word_also_finds_the_other_spelling(draft, editor, publisher, state):
    state(draft, "effects", "ディスコードも試した")
    draft.submit(by=editor)
    draft.publish(by=publisher)
    assert _slugs("Discord") == {"hamamatsu-ibasho", "toba-ibasho"}


def test_a_published_change_is_found_at_once_and_the_old_text_no_more(draft, editor, publisher, toba):
    draft.summary = "まったく新しい概要"
    draft.save()
    assert _slugs("まったく新しい") == set()
    draft.submit(by=editor)
    draft.publish(by=publisher)
    assert _slugs("まったく新しい") == {"toba-ibasho"}
    assert _slugs("電子居場所の試行") == set()
    draft.withdraw(by=publisher, reason="試験")
    assert _slugs("まったく新しい") == set()


def test_a_renamed_tool_is_found_by_its_new_name():
    from cases.models import Tool

    tool = Tool.objects.get(pk="discord")
    tool.name = "ディスコ"
    tool.save()
    assert _slugs("ディスコ") == {"hamamatsu-ibasho"}


@pytest.mark.parametrize("harm", ["lost", "corrupt", "emptied"])
def test_a_harmed_search_file_is_made_again(harm, monkeypatch):
    from django.conf import settings

    assert _slugs("鳥羽") == {"toba-ibasho"}
    file = settings.DATA_DIR / "search.sqlite3"
    search._File._close()
    for path in settings.DATA_DIR.glob("search.sqlite3-*"):
        path.unlink()
    if harm == "lost":
        file.unlink()
    else:
        file.write_bytes(b"not a database at all" * 500 if harm == "corrupt" else b"")
    monkeypatch.setattr(index, "_kept", None)  # which remembers what was found before
    assert _slugs("鳥羽") == {"toba-ibasho"}


def test_searching_costs_a_constant_number_of_queries(new_case, django_assert_max_num_queries):
    for number in range(30):
        new_case(f"shiken-{number}")
    Catalogue({"q": ["相談"]}).versions()
    with django_assert_max_num_queries(6):
        assert Catalogue({"q": ["相談 居場所"]}).page is not None


def _match(slug, words):
    version = CaseVersion.objects.published().with_card().get(case__slug=slug)
    told = [(statement.item.name, statement.text) for statement in version.statements.all()]
    return matches.match(sheet.card(version), told, words)


def test_words_are_marked_on_the_original_letters():
    words = search.words("ＺＯＯＭ 居場所", index.current())
    found = _match("toba-ibasho", words)
    assert re.findall("<mark>(.*?)</mark>", found.summary) == ["Zoom", "居場所"]
    assert re.findall("<mark>(.*?)</mark>", found.title) == ["居場所"]
    summary = CaseVersion.objects.published().get(case__slug="toba-ibasho").summary
    assert found.summary.replace("<mark>", "").replace("</mark>", "") == summary
    assert [item for item, _ in found.statements] == ["背景・目的", "支援内容", "実施体制"]
    assert found.more_statements == 1


@pytest.mark.parametrize(
    ("query", "slug", "note"),
    [
        ("ごとう", "goto-sodan", "「ごとう」は読み「ごとうし」に当たりました。"),
        ("422118", "goto-sodan", "「422118」は団体コード「422118」に当たりました。"),
    ],
)
def test_a_match_out_of_sight_is_told(query, slug, note):
    assert _match(slug, search.words(query, index.current())).notes == [note]


def test_what_a_word_was_taken_for_is_told():
    assert matches.synonym_notes(search.words("マイクラ ライン 相談", index.current())) == [
        "「マイクラ」は「マインクラフト」としても探しました。",
        "「ライン」は「LINE」として探しました。",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＺＯＯＭ", "zoom"), ("ｶﾞｲﾄﾞ", "がいど"), ("ガイド", "がいど"), ("か\u3099", "が"), ("髙﨑", "高崎"),
        ("龍ヶ崎", "竜け崎"), ("①", "1"), ("㈱", "(株)"), ("〜", "~"), ("～", "~"), ("ー", "ー"), ("𠮷", "𠮷"),
    ],
)  # fmt: skip
def test_what_is_written_in_two_ways_is_read_as_one(one, other):
    assert text.fold(one) == text.fold(other)


@settings(deadline=None)
@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_marking_loses_no_letter(whole, words):
    pieces = text.mark(whole, [text.fold(word) for word in words])
    assert "".join(piece for piece, _ in pieces) == whole


def test_the_search_file_holds_nothing_that_is_not_public(draft, state):
    state(draft, "effects", "まだ公開していない秘密")
    _slugs("相談")
    assert _slugs("秘密") == set()
    assert index.current().ids
    assert "秘密".encode() not in (django_settings.DATA_DIR / "search.sqlite3").read_bytes()
