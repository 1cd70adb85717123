"""Signing in: how often, with what, for how long, and where to."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from axes.models import AccessAttempt
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from cases.admin.throttle import address

PASSWORD = "a long pass phrase"
LOGIN, FACTOR = "/admin/login/", "/admin/second-factor/"


def _sign_in(client, name="henshu", password=PASSWORD, code="", *, peer="198.51.100.7", **more):
    data = {"username": name, "password": password, "code": code}
    headers = {key: more.pop(key) for key in list(more) if key.startswith("HTTP_")}
    return client.post(LOGIN, {**data, **more}, REMOTE_ADDR=peer, **headers)


def _is_in(client):
    return client.get("/admin/").status_code == 200


def _later(model=AccessAttempt, **delta):
    """As if the tries counted so far had been made earlier."""
    for row in model.objects.all():
        model.objects.filter(pk=row.pk).update(attempt_time=row.attempt_time - timedelta(**delta))


def _errors(page):
    return re.findall(r'<p class="errornote"[^>]*>(.*?)</p>', page.text)


# How often


def test_the_right_name_and_password_open_the_editors_pages(client, editor):
    answer = _sign_in(client)
    assert (answer.status_code, answer.url) == (302, "/admin/")
    assert _is_in(client)


def test_after_ten_failures_even_the_right_password_waits(client, editor):
    for _ in range(9):
        assert _sign_in(client, password="wrong").status_code == 200
    for password in ("wrong", PASSWORD):
        page = _sign_in(client, password=password)
        assert (page.status_code, page.headers["Retry-After"]) == (429, "300")
        assert "5分ほど待って" in page.text
        assert 'name="username"' in page.text, "it's the same page"
    assert not _is_in(client)


def test_of_tries_made_at_once_none_passes_after_the_tenth_has_failed(client, editor, monkeypatch):
    """While this one's password is being hashed, ten others fail."""
    check = ModelBackend.authenticate

    def slowly(*args, **credentials):
        AccessAttempt.objects.create(
            username="henshu", ip_address="198.51.100.7", user_agent="", failures_since_start=10
        )
        return check(*args, **credentials)

    monkeypatch.setattr(ModelBackend, "authenticate", slowly)
    assert _sign_in(client).status_code == 429
    assert not _is_in(client)


def test_nine_failures_and_the_right_password_start_the_count_anew(client, editor):
    for _ in range(2):
        for _ in range(9):
            _sign_in(client, password="wrong")
        assert _sign_in(client).status_code == 302


def test_five_minutes_later_one_may_try_again(client, editor):
    for _ in range(10):
        _sign_in(client, password="wrong")
    _later(minutes=4)
    assert _sign_in(client).status_code == 429
    _later(minutes=1, seconds=1)
    assert _sign_in(client).status_code == 302


def test_trying_while_locked_does_not_prolong_it(client, editor):
    for _ in range(10):
        _sign_in(client, password="wrong")
    before = AccessAttempt.objects.values().get()
    _sign_in(client, password="wrong")
    assert AccessAttempt.objects.values().get() == before


def test_others_still_sign_in_from_another_address_or_under_another_name(client, editor, publisher):
    for _ in range(10):
        _sign_in(client, password="wrong")
    assert _sign_in(Client(), "kokai").status_code == 302
    assert _sign_in(Client(), peer="198.51.100.8").status_code == 302


def test_a_known_name_and_an_unknown_one_are_answered_alike(client, editor, django_user_model):
    django_user_model.objects.create_user("yameta", password=PASSWORD, is_staff=True, is_active=False)
    django_user_model.objects.create_user("yomu", password=PASSWORD)  # may not edit
    cases = [("henshu", "wrong"), ("nobody", "wrong"), ("yameta", PASSWORD), ("yomu", PASSWORD)]
    for tries in range(1, 12):
        pages = [_sign_in(Client(), name, password) for name, password in cases]
        assert {page.status_code for page in pages} == {200 if tries < 10 else 429}
        assert len({tuple(_errors(page)) for page in pages}) == 1
        assert all(_errors(page) for page in pages)


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(client, editor, monkeypatch):
    """What would tell them apart is time, and that goes into hashing."""
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(args) or encode(*args))
    counts = []
    for name in ("henshu", "nobody"):
        hashed.clear()
        _sign_in(client, name, "wrong")
        counts.append(len(hashed))
    assert counts[0] == counts[1] > 0


