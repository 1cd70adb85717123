"""Who may do what: docs/rights.md, read as a table and walked over every registered URL."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse
from django.utils.timezone import localdate

from cases import bundle
from cases.models import (
    AuditEntry,
    Case,
    CaseVersion,
    Edition,
    Enquiry,
    GuidePage,
    Import,
    PreviewLink,
    Statement,
    Survey,
    SurveyFigure,
    fingerprint,
)
from tests.forms import change_url, sent_back

DOC = (settings.BASE_DIR / "docs/rights.md").read_text(encoding="utf-8")
ROLES = ["読む人", "編集者", "公開担当", "管理者"]
REASON = {"reason": "試験用の理由"}


def _table(title):
    """The rows under a heading of the document, each as heading → cell."""
    section = DOC[DOC.index(f"## {title}") :].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def _registered():
    """(name, parameters) of every URL that the project answers; stock redirects have no name."""

    def walk(patterns, space, known):
        for pattern in patterns:
            parameters = known | set(pattern.pattern.regex.groupindex)
            if isinstance(pattern, URLPattern):
                if pattern.name:
                    yield f"{space}{pattern.name}", parameters
            else:
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, inner, parameters)

    return dict(walk(get_resolver().url_patterns, "", set()))


PUBLIC = _table("公開のアドレス")
ACTS = _table("版を動かす")
WRITING = _table("版を書く")
MODELS = _table("管理画面の一覧と書式")
OTHERS = _table("そのほかの管理画面")
MODEL_KEYS = [row["対象"].split()[-1] for row in MODELS]
KINDS = {"見る": "changelist", "加える": "add", "変える": "change", "消す": "delete"}


def _stored():
    """A fingerprint of every table, sessions and counters of sign-in aside."""
    names = sorted(connection.introspection.table_names())
    digest = hashlib.blake2b()
    with connection.cursor() as cursor:
        for name in names:
            if not name.startswith(("django_session", "axes_", "sqlite_", "django_migrations")):
                cursor.execute(f'SELECT * FROM "{name}" ORDER BY 1')
                digest.update(repr((name, cursor.fetchall())).encode())
    return digest.hexdigest()


@pytest.fixture
def people(editor, publisher, administrator):
    return dict(zip(ROLES, (None, editor, publisher, administrator), strict=True))


@pytest.fixture
def as_role(client, people):
    def sign_in(role):
        client.logout()
        if people[role]:
            client.force_login(people[role])
        return client

    return sign_in


@pytest.fixture
def version_in(new_case, administrator, draft):
    """A version in any state, with a photograph, made by the administrator: version_in("draft")."""

    def make(status):
        path = {"draft": [], "in_review": ["submit"], "published": ["submit", "publish"]}
        path["withdrawn"] = [*path["published"], "withdraw"]
        path["superseded"] = path["published"]
        version = new_case(f"shiken-{status.replace('_', '-')}", publish=False, created_by=administrator)
        name = hashlib.blake2b(status.encode(), digest_size=16).hexdigest()
        version.photos.create(
            image=f"photographs/{name}.png", width=1, height=1, decorative=True, credit="試", licence="試"
        )
        path_to_file = Path(settings.MEDIA_ROOT) / f"photographs/{name}.png"
        path_to_file.parent.mkdir(parents=True, exist_ok=True)
        path_to_file.write_bytes(b"\x89PNG\r\n\x1a\n")
        for act in path[status]:
            getattr(version, act)(by=administrator, **(REASON if act == "withdraw" else {}))
        if status == "superseded":
            newer = version.revise(by=administrator)
            newer.submit(by=administrator)
            newer.publish(by=administrator)
            version.refresh_from_db()
        return version

    return make


def test_every_registered_url_has_a_row():
    listed = {row["名"] for row in PUBLIC} | {row["名"] for row in OTHERS}
    for key in MODEL_KEYS:
        app = "auth" if key in ("user", "group") else "cases"
        listed |= {f"admin:{app}_{key}_{kind}" for kind in (*KINDS.values(), "history")}
    assert set(_registered()) == listed


@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: f"{row['名']}-{row['対象']}")
def test_a_public_address_answers_everybody_alike(row, as_role, version_in, administrator, monkeypatch):
    states = {
        "公開中": "published", "旧版": "superseded", "下書き": "draft", "公開前": "in_review", "取り下げ": "withdrawn",
    }  # fmt: skip
    version = version_in(states.get(row["対象"], "published" if row["対象"] == "" else "draft"))
    token = _token(row["対象"], version, administrator)
    photo = version.photos.get()
    values = {
        "slug": version.case.slug
        if row["名"] in ("case", "version", "changes", "api_case", "inquiry", "case_paper")
        else "zoom",
        "number": version.number,
        "key": "results",
        "name": photo.image.name.rpartition("/")[2],
        "token": token,
        "rest": "nonesuch",
        "label": "2026-11",
        "year": 2022,
    }
    if row["名"] == "file":
        values["name"] = "cases.csv"
    if row["名"] in ("guide_page", "guide_page_paper"):
        values["slug"] = "sodan"
        if row["対象"] == "下書き":
            values["slug"] = "shiken"
            page = GuidePage.objects.create(slug="shiken")
            page.versions.create(title="試験用", lead="試験用", body="試験用")
    if row["名"].startswith("edition"):
        values["name"] = "cases.csv"
        edition = Edition.freeze("2026-11", by=administrator)
        if row["対象"] in ("ファイル", "取り下げ"):
            member = bundle.Member("cases.csv", "試", lambda: ["試験用".encode()], "cases.csv")
            monkeypatch.setattr(bundle, "_members", lambda *_: [member])
            bundle.make(edition)
        if row["対象"] == "取り下げ":
            edition.withdraw_files(by=administrator, reason="試験用の理由")
    parameters = _registered()[row["名"]]
    address = reverse(row["名"], kwargs={name: values[name] for name in parameters})
    answers = []
    for role in ROLES:
        client = as_role(role)
        answer = client.get(address)
        assert answer.status_code == int(row["答え"]), (role, address)
        assert not answer.cookies
        answers.append(b"".join(answer) if answer.streaming else answer.content)
        answer.close()
        if role != "読む人":
            assert client.post(address).status_code == 405
    assert len(set(answers)) == 1


def _token(target, version, by):
    """What stands in the address of a preview link that is `target` (有効, 取り消し, 期限切れ, 書き換え)."""
    if version.is_frozen:
        return "x"
    link = PreviewLink.make(version, by=by)
    if target == "取り消し":
        link.revoke(by=by)
    if target == "期限切れ":
        PreviewLink.objects.filter(pk=link.pk).update(expires_at=link.created_at)
    return link.token[:-1] + "!" if target == "書き換え" else link.token


@pytest.mark.parametrize("row", ACTS, ids=lambda row: f"{row['操作']}-{row['前の状態']}")
@pytest.mark.parametrize("role", ["編集者", "公開担当", "公開担当（自分の版）", "管理者"])
def test_a_version_is_moved_only_by_who_may(row, role, people, version_in):
    version = version_in(row["前の状態"])
    user = people[role.split("（")[0]]
    if "自分" in role:
        version.writers.add(user)
    act = row["操作"].split()[-1]
    reason = REASON if act in ("return_", "withdraw") else {}
    if row[role] == "○":
        getattr(version, act)(by=user, **reason)
    else:
        with pytest.raises((PermissionDenied, ValidationError)):
            getattr(version, act)(by=user, **reason)
        assert version.status == row["前の状態"]


@pytest.mark.parametrize("row", ACTS, ids=lambda row: f"{row['操作']}-{row['前の状態']}")
@pytest.mark.parametrize("role", ROLES)
def test_a_forged_button_does_no_more_than_the_table_says(row, role, as_role, version_in):
    version = version_in(row["前の状態"])
    client = as_role(role)
    act = row["操作"].split()[-1]
    before = _stored()
    answer = client.post(change_url(version), {"_act": act, "_reason": "試験用の理由"})
    assert answer.status_code in (200, 302, 403)
    if role == "読む人" or row[role] == "×":
        assert _stored() == before


def test_an_office_of_one_may_approve_its_own_text(settings, publisher, version_in):
    settings.SELF_APPROVAL = True
    version = version_in("in_review")
    version.writers.add(publisher)
    version.publish(by=publisher)
    assert version.status == "published"


@pytest.mark.parametrize("row", WRITING, ids=lambda row: f"{row['状態']}-{row['操作']}")
@pytest.mark.parametrize("role", ROLES[1:])
def test_a_version_is_written_and_deleted_only_by_who_may(row, role, people, as_role, version_in):
    version = version_in(row["状態"])
    if "自分" in row["操作"] and not version.is_frozen:
        CaseVersion.objects.filter(pk=version.pk).update(created_by=people[role])
    client = as_role(role)
    if row["操作"] == "書く":
        sent = sent_back(client, version) if row[role] == "○" else {"seen": ""}
        client.post(change_url(version), sent | {"summary": "表のとおりに書けるか", "_save": "1"})
        version.refresh_from_db()
        assert (version.summary == "表のとおりに書けるか") == (row[role] == "○")
    else:
        address = reverse("admin:cases_caseversion_delete", args=[version.pk])
        client.post(address, {"post": "yes", "seen": fingerprint(version)})
        assert CaseVersion.objects.filter(pk=version.pk).exists() == (row[role] == "×")


def _sample(key, draft, administrator):
    """A row of the model `key` to open."""
    model = apps.get_model("auth" if key in ("user", "group") else "cases", key)
    if key == "caseversion":
        return draft
    if key == "statement":
        return draft.statements.first()
    if key == "theme":
        public = Statement.objects.filter(version__in=CaseVersion.objects.published())
        return public.exclude(themes=None).first().themes.first()
    if key == "case":
        return Case.objects.get(slug="toba-ibasho")
    if key == "edition":
        return Edition.objects.first() or Edition.freeze("2026-11", by=administrator)
    if key.startswith("survey"):
        return _survey(key)
    return model.objects.first()


def _survey(key):
    """A draft survey, or the figure of one."""
    public = Survey.objects.published().first()
    facts = {"title": "試験用の調査", "period": "試", "method": "試", "answers": 9, "source": public.source}
    survey, new = Survey.objects.get_or_create(year=2030, defaults=facts | {"place": "試"})
    if new:
        question = survey.questions.create(key="q1", heading="試", text="試", place="試")
        group = survey.groups.create(key="city", name="試", answers=9, place="試")
        SurveyFigure.objects.create(question=question, group=group, choice="試", unit="count", value=9)
    return survey if key == "survey" else SurveyFigure.objects.get(question__survey=survey)


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row["対象"])
@pytest.mark.parametrize("role", ROLES)
def test_a_page_of_the_admin_opens_only_for_who_may(row, role, as_role, draft, administrator):
    key = row["対象"].split()[-1]
    app = "auth" if key in ("user", "group") else "cases"
    sample = _sample(key, draft, administrator)
    client = as_role(role)
    for column, kind in KINDS.items():
        cell = row[column]
        if cell == "上の表" or cell == "版と同じ":
            continue
        args = [sample.pk] if kind in ("change", "delete") else []
        address = reverse(f"admin:{app}_{key}_{kind}", args=args)
        status = client.get(address).status_code
        if role == "読む人":
            assert status == 302
        elif role[0] in cell:
            assert status == 200, address
        elif kind == "change" and role[0] in row["見る"]:
            assert status == 200, "it's shown, without a way to save"
            assert client.post(address, {"_save": "1"}).status_code == 403
        else:
            assert status == 403, address


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: row["名"])
@pytest.mark.parametrize("role", ROLES)
def test_any_other_page_of_the_admin_answers_as_the_table_says(row, role, as_role, version_in, administrator):
    version = version_in("draft")
    address = reverse(row["名"], kwargs=_values(row["名"], version, administrator))
    client = as_role(role)
    statuses = [client.get(address).status_code, as_role(role).post(address).status_code]
    if role == "読む人":
        assert set(statuses) <= {302, 403, 405} or row["名"] == "admin:login"
    else:
        assert statuses == [int(row[f"開く：{role}"]), int(row[f"送る：{role}"])]


@pytest.mark.parametrize("name", sorted(_registered()))
def test_nobody_changes_anything_without_signing_in(name, client, version_in, administrator):
    version = version_in("draft")
    address = reverse(name, kwargs=_values(name, version, administrator))
    if not address.startswith("/admin/"):
        return  # 405, as test_a_public_address_answers_everybody_alike says
    before = _stored()
    for answer in (
        client.get(address),
        client.post(address),
        client.post(address, {"post": "yes", "_save": 1}),
    ):
        assert answer.status_code in (200, 302, 403, 404, 405)
        if answer.status_code == 200:
            assert name == "admin:login"
    assert _stored() == before


@pytest.mark.parametrize("name", [name for name in sorted(_registered()) if name.startswith("admin:")])
def test_opening_a_page_changes_nothing(name, client, version_in, administrator):
    version = version_in("draft")
    address = reverse(name, kwargs=_values(name, version, administrator))
    client.force_login(administrator)
    before = _stored()
    assert client.get(address).status_code < 500
    assert _stored() == before


def _values(name, version, administrator):
    """Values for the parameters of the URL `name`, as real as they come."""
    model = re.match(r"admin:(?:auth|cases)_([a-z]+)_", name)
    sample = None
    if model and model[1] in MODEL_KEYS:
        sample = _sample(model[1], version, administrator)
    key = model[1] if model else ""
    values = {
        "object_id": getattr(sample, "pk", None) or 1,
        "slug": version.case.slug,
        "number": 1,
        "key": "results",
        "name": version.photos.get().image.name.rpartition("/")[2],
        "token": "x",
        "app_label": "cases",
        "content_type_id": 1,
        "id": administrator.pk,
        "pk": getattr(sample, "pk", None) or 1,
        "rest": "nonesuch",
        "label": "2026-11",
        "year": 2022,
    }
    if name == "file":
        values["name"] = "cases.csv"
    if key == "caseversion":
        values |= {"pk": version.pk, "link": PreviewLink.make(version, by=administrator).pk}
    if key == "import":
        values["pk"] = Import.objects.create(by=administrator, file_name="試験.csv").pk
    if key == "enquiry" and "pk" in _registered()[name]:
        asked = CaseVersion.objects.published().get(case__slug="goto-sodan")
        values["pk"] = Enquiry.ask(asked, by=administrator, reply_by=localdate() + timedelta(30)).pk
    return {parameter: values[parameter] for parameter in _registered()[name]}


def test_the_audit_log_names_who_published_and_withdrew(version_in, administrator):
    version = version_in("withdrawn")
    entries = AuditEntry.objects.filter(about=str(version)).values_list("act", "who")
    assert list(entries) == [("withdraw", "kanri"), ("publish", "kanri")]
