"""Editions and the bundle in a real browser: downloaded, unpacked, opened from its folder without net or script."""

import io
import urllib.request
import zipfile

import pytest

PASSWORD = "a long pass phrase"
OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FREEZE = (
    "from cases.models import Edition; "
    "Edition.objects.filter(label='2026-10').exists() or Edition.freeze('2026-10', '試験用の号です。', by=None)"
)


@pytest.fixture(scope="module")
def edition(site):
    """2026-10版 with its files, on the served site."""
    site.manage("shell", "-c", FREEZE)
    assert "2026-10版のファイルを作ります" in site.manage("build_bundle", "2026-10")
    return "/editions/2026-10/"


@pytest.fixture(scope="module")
def folder(site, edition, tmp_path_factory):
    """Where the downloaded bundle was unpacked."""
    folder = tmp_path_factory.mktemp("taken along")
    with OPEN.open(f"{site.url}{edition}bundle.zip") as answer:
        zipfile.ZipFile(io.BytesIO(answer.read())).extractall(folder)
    return folder


@pytest.fixture
def taken(chromium, folder):
    """Opens pages of the copy from the folder: no net, no script; fails where one asks for anything else."""
    context = chromium.new_context(java_script_enabled=False, offline=True, locale="ja-JP")
    asked, failed = [], []
    context.on("request", lambda sent: asked.append(sent.url))
    context.on("requestfailed", lambda sent: failed.append(sent.url))
    page = context.new_page()
    page.goto((folder / "html/index.html").as_uri())
    yield page
    assert asked
    assert not [url for url in asked if not url.startswith(folder.as_uri())]
    assert not failed
    context.close()


def test_the_copy_is_read_from_its_folder(taken):
    assert "持ち出し用の写し：2026-10版" in taken.inner_text("main")
    taken.click(".crosstab a >> text=鳥羽市")
    assert taken.inner_text("h1") == "三重県鳥羽市のオンライン居場所"
    taken.click(".breadcrumb a >> text=事例を探す")
    taken.click(".folder-lists a >> text=Zoom")
    assert "5" in taken.inner_text(".result-count")
    taken.click(".site-nav a >> text=項目ごとに読む")
    taken.click("main a >> text=導入手順")
    assert taken.inner_text("h1") == "導入手順"
    taken.click(".told a >> nth=0")
    assert taken.url.endswith("#introduction")
    taken.click(".site-name")
    assert taken.url.endswith("html/index.html")


def test_the_copy_looks_as_the_site_does(taken):
    assert taken.evaluate("getComputedStyle(document.querySelector('.site-nav ul')).display") == "flex"
    assert taken.evaluate("document.querySelector('.site-name img').naturalWidth") > 0


@pytest.mark.parametrize(
    "name",
    ["index", "cases", "lists/tool.zoom", "cases/toba-ibasho", "topics/introduction", "tools/line", "about"],
)
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_the_copy(name, width, chromium, folder, axe):
    context = chromium.new_context(viewport={"width": width, "height": 800}, offline=True, locale="ja-JP")
    page = context.new_page()
    page.goto((folder / f"html/{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []
    context.close()


@pytest.mark.parametrize("rest", ["", "changes/", "../"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_editions(rest, width, scheme, edition, new_page, axe):
    page = new_page(width=width, color_scheme=scheme)
    page.goto(edition + rest)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(page) == []


def test_what_a_paper_says_is_pasted_and_leads_on(edition, new_page):
    page = new_page(java_script=False)
    page.goto("/editions/")
    page.fill("#since-q", "2026-10版・鳥羽市")
    page.press("#since-q", "Enter")
    assert page.url.endswith("/editions/2026-10/changes/?case=toba-ibasho")
    assert "変わったところはありません" in page.inner_text("main")


def test_a_publisher_freezes_and_the_files_come(site, new_page):
    site.manage(
        "shell", "-v", "0", "-c",
        "from django.contrib.auth.models import Group, User\n"
        f"user = User.objects.create_user('gogo', password='{PASSWORD}', is_staff=True)\n"
        "user.groups.add(Group.objects.get(name='公開担当'))",
    )  # fmt: skip
    page = new_page()
    page.goto("/admin/cases/edition/add/")
    page.get_by_label("ユーザー名").fill("gogo")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    page.get_by_label("号", exact=False).first.fill("2026-09")
    page.get_by_label("この号について").fill("試験用の号です。")
    page.get_by_role("button", name="号として固める").click()
    assert "ファイルを作っています" in page.locator(".messagelist").inner_text()
    page.locator(".field-files_state >> text=できています").wait_for(timeout=60_000)
    reader = new_page()
    reader.goto("/editions/2026-09/")
    assert reader.get_by_role("link", name="bundle.zip").count() == 1
    page.locator(".edition-acts summary").click()
    page.get_by_label("理由").fill("試験用の理由")
    page.get_by_role("button", name="ファイルを取り下げる").click()
    reader.reload()
    assert "取り下げました" in reader.inner_text("#files")