def test_what_a_client_says_of_its_address_changes_nothing(client, editor, settings):
    for number in range(10):
        page = _sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert page.status_code == 429
    settings.HTTPS = True  # a proxy in front adds the address it sees at the end
    for number in range(10):
        forwarded = f"203.0.113.{number}, 192.0.2.1"
        page = _sign_in(client, password="wrong", peer="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert page.status_code == 429


@pytest.mark.parametrize(
    ("https", "peer", "forwarded", "counted"),
    [
        (False, "198.51.100.7", "203.0.113.1", "198.51.100.7"),
        (False, "127.0.0.1", "203.0.113.1", "127.0.0.1"),
        (False, "", "203.0.113.1", "127.0.0.1"),
        (True, "127.0.0.1", "203.0.113.1, 192.0.2.1", "192.0.2.1"),
        (True, "::1", "192.0.2.1", "192.0.2.1"),
        (True, "", "203.0.113.1,192.0.2.1", "192.0.2.1"),
        (True, "127.0.0.1", "", "127.0.0.1"),
        (True, "127.0.0.1", "unix:", "127.0.0.1"),
        (True, "127.0.0.1", "' OR 1=1", "127.0.0.1"),
        (True, "198.51.100.7", "203.0.113.1", "198.51.100.7"),
        (True, "::ffff:127.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"),
        (False, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        (False, "fe80::1%eth0", "", "fe80::"),
    ],
)
def test_tries_are_counted_by_the_address_our_own_side_saw(https, peer, forwarded, counted, settings):
    settings.HTTPS = https
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert address(request) == counted


def test_no_more_is_kept_of_a_failure_than_name_address_count_and_time(client, editor):
    _sign_in(client, password="himitsu no kotoba", code="123456", HTTP_USER_AGENT="a browser")
    kept = AccessAttempt.objects.values().get()
    assert {kept.pop(name) for name in ("username", "ip_address", "failures_since_start")} == {
        "henshu", "198.51.100.7", 1,
    }  # fmt: skip
    assert {value for name, value in kept.items() if name not in ("id", "attempt_time")} == {""}


def test_old_failures_are_swept_away_by_the_next(client, editor):
    for name in ("a", "b", "c"):
        _sign_in(client, name, "wrong")
    _later(minutes=6)
    _sign_in(client, "d", "wrong")
    assert [row.username for row in AccessAttempt.objects.all()] == ["d"]


@pytest.mark.parametrize("field", ["username", "password", "code", "next", "carried"])
@pytest.mark.parametrize("value", ["a\0b", "x" * 10_000, "\ud800", "\uffff", "𠮷", "' OR 1=1 --", "%00", " "])
def test_no_typed_text_breaks_the_page(field, value, client, editor):
    data = {"username": "nobody", "password": "wrong", "code": "", field: value}
    raw = "&".join(f"{key}={quote(text, errors='surrogatepass')}" for key, text in data.items())
    page = client.post(LOGIN, raw, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 200
    assert "errornote" in page.text or "errorlist" in page.text


def test_there_is_no_account_before_one_is_made():
    assert not get_user_model().objects.exists()


# What is asked


@pytest.fixture
def telephone(client, editor):
    """What gives the editor's six digits: telephone(); `client` is signed in, `telephone.codes` are for losing it."""
    client.force_login(editor)
    client.post(FACTOR, {"_act": "begin", "password": PASSWORD})
    device = TOTPDevice.objects.get(user=editor)

    def digits():
        return f"{totp(device.bin_key):06d}"

    page = client.post(FACTOR, {"_act": "confirm", "code": digits()})
    digits.codes = page.context["codes"]
    return digits


def _unused(editor):
    """As if thirty seconds had passed: the code shown now may be used."""
    TOTPDevice.objects.filter(user=editor).update(last_t=-1)


def test_a_second_factor_is_set_up_with_a_code_of_the_telephone(client, editor):
    client.force_login(editor)
    assert "まだ設定していません" in client.get(FACTOR).text
    page = client.post(FACTOR, {"_act": "begin", "password": PASSWORD}, follow=True)
    device = TOTPDevice.objects.get(user=editor)
    assert not device.confirmed
    assert "<svg" in page.text
    secret = re.search(r'<code class="secret">(.*?)</code>', page.text)[1].replace(" ", "")
    assert f"secret={secret}" in device.config_url
    wrong = f"{(totp(device.bin_key) + 1) % 10**6:06d}"
    assert "確認コードが正しくありません" in client.post(FACTOR, {"_act": "confirm", "code": wrong}).text
    assert Client().get("/admin/").status_code == 302
    page = client.post(FACTOR, {"_act": "confirm", "code": f"{totp(device.bin_key):06d}"})
    assert len(set(page.context["codes"])) == 10
    for code in page.context["codes"]:
        assert code in page.text
        assert code not in client.get(FACTOR).text
    assert secret not in client.get(FACTOR).text.replace(" ", "")
    assert _is_in(client), "who has set it up stays signed in"


def test_who_has_a_second_factor_signs_in_with_it_only(telephone, editor):
    _unused(editor)
    for code in ("", "000000" if telephone() != "000000" else "000001"):
        page = _sign_in(Client(), code=code)
        assert page.status_code == 200
        assert "ログインできません" in page.text
    TOTPDevice.objects.update(throttling_failure_count=0)
    reader = Client()
    assert _sign_in(reader, code=telephone()).status_code == 302
    assert _is_in(reader)


def test_digits_are_taken_as_people_type_them(telephone, editor):
    _unused(editor)
    wide = telephone().translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert _sign_in(Client(), code=f" {wide[:3]} {wide[3:]} ").status_code == 302


def test_a_code_is_good_once(telephone, editor):
    _unused(editor)
    code = telephone()
    assert _sign_in(Client(), code=code).status_code == 302
    assert _sign_in(Client(), code=code).status_code == 200
    recovery = telephone.codes[0]
    assert _sign_in(Client(), code=recovery.upper()).status_code == 302
    assert _sign_in(Client(), code=recovery).status_code == 200


def test_a_wrong_code_counts_as_a_failure_and_says_nothing_of_the_password(telephone, editor):
    pages = [_sign_in(Client(), password=password) for password in ("wrong", PASSWORD)]
    assert _errors(pages[0]) == _errors(pages[1])
    assert AccessAttempt.objects.get().failures_since_start == 2
    for _ in range(8):
        page = _sign_in(Client())
    assert page.status_code == 429
    assert _sign_in(Client(), code=telephone.codes[0]).status_code == 429


def test_the_code_of_another_is_not_accepted(telephone, publisher):
    client = Client()
    client.force_login(publisher)
    client.post(FACTOR, {"_act": "begin", "password": PASSWORD})
    device = TOTPDevice.objects.get(user=publisher)
    client.post(FACTOR, {"_act": "confirm", "code": f"{totp(device.bin_key):06d}"})
    assert _sign_in(Client(), "kokai", code=telephone.codes[0]).status_code == 200


def test_a_session_without_the_second_factor_is_asked_for_it(telephone, editor):
    other = Client()
    other.force_login(editor)
    assert other.get("/admin/").status_code == 302
    assert "確認コードも入れてログインし直してください" in other.get("/admin/", follow=True).text
    assert other.get(FACTOR).status_code == 302
    other.post(FACTOR, {"_act": "remove", "password": PASSWORD})
    assert TOTPDevice.objects.filter(user=editor).exists()


@pytest.mark.parametrize("act", ["begin", "codes", "remove"])
def test_a_change_of_the_second_factor_needs_the_password(act, client, telephone, editor):
    before = (list(TOTPDevice.objects.values()), list(StaticDevice.objects.values()))
    for password in ("", "wrong"):
        page = client.post(FACTOR, {"_act": act, "password": password})
        assert "パスワードが正しくありません" in page.text
    assert (list(TOTPDevice.objects.values()), list(StaticDevice.objects.values())) == before
    for _ in range(8):
        page = client.post(FACTOR, {"_act": act, "password": "wrong"})
    assert page.status_code == 429, "an open session is no way to guess at the password"


def test_new_recovery_codes_replace_the_old(client, telephone):
    page = client.post(FACTOR, {"_act": "codes", "password": PASSWORD})
    assert len(page.context["codes"]) == 10
    assert _sign_in(Client(), code=telephone.codes[0]).status_code == 200
    StaticDevice.objects.update(throttling_failure_count=0)
    assert _sign_in(Client(), code=page.context["codes"][0]).status_code == 302
    assert "使っていない回復コードは9個" in client.get(FACTOR).text


def test_the_second_factor_is_given_up(client, telephone):
    page = client.post(FACTOR, {"_act": "remove", "password": PASSWORD}, follow=True)
    assert "二段階認証をやめました" in page.text
    assert not StaticDevice.objects.exists()
    assert _is_in(client)
    assert _sign_in(Client()).status_code == 302


def test_an_administrator_helps_who_has_lost_the_telephone(telephone, editor, administrator, client):
    client.force_login(administrator)
    data = {"action": "remove_second_factor", "_selected_action": [editor.pk]}
    page = client.post("/admin/auth/user/", data, follow=True)
    assert "二段階認証を外しました：henshu" in page.text
    assert _sign_in(Client()).status_code == 302


def test_nobody_else_sees_or_changes_a_second_factor(telephone, editor, publisher, administrator, client):
    secret = TOTPDevice.objects.get().key
    for user in (publisher, administrator):
        client.force_login(user)
        for path in (
            "/admin/otp_totp/totpdevice/",
            "/admin/otp_static/staticdevice/",
            "/admin/axes/accessattempt/",
        ):
            assert client.get(path).status_code == 404
        for path in ("/admin/", FACTOR, f"/admin/auth/user/{editor.pk}/change/"):
            text = client.get(path).text
            assert secret not in text
            assert not [code for code in telephone.codes if code in text]
    client.force_login(publisher)
    data = {"action": "remove_second_factor", "_selected_action": [editor.pk]}
    assert client.post("/admin/auth/user/", data).status_code == 403


# How long


def _age(client, **stamps):
    session = client.session
    for name, seconds in stamps.items():
        session[name] -= seconds
    session.save()


def test_an_hour_unused_ends_a_session_for_copies_of_its_cookie_too(client, editor):
    client.force_login(editor)
    copy = Client()
    copy.cookies[configured.SESSION_COOKIE_NAME] = client.cookies[configured.SESSION_COOKIE_NAME].value
    assert _is_in(copy)
    _age(client, seen=60 * 60 + 1)
    answer = client.get("/admin/cases/case/?q=a")
    assert (answer.status_code, answer.url) == (302, "/admin/login/?next=/admin/cases/case/%3Fq%3Da&ended=1")
    assert "しばらく操作がなかったか" in client.get(answer.url).text
    assert not _is_in(copy)


def test_use_keeps_a_session_but_not_beyond_twelve_hours(client, editor):
    client.force_login(editor)
    for _ in range(3):
        _age(client, seen=59 * 60, began=59 * 60)
        assert _is_in(client)
    _age(client, began=12 * 60 * 60)
    assert not _is_in(client)


def test_a_session_is_written_once_a_minute_at_most(client, editor):
    client.force_login(editor)

    def writes():
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        return [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]

    assert writes() == []
    _age(client, seen=61)
    assert len(writes()) == 1
    assert writes() == []


def test_the_public_site_asks_for_no_session_even_of_an_editor(client, editor, django_assert_max_num_queries):
    client.force_login(editor)
    _age(client, seen=61)
    with django_assert_max_num_queries(10) as queries:
        answer = client.get("/about/")
    assert not [query for query in queries if "session" in query["sql"]]
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.cookies


def test_signing_in_changes_the_session_and_a_planted_one_is_worth_nothing(client, editor):
    client.cookies[configured.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    _sign_in(client)
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != "planted0planted0planted0planted0"
    first = client.cookies[configured.SESSION_COOKIE_NAME].value
    _sign_in(client)
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != first
    assert not Session.objects.filter(pk__in=["planted0planted0planted0planted0", first]).exists()


def test_signing_out_ends_the_session_for_its_copies_and_a_link_does_not_sign_out(client, editor):
    client.force_login(editor)
    copy = Client()
    copy.cookies[configured.SESSION_COOKIE_NAME] = client.cookies[configured.SESSION_COOKIE_NAME].value
    assert client.get("/admin/logout/").status_code == 405
    assert _is_in(client)
    assert client.post("/admin/logout/").status_code == 200
    assert not _is_in(copy)
    assert client.post("/admin/logout/").status_code == 302


def test_a_new_password_ends_all_other_sessions(client, editor, administrator):
    other, third = Client(), Client()
    for one in (client, other, third):
        one.force_login(editor)
    new = "another long pass phrase"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", data).status_code == 302
    assert _is_in(client)
    assert not _is_in(other)
    third.force_login(administrator)
    data = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    third.post(f"/admin/auth/user/{editor.pk}/password/", data)
    assert not _is_in(client)


def test_dead_sessions_are_swept_away_at_a_sign_in(client, editor, publisher):
    client.force_login(editor)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    Client().force_login(publisher)
    assert Session.objects.count() == 1


def test_what_was_typed_before_the_session_ended_is_sent_again_after_signing_in(client, editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    form = client.get("/admin/cases/source/add/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(.*?)"', form.text)[1]
    _age(client, seen=60 * 60 + 1)
    typed = {"key": "shiken", "title": "試験用の出典 <b>&\r\n二行目", "reading": "live"}
    page = client.post("/admin/cases/source/add/", {**typed, "password": "x", "csrfmiddlewaretoken": token})
    assert page.status_code == 403
    assert "まだ保存していません" in page.text
    carried = page.context["carried"]
    assert "password" not in carried
    assert token not in page.text
    token = re.search(r'name="csrfmiddlewaretoken" value="(.*?)"', page.text)[1]
    data = {"next": page.context["next"], "carried": carried, "csrfmiddlewaretoken": token}
    page = client.post(LOGIN, {**data, "username": "henshu", "password": "wrong"})
    assert page.context["carried"] == carried, "a slip of the password loses nothing"
    page = client.post(LOGIN, {**data, "username": "henshu", "password": PASSWORD})
    assert page.context["address"] == "/admin/cases/source/add/"
    assert {name: values[0] for name, values in page.context["fields"]} == typed
    assert "試験用の出典 &lt;b&gt;&amp;" in page.text


def test_a_form_from_elsewhere_is_not_carried_along(editor):
    page = Client(enforce_csrf_checks=True).post("/admin/cases/source/add/", {"title": "よそから"})
    assert page.status_code == 403
    assert "よそから" not in page.text
    assert "carried" not in page.text


# Where to


@pytest.mark.parametrize("as_field", [True, False])
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/", r"\\evil.example/", r"/\evil.example/", "http:evil.example", "http:///evil.example",
        "https://evil.example/admin/", "javascript:alert(1)", "data:text/html,x", "/admin/\r\nX-Evil: 1",
        "\x01//evil.example", "https://testserver@evil.example/", "ftp://testserver/", "///evil.example", " //evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_but_to_this_site(target, as_field, client, editor):
    data = {"username": "henshu", "password": PASSWORD}
    if as_field:
        answer = client.post(LOGIN, {**data, "next": target})
    else:
        answer = client.post(f"{LOGIN}?next={quote(target)}", data)
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/")
    assert "\n" not in answer.url
    assert "X-Evil" not in answer.headers


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, editor):
    answer = client.get("/admin/cases/case/")
    assert answer.url == "/admin/login/?next=/admin/cases/case/"
    assert "12時間" not in client.get(answer.url).text, "nothing has ended"
    assert _sign_in(client, next="/admin/cases/case/").url == "/admin/cases/case/"


# Who may do what


def test_an_editor_cannot_raise_own_rights(client, editor):
    client.force_login(editor)
    group = Group.objects.get(name="公開担当")
    raised = {"is_superuser": "on", "is_staff": "on", "groups": [group.pk], "username": "henshu"}
    for path in (
        f"/admin/auth/user/{editor.pk}/change/",
        "/admin/auth/user/add/",
        f"/admin/auth/group/{group.pk}/change/",
    ):
        assert client.post(path, raised).status_code == 403
    new = "another long pass phrase"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    client.post("/admin/password_change/", {**data, **raised})
    client.post(FACTOR, {"_act": "begin", "password": new, **raised})
    _sign_in(client, password=new, **{**raised, "username": "henshu"})
    editor = get_user_model().objects.get(pk=editor.pk)
    assert editor.check_password(new)
    assert (editor.is_superuser, [group.name for group in editor.groups.all()]) == (False, ["編集者"])


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/cases/auditentry/", FACTOR, "/admin/password_change/", "/admin/nonesuch/"]
)
def test_nobody_comes_in_without_signing_in(path, client):
    assert client.get(path).status_code == 302
    assert client.post(path, {"_act": "begin"}).status_code == 403


def test_the_forms_are_closed_to_forgery(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    for path in (LOGIN, "/admin/logout/", FACTOR, "/admin/password_change/"):
        assert client.post(path, {"_act": "begin", "password": PASSWORD}).status_code == 403
    assert _is_in(client)
    assert not TOTPDevice.objects.exists()
