"""Files to take away, public and read-only: of any selection, what they are, and the draft of an inquiry."""

import hashlib

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, render

from . import exports, readability
from .catalogue import Catalogue
from .comparison import Comparison
from .editions import book_sizes, newest_bundle, standing
from .inquiry import draft
from .models import CaseVersion, Item
from .offers import offers
from .record import record

FORMAT = hashlib.sha256(repr(exports.definitions()).encode()).hexdigest()  # a new column is another file


def file(request, name):
    """A file of the selection that the address asks for, as the finder's address does; 400 in words otherwise."""
    try:
        catalogue = exports.selection(request.GET)
    except exports.Refused as refused:
        return _refused(request, refused.problems)
    one, here = exports.FILES[name], standing(catalogue.index)
    return _download(
        request, name, one.media_type, here, catalogue, lambda: one.content(catalogue, here.words)
    )


def compare_file(request):
    """The comparison that the address asks for, on paper."""
    catalogue = Catalogue()
    compared = Comparison(request.GET, catalogue.index)
    if compared.refusals:
        return _refused(request, compared.refusals)
    here = standing(catalogue.index)
    content = lambda: exports.comparison(compared, here.words)  # noqa: E731
    return _download(request, "compare.xlsx", exports.XLSX, here, catalogue, content)


def downloads(request):
    """Every file of what is public, with what it is and how it keeps the rules."""
    catalogue = Catalogue()
    here = standing(catalogue.index)
    context = {
        "catalogue": catalogue,
        "here": here,
        "bundle": newest_bundle(),
        "book_sizes": book_sizes(here),
        "offers": offers(here.words),
        "tables": exports.TABLES,
        "codes": exports.codes(catalogue),
        "terms": exports.TERMS,
        "rules": readability.SOURCE,
        "rules_as_data": readability.AS_DATA,
    }
    return render(request, "cases/downloads.html", context)


def inquiry(request, slug):
    """A draft letter that asks the municipality of a case what the case doesn't answer."""
    version = get_object_or_404(CaseVersion.objects.published().with_content(), case__slug=slug)
    catalogue = Catalogue()
    told = record(version, catalogue.index.items)
    context = {"catalogue": catalogue, "record": told, "draft": draft(told, list(Item.objects.all()))}
    return render(request, "cases/inquiry.html", context)


def _refused(request, problems):
    return render(request, "cases/refused.html", {"problems": problems}, status=400)


def _download(request, name, media_type, here, catalogue, content):
    """The file, piece by piece, under its name and the edition or day it shows. To HEAD, its headers alone."""
    stem, _, kind = name.rpartition(".")
    asked = (catalogue.index.stamp, here.words, name, request.META["QUERY_STRING"], FORMAT)
    headers = {
        "Content-Type": media_type,
        "Content-Disposition": f'attachment; filename="{stem}_{here.in_names}.{kind}"',
        "ETag": f'"{hashlib.sha256(repr(asked).encode()).hexdigest()[:32]}"',
    }
    if request.META["QUERY_STRING"]:
        headers["X-Robots-Tag"] = "noindex"
    return StreamingHttpResponse(() if request.method == "HEAD" else content(), headers=headers)
