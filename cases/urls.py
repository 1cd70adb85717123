"""Public URLs. They never change once published."""

import re

from django.urls import path, re_path

from . import downloads, duties, feeds, health, papers, views
from .api import urls as api
from .exports import FILES
from .models import LABEL

OF_VERSION = (
    r"^cases/(?P<slug>[-a-zA-Z0-9_]+)/v(?P<number>[1-9][0-9]{0,8})/"  # one spelling per number: no v01
)
OF_EDITION = rf"^editions/(?P<label>{LABEL})/"
PHOTOGRAPH = r"(?P<name>[0-9a-f]{32}(?:-[0-9]{3,4})?\.(?:jpg|png|webp))$"

FILE = f"^(?P<name>{'|'.join(map(re.escape, FILES))})$"

urlpatterns = [
    path("", views.entrance, name="entrance"),
    path("cases/", views.finder, name="finder"),
    path("cases/<slug:slug>/", views.case, name="case"),
    re_path(OF_VERSION + "$", views.version, name="version"),
    re_path(OF_VERSION + "changes/$", views.changes, name="changes"),
    path("cases/<slug:slug>.pdf", papers.case, name="case_paper"),
    path("cases/<slug:slug>/inquiry/", downloads.inquiry, name="inquiry"),
    path("near/", views.near, name="near"),
    path("compare/", views.compare, name="compare"),
    path("compare.xlsx", downloads.compare_file, name="compare_file"),
    re_path(FILE, downloads.file, name="file"),
    path("casebook.pdf", papers.casebook, name="casebook"),
    path("compare.pdf", papers.comparison, name="compare_paper"),
    path("topics/<slug:key>.pdf", papers.topic, name="topic_paper"),
    path("guide.pdf", papers.guide, name="guide_paper"),
    path("guide/<slug:slug>.pdf", papers.guide_page, name="guide_page_paper"),
    path("downloads/", downloads.downloads, name="downloads"),
    path("tools/", views.tools, name="tools"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("guide/", views.guide, name="guide"),
    path("guide/<slug:slug>/", views.guide_page, name="guide_page"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:key>/", views.topic, name="topic"),
    path("editions/", views.edition_list, name="editions"),
    re_path(OF_EDITION + "$", views.edition, name="edition"),
    re_path(OF_EDITION + "changes/$", views.edition_changes, name="edition_changes"),
    re_path(
        OF_EDITION + r"(?P<name>(?:pdf/)?[A-Za-z0-9_-]+\.[a-z]{3,4})$",
        views.edition_file,
        name="edition_file",
    ),
    path("survey/", views.survey, name="survey"),
    re_path(r"^survey/(?P<year>20[0-9]{2})/$", views.survey, name="survey_year"),
    path("about/", views.about, name="about"),
    path("accessibility/", duties.policy, name="accessibility"),
    path("accessibility/results/", duties.results, name="accessibility_results"),
    path("privacy/", duties.privacy, name="privacy"),
    path("help/", duties.first_steps, name="help"),
    path("cite/", duties.cite, name="cite"),
    path("glossary/", duties.glossary, name="glossary"),
    path("en/", duties.in_english, name="english"),
    path(".well-known/security.txt", duties.security, name="security"),
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
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    *api.urlpatterns,
]
