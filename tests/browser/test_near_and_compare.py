"""From one's own municipality to a comparison on paper: by links alone, and nicer with script."""

import re
from io import BytesIO

import pytest

BOTH = "/compare/?ids=toba-ibasho,goto-sodan"
LONG = "/compare/?ids=toba-ibasho,goto-sodan,edogawa-ibasho,kyoto-pref-ibasho&own=1"
KEY = "casebook-compare"


def _kept(page):
    return page.evaluate(f"localStorage.getItem('{KEY}')")


# By links alone


def test_without_script_the_cases_near_goto_are_found_by_typing(new_page):
    page = new_page(java_script=False)
    page.goto("/near/")
    page.get_by_label("自治体の名前").fill("ごとうし")
    page.get_by_role("button", name="近い事例を見る").click()
    assert page.get_by_role("heading", level=1).inner_text() == "長崎県五島市に近い事例"
    assert page.locator(".cards h3").nth(0).inner_text() == "長崎県五島市のオンライン相談"
    assert page.locator(".cards .reasons").nth(1).inner_text().endswith("同じ区分（市区町村5万人未満）")


def test_without_script_the_same_is_found_by_links(new_page):
    page = new_page(width=320, height=640, java_script=False)
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="自分の自治体から").click()
    page.get_by_role("link", name="長崎県").click()
    page.get_by_role("link", name="五島市").click()
    assert page.url.endswith("/near/?from=422118")


def test_without_script_one_chooses_among_namesakes(new_page):
    page = new_page(java_script=False)
    page.goto("/near/?from=森町")
    page.get_by_role("link").filter(has_text="静岡県森町").click()
    assert page.get_by_role("heading", level=1).inner_text() == "静岡県森町に近い事例"


def test_without_script_two_cases_come_side_by_side(new_page):
    page = new_page(java_script=False)
    page.goto("/cases/toba-ibasho/")
    assert page.get_by_role("button", name="比べる事例に加える").count() == 0
    page.get_by_role("link", name="この事例を比べる").click()
    page.get_by_label("もう一つ加える").select_option("長崎県五島市のオンライン相談")
    page.get_by_role("button", name="加える").click()
    heads = page.get_by_role("columnheader")
    assert [head.inner_text().split("\n")[0].split(" ")[0][:6] for head in heads.all()] == [
        "項目",
        "三重県鳥羽市",
        "長崎県五島市",
    ]
    page.get_by_role("link", name="違う項目だけ").click()
    assert page.get_by_role("rowheader", name="自治体区分", exact=True).count() == 0
    page.get_by_role("link", name="「本市の場合」の欄を付ける").click()
    page.get_by_role("link", name="縦横を入れ替える").click()
    assert page.url.endswith("?ids=toba-ibasho,goto-sodan&only=different&view=cases&own=1")
    page.get_by_role("link", name=re.compile("三重県鳥羽市.*外す")).first.click()
    assert page.locator("main").get_by_role("link", name="長崎県五島市のオンライン相談").first.is_visible()
    assert page.get_by_role("table").count() == 0


# The table


@pytest.mark.parametrize("width", [1280, 375])
def test_the_heads_stay_in_sight_while_the_table_scrolls(width, new_page):
    page = new_page(width=width, height=640)
    page.goto(LONG)
    region = page.get_by_role("region", name=re.compile("の比較$"))
    region.evaluate("one => one.scrollTo(400, 900)")
    frame = region.bounding_box()
    assert region.evaluate("one => one.scrollTop") > 500
    head = page.get_by_role("columnheader", name=re.compile("京都府")).bounding_box()
    row = page.get_by_role("rowheader", name="個人情報保護").bounding_box()
    assert abs(head["y"] - frame["y"]) <= 2
    assert abs(row["x"] - frame["x"]) <= 2
    corner = page.get_by_role("columnheader", name="項目").bounding_box()
    assert abs(corner["y"] - frame["y"]) <= 2
    assert abs(corner["x"] - frame["x"]) <= 2


def test_the_keyboard_scrolls_the_table(page):
    page.goto(LONG)
    region = page.get_by_role("region", name=re.compile("の比較$"))
    region.focus()
    page.keyboard.press("End")
    for _ in range(50):  # it may scroll smoothly
        if region.evaluate("one => one.scrollTop") > 200:
            break
        page.wait_for_timeout(50)
    assert region.evaluate("one => one.scrollTop") > 200


