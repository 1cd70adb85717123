"""The guide: its texts, what is drawn into them live, and what never gets into them."""

import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from cases import fixtures, guide, markup
from cases.catalogue import Catalogue
from cases.folder import Folder
from cases.models import CaseVersion, Edition, GuidePage, GuideVersion, Item, Municipality, Statement

PAGES = fixtures.rows("guide.csv")
SLUGS = [row["slug"] for row in PAGES]
BODIES = {slug: (fixtures.FOLDER / "guide" / f"{slug}.md").read_text(encoding="utf-8") for slug in SLUGS}
CANARY = "まだ公開していない試験の言葉"


def _words(page):
    """What is read of a page, without white space."""
    return re.sub(r"\s", "", unescape(strip_tags(str(page))))


@pytest.fixture
def written():
    """Publish a page of the guide with a body: written(slug, body)."""

    def write(slug, body, *, publish=True):
        page = GuidePage.objects.create(slug=slug, position=900)
        version = GuideVersion.objects.create(page=page, title="試験用のページ", lead="試験用", body=body)
        version.citations.create(source_id=CaseVersion.objects.published().first().source_id, place="3-3")
        if publish:
            version.submit(by=None)
            version.publish(by=None)
        return version

    return write


# The texts


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_is_public_with_all_of_its_text(slug, client):
    row = next(row for row in PAGES if row["slug"] == slug)
    answer = client.get(f"/guide/{slug}/")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert row["title"] in answer.text
    assert row["lead"] in answer.text
    assert f"箇所：{row['sources']}" in _words(answer.text)
    assert "[[" not in answer.text
    assert "**" not in answer.text
    for heading in re.findall(r"^#+ (.+)$", BODIES[slug], re.M):
        assert f">{heading}</h" in answer.text


@pytest.mark.parametrize("slug", SLUGS)
def test_a_text_has_no_fault_and_knows_its_shortcodes(slug):
    assert GuideVersion.objects.published().get(page__slug=slug).problems() == []
    for code in markup.shortcodes(BODIES[slug]):
        assert guide.render(
            f"[[{' '.join([code.name, *code.words, *('='.join(pair) for pair in code.conditions)])}]]",
            Catalogue(),
        ).strip()
    assert len(markup.shortcodes(BODIES[slug])) == BODIES[slug].count("[[")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_text_names_no_municipality(slug):
    row = next(row for row in PAGES if row["slug"] == slug)
    text = "\n".join([row["title"], row["lead"], BODIES[slug]])
    names = set(Municipality.objects.values_list("name", flat=True))
    names |= set(Municipality.objects.values_list("prefecture", flat=True))
    assert [name for name in names if len(name) > 2 and name in text] == []
    short = {name for name in names if len(name) == 2 and name in text}
    assert short == set(), short


@pytest.mark.parametrize("slug", SLUGS)
def test_every_statement_of_a_text_says_where_the_report_says_it(slug):
    """Whatever place a text names, its page gives it as a source."""
    row = next(row for row in PAGES if row["slug"] == slug)
    places = set(row["sources"].split("、"))
    named = {figure + place for figure, place in re.findall(r"(図表)?([1-4]-[1-4])(?!\d)", BODIES[slug])}
    assert named
    assert named <= places


def test_what_chapter_01_says_is_not_written():
    told = [line for body in BODIES.values() for line in body.splitlines() if "Chapter01" in line]
    assert told == [
        "- Chapter01に何が書かれているかは、報告書に記載がありません。そのため、ここでも書いていません。"
    ]
    assert "01" not in [row["number"] for row in PAGES]


def test_the_contents_list_every_page_in_order_and_each_leads_on(client):
    text = client.get("/guide/").text
    assert re.findall(r'class="guide-list".*?</ol>', text, re.S)
    assert re.findall(r'<li><a href="/guide/([a-z]+)/">', text) == SLUGS
    for here, after in zip(SLUGS, SLUGS[1:], strict=False):
        assert f'rel="next" href="/guide/{after}/"' in client.get(f"/guide/{here}/").text
        assert f'rel="prev" href="/guide/{here}/"' in client.get(f"/guide/{after}/").text
    assert 'rel="prev"' not in client.get(f"/guide/{SLUGS[0]}/").text
    assert 'rel="next"' not in client.get(f"/guide/{SLUGS[-1]}/").text


