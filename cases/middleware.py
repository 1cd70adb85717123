"""What holds for every answer, whichever view gives it."""

from django.http import HttpResponseNotAllowed
from django.urls import reverse


def headers(get_response):
    """Isolation headers on everything, static files and errors too; a minute's keeping for public pages."""

    def middleware(request):
        response = get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        response.headers["Permissions-Policy"] = (
            "geolocation=(), camera=(), microphone=(), browsing-topics=()"
        )
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = (
                "private, no-store" if _is_admin(request) else "public, max-age=60"
            )
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


def _is_admin(request):
    return request.path.startswith(reverse("admin:index"))
