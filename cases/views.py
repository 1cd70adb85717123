"""Public pages: guard, ask, answer. They only read."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from . import cards, figures, gazetteer, index, jsonld, likeness, matches, sheet
from .addresses import absolute
from .catalogue import Catalogue
from .comparison import Comparison
from .difference import difference
from .models import CaseVersion, Item, Photo, PreviewLink
from .record import editions, record
from .topics import overview, read_item, read_tool
from .unavailable import RETRY_SECONDS, unavailable

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
    context = _edition(version)
    context |= {"similar": _likes(likeness.similar(Catalogue(), version, SIMILAR))}
    return render(request, "cases/case.html", context | {"linked": jsonld.case(context["record"])})


def version(request, slug, number):
    """One edition of a case, at its address for ever; an old one says so."""
    versions = CaseVersion.objects.readable().with_content()
    version = get_object_or_404(versions, case__slug=slug, number=number)
    return render(request, "cases/version.html", _edition(version))


def _edition(version):
    return {
        "record": record(version),
        "editions": editions(version.case),
        "permanent": absolute("version", version.case.slug, version.number),
    }


def changes(request, slug, number):
    """What has changed from one edition of a case to today's."""
    versions = CaseVersion.objects.readable().filter(case__slug=slug).with_content()
    old, new = get_object_or_404(versions, number=number), versions.first()
    if old == new:
        raise Http404
    before, after = record(old), record(new)
    context = {"before": before, "after": after, "difference": difference(before, after)}
    context |= {"old_name": f"第{old.number}版", "new_name": f"第{new.number}版（いまの版）"}
    return render(request, "cases/changes.html", context)


def preview(request, token):
    """A draft, for whoever was given the link; with any other token nobody learns that there is one."""
    link = _opened(token)
    version = CaseVersion.objects.with_content().get(pk=link.version_id)
    return _unseen(show_preview(request, version, f"{request.path}photographs/", until=link.expires_at))


def preview_photograph(request, token, name):
    return _unseen(picture(_opened(token).version.photos.of_file(name), name))


def show_preview(request, version, photographs_at, **context):
    """A version as the public would read it; its photographs lie at `photographs_at`."""
    context |= {
        "record": record(version),
        "state": version.get_status_display(),
        "photographs_at": photographs_at,
    }
    return render(request, "cases/preview.html", context)


def _opened(token):
    if link := PreviewLink.objects.opened_by(token):
        return link
    raise Http404


def _unseen(answer):
    """Nobody keeps it, finds it by searching, or learns from a link on it where it lies."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


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
    """A photograph of a readable version at one of its widths; of any other, nobody learns that it exists."""
    readable = Photo.objects.filter(version__in=CaseVersion.objects.readable())
    return picture(readable.of_file(name), name)


def picture(photographs, name):
    """The file `name` of the first of `photographs`: versions share their files."""
    photo = photographs.first()
    if photo is None:
        raise Http404
    try:
        answer = HttpResponse(photo.read(name), content_type=photo.content_type)
    except FileNotFoundError:
        raise Http404 from None
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def bad_request(request, exception):
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request, exception):
    return HttpResponse(render_to_string("403.html"), status=403)


def not_found(request, exception):
    return HttpResponse(render_to_string("404.html"), status=404)


def server_error(request):
    """Something failed; a fault that passes is told as one, and a refused save keeps what was typed."""
    fault = unavailable(sys.exc_info()[1])
    if fault is None:
        return HttpResponse(render_to_string("500.html"), status=500)
    context = {"status": fault.status, "why": fault.why, "path": request.path} | _typed(request)
    answer = HttpResponse(render_to_string("503.html", context), status=fault.status)
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def _typed(request):
    """What a refused POST held, to be sent again; never a password."""
    if request.method != "POST":
        return {}
    try:
        sent = [(name, text) for name, texts in request.POST.lists() for text in texts]
        return {"typed": [pair for pair in sent if "password" not in pair[0]], "files": bool(request.FILES)}
    except (OSError, RequestDataTooBig, TooManyFieldsSent, MultiPartParserError):
        return {}
