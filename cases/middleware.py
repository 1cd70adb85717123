"""What holds for every answer, whichever view gives it."""

from django.http import HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.urls import reverse

from . import replica

MOST_BODY = 25 * 1024 * 1024  # two photographs or two tables of the largest size, and what goes with them


def headers(get_response):
    """Isolation headers on everything, static files and errors too; public pages are kept but asked for anew.

    What the API answers, refusals too, any page of any site may read: nothing there is for one reader alone.
    A plain GET asks no permission first (OPTIONS stays refused), a browser's own revalidation neither.

    An answer to HEAD loses its body here: gunicorn would drop it as well, with a warning each time.
    """

    def middleware(request):
        response = get_response(request)
        is_open = request.path.startswith("/api/v1/")
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if is_open else "same-origin"
        if is_open:
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link"
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        response.headers["Permissions-Policy"] = (
            "geolocation=(), camera=(), microphone=(), browsing-topics=()"
        )
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = (
                "private, no-store" if _is_admin(request) else "public, no-cache"
            )
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        return response

    return middleware


def reading_only(get_response):
    """GET and HEAD only outside the admin: the public site can't be asked to write."""

    def middleware(request):
        allowed = ["GET", "HEAD", "POST"] if _is_admin(request) else ["GET", "HEAD"]
        if request.method not in allowed:
            return HttpResponseNotAllowed(allowed)
        return get_response(request)

    return middleware


def bounded(get_response):
    """413 in words for a body beyond what any form here takes, before a byte of it is read or stored.

    A body without a stated length is read by nobody: Django takes it for empty.
    """

    def middleware(request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > MOST_BODY:
            return HttpResponse(render_to_string("413.html"), status=413)
        return get_response(request)

    return middleware


def from_the_replica(get_response):
    """Public pages come from the copy of the database; a draft's, as the admin's, from the database itself."""

    def middleware(request):
        is_of_a_draft = request.path.startswith("/preview/")
        replica.for_a_reader.set(not _is_admin(request) and not is_of_a_draft)
        return get_response(request)

    return middleware


def _is_admin(request):
    return request.path.startswith(reverse("admin:index"))
