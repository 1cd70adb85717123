"""What a reader meets: on a desktop, on a phone, on paper, without script, by keyboard, with axe watching."""

import pytest

PAGES = {
    "entrance": "/",
    "finder": "/cases/",
    "selection": "/cases/?field=ibasho&tier=city_lt50k&sort=code",
    "empty": "/cases/?field=jiritsu&tier=city_lt50k",
    "unknown": "/cases/?field=foo",
    "search": "/cases/?q=%E3%82%B4%E3%83%88%E3%82%A6&theme=renkei",
    "found": "/cases/?q=%E5%B1%85%E5%A0%B4%E6%89%80",
    "told": "/cases/toba-ibasho/",
    "edition": "/cases/toba-ibasho/v1/",
    "silent": "/cases/kyoto-pref-ibasho/",
    "updated": "/cases/edogawa-ibasho/",
    "tools": "/tools/",
    "tool": "/tools/line/",
    "own": "/near/",
    "prefecture": "/near/?pref=42",
    "near": "/near/?from=422118",
    "hole": "/near/?from=012025",
    "namesakes": "/near/?from=%E6%A3%AE%E7%94%BA",
    "choose": "/compare/",
    "one": "/compare/?ids=toba-ibasho",
    "compare": "/compare/?ids=toba-ibasho,goto-sodan,edogawa-ibasho,kyoto-pref-ibasho&own=1",
    "different": "/compare/?ids=toba-ibasho,goto-sodan&only=different",
    "by-case": "/compare/?ids=toba-ibasho,goto-sodan&view=cases&own=1",
    "topics": "/topics/",
    "topic": "/topics/organisation/",
    "topic-cut": "/topics/introduction/?field=sodan",
    "topic-silent": "/topics/remedies/?theme=koho",
    "zoom": "/tools/zoom/",
    "family": "/tools/web-meeting/",
    "guide": "/guide/",
    "guide-field": "/guide/ibasho/",
    "guide-figure": "/guide/lessons/",
    "guide-list": "/guide/checklist/",
    "downloads": "/downloads/",
    "inquiry": "/cases/toba-ibasho/inquiry/",
    "about": "/about/",
    "accessibility": "/accessibility/",
    "accessibility-results": "/accessibility/results/",
    "privacy": "/privacy/",
    "help": "/help/",
    "cite": "/cite/",
    "glossary": "/glossary/",
    "english": "/en/",
    "survey": "/survey/",
    "editions": "/editions/",
    "unread": "/editions/?q=%E9%B3%A5%E7%BE%BD%E5%B8%82",
    "api": "/api/",
    "missing": "/nonesuch/",
}
A4_WITHIN_MARGINS = 680  # pixels: 210 mm less 15 mm on either side, at 96 to the inch
pages = pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())


def _visit(page, address, troubles):
    page.goto(address)
    if address == "/nonesuch/":
        assert len(troubles) == 1
        troubles.clear()


@pages
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(address, scheme, new_page, axe, troubles):
    page = new_page(color_scheme=scheme)
    _visit(page, address, troubles)
    assert axe(page) == []


@pages
@pytest.mark.parametrize("width", [320, 375])
def test_a_phone_scrolls_downwards_only(address, width, new_page, axe, troubles):
    page = new_page(width=width, height=640)
    _visit(page, address, troubles)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


