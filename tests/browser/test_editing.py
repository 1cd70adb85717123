"""An editor's whole task in the browser, and what readers see of it."""

import pytest

PASSWORD = "a long pass phrase"


@pytest.fixture(scope="module")
def people(site):
    """An editor and a publisher, made by command as an administrator would."""
    site.manage(
        "shell", "-v", "0", "-c",
        "from django.contrib.auth.models import Group, User\n"
        "for name, group in (('henshu', '編集者'), ('kokai', '公開担当')):\n"
        f"    user = User.objects.create_user(name, password='{PASSWORD}', is_staff=True)\n"
        "    user.groups.add(Group.objects.get(name=group))",
    )  # fmt: skip


def _log_in(page, name):
    page.goto("/admin/")
    page.get_by_label("ユーザー名").fill(name)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()


def test_one_case_is_revised_published_and_seen_to_change(people, new_page):
    editor, publisher, reader = new_page(), new_page(), new_page()
    _log_in(editor, "henshu")
    editor.get_by_role("link", name="版", exact=True).first.click()
    editor.get_by_role("link", name="長崎県五島市のオンライン相談 第1版").click()
    editor.get_by_role("button", name="改訂を始める").first.click()
    assert "第2版" in editor.locator(".messagelist").inner_text()
    editor.get_by_label("概要", exact=False).first.fill("試験のために書き換えた概要")
    editor.get_by_role("button", name="保存して審査に出す").last.click()
    assert "審査に出しました" in editor.locator(".messagelist").inner_text()
    assert editor.get_by_role("button", name="公開する").count() == 0
    address = editor.url

    reader.goto("/cases/goto-sodan/")
    assert "試験のために" not in reader.content()

    _log_in(publisher, "kokai")
    publisher.goto(address)
    publisher.get_by_role("button", name="公開する").last.click()
    assert "公開しました" in publisher.locator(".messagelist").inner_text()
    assert publisher.get_by_role("button", name="改訂を始める").first.is_visible()
    for page in ("/cases/goto-sodan/", "/cases/", "/tools/line-call/"):
        reader.goto(page)
        assert "試験のために書き換えた概要" in reader.content()
    assert reader.context.cookies() == []


def test_the_admin_obeys_the_content_security_policy(people, page):
    """`page` fails the test for any breach; here every kind of admin page is opened."""
    _log_in(page, "kokai")
    for address in (
        "/admin/",
        "/admin/cases/case/",
        "/admin/cases/case/add/",
        "/admin/cases/caseversion/?status=published",
        "/admin/cases/caseversion/add/",
        "/admin/cases/caseversion/1/change/",
        "/admin/cases/source/add/",
        "/admin/cases/municipality/",
    ):
        page.goto(address)
        assert page.locator("#content").is_visible()


def test_a_municipality_is_chosen_by_typing(people, page):
    _log_in(page, "henshu")
    page.goto("/admin/cases/case/add/")
    page.locator(".select2-selection").click()
    page.keyboard.type("はこだて")
    page.locator(".select2-results__option", has_text="函館市").click()
    assert "函館市" in page.locator(".select2-selection").inner_text()