def test_a_comparison_prints_on_a4_across_and_all_else_upright(page):
    sizes = {}
    for address in (BOTH, LONG, "/cases/toba-ibasho/", "/near/?from=422118", "/compare/"):
        page.goto(address)
        pdf = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", BytesIO(pdf).read())
        sizes[address] = {float(width) > float(height) for width, height in boxes}
    assert sizes == {
        BOTH: {True}, LONG: {True}, "/cases/toba-ibasho/": {False}, "/near/?from=422118": {False},
        "/compare/": {False},
    }  # fmt: skip


def test_on_paper_heads_are_repeated_and_options_are_not_there(page):
    page.goto(LONG)
    page.emulate_media(media="print")
    assert (
        page.locator(".compare thead").evaluate("one => getComputedStyle(one).display")
        == "table-header-group"
    )
    assert page.locator(".compare-scroll").evaluate("one => getComputedStyle(one).overflow") == "visible"
    for hidden in (".options", ".compare-drop"):
        assert not page.locator(hidden).first.is_visible()
    ruled = page.locator(".own-cell").first.evaluate("one => getComputedStyle(one).backgroundImage")
    assert "repeating-linear-gradient" in ruled


# The basket


def test_nothing_is_kept_before_a_case_is_added_nor_after_the_last_is_removed(page):
    page.goto("/cases/")
    assert _kept(page) is None
    add = page.get_by_role("button", name=re.compile("加える.*鳥羽市"))
    add.click()
    assert _kept(page) == '["toba-ibasho"]'
    assert page.get_by_role("status").filter(has_text="鳥羽市のオンライン居場所を加えました").count() == 1
    page.get_by_role("button", name=re.compile("外す.*鳥羽市")).click()
    assert _kept(page) is None
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []
    assert not page.get_by_role("link", name=re.compile("比べる（")).is_visible()


def test_cases_are_gathered_by_keyboard_from_page_to_page_and_compared(page):
    page.goto("/cases/goto-sodan/")
    page.get_by_role("button", name=re.compile("比べる事例に加える")).press("Enter")
    page.goto("/cases/")
    page.get_by_role("button", name=re.compile("加える.*鳥羽市")).press("Space")
    page.get_by_role("link", name="比べる（2件）").press("Enter")
    page.wait_for_url("**/compare/?ids=goto-sodan,toba-ibasho")
    page.get_by_role("link", name=re.compile("五島市.*外す")).click()
    page.wait_for_url("**/compare/?ids=toba-ibasho")
    assert _kept(page) == '["toba-ibasho"]'
    page.get_by_role("link", name="外す").click()
    page.wait_for_url("**/compare/?ids=")
    assert _kept(page) is None


def test_a_fifth_case_is_refused_in_words(page):
    page.goto("/cases/")
    for number in range(4):
        page.get_by_role("button", name=re.compile("^比べる事例に加える")).first.click()
        assert page.get_by_role("link", name=f"比べる（{number + 1}件）").is_visible()
    page.get_by_role("button", name=re.compile("^比べる事例に加える")).first.click()
    assert "4件までです" in page.get_by_role("region", name="比べる事例").inner_text()
    page.get_by_role("button", name="空にする").click()
    assert _kept(page) is None


def test_a_shared_comparison_leaves_nothing_behind(page):
    page.goto(BOTH)
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("kept", ["nonsense", '{"a": 1}', '["<b>", 3, null]', '"toba-ibasho"'])
def test_what_stands_in_the_storage_wrongly_harms_nothing(kept, page):
    page.goto("/cases/")
    page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    page.reload()
    assert not page.get_by_role("link", name=re.compile("比べる（")).is_visible()
    page.get_by_role("button", name=re.compile("加える.*鳥羽市")).click()
    assert _kept(page) == '["toba-ibasho"]'


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing_in_the_basket(width, scheme, new_page, axe):
    page = new_page(width=width, color_scheme=scheme)
    page.goto("/cases/")
    page.get_by_role("button", name=re.compile("^比べる事例に加える")).first.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
