"""The sheet: what of a case leaves the house, as an allow-list. Page, list, files and PDF all read it.

A model field is private until it's listed in PUBLIC; tests/test_sheet.py makes each one choose.
"""

from collections.abc import Callable
from dataclasses import dataclass

from . import text
from .models import (
    AuditEntry,
    Case,
    CaseVersion,
    Citation,
    Edition,
    EditionFile,
    Enquiry,
    GlossaryTerm,
    GuideCitation,
    GuidePage,
    GuideTransition,
    GuideVersion,
    Import,
    Item,
    Link,
    Municipality,
    Photo,
    PreviewLink,
    Silence,
    Source,
    Statement,
    Survey,
    SurveyFigure,
    SurveyFinding,
    SurveyGroup,
    SurveyImport,
    SurveyQuestion,
    Tool,
    ToolFamily,
    ToolUse,
    Transition,
    Wording,
)

PUBLIC = {
    Municipality: {"code", "prefecture", "name", "reading", "kind", "band"},
    Case: {"slug", "municipality", "report_number"},
    CaseVersion: {
        "number", "field", "tier", "style", "summary", "trial", "source", "source_place",
        "service_status", "service_evidence", "service_source",
        "surveyed_on", "surveyed_precision", "checked_on", "check_due_on", "published_at", "reason",
    },
    Statement: {"item", "text", "answers", "position", "themes"},
    Citation: {"source", "place"},
    Silence: {"item", "kind", "note"},
    ToolUse: {"tool", "family", "main", "open_ended"},
    Photo: {"image", "width", "height", "alt", "decorative", "caption", "credit", "licence", "position"},
    Link: {"title", "url", "position"},
    Source: {"key", "title", "url", "published", "read_on", "reading"},
    Tool: {"key", "name", "position"},
    ToolFamily: {"key", "name", "position"},
    Item: {"key", "name", "group", "position"},
    Edition: {"label", "note", "frozen_at", "versions", "files_withdrawn_at"},
    EditionFile: {"edition", "name", "path", "title", "size", "sha256"},
    GuidePage: {"slug", "number", "position", "field"},
    GuideVersion: {"number", "title", "lead", "body", "published_at", "reason"},
    GuideCitation: {"source", "place"},
    GlossaryTerm: {"key", "name", "reading", "definition", "place"},
    Survey: {"year", "title", "period", "purpose", "method", "answers", "note", "source", "place"},
    SurveyGroup: {"key", "name", "answers", "surveyed", "counted", "place", "position"},
    SurveyQuestion: {"key", "heading", "text", "note", "place", "position"},
    SurveyFigure: {
        "question", "group", "choice", "unit", "value", "approximate", "printed", "base", "base_about",
        "computed", "hidden", "place", "position",
    },
    SurveyFinding: {"heading", "text", "themes", "place", "position"},
}  # fmt: skip
PRIVATE = {
    Case: {"id"},
    CaseVersion: {"id", "case", "status", "created_at", "created_by", "writers"},
    Statement: {"id", "version", "confidence"},
    Citation: {"id", "statement"},
    Silence: {"id", "version"},
    ToolUse: {"id", "version"},
    Photo: {"id", "version"},
    Link: {"id", "version"},
    Source: {"id"},
    Edition: {"id", "by", "files_withdrawn_because"},
    EditionFile: {"id"},
    GuidePage: {"id"},
    GuideVersion: {"id", "page", "status", "created_at", "created_by", "writers"},
    GuideCitation: {"id", "version"},
    Survey: {"id", "published_at", "writers"},
    SurveyGroup: {"id", "survey"},
    SurveyQuestion: {"id", "survey"},
    SurveyFigure: {"id"},
    SurveyFinding: {"id", "survey"},
}
# Editors' own: nothing of these ever leaves the house.
INNER = {Transition, GuideTransition, AuditEntry, PreviewLink, Import, Enquiry, Wording, SurveyImport}

NOT_STATED = Silence.Kind.NOT_STATED.label


@dataclass(frozen=True)
class Column:
    """A fact of a case that fits one cell: its key, its name, and how a version tells it in words.

    `source` names the field of the version that holds the fact's source; some facts need none.
    """

    key: str
    name: str
    of: Callable[[CaseVersion], str]
    source: str = ""


def _tools(version):
    return "、".join(map(str, version.tool_uses.all())) or NOT_STATED


def _families(version):
    return "、".join(dict.fromkeys(use.family.name for use in version.tool_uses.all())) or NOT_STATED


def _survey_date(version):
    if version.surveyed_on is None:
        return NOT_STATED
    return text.period(version.surveyed_on, version.surveyed_precision)


def _checked(version):
    return text.full_date(version.checked_on) if version.checked_on else "まだ確認していません"


def _service(version):
    status = version.get_service_status_display()
    return f"{status}（{version.service_evidence}）" if version.service_evidence else status


COLUMNS = (
    Column("field", "分野", lambda version: f"オンライン{version.field.name}", "source"),
    Column("tier", "自治体区分", lambda version: version.tier.name, "source"),
    Column("family", "手段の種類", _families, "source"),
    Column("tool", "ツール", _tools, "source"),
    Column("style", "方式", lambda version: version.style.name if version.style else NOT_STATED, "source"),
    Column(
        "trial", "試行", lambda version: "試行として実施" if version.trial else "試行との記載なし", "source"
    ),
    Column("status", "支援の現況", _service, "service_source"),
    Column("surveyed", "調査時点", _survey_date),
    Column("checked", "最終確認日", _checked),
)


@dataclass(frozen=True)
class Card:
    """A case in a list. `items_filled` of `items` hearing items have a statement."""

    slug: str
    title: str
    municipality: str
    prefecture: str  # before the name in `municipality`; "" for a prefecture itself
    name: str
    reading: str
    code: str
    tier: str
    summary: str
    labels: list[str]
    surveyed: str
    checked: str
    items_filled: int


def card(version: CaseVersion) -> Card:
    """A version from `with_card()` → its card; no further query."""
    labels = [f"オンライン{version.field.name}"]
    labels += [f"{use.family}：{use}" for use in version.tool_uses.all()]
    labels += [version.style.name] if version.style else []
    labels += ["試行"] if version.trial else []
    return Card(
        slug=version.case.slug,
        title=version.title,
        municipality=version.case.municipality.full_name,
        prefecture=version.case.municipality.above,
        name=version.case.municipality.name,
        reading=version.case.municipality.reading,
        code=version.case.municipality.code,
        tier=version.tier.name,
        summary=version.summary,
        labels=labels,
        surveyed=_survey_date(version),
        checked=_checked(version),
        items_filled=version.items_filled,
    )
