"""What the casebook has under each URLの名, read in one go, to be written into in memory."""

import copy
from dataclasses import dataclass, field

from django.db.models.base import ModelState

from ..models import (
    Case,
    CaseVersion,
    Citation,
    Link,
    Photo,
    Silence,
    Statement,
    ToolUse,
    fingerprints,
)

AT_ONCE = 1_000
PARTS = (Statement, Silence, ToolUse, Link, Photo)


@dataclass(eq=False)
class Dossier:
    """One case while a table is read into it.

    `version` is what rows are written into: the open draft itself; or, where `base` is the frozen version
    it would revise, a copy in memory; or a first version. `parts` are those of the draft or of `base`:
    model → rows. `refusal` says why no row may be written. `seen` is a fingerprint of all this as read.
    """

    case: Case
    version: CaseVersion
    base: CaseVersion | None = None
    parts: dict[type, list] = field(default_factory=dict)
    ended_silences: list[Silence] = field(default_factory=list)
    refusal: str = ""
    seen: str = ""
    changed: bool = False

    def of(self, model) -> list:
        return self.parts.setdefault(model, [])

    @property
    def is_new(self) -> bool:
        return self.version.pk is None and self.base is None


def seen(slugs: list[str]) -> dict[str, str]:
    """What the casebook has now under each of these URLの名, as a fingerprint; "" where it has none.

    Every version counts with its state, and an open one with all that it holds.
    """
    found = dict.fromkeys(slugs, "")
    open_versions = {}
    for some in _in_pieces(slugs):
        for slug, pk, place in Case.objects.filter(slug__in=some).values_list("slug", "pk", "municipality"):
            found[slug] = f"{pk} {place}"
        versions = CaseVersion.objects.filter(case__slug__in=some).order_by("pk")
        for slug, pk, status in versions.values_list("case__slug", "pk", "status"):
            found[slug] += f" {pk}:{status}"
            if status in CaseVersion.OPEN:
                open_versions[pk] = slug
    for pk, digest in fingerprints(list(open_versions)).items():
        found[open_versions[pk]] += f" {digest}"
    return found


def load(slugs: list[str], models: set[type]) -> dict[str, Dossier]:
    """The dossiers of the cases that exist among `slugs`, with their parts of these models."""
    dossiers, as_read = {}, seen(slugs)  # before all else: what changes from now on is noticed
    for some in _in_pieces(slugs):
        cases = {case.pk: case for case in Case.objects.filter(slug__in=some).select_related("municipality")}
        versions = _versions(list(cases))
        for case in cases.values():
            latest, last_number = versions.get(case.pk, (None, 0))
            dossiers[case.slug] = _dossier(case, latest, last_number)
    for slug, dossier in dossiers.items():
        dossier.seen = as_read[slug]
    load_parts(list(dossiers.values()), models)
    return dossiers


def _versions(cases):
    """Case → (the version that rows are compared with, its last number): the open one, the public one, or the last."""
    mine = CaseVersion.objects.filter(case__in=cases)
    public = set(mine.published().values_list("pk", flat=True))
    best, last = {}, {}
    for pk, case, number, status in mine.order_by("number").values_list("pk", "case", "number", "status"):
        rank = (status in CaseVersion.OPEN, pk in public, number)
        best[case] = max(best.get(case, (rank, pk)), (rank, pk))
        last[case] = number
    related = ("field", "tier", "style", "source", "service_source")
    chosen = CaseVersion.objects.select_related(*related).in_bulk([pk for _, pk in best.values()])
    return {case: (chosen[pk], last[case]) for case, (_, pk) in best.items()}


def _dossier(case, latest, last_number):
    if latest is None:
        return Dossier(case, CaseVersion(case=case, number=1))
    latest.case = case
    if latest.is_frozen:
        return Dossier(case, _revision(latest, last_number + 1), base=latest)
    refusal = ""
    if latest.status != CaseVersion.Status.DRAFT:
        refusal = (
            f"第{latest.number}版が{latest.get_status_display()}です。下書きに戻してから取り込んでください。"
        )
    return Dossier(case, latest, refusal=refusal)


def _revision(base, number):
    """A draft in memory that is a copy of `base`, as CaseVersion.revise() makes it."""
    draft = copy.copy(base)
    draft._state = ModelState()
    draft._state.fields_cache = dict(base._state.fields_cache)
    draft.pk, draft.number, draft.reason = None, number, ""
    draft.status, draft.published_at, draft.created_by = CaseVersion.Status.DRAFT, None, None
    return draft


def load_parts(dossiers: list[Dossier], models) -> None:
    """Read those parts of the dossiers that aren't read yet; a statement knows its citations, too."""
    for model in models:
        missing = {
            (dossier.base or dossier.version).pk: dossier
            for dossier in dossiers
            if model not in dossier.parts and not dossier.is_new
        }
        for dossier in missing.values():
            dossier.of(model)
        for some in _in_pieces(list(missing)):
            for part in model.objects.filter(version__in=some).order_by("pk"):
                dossier = missing[part.version_id]
                part.version = dossier.version
                dossier.of(model).append(part)
            if model is Statement:
                _load_citations([row for pk in some for row in missing[pk].of(Statement)])


def _load_citations(statements):
    by_key = {statement.pk: statement for statement in statements}
    cited = {}
    for some in _in_pieces(list(by_key)):
        for citation in Citation.objects.filter(statement__in=some).order_by("pk"):
            cited.setdefault(citation.statement_id, []).append(citation)
    for statement in statements:
        if statement.answers_id in by_key:
            statement.answers = by_key[statement.answers_id]
        cite(statement, cited.get(statement.pk, []))


def cite(statement, citations) -> None:
    """Give `statement` what its row shows beside its fields: `cited`, its first citation, and `answers_at`."""
    for citation in citations:
        citation.statement = statement
    statement.citations_read = citations
    statement.cited = citations[0] if citations else Citation(statement=statement)
    statement.answers_at = statement.answers.position if statement.answers_id else None


def _in_pieces(rows):
    return [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]
