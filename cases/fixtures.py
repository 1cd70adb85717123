"""fixtures/ → an empty database: the vocabulary, the municipalities, the fifteen cases of 図表3-1."""

import csv
import json
from collections import defaultdict
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from . import models
from .models import (
    Case,
    CaseVersion,
    Citation,
    Field,
    GlossaryTerm,
    GuideCitation,
    GuidePage,
    GuideVersion,
    Item,
    Municipality,
    Silence,
    Source,
    Statement,
    Style,
    Survey,
    SurveyFigure,
    Theme,
    Tool,
    ToolFamily,
    ToolUse,
    check_code,
)

FOLDER = settings.BASE_DIR / "fixtures"
READ_ON = date(2026, 11, 23)  # the day the public pages' stored copies were read (public_facts.json)


def rows(name: str, folder: Path = FOLDER) -> list[dict]:
    """The rows of a CSV file of the folder."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def document(name: str, folder: Path = FOLDER):
    """The content of a JSON file of the folder."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


@transaction.atomic
def load() -> int:
    """Load everything into a casebook that has no case yet, all or nothing → the number of cases loaded.

    Where a case exists, nothing of that is touched (0): what editors changed or removed stays so.
    """
    if Case.objects.exists():
        load_glossary()
        load_survey()  # a casebook that is older than these
        load_guide()
        return 0
    _load_municipalities()
    for model, terms in document("vocabulary.json").items():
        for position, term in enumerate(terms, start=1):
            if model not in ("Source", "Synonym"):
                term["position"] = position
            getattr(models, model).objects.create(**term)
    facts = document("public_facts.json")
    for source in facts["sources"]:
        Source.objects.create(
            key=source["id"],
            title=source["title"],
            url=source["url"],
            published=source["date"] or "",
            read_on=READ_ON,
            reading=Source.Reading.STORED,
        )
    themes = defaultdict(list)
    for row in rows("themes.csv"):
        themes[row["statement"]].append(row["theme"])
    slugs = {row["code"]: row["slug"] for row in rows("cases.csv")}
    table = rows("report_table_3_1.csv")
    for row in table:
        version = _load_case(row, slugs[row["code"]])
        told = [fact for fact in facts["facts"] if fact["municipality"] == row["code"]]
        _load_statements(version, told, themes)
        version.submit(by=None)
        version.publish(by=None)
    load_glossary()
    load_survey()
    load_guide()
    return len(table)


@transaction.atomic
def load_glossary() -> None:
    """The glossary's terms, where there is none yet: a casebook older than the glossary gets them too."""
    if not GlossaryTerm.objects.exists():
        for row in rows("glossary.csv"):
            GlossaryTerm.objects.create(**row)


@transaction.atomic
def load_guide() -> int:
    """Load the guide into a casebook that has no page of it and whose source is there → how many were loaded.

    `guide.csv` lists the pages, and for each the places in the report (`sources`) that it rests on.
    """
    report = Source.objects.filter(key="report").first()
    if GuidePage.objects.exists() or report is None:
        return 0
    table = rows("guide.csv")
    for row in table:
        identity = {name: row[name] for name in ("slug", "number", "position")}
        page = GuidePage.objects.create(**identity, field_id=row["field"] or None)
        body = (FOLDER / "guide" / f"{row['slug']}.md").read_text(encoding="utf-8")
        version = GuideVersion.objects.create(page=page, title=row["title"], lead=row["lead"], body=body)
        GuideCitation.objects.create(version=version, source=report, place=row["sources"])
        version.submit(by=None)
        version.publish(by=None)
    return len(table)


@transaction.atomic
def load_survey() -> int:
    """Load the report's survey into a casebook that has none and whose source is there → how many were loaded."""
    report = Source.objects.filter(key="report").first()
    if Survey.objects.exists() or report is None:
        return 0
    table = rows("survey.csv")
    for row in table:
        survey = Survey.objects.create(**row | {"source": report})
        for position, group in enumerate(rows("survey_groups.csv"), start=1):
            survey.groups.create(**group | {"surveyed": group["surveyed"] or None, "position": position})
        for position, question in enumerate(rows("survey_questions.csv"), start=1):
            survey.questions.create(**question, position=position)
        for position, figure in enumerate(rows("survey_figures.csv"), start=1):
            named = {
                "question": survey.questions.get(key=figure["question"]),
                "group": survey.groups.get(key=figure["group"]),
                "approximate": figure["approximate"] == "はい",
                "base": figure["base"] or None,
            }
            SurveyFigure.objects.create(**figure | named, position=position)
        for position, finding in enumerate(rows("survey_findings.csv"), start=1):
            themes = Theme.objects.filter(key__in=finding.pop("themes").split())
            survey.findings.create(**finding, position=position).themes.set(themes)
        survey.publish(by=None)
    return len(table)


def _load_municipalities():
    municipalities = []
    for row in rows("municipalities.csv"):
        check_code(row["code"])
        municipalities.append(
            Municipality(
                code=row["code"],
                prefecture=row["prefecture"],
                name=row["municipality"] or row["prefecture"],
                reading=row["kana"],
                kind=row["kind"],
                band=row["band_2020_census"],
            )
        )
    Municipality.objects.bulk_create(municipalities)


def _load_case(row, slug):
    """A row of 図表3-1 → a draft version."""
    case = Case.objects.create(slug=slug, municipality_id=row["code"], report_number=int(row["order"]))
    version = CaseVersion.objects.create(
        case=case,
        field=Field.objects.get(name=row["field"].removeprefix("オンライン")),
        tier_id=row["class_key"],
        style=Style.objects.get(name=row["style"]) if row["style"] else None,
        summary=row["summary_as_printed"],
        trial=row["trial"] == "試行",
        source=Source.objects.get(key="report"),
        source_place="図表3-1",
        surveyed_on=date(2022, 4, 1),  # the report says 令和4年度, no day
        surveyed_precision=CaseVersion.Precision.FISCAL_YEAR,
    )
    ToolUse.objects.create(
        version=version,
        tool=Tool.objects.get(name=row["tool"]),
        family=ToolFamily.objects.get(name=row["tool_family"]),
        main=True,
        open_ended=row["tool_open_ended"] == "等",
    )
    return version


def _load_statements(version, facts, themes):
    """Public facts → statements with their source; each hearing item without one → 出典に記載なし."""
    for position, fact in enumerate(facts):
        statement = Statement.objects.create(
            version=version,
            item_id=fact["item"],
            text=fact["text"],
            position=position,
            confidence=fact["confidence"],
        )
        Citation.objects.create(statement=statement, source=Source.objects.get(key=fact["source"]))
        statement.themes.set(themes.get(fact["text"], []))
    told = {fact["item"] for fact in facts}
    for item in Item.objects.exclude(group=Item.Group.BESIDE).exclude(key__in=told):
        Silence.objects.create(
            version=version,
            item=item,
            kind=Silence.Kind.NOT_STATED,
            note="図表3-1の概要を除く" if item.key == "support" else "",
        )
