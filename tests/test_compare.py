"""Two to four cases side by side."""

import re
from html.parser import HTMLParser

import pytest

from cases import comparison
from cases.comparison import Comparison
from cases.models import Citation, Silence, Source

TWO = "/compare/?ids=toba-ibasho,goto-sodan"
FOUR = "toba-ibasho,goto-sodan,kyoto-pref-ibasho,toyoake-sodan"


class _Tables(HTMLParser):
    """The tables of a page: rows of (tag, scope, text)."""

    def __init__(self, page):
        super().__init__()
        self.found, self._cell = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.found.append([])
        elif tag == "tr":
            self.found[-1].append([])
        elif tag in ("th", "td"):
            self._cell = [tag, dict(attrs).get("scope"), ""]
            self.found[-1][-1].append(self._cell)

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self._cell[2] = re.sub(r"\s+", " ", self._cell[2]).strip()
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell[2] += data


def _table(client, path):
    return _Tables(client.get(path).text).found[0]


def _text(answer):
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def _rows(groups):
    return {row.key: row for group in groups for row in group.rows}


# What is compared


@pytest.mark.parametrize(
    "query",
    [
        "ids=toba-ibasho,goto-sodan",
        "ids=toba-ibasho&ids=goto-sodan",
        "ids=toba-ibasho、goto-sodan,,goto-sodan",
    ],
)
def test_slugs_come_by_comma_or_repeated_and_each_counts_once(query, client):
    heads = _table(client, f"/compare/?{query}")[0]
    assert [text for _, _, text in heads] == [
        "項目",
        "三重県鳥羽市のオンライン居場所 三重県鳥羽市のオンライン居場所を外す",
        "長崎県五島市のオンライン相談 長崎県五島市のオンライン相談を外す",
    ]


def test_their_order_is_kept():
    for ids in ("toba-ibasho,goto-sodan,edogawa-ibasho", "edogawa-ibasho,toba-ibasho,goto-sodan"):
        assert Comparison({"ids": [ids]}).slugs == ids.split(",")


def test_a_table_has_a_caption_and_heads_for_every_column_and_row(client):
    text = client.get(TWO).text
    assert "<caption>" in text
    assert re.search(r'role="region" aria-labelledby="compare-caption" tabindex="0"', text)
    rows = _table(client, TWO)
    assert {scope for _, scope, _ in rows[0]} == {"col"}
    for row in rows[1:]:
        assert row[0][:2] in (["th", "row"], ["th", "rowgroup"])
        assert len(row) == (1 if row[0][1] == "rowgroup" else 3)


def test_rows_are_the_sheets_columns_and_the_hearings_items_in_the_casebooks_groups():
    made = Comparison({"ids": ["toba-ibasho,goto-sodan"]})
    assert [group.name for group in made.groups] == [
        "取組のあらまし", "内容", "実施状況", "実施方法", "効果・課題と工夫", "今後の展開", "報告書のほかに分かったこと",
    ]  # fmt: skip
    assert [row.key for row in made.groups[0].rows] == [
        "summary", "field", "tier", "family", "tool", "style", "trial", "status", "surveyed", "checked",
    ]  # fmt: skip
    assert sum(len(group.rows) for group in made.groups[1:6]) == 21


def test_sources_are_numbered_through_all_cases():
    made = Comparison({"ids": ["toba-ibasho,edogawa-ibasho,goto-sodan"]})
    numbers = [source.number for source in made.sources]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({(source.title, source.url) for source in made.sources}) == len(numbers)
    cited = {
        number for group in made.groups for row in group.rows for cell in row.cells
        for claim in cell.claims for number in claim.sources
    }  # fmt: skip
    assert cited == set(numbers)
    assert [cell.claims[0].sources for cell in _rows(made.groups)["summary"].cells] == [[1]] * 3


