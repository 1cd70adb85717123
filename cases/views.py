"""Public pages: guard, ask, answer. They only read."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from . import figures, index, matches, sheet
from .catalogue import Catalogue
from .models import CaseVersion, Photo
from .record import record

NEWEST = 5


def entrance(request):
    catalogue = Catalogue()
    newest = catalogue.versions(most=NEWEST, sort="new")
    context = {
        "crosstab": figures.crosstab(catalogue),
        "families": figures.tool_families(catalogue),
        "newest": [sheet.card(version) for version in newest],
        "items": catalogue.index.items,
    }
    return render(request, "cases/entrance.html", context)


def finder(request):
    catalogue = Catalogue(request.GET)
    cards = [
        sheet.card(version, matches.match(version, catalogue.words)) for version in catalogue.page.versions
    ]
    context = {
        "catalogue": catalogue,
        "notes": matches.synonym_notes(catalogue.words),
        "cards": cards,
        "neighbours": [] if catalogue.total else figures.neighbours(catalogue),
        "items": catalogue.index.items,
    }
    return render(request, "cases/finder.html", context)


def case(request, slug):
    version = get_object_or_404(CaseVersion.objects.published().with_content(), case__slug=slug)
    return render(request, "cases/case.html", {"record": record(version)})


def tools(request):
    return render(request, "cases/tools.html", {"families": figures.tool_families(Catalogue())})


def tool(request, slug):
    """A tool or a family: their keys share one space of URLs."""
    for parameter in ("tool", "family"):
        catalogue = Catalogue({parameter: [slug]})
        if not catalogue.errors:
            break
    else:
        raise Http404
    context = {
        "name": catalogue.index.names[parameter][slug],
        "kind": index.FACETS[parameter],
        "catalogue": catalogue,
        "cards": [sheet.card(version) for version in catalogue.page.versions],
        "items": catalogue.index.items,
    }
    return render(request, "cases/tool.html", context)


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
