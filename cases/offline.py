"""A page of the site → the same page as a file that opens from a folder. Pure: text → text.

Left out is what needs the site or a script: forms, scripts, and whatever has the class `site-only`. A link
leads to another file or becomes its text; the address of an outside page stands behind its name, to be read.
"""

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

SITE_ONLY = "site-only"
LEFT_OUT = {"form", "script", "noscript"}
KEPT_LINKS = {"stylesheet", "icon"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
WIDEST = 1_280  # pixels of a photograph's copy to take along


def offline(page: str, lead: Callable[[str], str | None]) -> str:
    """`lead(address)` → where that address lies as seen from this page's file, or None if it isn't in the folder."""
    copier = _Copier(lead)
    copier.feed(page)
    copier.close()
    return "".join(copier.kept)


class _Copier(HTMLParser):
    def __init__(self, lead):
        super().__init__(convert_charrefs=False)
        self.lead = lead
        self.kept: list[str] = []
        self.leaving: list[str] = []  # open elements from the one that is left out inwards
        self.links: list[tuple[str, str]] = []  # the open links: what closes them, what then follows

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if self.leaving or tag in LEFT_OUT or SITE_ONLY in attrs.get("class", "").split():
            if tag not in VOID:
                self.leaving.append(tag)
        elif tag == "a":
            self._link(attrs)
        elif tag == "link":
            where = self.lead(attrs.get("href", "")) if attrs.get("rel") in KEPT_LINKS else None
            if where:
                self._keep(tag, attrs | {"href": where})
        elif tag == "img":
            self._keep(tag, _one_picture(attrs, self.lead))
        else:
            self.kept.append(self.get_starttag_text())

    def handle_startendtag(self, tag, attrs):
        if not self.leaving:
            self.kept.append(self.get_starttag_text())

    def handle_endtag(self, tag):
        if self.leaving:
            if tag in self.leaving:
                while self.leaving.pop() != tag:  # what closed without saying so
                    pass
        elif tag == "a":
            close, after = self.links.pop()
            self.kept.append(close + after)
        else:
            self.kept.append(f"</{tag}>")

    def _link(self, attrs):
        """A link that leads somewhere here; any other becomes its text, an outside one with its address."""
        href = attrs.get("href", "")
        where = href if href.startswith("#") else self.lead(href)
        if where is not None:
            self._keep("a", attrs | {"href": where})
            self.links.append(("</a>", ""))
            return
        self._keep("span", {"class": attrs["class"]} if "class" in attrs else {})
        is_outside = href.startswith(("http:", "https:"))
        self.links.append(
            ("</span>", f'<span class="address">（{escape(href)}）</span>' if is_outside else "")
        )

    def _keep(self, tag, attrs):
        told = "".join(f' {name}="{escape(value)}"' for name, value in attrs.items())
        self.kept.append(f"<{tag}{told}>")

    def _text(self, text):
        if not self.leaving:
            self.kept.append(text)

    def handle_data(self, data):
        self._text(data)

    def handle_entityref(self, name):
        self._text(f"&{name};")

    def handle_charref(self, name):
        self._text(f"&#{name};")

    def handle_decl(self, decl):
        self._text(f"<!{decl}>")


def _one_picture(attrs, lead):
    """The picture at one width, the widest that isn't larger than a page needs."""
    copies = [pair.split() for pair in attrs.pop("srcset", "").split(",") if pair.strip()]
    fitting = [(int(width[:-1]), name) for name, width in copies if int(width[:-1]) <= WIDEST]
    name = max(fitting)[1] if fitting else attrs.get("src", "")
    attrs.pop("sizes", None)
    return attrs | {"src": lead(name) or ""}