@pytest.fixture
def worked_out(new_case, state):
    """Two published cases that tell the three silences and two kinds of remedies apart."""
    first, second = (new_case(slug, publish=False) for slug in ("hitotsu", "futatsu"))
    challenge = state(first, "challenges", "参加者が増えない")
    state(first, "remedies", "広報を変えた", answers=challenge)
    state(second, "challenges", "通信が切れる")
    state(second, "remedies", "電話でも受けた")
    Silence.objects.create(version=first, item_id="voices", kind="none")
    Silence.objects.create(version=second, item_id="voices", kind="not_stated")
    state(first, "effects", "話しやすくなった")
    state(first, "outlook", "続ける")
    other = state(second, "outlook", "続ける")
    Citation.objects.create(statement=other, source=Source.objects.exclude(key="report").first())
    for version in (first, second):
        version.submit(by=None)
        version.publish(by=None)
    return "ids=hitotsu,futatsu"


def test_the_three_silences_stay_apart(worked_out, client):
    rows = {row[0][2]: [text for _, _, text in row[1:]] for row in _table(client, f"/compare/?{worked_out}")}
    assert rows["利用者の意見・満足度"] == ["該当なし", "出典に記載なし"]
    assert rows["効果"] == ["話しやすくなった[出典1]", "—このサイトにまだ記述なし"]
    assert "背景・目的" not in rows  # 未入力 in both: nothing to show
    assert "未入力" not in client.get(f"/compare/?{worked_out}").text
    assert "出典に書かれていないという意味ではありません" in _text(client.get(f"/compare/?{worked_out}"))


def test_a_challenge_stands_with_its_remedy_and_the_row_of_remedies_says_so(worked_out, client):
    made = _rows(Comparison({"ids": ["hitotsu,futatsu"]}).groups)
    first, second = made["challenges"].cells
    assert [(claim.text, [one.text for one in claim.remedies]) for claim in first.claims] == [
        ("参加者が増えない", ["広報を変えた"])
    ]
    assert second.claims[0].remedies == []
    assert made["remedies"].cells[0].silence == comparison.PAIRED
    assert made["remedies"].cells[1].claims[0].text == "電話でも受けた"
    assert 'class="pair"' in client.get(f"/compare/?{worked_out}").text


# Ways to look at it


def test_only_different_leaves_out_what_all_say_alike(worked_out, client):
    every = {row[0][2] for row in _table(client, f"/compare/?{worked_out}")}
    different = {row[0][2] for row in _table(client, f"/compare/?{worked_out}&only=different")}
    assert {"分野", "自治体区分", "今後の展開"} <= every
    assert different == {
        "項目",
        "効果・課題と工夫",
        "実施状況",
        "利用者の意見・満足度",
        "効果",
        "課題",
        "工夫・克服方法",
    }


def test_cases_that_say_all_alike_leave_no_row_but_a_sentence(new_case, client):
    for slug in ("hitotsu", "futatsu"):
        new_case(slug)
    page = client.get("/compare/?ids=hitotsu,futatsu&only=different")
    assert "書かれていることの違う項目はありません" in _text(page)
    assert "<table" not in page.text


def test_transposed_cases_are_rows(client):
    tables = _Tables(client.get(TWO + "&view=cases").text).found
    assert len(tables) == 7
    assert [text for _, _, text in tables[1][0]] == ["事例", "背景・目的", "支援内容", "支援対象"]
    for table in tables:
        assert [row[0][1] for row in table[1:]] == ["row", "row"]
        assert {len(row) for row in table} == {len(table[0])}


def test_both_views_tell_the_same(client):
    usual, turned = client.get(TWO), client.get(TWO + "&view=cases")
    words = {
        text for row in _Tables(usual.text).found[0] for _, scope, text in row if not scope and text != ""
    }
    assert words == {
        text for table in _Tables(turned.text).found for row in table for tag, _, text in row if tag == "td"
    }


def test_ones_own_column_is_there_to_be_filled_in(client):
    rows = _table(client, TWO + "&own=1")
    assert rows[0][-1][2] == "本市の場合"
    for row in rows[1:]:
        if row[0][1] == "row":
            assert row[-1] == ["td", None, ""]
    tables = _Tables(client.get(TWO + "&own=1&view=cases").text).found
    for table in tables:
        assert table[-1][0] == ["th", "row", "本市の場合"]
        assert {text for _, _, text in table[-1][1:]} == {""}


