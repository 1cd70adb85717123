"""Topics and tools: one item, one theme, one tool, read across the cases."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from cases import figures, fixtures, index
from cases.catalogue import Catalogue
from cases.models import CaseVersion, Field, Item, Statement, Tier, ToolUse
from cases.topics import PAGE_SIZE, TOOL_CASES, overview

ITEMS = [term["key"] for term in fixtures.document("vocabulary.json")["Item"]]


@pytest.fixture
def publish(editor, publisher):
    """Bring a draft before the public."""

    def act(draft):
        draft.submit(by=editor)
        draft.publish(by=publisher)
        return draft

    return act


@pytest.fixture
def pairs(draft, state, publish):
    """鳥羽市's published case with two challenges (one answered twice, one not) and a remedy of its own."""
    sparse = state(draft, "challenges", "参加者が増えない")
    state(draft, "challenges", "発言が偏る").themes.set(["anzen"])
    state(draft, "remedies", "広報紙で知らせた", answers=sparse).themes.set(["koho"])
    state(draft, "remedies", "時間帯を変えた", answers=sparse).themes.set(["hirogari"])
    state(draft, "remedies", "初回は職員が付き添う").themes.set(["koho", "jinzai"])
    return publish(draft)


def _words(answer):
    """What a reader reads of a page, without white space."""
    return re.sub(r"\s", "", strip_tags(answer.text))


# The overview


def test_every_item_is_listed_in_its_group_with_its_cases_counted(client):
    text = client.get("/topics/").text
    assert [group.name for group in overview(Catalogue()).groups] == [group.label for group in Item.Group]
    for item in Item.objects.all():
        told = Statement.objects.filter(item=item, version__in=CaseVersion.objects.published())
        count = told.values("version").distinct().count()
        assert f'<a href="/topics/{item.key}/">{item.name}</a> <span class="count">{count}件</span>' in text


def test_every_theme_leads_to_its_cases(client):
    text = client.get("/topics/").text
    for key, name, count in (("koho", "広報", 0), ("kiki", "機器・ツール", 3), ("renkei", "連携", 1)):
        assert f'<a href="/cases/?theme={key}">{name}</a> <span class="count">{count}件</span>' in text


# One item


@pytest.mark.parametrize("item", ITEMS)
def test_a_topic_shows_every_published_statement_of_its_item_with_a_way_to_its_place(item, client):
    told = Statement.objects.filter(item=item, version__in=CaseVersion.objects.published())
    answer = client.get(f"/topics/{item}/")
    for statement in told:
        assert statement.text in answer.text
        slug = statement.version.case.slug
        assert f'href="/cases/{slug}/#{item}"' in answer.text
        assert f'id="{item}"' in client.get(f"/cases/{slug}/").text
        for citation in statement.citations.all():
            assert citation.source.title in answer.text
    if not told:
        assert "調査した15件の出典に、この項目の記述はありません" in answer.text


def test_a_topic_goes_by_field_then_tier_and_numbers_each_source_once(client):
    text = client.get("/topics/introduction/").text
    order = [text.index(name) for name in ("オンライン居場所 <", "三重県鳥羽市", "オンライン相談 <", "神奈川県<", "東京都豊島区<")]  # fmt: skip
    assert order == sorted(order)
    sources = re.findall(r'id="source-(\d+)"', text)
    assert sources == [str(number) for number in range(1, len(sources) + 1)]
    assert set(re.findall(r'href="#source-(\d+)"', text)) == set(sources)


def test_an_unknown_item_is_not_found(client):
    assert client.get("/topics/nonesuch/").status_code == 404


def test_an_unknown_value_is_told_and_left_out(client):
    text = client.get("/topics/organisation/?field=foo&theme=bar").text
    assert "分野「foo」はありません" in text
    assert "主題「bar」はありません" in text
    assert "三重県鳥羽市" in text


