"""How a version of a case and a municipality are answered: only what sheet.PUBLIC lists is read here."""

from django.utils.timezone import localdate

from .. import interchange, likeness, record, text
from ..addresses import absolute
from ..models import CaseVersion, Municipality
from . import shapes


def summary(version: CaseVersion) -> shapes.Summary:
    """A version from `with_card()` → its place in a list; no further query."""
    return shapes.Summary(**_summary(version))


def _summary(version):
    slug = version.case.slug
    return {
        "slug": slug,
        "title": version.title,
        "version": version.number,
        "published_on": localdate(version.published_at),
        "municipality": shapes.Place(**_place(version.case.municipality)),
        "summary": version.summary,
        "field": _term(version.field),
        "tier": _term(version.tier),
        "style": _term(version.style) if version.style else None,
        "trial": version.trial,
        "service_status": shapes.Status(
            version.service_status, version.get_service_status_display(), version.service_evidence or None
        ),
        "tools": [
            shapes.Tool(use.tool.key, use.tool.name, _term(use.family), use.main, use.open_ended)
            for use in version.tool_uses.all()
        ],
        "surveyed": _survey(version.surveyed_on, version.surveyed_precision),
        "checked_on": version.checked_on,
        "check_due_on": version.check_due_on,
        "items_filled": version.items_filled,
        "url": absolute("case", slug),
        "permanent_url": absolute("version", slug, version.number),
        "api_url": absolute("api_case", slug),
    }


def case(version: CaseVersion, edition: str) -> shapes.Case:
    """A version from `with_content()` → all of it; one further query. `edition` labels what is public ("": none)."""
    made = record.record(version)
    kinds = {silence.item_id: silence.kind for silence in version.silences.all()}
    return shapes.Case(
        **_summary(version),
        reason=made.reason or None,
        summary_source=made.summary_source,
        facts=[shapes.Fact(fact.key, fact.name, fact.value, fact.source) for fact in made.facts],
        groups=[_group(group, kinds) for group in made.groups],
        beside=_group(made.beside, kinds),
        sources=[_source(source) for source in made.sources],
        photographs=[_photograph(photo) for photo in made.photographs],
        links=[shapes.Link(title, url) for title, url in made.links],
        items=made.items,
        edition=edition or None,
        citation=interchange.citation(made),
        terms=terms(),
    )


def place(municipality: Municipality, tiers: dict[str, str]) -> shapes.PlaceWithTiers:
    """A municipality with the tiers (key → name) that it can be in."""
    possible = [shapes.Term(key, tiers[key]) for key in likeness.tiers_of(municipality) if key in tiers]
    address = absolute("near", query=f"from={municipality.code}")
    return shapes.PlaceWithTiers(**_place(municipality), tiers=possible, url=address)


def terms() -> shapes.Terms:
    return shapes.Terms(interchange.RIGHTS_TOLD, absolute("about") + "#terms")


def _place(municipality):
    band = shapes.Term(municipality.band, municipality.get_band_display()) if municipality.band else None
    return {
        "code": municipality.code,
        "name": municipality.full_name,
        "reading": municipality.reading,
        "prefecture": shapes.Term(municipality.prefecture_code, municipality.prefecture),
        "kind": shapes.Term(municipality.kind, municipality.get_kind_display()),
        "band": band,
    }


def _term(row):
    return shapes.Term(row.key, row.name)


def _survey(day, precision):
    return shapes.Survey(day, precision, text.period(day, precision)) if day else None


def _group(group, kinds):
    return shapes.Group(
        group.key,
        group.name,
        [
            shapes.Item(
                entry.key,
                entry.name,
                [_claim(claim) for claim in entry.claims],
                shapes.Silent(kinds[entry.key], entry.silence) if entry.silence else None,
            )
            for entry in group.entries
        ],
    )


def _claim(claim):
    themes = [shapes.Term(key, name) for key, name in claim.themes]
    return shapes.Claim(claim.text, claim.sources, themes, [_claim(remedy) for remedy in claim.remedies])


def _source(source):
    return shapes.Source(
        source.number,
        source.key,
        source.title,
        source.url or None,
        source.published or None,
        source.read_day,
        source.reading,
        source.places,
    )


def _photograph(photo):
    files = [shapes.File(absolute("photograph", name), width) for name, width in photo.widths]
    return shapes.Photograph(
        absolute("photograph", photo.name),
        photo.width,
        photo.height,
        photo.alt,
        photo.caption or None,
        photo.credit,
        photo.licence,
        files,
    )
