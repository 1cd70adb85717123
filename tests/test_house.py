"""The house and its laws (docs/decisions/0001): where things live, and who may know whom."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from cases.models import Municipality

ROOT = settings.BASE_DIR

# Reading order is import order: a room may import the rooms above it that stand in its row.
ROOMS = {
    "text": set(),
    "photographs": set(),
    "dates": {"text"},
    "addresses": set(),
    "escapes": set(),
    "tables": {"dates"},
    "workbooks": {"escapes"},
    "markup": set(),
    "replica": set(),
    "models": {"photographs", "markup", "replica"},
    "audit": {"models"},
    "upkeep": {"photographs", "models"},
    "hints": {"text", "models"},
    "fixtures": {"models"},
    "index": {"models"},
    "search": {"text", "models", "index"},
    "parameters": {"index", "search", "models"},
    "catalogue": {"index", "search", "parameters", "models"},
    "matches": {"text", "search", "sheet"},
    "drawn": {"catalogue"},
    "cards": {"models", "index", "search", "matches", "sheet", "drawn"},
    "sheet": {"text", "models"},
    "record": {"text", "models", "sheet"},
    "figures": {"catalogue"},
    "survey": {"catalogue", "models"},
    "survey_import": {"escapes", "tables", "workbooks", "models"},
    "gazetteer": {"text", "models"},
    "likeness": {"index", "catalogue", "models"},
    "comparison": {"index", "models", "sheet", "record"},
    "pieces": set(),
    "difference": {"pieces", "record"},
    "enquiries": {"text", "addresses", "models", "sheet", "workbooks"},
    "replies": {"dates", "escapes", "tables", "models", "enquiries"},
    "resources": {"dates", "escapes", "tables", "workbooks", "models"},
    "readability": {"tables", "models"},
    "intake": {"readability", "tables", "workbooks", "models", "resources"},
    "told": {"catalogue", "models", "record"},
    "guide": {"text", "index", "catalogue", "markup", "models", "record", "search", "told"},
    "topics": {"index", "catalogue", "models", "sheet", "record", "told"},
    "exports": {
        "text",
        "dates",
        "escapes",
        "workbooks",
        "models",
        "index",
        "catalogue",
        "sheet",
        "record",
        "comparison",
        "addresses",
    },
    "offers": {"catalogue", "exports", "readability"},
    "inquiry": {"addresses", "models", "record", "sheet"},
    "interchange": {"addresses", "exports", "record", "sheet"},
    "api": {
        "addresses",
        "catalogue",
        "editions",
        "exports",
        "gazetteer",
        "index",
        "interchange",
        "likeness",
        "models",
        "parameters",
        "record",
        "search",
        "text",
    },
    "unavailable": set(),
    "health": {"index", "replica", "unavailable"},
    "accessibility": {"text", "fixtures"},
    "glossary": {"models"},
    "english": {"catalogue"},
    "jsonld": {"addresses", "sheet", "record"},
    "editions": {"addresses", "gazetteer", "index", "catalogue", "models", "record", "difference"},
    "pages": {
        "addresses",
        "cards",
        "catalogue",
        "drawn",
        "exports",
        "editions",
        "figures",
        "glossary",
        "guide",
        "index",
        "jsonld",
        "likeness",
        "matches",
        "models",
        "record",
        "sheet",
        "survey",
        "topics",
    },
    "offline": set(),
    "folder": {"catalogue", "index", "models", "offline", "pages", "topics"},
    "readme": {"addresses", "editions", "exports", "models"},
    "documents": {
        "addresses",
        "catalogue",
        "comparison",
        "exports",
        "figures",
        "guide",
        "index",
        "models",
        "photographs",
        "record",
        "sheet",
        "told",
        "topics",
    },
    "papers": {
        "addresses",
        "catalogue",
        "comparison",
        "documents",
        "editions",
        "exports",
        "index",
        "models",
        "topics",
        "unavailable",
    },
    "bundle": {"addresses", "catalogue", "documents", "editions", "exports", "folder", "models", "readme"},
    "backup": {"bundle", "models"},
    "views": {
        "bundle",
        "catalogue",
        "comparison",
        "difference",
        "drawn",
        "editions",
        "gazetteer",
        "likeness",
        "models",
        "pages",
        "record",
        "topics",
        "unavailable",
    },
    "downloads": {
        "exports",
        "readability",
        "catalogue",
        "comparison",
        "editions",
        "inquiry",
        "offers",
        "models",
        "record",
    },
    "feeds": {"addresses", "catalogue", "models"},
    "templatetags": {"addresses", "drawn", "editions", "index"},
    "duties": {"accessibility", "addresses", "catalogue", "english", "pages"},
    "urls": {"views", "duties", "downloads", "papers", "feeds", "health", "api", "exports", "models"},
    "middleware": {"replica"},
    "kept": {"models"},
    "admin": {
        "text",
        "hints",
        "models",
        "audit",
        "tables",
        "resources",
        "intake",
        "enquiries",
        "replies",
        "record",
        "pieces",
        "difference",
        "addresses",
        "bundle",
        "catalogue",
        "guide",
        "markup",
        "survey_import",
        "views",
        "urls",
    },
    "synthetic": {"models", "index", "search"},
    "supply": set(),
    "management": {"backup", "bundle", "fixtures", "models", "supply", "synthetic", "upkeep"},
    "apps": {"models", "audit", "admin"},
}
HTTP_DOORS = {
    "views", "downloads", "duties", "papers", "feeds", "health", "api", "urls", "admin", "middleware",
}  # fmt: skip
FORBIDDEN_NAMES = ("utils", "helpers", "common", "services", "misc", "manager2")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PUBLIC_TEMPLATES = [path for path in TEMPLATES if "admin" not in path.parts]


def _tracked():
    """Every file that git knows or would take, as it is on the disk."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def _modules():
    return [path for path in sorted((ROOT / "cases").rglob("*.py")) if "migrations" not in path.parts]


