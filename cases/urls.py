"""Public URLs. They never change once published."""

from django.urls import path, re_path

from . import feeds, views

EDITION = r"^cases/(?P<slug>[-a-zA-Z0-9_]+)/v(?P<number>[1-9][0-9]{0,8})/"  # one spelling per number: no v01
PHOTOGRAPH = r"(?P<name>[0-9a-f]{32}(?:-[0-9]{3,4})?\.(?:jpg|png|webp))$"

urlpatterns = [
    path("", views.entrance, name="entrance"),
    path("cases/", views.finder, name="finder"),
    path("cases/<slug:slug>/", views.case, name="case"),
    re_path(EDITION + "$", views.version, name="version"),
    re_path(EDITION + "changes/$", views.changes, name="changes"),
    path("near/", views.near, name="near"),
    path("compare/", views.compare, name="compare"),
    path("tools/", views.tools, name="tools"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:key>/", views.topic, name="topic"),
    path("about/", views.about, name="about"),
    re_path("^photographs/" + PHOTOGRAPH, views.photograph, name="photograph"),
    path("preview/<str:token>/", views.preview, name="preview"),
    re_path(
        "^preview/(?P<token>[^/]+)/photographs/" + PHOTOGRAPH,
        views.preview_photograph,
        name="preview_photograph",
    ),
    path("feed/", feeds.feed, name="feed"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", feeds.sitemap_file, name="sitemap_file"),
    path("robots.txt", feeds.robots, name="robots"),
    path("opensearch.xml", feeds.opensearch, name="opensearch"),
]
