"""The API's door: JSON to programs, and the manual to people. It only reads."""

import json
from dataclasses import is_dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from .. import interchange
from ..catalogue import Catalogue
from ..exports import FILES, TERMS
from . import manual as manuals
from . import openapi
from .asking import Refused
from .shapes import Paged


def answer(request, operation, **place):
    """What an operation finds; a refusal in words."""
    try:
        found = operation.answer(request.GET, **place)
    except Refused as refused:
        return _refusal(refused)
    except SuspiciousOperation:  # more parameters than Django reads
        return _refusal(Refused(400, {"": ["条件が多すぎます。"]}))
    response = _json(found)
    if isinstance(found, Paged):
        links = {"next": found.next, "prev": found.previous}
        if link := ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items() if address):
            response.headers["Link"] = link
    return response


def document(request):
    return _json(openapi.document(Catalogue()))


def catalog(request):
    """The catalogue as DCAT."""
    newest = Catalogue().versions(most=1, sort="new")
    files = [file for file in FILES.values() if file.for_programs]
    modified = localdate(newest[0].published_at) if newest else None
    return _json(interchange.dcat(files, modified), "application/ld+json")


def nothing(request, rest):
    """Any other address here: told as JSON, like all else."""
    words = "このアドレスには何もありません。末尾に / は付けません。手引きは /api/ にあります。"
    return _refusal(Refused(404, {"": [words]}))


def manual(request):
    endpoints = manuals.endpoints(openapi.document(Catalogue()), _written)
    context = {"endpoints": endpoints, "site": settings.SITE_URL, "terms": TERMS}
    return render(request, "cases/api.html", context)


def _refusal(refused):
    return _json(openapi.errors(refused), status=refused.status)


def _json(found, kind="application/json", status=200):
    written = json.dumps(found, ensure_ascii=False, default=_plain)
    written = written.replace(
        "<", "\\u003c"
    )  # what was asked is told again: no markup, whatever it's taken for
    return HttpResponse(written, content_type=f"{kind}; charset=utf-8", status=status)


def _written(found):
    """JSON for the eye."""
    return json.dumps(found, ensure_ascii=False, default=_plain, indent=2)


def _plain(thing):
    """What JSON has no form for: dataclasses and dates."""
    if is_dataclass(thing):
        return vars(thing)
    if isinstance(thing, date):
        return thing.isoformat()
    raise TypeError(thing)
