"""Public URLs. They never change once published."""

from django.urls import path, re_path

from . import feeds, views

urlpatterns = [
    path("", views.entrance, name="entrance"),
    path("cases/", views.finder, name="finder"),
    path("cases/<slug:slug>/", views.case, name="case"),
    path("near/", views.near, name="near"),
    path("compare/", views.compare, name="compare"),
    path("tools/", views.tools, name="tools"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:key>/", views.topic, name="topic"),
    path("about/", views.about, name="about"),
    re_path(r"^photographs/(?P<name>[0-9a-f]{32}\.(?:jpg|png|webp))$", views.photograph, name="photograph"),
    path("feed/", feeds.feed, name="feed"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", feeds.sitemap_file, name="sitemap_file"),
    path("robots.txt", feeds.robots, name="robots"),
    path("opensearch.xml", feeds.opensearch, name="opensearch"),
]
