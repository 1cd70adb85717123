"""What machines read to follow the site: Atom, sitemap, robots.txt, OpenSearch. Public HTTP, read-only."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.feedgenerator import Atom1Feed
from django.utils.timezone import localtime

from .addresses import SITE, absolute
from .catalogue import Catalogue
from .models import CaseVersion, GuideVersion, Survey

NEWEST = 50
IN_ONE_FILE = 50_000  # what a sitemap may hold (sitemaps.org)
PAGES = (
    "entrance", "finder", "near", "compare", "topics", "guide", "tools", "editions", "downloads", "survey", "about", "api",
    "help", "glossary", "cite", "accessibility", "accessibility_results", "privacy", "english",
)  # fmt: skip


def feed(request):
    """Atom: the versions published last. Each keeps its id for ever: its case's address and its number."""
    atom = Atom1Feed(
        title=f"{SITE}：新しく公開された事例",
        subtitle="新しく公開された事例と、改めて公開された版をお知らせします。",
        link=absolute("entrance"),
        feed_url=absolute("feed"),
        feed_guid=absolute("feed"),
        author_name=SITE,
        description="",
        language="ja",
    )
    for version in Catalogue().versions(most=NEWEST, sort="new"):
        address = absolute("case", version.case.slug)
        atom.add_item(
            title=f"{version.title}（第{version.number}版）",
            link=address,
            unique_id=f"{address}#v{version.number}",
            description=f"{version.summary}（{version.tier.name}）",
            pubdate=localtime(version.published_at),
            updateddate=localtime(version.published_at),
        )
    return HttpResponse(atom.writeString("utf-8"), content_type=atom.content_type)


def sitemap(request):
    """Every public page; where one file can't hold them, an index of the files that do."""
    pages = _pages()
    if len(pages) <= IN_ONE_FILE:
        return _xml(request, "sitemap.xml", {"pages": pages})
    count = -(-len(pages) // IN_ONE_FILE)
    files = [(absolute("sitemap_file", number + 1), None) for number in range(count)]
    return _xml(request, "sitemap-index.xml", {"pages": files})


def sitemap_file(request, number):
    """One file of the sitemap's index, counted from 1."""
    pages = _pages()[(number - 1) * IN_ONE_FILE : number * IN_ONE_FILE] if number else []
    if not pages:
        raise Http404
    return _xml(request, "sitemap.xml", {"pages": pages})


def _pages():
    """(address, when its content was published or None) of every page worth finding, cases last."""
    catalogue = Catalogue()
    pages = [(absolute(name), None) for name in PAGES]
    for name, facet in (("topic", "has"), ("tool", "tool"), ("tool", "family")):
        told = [key for key in catalogue.index.names[facet] if catalogue.count(**{facet: key})]
        pages += [(absolute(name, key), None) for key in told]
    older = Survey.objects.published().values_list("year", flat=True)[1:]
    pages += [(absolute("survey_year", year), None) for year in older]
    guide = GuideVersion.objects.published().values_list("page__slug", "published_at")
    pages += [(absolute("guide_page", slug), _moment(at)) for slug, at in guide]
    published = CaseVersion.objects.published().order_by("case__slug")
    rows = published.values_list("case__slug", "published_at")
    return pages + [(absolute("case", slug), _moment(at)) for slug, at in rows]


def _moment(at):
    return localtime(at).isoformat(timespec="seconds")


def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", "", f"Sitemap: {absolute('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def opensearch(request):
    """How a browser searches here from its address bar."""
    context = {"name": SITE, "site": settings.SITE_URL}
    return _xml(request, "opensearch.xml", context, "application/opensearchdescription+xml")


def _xml(request, template, context, kind="application/xml"):
    return render(request, template, context, content_type=f"{kind}; charset=utf-8")
