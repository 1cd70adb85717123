"""IPA's 安全なウェブサイトの作り方: docs/security-checks.md is complete and its tests exist; and those that stand nowhere else."""

import ast
import re
from collections import Counter

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from cases.catalogue import Catalogue
from cases.models import Link, Source

ROOT = settings.BASE_DIR
DOC = (ROOT / "docs/security-checks.md").read_text(encoding="utf-8")
# IPA's eleven kinds, and how many measures its check list (7th edition) has for each: fundamental, additional.
KINDS = {
    "SQLインジェクション": (3, 2),
    "OSコマンド・インジェクション": (1, 1),
    "パス名パラメータの未チェック／ディレクトリ・トラバーサル": (2, 2),
    "セッション管理の不備": (5, 2),
    "クロスサイト・スクリプティング": (6, 4),
    "CSRF（クロスサイト・リクエスト・フォージェリ）": (3, 1),
    "HTTPヘッダ・インジェクション": (2, 1),
    "メールヘッダ・インジェクション": (3, 1),
    "クリックジャッキング": (2, 1),
    "バッファオーバーフロー": (3, 0),
    "アクセス制御や認可制御の欠落": (2, 0),
}
HEADINGS = ["対策", "種類", "対応", "どうしているか", "試験"]
OURS = [
    path
    for folder in ("cases", "casebook")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
PASSWORD = "a long pass phrase"


def _sections():
    """Each kind with its rows, heading → cell."""
    for number, section in enumerate(re.split(r"^## ", DOC, flags=re.M)[1:], 1):
        title, *lines = section.splitlines()
        assert title.startswith(f"{number} ")
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
        ]
        assert rows[0] == HEADINGS
        yield title.partition(" ")[2], [dict(zip(HEADINGS, row, strict=True)) for row in rows[2:]]


ROWS = [(kind, row) for kind, rows in _sections() for row in rows]


def _called():
    """Every call in our own code: (file, its dotted end, the node)."""
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path.relative_to(ROOT).as_posix(), ast.unparse(node.func), node


# The table