def test_a_topic_is_cut_by_field_tier_and_theme(client):
    assert "鳥羽市" in client.get("/topics/introduction/?field=ibasho").text
    assert "豊島区" not in client.get("/topics/introduction/?field=ibasho").text
    cut = _words(client.get("/topics/introduction/?field=sodan&tier=prefecture"))
    assert "神奈川県" in cut
    assert "豊島区" not in cut
    beside = _words(client.get("/topics/related/?theme=jinzai"))
    assert "常勤4人" in beside
    assert "担当課は、当時の体制と知識" in beside
    assert "市内の広義のひきこもり" not in beside


def test_a_themes_counts_on_a_topic_are_of_that_items_statements(client, pairs):
    catalogue = Catalogue(item="remedies")
    counts = {
        value.key: value.count for facet in catalogue.facets if facet.key == "theme" for value in facet.values
    }
    assert counts == {**dict.fromkeys(counts, 0), "koho": 1, "jinzai": 1, "hirogari": 1}
    assert Catalogue({"theme": ["anzen"]}, item="remedies").total == 0
    assert Catalogue({"theme": ["anzen"]}, item="challenges").total == 1


def test_a_topics_empty_selection_says_what_to_drop(client):
    answer = client.get("/topics/organisation/?theme=koho")
    assert "『広報』を外すと1件" in answer.text
    assert 'href="/topics/organisation/"' in answer.text


# Challenges and remedies


def test_a_challenge_stands_beside_its_remedies(client, pairs):
    for item in ("challenges", "remedies"):
        text = client.get(f"/topics/{item}/").text
        row = re.search(r'<li class="pair">.*?</li>', text, re.S).group()
        assert [word in row for word in ("参加者が増えない", "広報紙で知らせた", "時間帯を変えた")] == [
            True
        ] * 3
    assert "発言が偏る" in client.get("/topics/challenges/").text
    assert "初回は職員が付き添う" in client.get("/topics/remedies/").text


def test_a_remedys_place_is_where_its_case_shows_it(client, pairs):
    assert 'href="/cases/toba-ibasho/#challenges"' in client.get("/topics/remedies/").text
    assert 'id="challenges"' in client.get("/cases/toba-ibasho/").text


def test_every_remedy_about_publicity_is_found_at_one_address(client, pairs):
    words = _words(client.get("/topics/remedies/?theme=koho"))
    assert "1件" in words
    for there in ("広報紙で知らせた", "初回は職員が付き添う", "参加者が増えない"):
        assert there in words
    assert "時間帯を変えた" not in words


def test_while_the_sources_are_silent_that_address_says_so(client):
    words = _words(client.get("/topics/remedies/?theme=koho"))
    assert "調査した15件の出典に、この項目の記述はありません" in words
    assert "『広報』を外しても0件です" in words
    assert "ほかの項目にもまだありません" in words
    assert "記述のある、ほかの項目" in words


def test_a_silent_item_names_the_items_with_the_same_theme(client):
    text = client.get("/topics/remedies/?theme=kiki").text
    assert '<a href="/topics/equipment/?theme=kiki">ICT機器活用状況（1件）</a>' in text


def test_a_draft_is_in_no_topic(client, draft, state):
    state(draft, "remedies", "まだ公開していない工夫").themes.set(["koho"])
    for path in ("/topics/", "/topics/remedies/", "/topics/remedies/?theme=koho"):
        assert "まだ公開していない工夫" not in client.get(path).text
        assert '工夫・克服方法</a> <span class="count">1件' not in client.get(path).text


# Themes on a case


def test_a_case_shows_its_themes_as_ways_to_more(client, pairs):
    text = client.get("/cases/toba-ibasho/").text
    assert '<a href="/cases/?theme=koho">広報</a>' in text
    assert '<a href="/cases/?theme=kiki">機器・ツール</a>' in text


def test_a_theme_of_related_information_leads_to_where_it_counts(client):
    text = client.get("/cases/nishio-ibasho/").text
    assert '<a href="/topics/related/?theme=jinzai">人材</a>' in text
    assert "/cases/?theme=jinzai" not in text


# Tools


