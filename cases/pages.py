"""What the reading pages show: a catalogue → a page's data, for the site and for the folder to take away."""

from django.template.loader import render_to_string
from django.utils.timezone import localdate

from . import cards, drawn, editions, figures, index, jsonld, likeness, matches, sheet
from . import glossary as words
from . import guide as guides
from . import survey as surveys
from .addresses import absolute
from .catalogue import DEFAULT_SORT, Catalogue
from .exports import TERMS, citation
from .models import CaseVersion, GuideVersion, Survey
from .record import public_versions, record
from .topics import Topic, overview, read_tool

NEWEST = 5
SIMILAR = 4


def entrance(catalogue: Catalogue) -> dict:
    return {
        "catalogue": catalogue,
        "crosstab": figures.crosstab(catalogue),
        "families": figures.tool_families(catalogue),
        "newest": cards.shown(catalogue.ids(most=NEWEST, sort="new"), catalogue.index),
        "items": catalogue.index.items,
    }


def finder(catalogue: Catalogue, *, in_orders: bool = True) -> dict:
    """A page of the finder, in parts to fill its template with; `in_orders`: with links to the other orders."""
    number = catalogue.page.number
    sort = catalogue.sort if catalogue.sort != DEFAULT_SORT else ""
    found = {
        "catalogue": catalogue,
        "total": catalogue.total,
        "page": catalogue.page,
        "chips": catalogue.chips,
        "sorts": catalogue.sorts if in_orders else [],
        "notes": matches.synonym_notes(catalogue.words),
        "cards": _found(catalogue),
        "neighbours": [] if catalogue.total else figures.neighbours(catalogue),
        "guide": list(guides.found(catalogue.words, catalogue.index)),
    }
    return {
        "here": editions.standing(catalogue.index),
        "today": localdate(),  # which the footer tells
        "named": "・".join(chip.name for chip in catalogue.chips),
        "total": catalogue.total,
        "turn": number if number > 1 else 0,
        "q": catalogue.q,
        "panel": drawn.filled("components/panel.html", choices=drawn.choices(catalogue.facets), sort=sort),
        "results": render_to_string("components/results.html", found),
        **_indexing(catalogue, catalogue.page),
    }


def _found(catalogue):
    """The cards of a page of the finder: as kept, or with the words marked that were searched for."""
    ids, index, words = catalogue.page.ids, catalogue.index, catalogue.words
    return cards.found(ids, index, words) if words else cards.shown(ids, index)


def case(version: CaseVersion, catalogue: Catalogue) -> dict:
    """The page of a version from `with_content()`, one of the whole `catalogue`."""
    told = one_version(version, catalogue)
    similar = likes(likeness.similar(catalogue, version, SIMILAR), catalogue)
    return told | {"similar": similar, "linked": jsonld.case(told["record"])}


def one_version(version: CaseVersion, catalogue: Catalogue) -> dict:
    """The page of one version of a case at its own address."""
    versions = public_versions(version.case)
    return {
        "catalogue": catalogue,
        "record": record(version, catalogue.index.items),
        "versions": versions,
        "held_by": next((one.held_by for one in versions if one.number == version.number), []),
        "permanent": absolute("version", version.case.slug, version.number),
        "explained": catalogue.index.explained,
    }


def likes(found: list[likeness.Like], catalogue: Catalogue) -> list[tuple[sheet.Card, list[str]]]:
    """Likes → (card, reasons) in their order."""
    read = cards.read([like.pk for like in found], catalogue.index)
    return [(read[like.pk].card, like.reasons) for like in found if like.pk in read]


def tools(catalogue: Catalogue) -> dict:
    return {"catalogue": catalogue, "families": figures.tool_families(catalogue)}


def tool(catalogue: Catalogue, slug: str) -> dict:
    """The page of a tool or a family, which alone the catalogue selects."""
    parameter = next(iter(catalogue.selected))
    return {
        "slug": slug,
        "name": catalogue.index.names[parameter][slug],
        "kind": index.FACETS[parameter],
        "catalogue": catalogue,
        "related": figures.related_tools(catalogue, parameter, slug),
        "reading": read_tool(catalogue),
        "items": catalogue.index.items,
    }


def topics(catalogue: Catalogue) -> dict:
    return {"catalogue": catalogue, "overview": overview(catalogue)}


def topic(topic: Topic) -> dict:
    return {
        "topic": topic,
        "catalogue": topic.catalogue,
        "choices": drawn.choices(topic.facets),
        **_indexing(topic.catalogue, topic.page),
    }


def guide(catalogue: Catalogue) -> dict:
    return {"catalogue": catalogue, "entries": guides.contents()}


def guide_page(version: GuideVersion, catalogue: Catalogue) -> dict:
    """A page of the guide from `with_content()`, a public one, between its neighbours."""
    entries = guides.contents()
    here = [entry.slug for entry in entries].index(version.page.slug)
    return {
        "catalogue": catalogue,
        "reading": guides.read(version, catalogue),
        "previous": entries[here - 1] if here else None,
        "next": next(iter(entries[here + 1 :]), None),
    }


def survey(survey: Survey | None, catalogue: Catalogue) -> dict:
    """The page of a survey with its groups, questions and figures; of None, that none is public."""
    return {"survey": surveys.shown(survey, catalogue) if survey else None, "catalogue": catalogue}


def about(catalogue: Catalogue) -> dict:
    return {"catalogue": catalogue, "terms": TERMS}


def glossary(catalogue: Catalogue) -> dict:
    return {"catalogue": catalogue, "rows": words.rows()}


def cite(catalogue: Catalogue) -> dict:
    """How to cite, by the example of today's book and of the case published last (None where there's none)."""
    newest = next(iter(catalogue.versions(most=1, sort="new")), None)
    return {
        "catalogue": catalogue,
        "whole": citation(editions.stamp(catalogue.index)),
        "newest": newest,
        "permanent": newest and absolute("version", newest.case.slug, newest.number),
    }


def _indexing(catalogue, page):
    """For search engines: the query of a page's one address, and whether it's to be found by itself."""
    query = catalogue.query(page=page.number)
    return {"query": query, "indexed": not catalogue.q and "&" not in query}