def test_every_kind_and_every_measure_of_the_list_is_there():
    told = {kind: Counter(row["種類"] for row in rows) for kind, rows in _sections()}
    assert list(told) == list(KINDS)
    for kind, (fundamental, additional) in KINDS.items():
        assert told[kind] == Counter({"根本": fundamental, "保険": additional}), kind


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[f"{kind}-{row['対策']}" for kind, row in ROWS])
def test_a_line_says_how_and_names_the_tests_that_prove_it(row):
    assert row["対応"] in ("対応済", "該当なし")
    assert row["どうしているか"]
    named = re.findall(r"`([^`]+)`", row["試験"])
    assert named or row["対応"] == "該当なし"
    assert re.sub(r"`[^`]+`", "", row["試験"]).strip() == ""
    for one in named:
        file, name = one.split("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, one


# SQL, commands


def test_sql_is_made_of_nothing_but_our_own_names():
    """SQL that isn't one fixed text stands where it's made of the models' own tables; nobody else comes near it."""
    made = set()
    for file, called, node in _called():
        end = called.rpartition(".")[2]
        if (
            end in ("execute", "executemany", "executescript")
            and node.args
            and not isinstance(node.args[0], ast.Constant)
        ):
            made.add(file)
        assert end not in ("raw", "extra", "RawSQL"), f"{file}:{node.lineno}"
    allowed = {"cases/models/frozen.py", "cases/intake/saving.py", "cases/search.py"}
    assert {file for file in made if not file.startswith("cases/backup/")} <= allowed


@pytest.mark.parametrize("sign", ["%", "_", "\\", "%_", "*", "?", "'"])
def test_signs_of_patterns_are_searched_for_as_letters(sign, new_case):
    new_case("shiken", summary=f"試験用の{sign}印")
    found = Catalogue({"q": [f"の{sign}印"]}).versions()
    assert [version.case.slug for version in found] == ["shiken"]
    assert Catalogue({"q": [f"相{sign}"]}).total == 0, "相談 stands in many"


def test_the_guide_gives_the_database_to_somebody_without_further_rights():
    guide = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    made = re.findall(r"^.*\bcreateuser\b.*$", guide, re.M)
    assert made
    assert not [line for line in made if re.search(r"--superuser|\s-\w*[sdr]|--createdb|--createrole", line)]


def test_no_shell_is_started_and_only_our_own_interpreter_runs():
    starting = re.compile(
        r"(subprocess\.\w+|os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*)|pty\.spawn|eval|exec|Popen)"
    )
    starts = [(file, called, node) for file, called, node in _called() if starting.fullmatch(called)]
    assert {file for file, *_ in starts} == {
        "cases/bundle.py",
        "cases/documents/printing.py",
        "cases/management/commands/serve.py",
    }
    for file, called, node in starts:
        assert called in ("subprocess.run", "os.execv"), file
        assert "shell" not in {keyword.arg for keyword in node.keywords}
        assert "sys.executable" in (ROOT / file).read_text(encoding="utf-8")


# Sessions, cookies, forms


def _signed_in(editor):
    client = Client()
    client.post(reverse("admin:login"), {"username": editor.username, "password": PASSWORD})
    return client


def test_a_session_is_long_random_and_in_no_address(editor):
    keys = set()
    for _ in range(3):
        client = _signed_in(editor)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        assert re.fullmatch(r"[a-z0-9]{32}", key)
        page = client.get(reverse("admin:index"))
        assert page.status_code == 200
        assert key not in page.text
        keys.add(key)
    assert len(keys) == 3
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"


def test_no_cookie_is_open_to_scripts(editor):
    client = _signed_in(editor)
    client.get(reverse("admin:index"))
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert all(
        cookie["httponly"] and cookie["samesite"] in ("Lax", "Strict") for cookie in client.cookies.values()
    )


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"referer": "https://evil.example/"}, True),
        ({}, True),
    ],
)
def test_a_form_from_another_site_is_refused_even_with_its_token(headers, secure, editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    page = client.get(reverse("admin:cases_source_add"), secure=secure)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    count = Source.objects.count()
    data = {"csrfmiddlewaretoken": token, "key": "shiken", "title": "試験用の出典"}
    assert (
        client.post(reverse("admin:cases_source_add"), data, headers=headers, secure=secure).status_code
        == 403
    )
    assert Source.objects.count() == count


# Texts


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.jp/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/etc/passwd",
        " x",
    ],
)
@pytest.mark.parametrize("model", [Link, Source])
def test_a_link_is_of_the_web_or_refused(model, url):
    with pytest.raises(ValidationError):
        model._meta.get_field("url").clean(url, None)


def test_escaping_is_turned_off_only_where_it_was_done():
    made = {
        file
        for file, called, _ in _called()
        if re.search(r"(mark_safe|SafeString|SafeText|html_safe)$", called)
    }
    assert made == {
        "cases/cards.py",
        "cases/jsonld.py",
        "cases/markup.py",
        "cases/matches.py",
        "cases/drawn.py",
    }
    for file in made:
        assert re.search(
            r"\bescape\(|ESCAPED\)|nh3\.|render_to_string\(", (ROOT / file).read_text(encoding="utf-8")
        ), file
    for path in (ROOT / "templates").rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape\s+off", path.read_text(encoding="utf-8")), path


def test_no_mail_is_sent():
    for path in OURS:
        assert not re.search(
            r"core\.mail|smtplib|send_mail|EmailMessage|mail_admins", path.read_text(encoding="utf-8")
        ), path
    for path in (ROOT / "templates").rglob("*.html"):
        assert not re.search(
            r'action="mailto:|name="(to|cc|subject|email)"', path.read_text(encoding="utf-8")
        ), path


def test_our_own_code_is_python_alone():
    kinds = {
        path.suffix
        for folder in ("cases", "casebook")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert kinds <= {".py", ".pyc"}
    for path in OURS:
        assert not re.search(r"^\s*(import|from) (ctypes|cffi)\b", path.read_text(encoding="utf-8"), re.M), (
            path
        )