def _room(path):
    return path.relative_to(ROOT / "cases").parts[0].removesuffix(".py")


def _imports(path):
    """The dotted names a module imports, relative ones made absolute."""
    package = list(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{name.name}" for name in node.names)


def _identify(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", _modules(), ids=_identify(_modules()))
def test_a_room_imports_only_the_rooms_its_row_names(path):
    room = _room(path)
    if room == "__init__":
        return
    assert room in ROOMS, f"a new room: give {room} a row, and a line in the README's map"
    imported = {name.split(".")[1] for name in _imports(path) if name.startswith("cases.")}
    rooms = {name for name in imported if name in ROOMS} - {room}
    assert rooms <= ROOMS[room]


@pytest.mark.parametrize("path", _modules(), ids=_identify(_modules()))
def test_http_stays_at_the_doors(path):
    if _room(path) in HTTP_DOORS:
        return
    for name in _imports(path):
        assert not re.match(r"django\.(http|shortcuts|views|middleware|contrib\.messages)\b", name)
    assert "request" not in {
        node.arg for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.arg)
    }


def test_the_project_imports_nothing_of_the_app_but_its_urls():
    for path in (ROOT / "casebook").glob("*.py"):
        assert not [name for name in _imports(path) if name.startswith("cases")]


def test_what_is_public_has_one_spelling():
    """Only the models name the published status; everyone else says published()."""
    for path in _modules():
        if _room(path) not in ("models", "admin"):
            assert not re.search(r"PUBLISHED|status[^\n]*[\"']published", path.read_text(encoding="utf-8")), (
                path
            )


def test_no_module_is_named_for_nothing_in_particular():
    for path in _tracked():
        assert not any(re.search(rf"(^|[_-]){name}([_-]|$)", path.stem) for name in FORBIDDEN_NAMES), path


def test_modules_stay_within_320_lines_and_templates_within_110():
    for path in [*_modules(), *(ROOT / "casebook").glob("*.py")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 320, path
    for path in TEMPLATES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 110, path


def test_views_stay_short():
    tree = ast.parse((ROOT / "cases/views.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 25, node.name


@pytest.mark.parametrize("path", TEMPLATES, ids=_identify(TEMPLATES))
def test_a_template_says_first_what_it_is(path):
    assert path.read_text(encoding="utf-8").startswith("{# ")


@pytest.mark.parametrize("path", PUBLIC_TEMPLATES, ids=_identify(PUBLIC_TEMPLATES))
def test_a_public_template_takes_data_and_has_nothing_inline(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"{[{%][^}]*\b(request|user|perms|csrf_token)\b", text)
    assert not re.search(
        r'<style|<script(?! src=| type="application/ld\+json">)|\sstyle=|\son[a-z]+="|javascript:', text
    )
    assert not re.search(r"""(src|href)="(https?:)?//""", text), "nothing is fetched from elsewhere"


def test_at_most_three_template_tags():
    tags = 0
    for path in (ROOT / "cases/templatetags").glob("*.py"):
        tags += len(re.findall(r"@register\.", path.read_text(encoding="utf-8")))
    assert tags <= 3


def test_the_top_level_is_the_one_agreed():
    names = {path.relative_to(ROOT).parts[0] for path in _tracked()}
    assert names == {
        ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "SECURITY.md", "casebook", "cases", "deploy",
        "docs", "fixtures", "manage.py", "pyproject.toml", "requirements-server.txt", "requirements-test.txt", "requirements.txt", "static",
        "templates", "tests",
    }  # fmt: skip


def test_the_readme_maps_every_room():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for room in ROOMS:
        assert re.search(rf"\b{room}\b", readme), room


def test_every_dependency_says_what_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("[tool.pytest")]
    for line in block.splitlines():
        if line.strip().startswith('"') and not line.strip().startswith(('"pytest>=8"', '"ruff')):
            assert "#" in line or "pytest" in line, line


def test_the_locks_pin_every_package_with_hashes():
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        packages = re.split(r"\n(?=[a-z])", text.strip())
        assert len(packages) > 5
        for package in packages:
            assert re.match(r"[a-z0-9-]+==\S+", package)
            assert "--hash=sha256:" in package


def test_no_file_names_a_package_host_or_a_path_of_a_machine():
    hosts = re.compile(
        "|".join(("python" + "hosted", "npm" + r"js\.", "registry" + r"\.npm", "deb" + r"ian\.org"))
    )
    for path in _tracked():
        if path.suffix in (".png", ".jpg", ".webp", ".ico"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not hosts.search(text), path
        assert f"{ROOT}/" not in text, path
        assert f"{Path.home()}/" not in text, path


def test_no_decision_is_longer_than_it_needs_to_be():
    notes = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert notes
    for path in notes:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 30, path
        for part in ("## Context", "## Decision", "## Consequence"):
            assert part in text, path


def test_help_texts_name_no_municipality_but_what_a_source_says():
    """An example could be taken for a fact: it names a real place only where the report or a source does."""
    sourced = (
        "豊島区は「特別区30万人未満」",
        "三重県 報道発表「電子居場所」の開設",
        "京都（「東京都」に当たる）",
        "toba-ibasho",
    )
    names = set(Municipality.objects.filter(case__isnull=False).values_list("name", flat=True))
    names |= set(Municipality.objects.values_list("prefecture", flat=True))
    for model in apps.get_app_config("cases").get_models():
        for field in model._meta.get_fields():
            text = str(getattr(field, "help_text", ""))
            for fact in sourced:
                text = text.replace(fact, "")
            assert not [name for name in names if name in text], (model, field.name)


def test_no_test_is_named_after_the_bytes_of_a_file(request):
    """A workbook holds the second it was made in: two workers would collect tests of two names, and refuse to run."""
    named = [item.nodeid for item in request.session.items if "PK\\x03\\x04\\x14" in item.nodeid]
    assert not named
