"""Paper, public and read-only: the casebook of any selection, one case, a comparison, a topic, the guide, as PDFs."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, render
from django.template.loader import render_to_string

from . import documents, exports
from .addresses import absolute
from .catalogue import Catalogue
from .comparison import Comparison
from .editions import standing
from .index import FACETS
from .models import CaseVersion, GuideVersion, Item
from .topics import read_item
from .unavailable import RETRY_SECONDS

MOST_TOLD = 300  # cases of a topic on paper
BUSY = "ほかのPDFを作っているところです。しばらくしてから、もう一度お試しください。"


def casebook(request):
    """The book of the selection that the address asks for; of one too large for a book, the list of its volumes."""
    asked = request.GET.copy()
    volume = (asked.pop("volume", None) or [""])[-1]
    try:
        catalogue = exports.selection(asked)
    except exports.Refused as refused:
        return _refused(request, refused.problems)
    volumes = documents.volumes(catalogue)
    if volume and volume not in map(str, range(1, volumes + 1)):
        return _refused(request, [f"分冊（volume）は1から{volumes}までの数で書いてください。"])
    query = asked.urlencode()
    if volumes > 1 and not volume:
        context = {"catalogue": catalogue, "volumes": range(1, volumes + 1), "query": query}
        return render(request, "cases/volumes.html", context, status=300)
    address = absolute("casebook", query=query) if "ids" in asked else ""
    here = standing(catalogue.index)
    content = partial(documents.casebook, catalogue, here.words, address, int(volume or 1))
    return _paper(request, f"casebook-{volume}" if volumes > 1 else "casebook", here, content)


def case(request, slug):
    version = get_object_or_404(CaseVersion.objects.published().with_content(), case__slug=slug)
    here = standing(Catalogue().index)
    return _paper(request, slug, here, partial(documents.case, version, here.words))


def comparison(request):
    compared = Comparison(request.GET)
    if compared.refusals:
        return _refused(request, compared.refusals)
    here = standing(compared.index)
    return _paper(request, "compare", here, partial(documents.comparison, compared, here.words))


def topic(request, key):
    item = get_object_or_404(Item, key=key)
    problems = [f"「{name[:40]}」という条件はありません。" for name in request.GET if name not in FACETS]
    topic = read_item(item, request.GET, most=MOST_TOLD)
    problems += [message for messages in topic.catalogue.errors.values() for message in messages]
    if problems:
        return _refused(request, problems)
    here = standing(topic.catalogue.index)
    return _paper(request, key, here, partial(documents.topic, topic, here.words))


def guide(request):
    versions = get_list_or_404(GuideVersion.objects.published().with_content())
    catalogue = Catalogue()
    here = standing(catalogue.index)
    return _paper(request, "guide", here, partial(documents.guide, versions, catalogue, here.words))


def guide_page(request, slug):
    version = get_object_or_404(GuideVersion.objects.published().with_content(), page__slug=slug)
    catalogue = Catalogue()
    here = standing(catalogue.index)
    content = partial(documents.guide_page, version, catalogue, here.words)
    return _paper(request, f"guide-{slug}", here, content)


def _paper(request, name, here, content):
    """The PDF, to be read at once, named for the edition or day it shows; 503 in words while the press is busy."""
    try:
        pdf = content()
    except documents.Busy:
        words = render_to_string("503.html", {"status": 503, "why": BUSY, "path": request.path})
        return HttpResponse(words, status=503, headers={"Retry-After": RETRY_SECONDS})
    headers = {"Content-Disposition": f'inline; filename="{name}_{here.in_names}.pdf"'}
    if request.GET:
        headers["X-Robots-Tag"] = "noindex"
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _refused(request, problems):
    return render(request, "cases/refused.html", {"problems": problems}, status=400)
