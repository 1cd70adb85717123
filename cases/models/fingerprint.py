"""What is stored of a row, as a fingerprint: two that are equal have seen the same."""

import hashlib

from django.core.exceptions import ValidationError
from django.db.models import Model

from .case import CaseVersion
from .content import Citation, Statement
from .frozen import PARTS
from .guide import GuideCitation, GuideVersion
from .survey import Survey
from .survey_result import SurveyFigure


class Stale(ValidationError):
    """Somebody else has changed the row since it was read."""


def fingerprint(row: Model) -> str:
    """32 hex digits over every stored value of `row`; a version counts with all its parts,
    a survey with those that its form shows.
    """
    if isinstance(row, CaseVersion):
        return fingerprints([row.pk])[row.pk]
    if isinstance(row, GuideVersion):
        return _digest(_of_guide(row))
    if isinstance(row, Survey):
        return _digest(_of_survey(row))
    return _digest(list(type(row).objects.filter(pk=row.pk).values_list()))


def _of_guide(version):
    """A version of a page of the guide, with its sources and what it's a version of."""
    itself = GuideVersion.objects.filter(pk=version.pk).values_list(*_columns(GuideVersion), "page__slug")
    return [list(itself), list(GuideCitation.objects.filter(version=version.pk).order_by("pk").values_list())]


def _of_survey(survey):
    """A survey as its form shows it: with its groups, questions and findings, not its figures."""
    themes = survey.findings.values_list("pk", "themes").order_by("pk", "themes")
    parts = (survey.groups, survey.questions, survey.findings)
    rows = [list(part.order_by("pk").values_list()) for part in parts]
    return [list(Survey.objects.filter(pk=survey.pk).values_list()), *rows, list(themes)]


def with_figures(survey: Survey) -> str:
    """The fingerprint of all that publishing a survey makes public: its figures too."""
    figures = SurveyFigure.objects.filter(question__survey=survey.pk).order_by("pk")
    return _digest([*_of_survey(survey), list(figures.values_list())])


def fingerprints(versions: list[int]) -> dict[int, str]:
    """The fingerprint of each of the versions (keys), in eight queries for every thousand of them."""
    made = {}
    for start in range(0, len(versions), 1_000):
        some = versions[start : start + 1_000]
        stored = {version: [] for version in some}
        for number, (rows, owner, names) in enumerate(_tables(some)):
            for version, *values in rows.values_list(owner, *names):
                stored[version].append((number, values))
        made |= {version: _digest(rows) for version, rows in stored.items()}
    return made


def _tables(versions):
    """(rows of these versions in a steady order, whose they are, what counts of each) for every table."""
    of_statements = {"statement__version__in": versions}
    identity = ["case__slug", "case__municipality_id", "case__report_number"]  # what it's a version of
    yield CaseVersion.objects.filter(pk__in=versions).order_by("pk"), "pk", _columns(CaseVersion) + identity
    for part in PARTS:
        yield part.objects.filter(version__in=versions).order_by("pk"), "version", _columns(part)
    citations = Citation.objects.filter(**of_statements).order_by("pk")
    yield citations, "statement__version", _columns(Citation)
    themes = Statement.themes.through.objects.filter(**of_statements).order_by("statement", "theme")
    yield themes, "statement__version", ["statement_id", "theme_id"]


def _columns(model):
    return [field.attname for field in model._meta.concrete_fields]


def _digest(stored):
    return hashlib.blake2b(repr(stored).encode(), digest_size=16).hexdigest()


def refuse_if_stale(row: Model, seen: str) -> None:
    """Stale, unless `seen` is the fingerprint of what is stored now. Locks the row: call it in a transaction."""
    list(type(row).objects.order_by().select_for_update().filter(pk=row.pk).values_list("pk"))
    if fingerprint(row) != seen:
        raise Stale("この画面を開いた後で、ほかの人が保存しています。", code="stale")
