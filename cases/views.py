"""Public pages: guard, ask, answer. They only read."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header

from . import bundle, editions, gazetteer, likeness, pages
from .catalogue import Catalogue
from .comparison import Comparison
from .difference import difference
from .drawn import filled
from .models import CaseVersion, Edition, EditionFile, GuideVersion, Item, Photo, PreviewLink, Survey
from .record import record
from .topics import read_item
from .unavailable import RETRY_SECONDS, unavailable

NEAREST = 20


def entrance(request):
    return render(request, "cases/entrance.html", pages.entrance(Catalogue()))


def finder(request):
    return HttpResponse(filled("cases/finder.html", **pages.finder(Catalogue(request.GET))))


def case(request, slug):
    version = get_object_or_404(CaseVersion.objects.published().with_content(), case__slug=slug)
    return render(request, "cases/case.html", pages.case(version, Catalogue()))


def version(request, slug, number):
    """One version of a case, at its address for ever; an old one says so."""
    versions = CaseVersion.objects.readable().with_content()
    version = get_object_or_404(versions, case__slug=slug, number=number)
    return render(request, "cases/version.html", pages.one_version(version, Catalogue()))


def changes(request, slug, number):
    """What has changed from one version of a case to today's."""
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
    context |= pages.one_version(version, Catalogue())
    context |= {"state": version.get_status_display(), "photographs_at": photographs_at}
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
        context = {"municipality": found[0], "near": result, "found": pages.likes(result.found, catalogue)}
        context |= {"catalogue": catalogue, "items": catalogue.index.items}
        return render(request, "cases/near.html", context)
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
    catalogue = Catalogue()
    comparison = Comparison(request.GET, catalogue.index)
    context = {"catalogue": catalogue, "comparison": comparison}
    context["choices"] = [] if comparison.full else comparison.choices()
    if not comparison.complete:
        chosen = comparison.versions
        similar = likeness.similar(catalogue, chosen[0], pages.SIMILAR) if chosen else []
        context["similar"] = pages.likes(similar, catalogue)
    return render(request, "cases/compare.html", context)


def tools(request):
    return render(request, "cases/tools.html", pages.tools(Catalogue()))


def tool(request, slug):
    """A tool or a family: their keys share one space of URLs."""
    catalogue = Catalogue({"tool": [slug], "family": [slug]})
    if not catalogue.selected:
        raise Http404
    return render(request, "cases/tool.html", pages.tool(catalogue, slug))


def topics(request):
    return render(request, "cases/topics.html", pages.topics(Catalogue()))


def topic(request, key):
    """One item across the cases; the address filters it as it does the finder."""
    topic = read_item(get_object_or_404(Item, key=key), request.GET)
    return render(request, "cases/topic.html", pages.topic(topic))


def guide(request):
    return render(request, "guide/contents.html", pages.guide(Catalogue()))


def guide_page(request, slug):
    version = get_object_or_404(GuideVersion.objects.published().with_content(), page__slug=slug)
    return render(request, "guide/page.html", pages.guide_page(version, Catalogue()))


def about(request):
    return render(request, "cases/about.html", pages.about(Catalogue()))


def survey(request, year=None):
    """The survey of a year, or the latest; without one, a page that says so."""
    public = Survey.objects.published().select_related("source")
    asked = get_object_or_404(public, year=year) if year else public.first()
    return show_survey(request, asked, latest=asked is None or asked == public.first())


def show_survey(request, survey, **context):
    """A survey as the public would read it."""
    return render(request, "cases/survey.html", pages.survey(survey, Catalogue()) | context)


def edition_list(request):
    """Every edition; what somebody pasted from a paper leads on to what has changed since it."""
    asked = editions.asked(request.GET.get("q", ""))
    if asked.edition and (asked.slugs or not asked.places):
        address = reverse("edition_changes", args=[asked.edition.label])
        return HttpResponseRedirect(f"{address}?{asked.query}" if asked.query else address)
    context = {"editions": editions.every(), "asked": asked}
    return render(request, "cases/editions.html", context)


def edition(request, label):
    edition = get_object_or_404(Edition, label=label)
    return render(request, "cases/edition.html", {"edition": edition, **editions.told(edition)})


def edition_changes(request, label):
    """What has changed since an edition until today; with `since`, from that older one to this."""
    edition = get_object_or_404(Edition, label=label)
    old, new = edition, None
    if since := request.GET.get("since", ""):
        old, new = get_object_or_404(Edition, label=since, frozen_at__lt=edition.frozen_at), edition
    context = editions.changes_page(old, new, request.GET.getlist("case"), request.GET.get("page", ""))
    return render(request, "cases/edition-changes.html", context)


def edition_file(request, label, name):
    """A file of an edition, byte for byte as it was made."""
    files = EditionFile.objects.filter(edition__files_withdrawn_at=None).select_related("edition")
    file = get_object_or_404(files, edition__label=label, name=name)
    try:
        answer = StreamingHttpResponse(bundle.pieces(file), content_type=file.media_type)
    except FileNotFoundError:
        raise Http404 from None
    answer.headers["Content-Length"] = file.size
    answer.headers["ETag"] = f'"{file.sha256}"'
    is_read_here = name.endswith((".pdf", ".txt"))
    answer.headers["Content-Disposition"] = content_disposition_header(
        not is_read_here, f"casebook-{label}-{name.rpartition('/')[2]}"
    )
    return answer


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
