"""What the casebook is made of: locked, licensed, listed; and the day that security.txt ends."""

import hashlib
import io
import json
import re
import tomllib
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.timezone import localdate

from cases import duties, supply

ROOT = settings.BASE_DIR
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.txt"))
SHIPPED = [name for name in LOCKS if name != "requirements-test.txt"]
# Licences that let anybody run, change and pass on the casebook under its own. The last is of psycopg alone, which
# stays a library of its own that anybody may exchange.
ALLOWED = {
    "Apache Software License", "Apache License 2.0", "Apache-2.0", "Apache-2.0 OR BSD-2-Clause",
    "BSD", "BSD License", "BSD-3-Clause", "MIT", "MIT License",
    "Dual License",  # python-dateutil's: Apache-2.0 or BSD-3-Clause
    "MIT-CMU", "OFL-1.1", "PSF-2.0", "PSFL", "Unlicense", "LGPL-3.0-only",
}  # fmt: skip
HASH = re.compile(r"[0-9a-f]{64}")


def _printed(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


# The lock


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_read_and_has_hashes(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    parts = supply.packages(lock)
    assert [part.name for part in parts] == re.findall(r"^([^\s#-][^=\s]*)==", text, re.MULTILINE)
    assert sum(len(part.hashes) for part in parts) == text.count("--hash=") == text.count("--hash=sha256:")
    assert all(part.hashes for part in parts)


def test_the_project_and_the_lock_name_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {part.name: part for part in supply.packages()}
    direct = {_normal(re.match(r"[\w.-]+", one)[0]) for one in project["dependencies"]}
    assert direct <= set(locked)
    needed, todo = set(), list(direct)
    while todo:
        name = todo.pop()
        if name in locked and name not in needed:
            needed.add(name)
            todo += locked[name].needs
    assert {name for name, part in locked.items() if not part.where} <= needed, "what nobody needs goes"


def test_the_test_lock_runs_the_very_packages_that_are_shipped():
    shipped = {part.name: part.version for part in supply.packages()}
    tested = {part.name: part.version for part in supply.packages("requirements-test.txt")}
    assert shipped.items() <= tested.items()


def test_what_is_installed_is_what_is_locked():
    for part in supply.packages():
        if part.where:
            continue
        assert part.is_here, part.name
        assert version(part.name) == part.version


# Licences


def test_every_package_has_a_licence_that_is_allowed_and_its_text():
    for lock in SHIPPED:
        for part in supply.packages(lock):
            if part.is_here:
                assert part.licence in ALLOWED, part
                assert part.papers, part.name


def test_the_command_lists_every_package_and_every_file_of_others():
    told = _printed("licences")
    for part in supply.packages():
        row = re.search(
            rf"^\| {re.escape(part.name)} \| {re.escape(part.version)} \| (.+?) \| (.+?) \|$", told, re.M
        )
        assert row, part.name
        assert (row[1] == part.licence) == part.is_here
    for part in supply.files():
        assert f"| {part.name} | " in told
        assert part.licence or supply.WITHOUT in told
    for heading in (
        "## パッケージ（requirements.txt、",
        "| 名前 | 版 | 利用条件 | 条件の文書 |",
        "## リポジトリに含む",
    ):
        assert heading in told
    assert "admin/js/vendor/jquery/LICENSE.txt" in told, "what comes inside a package"


def test_a_package_that_is_not_installed_is_told_as_such(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(supply, "distribution", absent)
    told = _printed("licences")
    assert told.count("この版は入っていません") + told.count("この環境には入りません") == len(
        supply.packages()
    )


def test_the_licence_texts_in_the_repository_are_those_of_the_list():
    lying = {
        str(path.relative_to(ROOT))
        for name in ("static", "fixtures")
        for path in (ROOT / name).rglob("*LICEN[CS]E*")
    }
    assert lying == {paper for part in supply.files() for paper in part.papers}
    for part in supply.files():
        assert bool(part.papers) == bool(part.licence), part.name
        for paper in part.papers:
            assert part.licence in (ROOT / paper).read_text(encoding="utf-8")


def test_whatever_comes_from_elsewhere_by_the_fixtures_readme_is_on_the_list():
    rows = re.findall(
        r"^\| (`.*?) \|.*\| (.*?) \|$", (ROOT / "fixtures/README.md").read_text(encoding="utf-8"), re.M
    )
    listed = {path.removeprefix("fixtures/") for path, *_ in supply.OTHERS if path.startswith("fixtures/")}
    others = {
        file
        for files, origin in rows
        for file in re.findall("`(.*?)`", files)
        if not re.search(r"\bours?\b|pages named|make ", origin)
    }
    assert len(others) > 3
    assert others <= listed
    assert {file for files, _ in rows for file in re.findall("`(.*?)`", files)} >= listed


# SBOM


def test_the_bill_of_materials_has_the_shape_of_cyclonedx():
    bill = json.loads(_printed("sbom"))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", bill["metadata"]["timestamp"])
    whole = bill["metadata"]["component"]
    assert (whole["type"], whole["name"]) == ("application", "casebook")
    known = {"type", "bom-ref", "name", "version", "purl", "licenses", "hashes", "properties"}
    for part in bill["components"]:
        assert set(part) <= known
        assert part["type"] in ("library", "data")
        assert part["name"]
        assert part["hashes"]
        assert all(one["alg"] == "SHA-256" and HASH.fullmatch(one["content"]) for one in part["hashes"])
        for one in part.get("licenses", []):
            assert [*one] == ["expression"] or [*one["license"]] == ["name"]
        for one in part.get("properties", []):
            assert set(one) == {"name", "value"}
    references = [part["bom-ref"] for part in [whole, *bill["components"]] if "bom-ref" in part]
    assert len(set(references)) == len(references)
    assert {one["ref"] for one in bill["dependencies"]} == set(references)
    assert {name for one in bill["dependencies"] for name in one["dependsOn"]} <= set(references)


def test_the_bill_names_every_locked_package_with_all_its_hashes_and_no_host():
    text = _printed("sbom")
    parts = {part["name"]: part for part in json.loads(text)["components"]}
    for package in supply.packages():
        part = parts[package.name]
        assert part["purl"] == part["bom-ref"] == f"pkg:pypi/{package.name}@{package.version}"
        assert [one["content"] for one in part["hashes"]] == list(package.hashes)
    assert "://" not in text
    needs = {one["ref"].split("@")[0]: one["dependsOn"] for one in json.loads(text)["dependencies"]}
    assert "pkg:pypi/colorama" in [one.split("@")[0] for one in needs["pkg:pypi/qrcode"]]
    assert needs["pkg:pypi/nh3"] == []
    assert any(one.startswith("pkg:pypi/django@") for one in needs["casebook"])


def test_a_file_of_others_has_the_hash_of_what_lies_there():
    for (path, *_), part in zip(supply.OTHERS, supply.files(), strict=True):
        assert part.hashes == (hashlib.sha256((ROOT / path).read_bytes()).hexdigest(),)


# Telling of a weakness


def test_security_txt_has_not_nearly_run_out():
    """Fails from 60 days before its end: release anew, with the day of that in cases/duties.py."""
    assert localdate() < duties.EXPIRES - timedelta(days=60)
    assert localdate() < duties.RELEASED + timedelta(days=365)


def test_how_to_tell_of_a_weakness_is_written_in_both_languages_without_an_invented_address():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    japanese, english = text.split("## In English")
    for words in (
        "どの版を直すか",
        "知らせ方",
        "5営業日",
        "10営業日",
        "7日",
        "30日",
        "対象外",
        "pip-audit",
        "/.well-known/security.txt",
    ):
        assert words in japanese
    for words in (
        "Supported",
        "privately",
        "5 working days",
        "7 days",
        "30 days",
        "scope",
        "/.well-known/security.txt",
    ):
        assert words in english
    assert not re.search(r"[\w.]+@[\w.]+\.\w+|https?://", text)