def test_a_tools_cases_stand_by_tier_with_what_their_sources_say(client, draft, state, publish):
    state(draft, "suited", "最初のつながりづくり")
    publish(draft)
    text = client.get("/tools/zoom/").text
    heads = re.findall(r'<h2 id="tier-\d+">(.*?) <span class="count">(\d+)件', text)
    tiers = list(index.current().names["tier"].values())
    assert [name for name, _ in heads] == [name for name in tiers if name in dict(heads)]
    assert sum(int(count) for _, count in heads) == Catalogue({"tool": ["zoom"]}).total
    assert "最初のつながりづくり" in text
    assert 'href="/cases/toba-ibasho/#suited"' in text
    assert "出典に記載なし：適さない場面" in text


def test_a_tool_names_its_families_and_a_family_its_tools(client):
    assert 'href="/tools/web-meeting/"' in client.get("/tools/zoom/").text
    line = client.get("/tools/line/").text
    assert 'href="/tools/sns/"' in line
    assert 'href="/tools/chat-sns/"' in line
    assert 'href="/tools/line-call/"' in client.get("/tools/web-meeting/").text


def test_a_tool_counts_in_the_family_it_was_used_in_only(draft, publish):
    ToolUse.objects.create(version=draft, tool_id="discord", family_id="chat-tool")
    publish(draft)
    families = {
        family.key: [tool.key for tool in family.tools] for family in figures.tool_families(Catalogue())
    }
    assert "discord" not in families["web-meeting"]
    assert "zoom" not in families["chat-tool"]


def test_a_tool_with_many_cases_shows_the_first_and_leads_to_the_rest(client, new_case):
    for number in range(TOOL_CASES + 3):
        draft = new_case(f"shiken-{number}", publish=False)
        ToolUse.objects.create(version=draft, tool_id="discord", family_id="chat-tool", main=True)
        draft.submit(by=None)
        draft.publish(by=None)
    total = Catalogue({"tool": ["discord"]}).total
    text = client.get("/tools/discord/").text
    assert text.count('<article class="card">') == TOOL_CASES
    assert f"Discordを使った事例をすべて見る（{total}件）" in text


# At any size


@pytest.fixture
def cases(new_case, state):
    """Publish so many cases over all fields and tiers, each with a numbered effect about 広報."""

    def make(count):
        fields, tiers = list(Field.objects.all()), list(Tier.objects.all())
        for number in range(count):
            facts = {"field": fields[number % 4], "tier": tiers[number % 8]}
            draft = new_case(f"shiken-{number:03}", publish=False, **facts)
            state(draft, "effects", f"効果その{number:03}").themes.set(["koho"])
            draft.submit(by=None)
            draft.publish(by=None)

    return make


def test_every_statement_is_on_exactly_one_page_in_the_order_of_fields_and_tiers(client, cases):
    count = PAGE_SIZE * 2 + 7
    cases(count)
    first = client.get("/topics/effects/")
    assert "1／3ページ" in _words(first)
    assert 'href="/topics/effects/?page=2"' in first.text
    seen = []
    for page in (1, 2, 3, 99):
        told = re.findall(r"効果その(\d{3})", client.get(f"/topics/effects/?page={page}").text)
        seen += told if page < 99 else []
        assert len(told) == (PAGE_SIZE if page < 3 else 7)
    assert sorted(seen) == [f"{number:03}" for number in range(count)]
    cells = [(int(number) % 4, int(number) % 8) for number in seen]
    assert cells == sorted(cells)


@pytest.mark.parametrize(
    "path", ["/topics/", "/topics/effects/", "/topics/effects/?theme=koho&page=2", "/tools/discord/"]
)
def test_a_page_costs_at_most_ten_queries_at_any_size(path, client, cases, monkeypatch):
    def cost():
        monkeypatch.setattr(index, "_kept", None)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    cases(PAGE_SIZE + 2)
    many = cost()
    for version in CaseVersion.objects.published().filter(case__slug__startswith="shiken-")[:PAGE_SIZE]:
        version.withdraw(by=None, reason="試験")
    assert cost() == many <= 10
