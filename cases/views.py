"""Public pages: guard, ask, answer. They only read."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from . import cards, figures, gazetteer, index, jsonld, likeness, matches, sheet
from .catalogue import Catalogue
from .comparison import Comparison
from .models import CaseVersion, Item, Photo
from .record import record
from .topics import overview, read_item, read_tool

NEWEST = 5
NEAREST = 20
SIMILAR = 4


def entrance(request):
    catalogue = Catalogue()
    context = {
        "crosstab": figures.crosstab(catalogue),
        "families": figures.tool_families(catalogue),
        "newest": cards.shown(catalogue.ids(most=NEWEST, sort="new"), catalogue.index),
        "items": catalogue.index.items,
    }
    return render(request, "cases/entrance.html", context)


def finder(request):
    catalogue = Catalogue(request.GET)
    context = {
        "catalogue": catalogue,
        "notes": matches.synonym_notes(catalogue.words),
        "cards": _found(catalogue),
        "neighbours": [] if catalogue.total else figures.neighbours(catalogue),
        "items": catalogue.index.items,
        **_indexing(catalogue, catalogue.page),
    }
    return render(request, "cases/finder.html", context)


def _found(catalogue):
    """The cards of a page of the finder: as kept, or with the words marked that were searched for."""
    ids, words = catalogue.page.ids, catalogue.words
    if not words:
        return cards.shown(ids, catalogue.index)
    return [sheet.card(version, matches.match(version, words)) for version in catalogue.load(ids)]


def case(request, slug):
    version = get_object_or_404(CaseVersion.objects.published().with_content(), case__slug=slug)
    whole = record(version)
    context = {"record": whole, "similar": _likes(likeness.similar(Catalogue(), version, SIMILAR))}
    return render(request, "cases/case.html", context | {"linked": jsonld.case(whole)})


def near(request):
    """The cases by likeness to one municipality; until it's known which, the ways to say so."""
    catalogue = Catalogue()
    known = gazetteer.current(catalogue.index.words)
    typed = gazetteer.legible(request.GET.get("from", ""))
    found = known.find(typed)
    if len(found) == 1:
        result = likeness.near(catalogue, found[0], NEAREST)
        context = {"municipality": found[0], "near": result, "found": _likes(result.found)}
        return render(request, "cases/near.html", context | {"items": catalogue.index.items})
    asked = request.GET.get("pref", "")
    prefecture = known.prefecture(asked)
    context = {
        "typed": typed,
        "candidates": found,
        "prefecture": prefecture,
        "unknown_prefecture": gazetteer.legible(asked) if not prefecture else "",
        "kinds": known.within(prefecture) if prefecture else {},
        "regions": known.regions(),
    }
    return render(request, "cases/municipalities.html", context)


def compare(request):
    comparison = Comparison(request.GET)
    context = {"comparison": comparison, "choices": [] if comparison.full else comparison.choices()}
    if not comparison.complete:
        chosen = comparison.versions
        context["similar"] = _likes(likeness.similar(Catalogue(), chosen[0], SIMILAR)) if chosen else []
    return render(request, "cases/compare.html", context)


def _likes(likes):
    """Likes → (card, reasons) in their order."""
    return [(sheet.card(like.version), like.reasons) for like in likes]


def tools(request):
    return render(request, "cases/tools.html", {"families": figures.tool_families(Catalogue())})


def tool(request, slug):
    """A tool or a family: their keys share one space of URLs."""
    catalogue = Catalogue({"tool": [slug], "family": [slug]})
    if not catalogue.selected:
        raise Http404
    parameter = next(iter(catalogue.selected))
    context = {
        "slug": slug,
        "name": catalogue.index.names[parameter][slug],
        "kind": index.FACETS[parameter],
        "catalogue": catalogue,
        "related": figures.related_tools(catalogue, parameter, slug),
        "reading": read_tool(catalogue),
        "items": catalogue.index.items,
    }
    return render(request, "cases/tool.html", context)


def topics(request):
    return render(request, "cases/topics.html", {"overview": overview()})


def topic(request, key):
    """One item across the cases; the address filters it as it does the finder."""
    topic = read_item(get_object_or_404(Item, key=key), request.GET)
    context = {"topic": topic, "catalogue": topic.catalogue, **_indexing(topic.catalogue, topic.page)}
    return render(request, "cases/topic.html", context)


def _indexing(catalogue, page):
    """For search engines: the query of a page's one address, and whether it's to be found by itself."""
    query = catalogue.query(page=page.number)
    return {"query": query, "indexed": not catalogue.q and "&" not in query}


def about(request):
    return render(request, "cases/about.html")


def photograph(request, name):
    """A photograph of a published case; of any other, nobody learns that it exists."""
    published = Photo.objects.filter(version__in=CaseVersion.objects.published())
    photo = get_object_or_404(published, image=f"photographs/{name}")
    answer = FileResponse(photo.image.open())
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def bad_request(request, exception):
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request, exception):
    return HttpResponse(render_to_string("403.html"), status=403)


def not_found(request, exception):
    return HttpResponse(render_to_string("404.html"), status=404)


def server_error(request):
    return HttpResponse(render_to_string("500.html"), status=500)