@pages
def test_the_keyboard_reaches_every_control_and_shows_where_it_is(address, page, troubles):
    _visit(page, address, troubles)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reachable = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, [tabindex="0"]')]
                 .filter(one => one.checkVisibility({checkVisibilityCSS: true})).length"""
    )
    reached, outlined = set(), True
    for _ in range(reachable + 2):
        # Each stop is numbered in the page itself, so that two links of one text count twice.
        stop = page.evaluate(
            """() => { const one = document.activeElement;
                 window.stops ??= new Map(); if (!stops.has(one)) stops.set(one, stops.size);
                 const style = getComputedStyle(one);
                 return [stops.get(one), one === document.body || parseFloat(style.outlineWidth) >= 2] }"""
        )
        reached.add(stop[0])
        outlined = outlined and stop[1]
        page.keyboard.press("Tab")
    assert outlined
    assert len(reached) >= reachable
    assert not page.query_selector('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])')


def test_without_script_a_small_town_using_zoom_is_found(new_page):
    page = new_page(java_script=False)
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="事例を探す").click()
    page.get_by_role("checkbox", name="市区町村5万人未満").check()
    page.get_by_role("checkbox", name="Zoom").check()
    page.get_by_role("button", name="絞り込む").click()
    assert "tier=city_lt50k" in page.url
    assert "tool=zoom" in page.url
    assert page.locator("h2").first.inner_text().startswith("1件")
    page.get_by_role("link", name="三重県鳥羽市のオンライン居場所").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("三重県鳥羽市")


def test_without_script_a_word_is_searched_for_within_a_selection(new_page):
    page = new_page(java_script=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("マイクラ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/?q=*")
    assert page.locator("h2").first.inner_text().startswith("1件")
    assert "「マイクラ」は「マインクラフト」としても探しました" in page.locator("main").inner_text()
    page.get_by_role("searchbox").fill("居場所")
    page.get_by_role("checkbox", name="市区町村5万人未満").check()
    page.get_by_role("button", name="検索").click()
    assert page.locator("h2").first.inner_text().startswith("1件")
    assert page.locator("mark").first.inner_text() == "居場所"
    assert page.get_by_role("checkbox", name="市区町村5万人未満").is_checked()


def test_without_script_a_phone_can_filter_too(new_page):
    page = new_page(width=320, height=640, java_script=False)
    page.goto("/cases/")
    box = page.get_by_role("checkbox", name="市区町村5万人未満")
    if not box.is_visible():
        page.locator("summary").first.click()
    box.check()
    page.get_by_role("button", name="絞り込む").click()
    assert page.locator("h2").first.inner_text().startswith("2件")


def test_a_chip_takes_its_value_away(page):
    page.goto("/cases/?field=sodan&tier=city_lt50k")
    page.get_by_role("link", name="市区町村5万人未満").filter(has_text="外す").click()
    assert page.url.endswith("/cases/?field=sodan")
    assert page.get_by_role("checkbox", name="相談").is_checked()


def test_from_an_empty_cell_of_the_entrance_one_comes_to_a_case(page):
    page.goto("/")
    table = page.get_by_role("table").first
    assert table.locator("tbody td").count() == 24
    row = table.get_by_role("row").filter(has_text="市区町村5万人未満")
    row.get_by_role("link", name="政令指定都市").last.click()
    assert page.get_by_role("link", name="埼玉県さいたま市のオンライン自立支援").is_visible()


def test_a_source_mark_leads_to_its_source(page):
    page.goto("/cases/toba-ibasho/")
    page.locator('main a[href="#source-2"]').first.click()
    assert page.url.endswith("#source-2")
    assert page.locator("#source-2").is_visible()
    assert "pref.mie.lg.jp" in page.locator("#source-2 a").first.get_attribute("href")


@pages
def test_paper_has_no_navigation_and_nothing_beyond_its_edge(address, new_page, troubles):
    page = new_page(width=A4_WITHIN_MARGINS)
    _visit(page, address, troubles)
    page.emulate_media(media="print")
    assert not page.locator("header nav").first.is_visible()
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WITHIN_MARGINS


def test_paper_writes_out_where_a_source_is(page):
    page.goto("/cases/toba-ibasho/")
    page.emulate_media(media="print")
    written = page.evaluate(
        """() => [...document.querySelectorAll('#source-2 a, #source-2')]
                 .map(one => getComputedStyle(one, '::after').content + one.innerText).join(' ')"""
    )
    assert "https://www.pref.mie.lg.jp/TOPICS/m0323400085.htm" in written


@pytest.mark.parametrize("how", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}])
def test_nothing_breaks_with_forced_colours_or_reduced_motion(how, new_page, axe):
    page = new_page(**how)
    page.goto("/cases/?field=ibasho")
    assert axe(page) == []
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_reader_leaves_without_cookie_or_storage(page, troubles):
    for address in PAGES.values():
        _visit(page, address, troubles)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
