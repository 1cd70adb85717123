"""The audit log: what stands in it, who reads it, and that nobody writes it."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from cases.models import AuditEntry

LOG = "/admin/cases/auditentry/"
PASSWORD = "a long pass phrase"


@pytest.fixture
def news():
    """What was written down since the last time one asked: news() → [(who, act, about, detail)], oldest first."""
    last = AuditEntry.objects.first()
    seen = [last.pk if last else 0]

    def rows():
        found = AuditEntry.objects.filter(pk__gt=seen[0]).order_by("pk")
        entries = [(entry.who, entry.act, entry.about, entry.detail) for entry in found]
        seen[0] = max([entry.pk for entry in found], default=seen[0])
        return entries

    return rows


def _sign_in(client, password, name="henshu"):
    return client.post("/admin/login/", {"username": name, "password": password})


def test_sign_ins_and_sign_outs_are_written_down(client, editor, news):
    news()
    _sign_in(client, PASSWORD)
    client.post("/admin/logout/")
    assert news() == [("henshu", "sign_in", "", ""), ("henshu", "sign_out", "", "")]


def test_failures_are_written_down_and_being_locked_once(client, editor, news):
    news()
    for _ in range(12):
        _sign_in(client, "himitsu no kotoba", name="x" * 150)
    rows = news()
    assert [row[1] for row in rows] == ["sign_in_failed"] * 10 + ["sign_in_locked"]
    assert {row[0] for row in rows} == {"（ログイン前）"}
    assert {row[2] for row in rows} == {"x" * 150}
    assert not AuditEntry.objects.filter(detail__contains="himitsu").exists()
    assert "127.0.0.1" not in str(rows)


def test_what_an_administrator_does_to_users_is_written_down_under_that_name(
    client, administrator, editor, news
):
    client.force_login(administrator)
    news()
    data = {"username": "shinjin", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    client.post("/admin/auth/user/add/", data)
    user = get_user_model().objects.get(username="shinjin")
    assert news() == [("kanri", "rights", "利用者 shinjin", "作った")]

    page = f"/admin/auth/user/{user.pk}/change/"
    times = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    group = Group.objects.get(name="編集者")
    client.post(
        page, {"username": "shinjin", **times, "is_active": "on", "is_staff": "on", "groups": [group.pk]}
    )
    assert news() == [
        ("kanri", "rights", "利用者 shinjin", "編集画面に入れるようにした"),
        ("kanri", "rights", "利用者 shinjin", "グループを加えた：編集者"),
    ]
    permission = Permission.objects.get(codename="publish_caseversion")
    client.post(
        page, {"username": "betsumei", **times, "is_superuser": "on", "user_permissions": [permission.pk]}
    )
    assert news() == [
        ("kanri", "rights", "利用者 betsumei", "名前を変えた（前の名前：shinjin）"),
        ("kanri", "rights", "利用者 betsumei", "無効にした"),
        ("kanri", "rights", "利用者 betsumei", "編集画面に入れないようにした"),
        ("kanri", "rights", "利用者 betsumei", "管理者にした"),
        ("kanri", "rights", "利用者 betsumei", "グループを外した：編集者"),
        ("kanri", "rights", "利用者 betsumei", f"権限を加えた：{permission}"),
    ]
    data = {"password1": PASSWORD + "!", "password2": PASSWORD + "!", "usable_password": "true"}
    client.post(f"/admin/auth/user/{user.pk}/password/", data)
    assert news() == [("kanri", "rights", "利用者 betsumei", "パスワードを変えた")]
    client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert news() == [("kanri", "rights", "利用者 betsumei", "消した")]


def test_what_is_done_to_groups_is_written_down(client, administrator, news):
    client.force_login(administrator)
    news()
    permission = Permission.objects.get(codename="publish_caseversion")
    client.post("/admin/auth/group/add/", {"name": "試験用", "permissions": [permission.pk]})
    group = Group.objects.get(name="試験用")
    client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "試験用の組"})
    client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert news() == [
        ("kanri", "rights", "グループ 試験用", "作った"),
        ("kanri", "rights", "グループ 試験用", f"権限を加えた：{permission}"),
        ("kanri", "rights", "グループ 試験用の組", "名前を変えた（前の名前：試験用）"),
        ("kanri", "rights", "グループ 試験用の組", f"権限を外した：{permission}"),
        ("kanri", "rights", "グループ 試験用の組", "消した"),
    ]


def test_what_is_done_outside_the_pages_is_the_systems(editor, publisher, news, monkeypatch):
    news()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", username="hajime", email="", verbosity=0)
    Group.objects.get(name="公開担当").user_set.add(editor)
    publisher.groups.clear()
    assert news() == [
        ("（システム）", "rights", "利用者 hajime", "管理者として作った"),
        ("（システム）", "rights", "利用者 henshu", "公開担当を加えた"),
        ("（システム）", "rights", "利用者 kokai", "グループをすべて外した"),
    ]


def test_ones_own_password_is_changed_under_ones_own_name(client, editor, news):
    client.force_login(editor)
    news()
    new = "another long pass phrase"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    client.post("/admin/password_change/", data)
    assert news() == [("henshu", "rights", "利用者 henshu", "パスワードを変えた")]


def test_signing_in_and_a_password_hashed_anew_change_no_rights(client, editor, news, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    before = editor.password
    news()
    _sign_in(client, PASSWORD)
    editor.refresh_from_db()
    assert editor.password != before
    assert [row[1] for row in news()] == ["sign_in"]


def test_the_second_factor_is_written_down_without_its_secret(client, editor, administrator, news):
    from django_otp.oath import totp
    from django_otp.plugins.otp_totp.models import TOTPDevice

    client.force_login(editor)
    news()
    client.post("/admin/second-factor/", {"_act": "begin", "password": PASSWORD})
    device = TOTPDevice.objects.get()
    client.post("/admin/second-factor/", {"_act": "confirm", "code": f"{totp(device.bin_key):06d}"})
    client.post("/admin/second-factor/", {"_act": "remove", "password": PASSWORD})
    assert news() == [
        ("henshu", "second_factor", "henshu", "設定した"),
        ("henshu", "second_factor", "henshu", "回復コードを作った"),
        ("henshu", "second_factor", "henshu", "外した"),
    ]


def test_publishing_is_written_down_by_the_publishers_name(draft, editor, publisher, news):
    draft.submit(by=editor)
    news()
    draft.publish(by=publisher)
    assert [row[:3] for row in news()] == [("kokai", "publish", str(draft))]


@pytest.mark.parametrize("person", ["editor", "publisher", "administrator"])
def test_everybody_who_edits_reads_the_log_and_nobody_writes_it(person, client, request):
    client.force_login(request.getfixturevalue(person))
    entry = AuditEntry.record(AuditEntry.Act.EXPORT, by=None, about="試験用の記録")
    page = client.get(LOG)
    assert "試験用の記録" in page.text
    assert f"{entry.at.astimezone():%Y}" in page.text
    assert " JST" in page.text
    assert "追加" not in page.context["cl"].opts.verbose_name
    assert "試験用の記録" in client.get(LOG, {"q": "試験用", "act__exact": "export"}).text
    assert "試験用の記録" not in client.get(LOG, {"act__exact": "publish"}).text
    for address in (f"{LOG}add/", f"{LOG}{entry.pk}/delete/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"who": "x", "post": "yes"}).status_code == 403
    assert client.post(f"{LOG}{entry.pk}/change/", {"who": "書き換え"}).status_code == 403
    client.post(LOG, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert AuditEntry.objects.get(pk=entry.pk).who == "（システム）"


def test_the_log_is_closed_to_who_has_not_signed_in():
    assert Client().get(LOG).status_code == 302


def test_the_database_itself_keeps_the_log_as_it_is():
    entry = AuditEntry.record(AuditEntry.Act.EXPORT, by="だれか", about="試験用の記録")
    for change in (
        lambda: AuditEntry.objects.filter(pk=entry.pk).update(who="ほかの人"),
        lambda: entry.save(),
        lambda: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda: AuditEntry.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            change()
    for statement in ("UPDATE cases_auditentry SET who = 'x'", "DELETE FROM cases_auditentry"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AuditEntry.objects.get(pk=entry.pk).who == "だれか"


def test_an_account_that_goes_takes_nothing_of_the_log_with_it(editor, client):
    client.force_login(editor)
    editor.delete()
    assert AuditEntry.objects.filter(who="henshu", act="sign_in").exists()
