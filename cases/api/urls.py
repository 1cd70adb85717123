"""Addresses of the API, without a slash at their end. They never change once published."""

import re

from django.urls import path, re_path

from . import views
from .operations import OPERATIONS


def _route(address):
    """`/api/v1/cases/{slug}` → `api/v1/cases/<slug:slug>`."""
    return re.sub(r"{(\w+)}", r"<slug:\1>", address.removeprefix("/"))


urlpatterns = [
    path("api/", views.manual, name="api"),
    *(path(_route(one.path), views.answer, {"operation": one}, name=one.name) for one in OPERATIONS),
    path("api/v1/openapi.json", views.document, name="api_openapi"),
    path("api/v1/catalog.jsonld", views.catalog, name="api_catalog"),
    re_path(r"^api/v1/(?P<rest>[\s\S]*)\Z", views.nothing, name="api_nothing"),
]