def test_every_option_is_a_link_that_keeps_the_others(client):
    page = client.get(TWO + "&own=1")
    assert 'href="?ids=toba-ibasho,goto-sodan&amp;only=different&amp;own=1"' in page.text
    assert 'href="?ids=toba-ibasho,goto-sodan&amp;view=cases&amp;own=1"' in page.text
    assert 'href="?ids=toba-ibasho,goto-sodan"' in page.text
    assert 'href="/compare/?ids=goto-sodan&amp;own=1"' in page.text  # 鳥羽市 left out


# What can't be followed is said


def test_a_fifth_case_is_left_out_and_named(client):
    page = client.get(f"/compare/?ids={FOUR},edogawa-ibasho,saitama-jiritsu")
    text = _text(page)
    assert "比べられるのは4件までです" in text
    assert "東京都江戸川区のオンライン居場所、埼玉県さいたま市のオンライン自立支援" in text
    assert len(_Tables(page.text).found[0][0]) == 5


@pytest.mark.parametrize("slug", ["nonesuch", "shitagaki", "Ａ", "<b>", "a" * 200])
def test_what_is_not_public_is_said_and_the_rest_compared(slug, client, new_case):
    new_case("shitagaki", publish=False)
    page = client.get("/compare/", {"ids": f"toba-ibasho,{slug},goto-sodan"})
    assert page.status_code == 200
    assert "次の事例は公開されていません" in _text(page)
    assert "<b>" not in page.text
    assert len(_Tables(page.text).found[0][0]) == 3


def test_an_unknown_way_to_look_is_said(client):
    text = _text(client.get(TWO + "&only=foo&view=1&own=2"))
    for said in ("only=foo", "view=1", "own=2"):
        assert f"見せ方の指定「{said}」はありません。" in text


def test_without_a_case_the_page_explains_how_to_choose(client):
    for path in ("/compare/", "/compare/?ids=", "/compare/?ids=nonesuch"):
        page = client.get(path)
        assert "2件から4件の事例を選ぶと" in _text(page)
        assert page.text.count("<option") == 16
        assert 'href="/cases/"' in page.text
        assert "<table" not in page.text


def test_with_one_case_the_similar_ones_are_offered(client):
    page = client.get("/compare/?ids=toba-ibasho")
    assert 'href="/compare/?ids=toba-ibasho,edogawa-ibasho"' in page.text
    assert "同じ分野（居場所）" in _text(page)
    assert '<input type="hidden" name="ids" value="toba-ibasho">' in page.text
    assert page.text.count("<option") == 15


def test_with_four_cases_no_more_are_offered(client):
    assert "<select" in client.get(TWO).text
    assert "<select" not in client.get(f"/compare/?ids={FOUR}").text


def test_too_many_for_one_list_are_left_to_the_finder(client, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_TO_CHOOSE", 14)
    page = client.get("/compare/")
    assert "<select" not in page.text
    assert 'href="/cases/"' in page.text


def test_no_draft_is_compared(client, draft, state):
    draft.summary = "まだ公開していない言葉"
    draft.save()
    state(draft, "effects", "まだ公開していない言葉")
    assert "まだ公開していない言葉" not in client.get(TWO).text


# At any size, for any question


@pytest.mark.parametrize(
    "query",
    [
        "",
        "ids=toba-ibasho",
        "ids=toba-ibasho,goto-sodan",
        f"ids={FOUR}",
        f"ids={FOUR}&view=cases&only=different",
    ],
)
def test_a_comparison_costs_at_most_ten_queries_at_any_size(query, client, new_case):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        client.get("/compare/?ids=toba-ibasho")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/compare/?{query}").status_code == 200
        return len(queries)

    few = cost()
    for number in range(40):
        new_case(f"shiken-{number}")
    assert cost() == few <= 10
