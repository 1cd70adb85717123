"""The site's own duties as pages: accessibility, privacy, help, citing, words, English, security.txt."""

from datetime import date, timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from . import accessibility, english, pages
from .addresses import absolute
from .catalogue import Catalogue

RELEASED = date(
    2026, 11, 24
)  # the day of the CHANGELOG's newest version; security.txt holds for a year from it
EXPIRES = RELEASED + timedelta(days=364)  # RFC 9116 asks for less than a year


def policy(request):
    context = {"standard": accessibility.STANDARD, "report": accessibility.report(), "contact": _contact()}
    return render(request, "cases/accessibility.html", context)


def results(request):
    context = {
        "standard": accessibility.STANDARD,
        "report": accessibility.report(),
        "site": settings.SITE_URL,
    }
    return render(request, "cases/accessibility-results.html", context)


def privacy(request):
    return render(request, "cases/privacy.html", {"contact": _contact()})


def first_steps(request):
    return render(request, "cases/help.html", {"catalogue": Catalogue()})


def cite(request):
    return render(request, "cases/cite.html", pages.cite(Catalogue()))


def glossary(request):
    return render(request, "cases/glossary.html", pages.glossary(Catalogue()))


def in_english(request):
    catalogue = Catalogue()
    context = {"catalogue": catalogue, "breakdowns": english.breakdowns(catalogue), "site": settings.SITE_URL}
    return render(request, "cases/english.html", context)


def security(request):
    """RFC 9116: whom to tell about a weakness. Without a contact there's nothing to say, so no file."""
    if not settings.CONTACT:
        raise Http404
    lines = [
        f"Contact: {settings.CONTACT}",
        f"Expires: {EXPIRES.isoformat()}T00:00:00Z",
        "Preferred-Languages: ja, en",
        f"Canonical: {absolute('security')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _contact():
    """Where to write to: (address to link to, its words); None where the operator has set none."""
    return (settings.CONTACT, settings.CONTACT.removeprefix("mailto:")) if settings.CONTACT else None
