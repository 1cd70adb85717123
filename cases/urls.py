"""Public URLs. They never change once published."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("", views.entrance, name="entrance"),
    path("cases/", views.finder, name="finder"),
    path("cases/<slug:slug>/", views.case, name="case"),
    path("tools/", views.tools, name="tools"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("about/", views.about, name="about"),
    re_path(r"^photographs/(?P<name>[0-9a-f]{32}\.(?:jpg|png|webp))$", views.photograph, name="photograph"),
]
