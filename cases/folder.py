"""An edition as a folder of HTML files with plain links: the site's own pages, to be read without a server.

Starting from the entrance, every page that another one links to is made, as far as it can be without
asking: the lists by one value or by a cell of the cross-tab, the cases, the topics, the tools.
"""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict

from . import pages
from .catalogue import Catalogue
from .index import FACETS
from .models import Edition, GuideVersion, Item, Photo, Survey
from .offline import offline
from .topics import read_item

LOOKS = ("tokens.css", "site.css", "print.css", "favicon.svg")
CELL = {"field", "tier"}
ALONE = ("entrance", "tools", "topics", "guide", "survey", "about", "glossary")


class Folder:
    """`files()` makes the folder of an edition, file by file."""

    def __init__(self, edition: Edition):
        self.edition = edition
        self.whole = Catalogue(edition=edition)
        versions = self.whole.published().values_list("case__slug", "pk")
        self.versions: dict[str, int] = dict(versions)
        public = GuideVersion.objects.published().values_list("page__slug", flat=True)
        self.guide: set[str] = set(public)  # today's: an edition holds cases alone
        self.looks = {static(name): f"static/{name}" for name in LOOKS}
        self.waiting: deque[str] = deque()
        self.met: dict[str, str] = {}  # address → file

    def files(self) -> Iterator[tuple[str, bytes]]:
        """(path, content) of every file, the entrance first; paths have `/` between their parts."""
        self._file("/")
        while self.waiting:
            address = self.waiting.popleft()
            here = self.met[address]
            page = offline(
                self._page(address), lambda other, at=address, here=here: self._lead(other, at, here)
            )
            yield here, page.encode()
        for name in LOOKS:
            yield f"static/{name}", Path(finders.find(name)).read_bytes()
        for file in sorted(file for file in self.met.values() if file.startswith("photographs/")):
            name = file.rpartition("/")[2]
            yield file, Photo.objects.of_file(name).first().read(name)

    def _lead(self, address, at, here):
        """Where `address`, as it stands on the page `at`, lies as seen from that page's file `here`."""
        parts = urlsplit(urljoin(at, address))
        if parts.netloc:
            return None
        file = self.looks.get(parts.path) or self._file(parts.path, parts.query)
        if file is None:
            return None
        up = "../" * here.count("/")
        return up + quote(file) + (f"#{parts.fragment}" if parts.fragment else "")

    def _file(self, path, query=""):
        """The file of a page, which is then made in its turn; None for what isn't in the folder."""
        asked = parse_qs(query)
        address = f"{path}?{urlencode(asked, doseq=True)}" if asked else path
        if address not in self.met:
            try:
                match = resolve(path)
            except Resolver404:
                return None
            file = self._named(match.url_name, match.kwargs, asked)
            if file is None:
                return None
            self.met[address] = file
            if match.url_name != "photograph":
                self.waiting.append(address)
        return self.met[address]

    def _named(self, name, given, asked):
        """What the file of a page is called, if it's one of the folder's."""
        names = self.whole.index.names
        if name in ALONE and not asked:
            return "index.html" if name == "entrance" else f"{name}.html"
        if name == "photograph":
            return f"photographs/{given['name']}"
        if name == "case" and given["slug"] in self.versions and not asked:
            return f"cases/{given['slug']}.html"
        if (
            name == "tool"
            and (given["slug"] in names["tool"] or given["slug"] in names["family"])
            and not asked
        ):
            return f"tools/{given['slug']}.html"
        if name == "topic" and given["key"] in names["has"] and set(asked) <= {"page"}:
            return f"topics/{'.'.join([given['key'], *_turn(asked)])}.html"
        if name == "guide_page" and given["slug"] in self.guide and not asked:
            return f"guide/{given['slug']}.html"
        return self._list(asked) if name == "finder" else None

    def _list(self, asked):
        """A list of everything in any order, by one value, or by a field and a tier."""
        chosen = {key: values for key, values in asked.items() if key in FACETS}
        names = self.whole.index.names
        if any(len(values) != 1 or values[0] not in names[key] for key, values in chosen.items()):
            return None
        if set(asked) - set(chosen) - {"page", "sort"} or (chosen and "sort" in asked):
            return None
        if len(chosen) > 1 and set(chosen) != CELL:
            return None
        if not asked:
            return "cases.html"
        parts = [f"{key}.{chosen[key][0]}" for key in FACETS if key in chosen] or ["all"]
        parts += [f"sort.{asked['sort'][0]}"] if "sort" in asked else []
        return f"lists/{'.'.join([*parts, *_turn(asked)])}.html"

    # The pages, as the views show them

    def _page(self, address):
        parts = urlsplit(address)
        match = resolve(parts.path)
        template, context = getattr(self, f"_{match.url_name}")(
            MultiValueDict(parse_qs(parts.query)), **match.kwargs
        )
        return render_to_string(template, {"copy_of": self.edition} | context)

    def _entrance(self, asked):
        return "folder/entrance.html", pages.entrance(self.whole)

    def _about(self, asked):
        return "cases/about.html", pages.about(self.whole)

    def _survey(self, asked):
        latest = Survey.objects.published().select_related("source").first()
        return "cases/survey.html", pages.survey(latest, self.whole) | {"latest": True}

    def _glossary(self, asked):
        return "cases/glossary.html", pages.glossary(self.whole)

    def _tools(self, asked):
        return "cases/tools.html", pages.tools(self.whole)

    def _topics(self, asked):
        return "cases/topics.html", pages.topics(self.whole)

    def _guide(self, asked):
        return "guide/contents.html", pages.guide(self.whole)

    def _guide_page(self, asked, slug):
        version = GuideVersion.objects.published().with_content().get(page__slug=slug)
        return "guide/page.html", pages.guide_page(version, self.whole)

    def _finder(self, asked):
        catalogue = Catalogue(asked, edition=self.edition)
        page = pages.finder(catalogue, in_orders=not catalogue.selected)
        return "folder/finder.html", page | {"lists": self.whole.facets}

    def _case(self, asked, slug):
        version = self.whole.published().with_content().get(pk=self.versions[slug])
        context = pages.case(version, self.whole)
        # A later building knows no later version either.
        own = [one for one in context["versions"] if one.number <= version.number]
        return "cases/case.html", context | {"versions": own}

    def _tool(self, asked, slug):
        catalogue = Catalogue({"tool": [slug], "family": [slug]}, edition=self.edition)
        return "cases/tool.html", pages.tool(catalogue, slug)

    def _topic(self, asked, key):
        topic = read_item(Item.objects.get(pk=key), asked, self.edition)
        return "cases/topic.html", pages.topic(topic)


def _turn(asked):
    return [f"p{asked['page'][0]}"] if "page" in asked else []