def test_the_checklist_has_boxes_for_every_field_and_all_of_figure_4_1(client):
    text = client.get("/guide/checklist/").text
    assert text.count('<li class="tick">') == BODIES["checklist"].count("- □")
    for part in ("共通", "オンライン居場所", "オンライン相談", "オンライン自立支援", "情報提供・窓口周知"):
        assert re.search(rf"<h2[^>]*>{part}", text)
    for step in (
        "予算化",
        "契約",
        "支援体制",
        "運営の方法",
        "周知の方法",
        "メリットと限界",
        "ツールごとの特性",
        "適する場面・適さない場面",
    ):
        assert step in text


# What is drawn in live


def test_statements_are_those_of_the_published_cases_of_the_field(client):
    text = client.get("/guide/sodan/").text
    told = Statement.objects.filter(item="introduction", version__in=CaseVersion.objects.published())
    assert told
    for statement in told:
        assert (statement.text in text) == (statement.version.field_id == "sodan")
        if statement.version.field_id == "sodan":
            assert f'href="/cases/{statement.version.case.slug}/#introduction"' in text
            assert statement.citations.first().source.title in text
    marks = set(re.findall(r'href="#source-(\d+)"', text))
    assert marks == set(re.findall(r'id="source-(\d+)"', text)) != set()


def test_where_no_case_says_anything_a_plain_word_leads_to_the_topic(client):
    assert not Statement.objects.filter(item="effects").exists()
    text = client.get("/guide/ibasho/").text
    assert "効果 公開中の事例（オンライン居場所）には、まだ記述がありません。".replace(" ", "") in _words(
        text
    )
    assert 'href="/topics/effects/"' in text


def test_a_new_statement_and_a_new_case_appear_at_once(client, draft, state, editor, publisher, new_case):
    state(draft, "effects", "試験用の効果")
    assert "試験用の効果" not in client.get("/guide/ibasho/").text
    draft.submit(by=editor)
    draft.publish(by=publisher)
    assert "試験用の効果" in client.get("/guide/ibasho/").text
    assert "試験用の効果" not in client.get("/guide/sodan/").text
    assert "公開中の事例は7件の" in _words(client.get("/guide/ibasho/").text)
    new_case("shiken")
    assert "公開中の事例は8件の" in _words(client.get("/guide/ibasho/").text)


@pytest.mark.parametrize("row", [("分野=相談", {"field": "sodan"}), ("", {}), ("分野=居場所 手段の種類=Web会議システム", {"field": "ibasho", "family": "web-meeting"}), ("自治体区分=都道府県 項目=導入手順", {"tier": "prefecture", "has": "introduction"}), ("方式=text ツール=line", {"style": "text", "tool": "line"})])  # fmt: skip
def test_a_number_is_the_finders_and_leads_there(row, client):
    asked, values = row
    page = guide.render(f"あ[[件数 {asked}]]", Catalogue())
    count = Catalogue({facet: [value] for facet, value in values.items()}).total
    assert f">{count}件<" in page
    address = unescape(re.search(r'href="(.+?)"', page).group(1))
    assert f'<span class="numeral">{count}</span>' in client.get(address).text


def test_an_unknown_word_draws_nothing():
    page = guide.render(
        "[[記述 何か]]\n\n[[記述 効果 何か]]\n\nあ[[件数 分野=何か]]い\n\n[[謎]]", Catalogue()
    )
    assert _words(page) == "あい"


def test_a_pair_is_told_once_where_challenges_and_remedies_stand_together(draft, state, editor, publisher):
    challenge = state(draft, "challenges", "試験用の課題")
    state(draft, "remedies", "試験用の工夫", answers=challenge)
    state(draft, "remedies", "試験用の別の工夫")
    draft.submit(by=editor)
    draft.publish(by=publisher)
    both = guide.render("[[記述 課題]]\n\n[[記述 工夫・克服方法]]", Catalogue())
    assert both.count("試験用の工夫") == both.count("試験用の別の工夫") == 1
    alone = guide.render("[[記述 工夫・克服方法]]", Catalogue())
    assert "試験用の課題" in alone


