"""Signing in with a telephone, and a form that is sent after the session has ended, as an editor lives through it."""

from base64 import b32decode

import pytest
from django_otp.oath import totp

PASSWORD = "a long pass phrase"


@pytest.fixture(scope="module")
def person(site):
    site.manage(
        "shell", "-v", "0", "-c",
        "from django.contrib.auth.models import Group, User\n"
        f"user = User.objects.create_user('denwa', password='{PASSWORD}', is_staff=True)\n"
        "user.groups.add(Group.objects.get(name='編集者'))",
    )  # fmt: skip


def _log_in(page, code=""):
    page.get_by_label("ユーザー名").fill("denwa")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_label("確認コード").fill(code)
    page.get_by_role("button", name="ログイン").click()


def _telephone(page):
    secret = page.locator(".secret").inner_text().replace(" ", "")
    return f"{totp(b32decode(secret)):06d}"


def test_a_telephone_is_set_up_asked_for_and_given_up(person, new_page, axe, troubles):
    page = new_page()
    page.goto("/admin/")
    assert axe(page) == []
    _log_in(page)
    page.get_by_role("link", name="二段階認証").click()
    assert axe(page) == []
    page.get_by_label("いまのパスワード").fill(PASSWORD)
    page.get_by_role("button", name="設定を始める").click()
    assert page.get_by_role("img", name="QRコード").is_visible()
    assert axe(page) == []
    page.get_by_label("確認コード").fill(_telephone(page))
    page.get_by_role("button", name="この端末で設定する").click()
    codes = page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    assert axe(page) == []
    page.get_by_role("button", name="ログアウト").click()

    page.goto("/admin/")
    _log_in(page)
    assert "ログインできません" in page.locator(".errornote").inner_text()
    assert axe(page) == []
    _log_in(page, codes[0])

    page.goto("/admin/cases/source/add/")
    page.locator("#id_key").fill("shiken")
    page.locator("#id_title").fill("試験用の出典")
    page.context.clear_cookies(name="sessionid")  # the night has passed
    page.get_by_role("button", name="保存", exact=True).first.click()
    assert "まだ保存していません" in page.locator(".errornote").inner_text()
    troubles.clear()  # the console names the 403
    _log_in(page, codes[1])
    page.get_by_role("button", name="書いた内容を送る").click()
    assert "試験用の出典" in page.locator(".messagelist").inner_text()

    page.goto("/admin/second-factor/")
    page.get_by_label("いまのパスワード").fill(PASSWORD)
    page.get_by_role("button", name="二段階認証をやめる").click()
    assert "やめました" in page.locator(".messagelist").inner_text()


def test_lists_of_the_admin_are_accessible(person, new_page, axe):
    for width in (1280, 375):
        page = new_page(width=width)
        page.goto("/admin/")
        _log_in(page)
        for address in ("/admin/", "/admin/cases/auditentry/", "/admin/cases/source/"):
            page.goto(address)
            assert axe(page) == []