def test_a_page_asks_no_more_for_more_statements(django_assert_max_num_queries, client):
    client.get("/guide/points/")
    with django_assert_max_num_queries(14):
        client.get("/guide/points/")


def test_the_figure_is_a_picture_with_words_and_a_table():
    page = guide.render("[[図 段階]]", Catalogue())
    assert 'role="img" aria-labelledby="stages-title stages-words"' in page
    assert f'<title id="stages-title">{guide.STAGES.title}</title>' in page
    assert guide.STAGES.description in page
    assert page.count('<th scope="row">') == len(guide.STAGES.rows) == 2
    assert "style=" not in page


# Found elsewhere


def test_the_guide_is_in_the_sitemap_the_frame_and_the_finder(client):
    sitemap = client.get("/sitemap.xml").text
    for slug in SLUGS:
        assert f"/guide/{slug}/</loc>" in sitemap
    assert '<a href="/guide/"' in client.get("/").text
    found = client.get("/cases/?q=広報").text
    assert "活用ガイドでも見つかりました" in found
    assert 'href="/guide/joho/"' in found
    assert "活用ガイドでも見つかりました" not in client.get("/cases/?q=鳥羽市").text
    assert "活用ガイドでも見つかりました" not in client.get("/cases/?field=ibasho").text


def test_the_copy_to_take_away_holds_the_guide_with_the_editions_cases(new_case):
    edition = Edition.freeze("2026-10", "試験用の号です。", by=None)
    new_case("shiken-later")
    files = {path: content.decode() for path, content in Folder(edition).files() if path.endswith(".html")}
    assert {f"guide/{slug}.html" for slug in SLUGS} | {"guide.html"} <= set(files)
    page = files["guide/ibasho.html"]
    assert "公開中の事例は7件の" in _words(page)
    assert 'href="../cases/toba-ibasho.html#introduction"' in page
    assert 'href="../guide/sodan.html"' in page
    assert '<svg class="stages"' in files["guide/lessons.html"]


# What never happens


def test_no_draft_is_shown_anywhere(client, written):
    hidden = written("himitsu", CANARY, publish=False)
    reviewed = written("shinsa", CANARY, publish=False)
    reviewed.submit(by=None)
    withdrawn = written("torisage", CANARY)
    withdrawn.withdraw(by=None, reason="試験")
    revised = GuideVersion.objects.published().get(page__slug="sodan").revise(by=None)
    revised.body = CANARY
    revised.save()
    unknown = client.get("/guide/nonesuch/")
    for version in (hidden, reviewed, withdrawn):
        answer = client.get(f"/guide/{version.page.slug}/")
        assert (answer.status_code, answer.text) == (404, unknown.text)
    for address in ("/guide/", "/guide/sodan/", "/guide/jiritsu/", "/sitemap.xml", f"/cases/?q={CANARY}"):
        text = client.get(address).text
        assert CANARY not in text.replace(f'value="{CANARY}"', "") or address.startswith("/cases/")
        assert "himitsu" not in text
        assert "活用ガイドでも見つかりました" not in text


def test_without_pages_the_contents_say_so(client):
    for version in GuideVersion.objects.published():
        version.withdraw(by=None, reason="試験")
    assert "まだありません" in client.get("/guide/").text


def test_hostile_text_is_harmless_on_the_page(client, written):
    hostile = (
        "<script>alert(1)</script> [x](javascript:alert) ![x](https://e.example/x) <img src=x onerror=y>"
    )
    written("shiken", "本文")
    page = guide.render(hostile, Catalogue())
    assert "<script" not in page
    assert "<img" not in page
    assert "javascript:alert" not in re.sub(r">[^<]*<", "><", page)
    assert Item.objects.filter(key="effects").exists()
