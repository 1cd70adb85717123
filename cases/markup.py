"""Markdown as editors write it → safe HTML. Pure: text → text; the one importer of its two engines.

Only what a page of the guide is made of is understood: headings, paragraphs, lists, tables, links, emphasis,
boxes to tick and the shortcodes below. HTML and pictures stay the letters they were typed as, and whatever
the engine makes of hostile text, nothing passes the list of allowed tags.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from html import unescape
from xml.etree.ElementTree import Element

import nh3
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

MANUAL = (  # the admin's help shows it
    ("## 見出し", "見出しになります。小さな見出しは「### 見出し」。"),
    (
        "- 項目",
        "箇条書きになります。番号つきは「1. 項目」。「- □ 項目」は、紙で印を付けられる欄になります。",
    ),
    ("**強調**", "囲んだところが太い字になります。"),
    (
        "[文字](/cases/)",
        "「文字」がリンクになります。行き先は、このサイトの中は「/」から、ほかのサイトは「https://」から。",
    ),
    ("| 列 | 列 |", "表になります。一行目が見出し、二行目は「|---|---|」、三行目から中身です。"),
    (
        "[[記述 効果 居場所]]",
        "居場所の事例が「効果」について述べていることが、自治体の名と出典を添えて、ここに並びます。"
        "分野（居場所）を書かなければ、全分野の事例です。",
    ),
    (
        "[[件数 分野=相談]]",
        "相談の事例の、いまの件数が入ります（押すと一覧へ）。文の中に書けます。条件は空白で区切って重ねられ、"
        "分野・自治体区分・手段の種類・ツール・方式・項目を使えます。条件がなければ全件です。",
    ),
    ("[[図 段階]]", "オンライン支援の位置づけの図が入ります。"),
)
CONDITIONS = ("分野", "自治体区分", "手段の種類", "ツール", "方式", "項目")
PICTURES = ("段階",)
MOST = 30_000  # characters
DEEPEST = 12  # spaces that a line may be indented by
BOX = "□"

_SHORTCODE = re.compile(r"\[\[([^\[\]\n]*)\]\]")
_OPEN, _CLOSE = "\ue000", "\ue001"  # stand where a shortcode was, while Markdown is made; nobody types them
_PLACE = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_WIDE = re.compile(
    r"^[ \t\u3000]*([＃・－｜])|(［［|］］|\]（)", re.M
)  # marks as a Japanese keyboard gives them
_LISTED = re.compile(r"[-*] |[0-9]+\. |\|")
_APART = re.compile(r"\n\s*\n|^#.*$|^[ \t]*\[\[[^\[\]\n]*\]\][ \t]*$", re.M)
_HELD = re.compile(f"[{_OPEN}{_CLOSE}\x00-\x08\x0b-\x1f]")
_TAGS = {
    "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "a", "br", "hr", "blockquote",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {
    "*": set(),
    "a": {"href"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "li": {"class"},
    "ol": {"start"},
    "th": {"scope"},
}


@dataclass(frozen=True)
class Shortcode:
    """What stands in [[…]]: its name, its words, and its conditions (分野=相談)."""

    name: str
    words: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]

    @property
    def is_block(self) -> bool:
        """Whether it stands on a line of its own."""
        return self.name != "件数"


@dataclass(frozen=True)
class Heading:
    anchor: str
    text: str


@dataclass(frozen=True)
class Marked:
    """Safe HTML, and the headings of the second level that lead through it."""

    html: SafeString
    headings: list[Heading]


def problems(body: str, words: Mapping[str, Collection[str]] | None = None) -> list[str]:
    """What is wrong with a text, in words for its editor; empty when nothing is.

    `words` maps 項目, 分野 … to the names and keys there are; of a kind that it leaves out, any is taken.
    """
    found = []
    if len(body) > MOST:
        found.append(f"本文は{MOST:,}文字までです（いま{len(body):,}文字）。ページを分けてください。")
    if re.search(r"<\s*[a-zA-Z/!?]", body):
        found.append("HTMLのタグは使えません（書いた文字のまま表示されます）。")
    if "![" in body:
        found.append("画像は使えません。")
    found += [
        f"「{mark}」は、ただの文字になります。半角の記号で書いてください（箇条書きは「- 」）。"
        for mark in map("".join, _WIDE.findall(body))
    ]
    for block in _APART.split(body):
        lines = [line for line in map(str.strip, block.splitlines()) if line]
        listed = [line for line in lines if _LISTED.match(line)]
        if listed and listed[0] != lines[0]:
            found.append(f"「{listed[0][:20]}」：箇条書きや表の前には、空の行を一つ置いてください。")
    levels = [len(one) for one in re.findall(r"^(#{1,6}) ?\S", body, re.M)]
    if 1 in levels:
        found.append("見出しは「##」から始めてください。「#」はページの題名です。")
    if any(after > before + 1 for before, after in zip([1, *levels], levels, strict=False)):
        found.append("見出しの段が飛んでいます。「##」の下は「###」です。")
    for address in re.findall(r"\]\(([^)\s]*)", body):
        if not re.match(r"(https?://[^/]|/(?!/)|#)", address):
            found.append(f"リンク先「{address}」は、「/」か「https://」から書いてください。")
    if any(len(line) - len(line.lstrip()) > DEEPEST for line in body.splitlines()):
        found.append("字下げが深すぎます。")
    for line in body.splitlines():
        for inside in _SHORTCODE.findall(line):
            found += [f"[[{inside}]]：{wrong}" for wrong in _wrong(_shortcode(inside), words or {})]
            if (one := _shortcode(inside)).is_block and line.strip() != f"[[{inside}]]" and one.name:
                found.append(f"[[{inside}]]：一行に一つだけ、ほかの文字を置かずに書いてください。")
    if re.sub(_SHORTCODE, "", body).count("[[") or re.sub(_SHORTCODE, "", body).count("]]"):
        found.append("「[[」と「]]」の対がそろっていないところがあります。")
    return list(dict.fromkeys(found))


def shortcodes(body: str) -> list[Shortcode]:
    """Those of a text that are well formed, in order."""
    codes = map(_shortcode, _SHORTCODE.findall(body))
    return [code for code in codes if not any(_wrong(code, {}))]


def _shortcode(inside):
    name, *given = inside.replace("＝", "=").split() or [""]
    pairs = tuple(tuple(one.split("=", 1)) for one in given if "=" in one)
    return Shortcode(name, tuple(one for one in given if "=" not in one), pairs)


def _wrong(code, known):
    """What is wrong with one shortcode."""
    if code.name not in ("記述", "件数", "図"):
        yield "使えるのは「記述」「件数」「図」です。"
    elif code.name == "記述":
        if not 1 <= len(code.words) <= 2 or code.conditions:
            yield "「[[記述 項目]]」か「[[記述 項目 分野]]」の形で書いてください。"
        else:
            yield from _unknown(zip(("項目", "分野"), code.words, strict=False), known)
    elif code.name == "図":
        if code.conditions or len(code.words) != 1 or code.words[0] not in PICTURES:
            yield f"ある図は{'、'.join(f'「{name}」' for name in PICTURES)}です。"
    elif code.words or any(kind not in CONDITIONS for kind, _ in code.conditions):
        yield f"条件は「分野=相談」の形で、{'・'.join(CONDITIONS)}のどれかを書いてください。"
    else:
        yield from _unknown(code.conditions, known)


def _unknown(pairs, known):
    for kind, word in pairs:
        if kind in known and word not in known[kind]:
            near = get_close_matches(word, sorted(known[kind]), 1)
            yield f"{kind}「{word}」はありません。" + "".join(f"「{one}」のことですか。" for one in near)


def html(body: str, drawn: Callable[[Shortcode], str]) -> Marked:
    """`drawn(shortcode)` → its safe HTML ("" where it can't be shown), for each that is well formed, in order.

    What is not well formed is shown as nothing; a text too long or too deep, as the letters it is.
    """
    codes = []

    def hold(match):
        codes.append(_shortcode(match[1]))
        return f"{_OPEN}{len(codes) - 1}{_CLOSE}"

    typed = _SHORTCODE.sub(hold, _apart(_HELD.sub("", body.replace("\r\n", "\n").replace("\r", "\n"))))
    clean = nh3.clean(
        _marked(typed),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=lambda tag, name, value: None if _OPEN in value else value,
        url_schemes={"http", "https"},
        link_rel="noopener",
    )
    headings = [
        Heading(anchor, unescape(strip_tags(_PLACE.sub("", title))).strip())
        for anchor, title in re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', clean, re.S)
    ]
    shown = {}

    def draw(number):
        if number not in shown:
            code = codes[number]
            shown[number] = "" if any(_wrong(code, {})) else drawn(code)
        return shown[number]

    clean = _framed(clean)
    # What fills a line takes the place of its paragraph; inside other text it is left out.
    clean = re.sub(
        rf"<p>\s*{_PLACE.pattern}\s*</p>",
        lambda match: draw(int(match[1])) if codes[int(match[1])].is_block else match[0],
        clean,
    )
    clean = _PLACE.sub(lambda match: "" if codes[int(match[1])].is_block else draw(int(match[1])), clean)
    return Marked(mark_safe(clean), headings)  # noqa: S308 (nh3's, and what the caller drew)


def _apart(body):
    """A shortcode that fills a line is a paragraph, whatever stands above and below."""
    return re.sub(rf"^[ \t]*({_SHORTCODE.pattern})[ \t]*$", r"\n\1\n", body, flags=re.M)


def _marked(typed):
    if len(typed) <= 2 * MOST:
        deep = re.compile(rf"^ {{{DEEPEST + 1},}}", re.M)
        try:
            return _engine().convert(deep.sub(" " * DEEPEST, typed.expandtabs(4)))
        except RecursionError:  # lists within lists within lists on one line
            pass
    return "".join(f"<p>{escape(part)}</p>" for part in typed.split("\n\n"))


def _framed(clean):
    """Each table in a box that scrolls sideways by itself."""
    numbers = iter(range(1, clean.count("<table>") + 1))
    box = '<div class="scroll" role="region" tabindex="0" aria-label="表{}"><table class="guide-table">'
    framed = re.sub("<table>", lambda _: box.format(next(numbers)), clean)
    return framed.replace("</table>", "</table></div>")


class _Link(InlineProcessor):
    def handleMatch(self, match, data):  # noqa: N802 (the engine's name)
        link = Element("a", href=match[2])
        link.text = match[1]
        return link, match.start(0), match.end(0)


class _House(Treeprocessor):
    """Headings from the second level down, each with an anchor; heads of columns; boxes to tick."""

    def run(self, root):
        numbers = {"h2": 0, "h3": 0}
        for one in root.iter():
            if re.fullmatch("h[1-6]", one.tag):
                one.tag = {"h1": "h2", "h5": "h4", "h6": "h4"}.get(one.tag, one.tag)
                numbers["h2" if one.tag == "h2" else "h3"] += 1
                minor = f"-{numbers['h3']}" if one.tag != "h2" else ""
                one.set("id", f"part-{numbers['h2']}{minor}")
            elif one.tag == "th":
                one.set("scope", "col")
            elif one.tag == "li":
                first = one if (one.text or "").strip() or not len(one) else one[0]
                if (first.text or "").startswith(BOX):
                    first.text = first.text.removeprefix(BOX).lstrip()
                    one.set("class", "tick")


def _engine():
    """Python-Markdown with no way in for HTML, pictures or code, and links whose cost is in their length."""
    engine = Markdown(extensions=["tables", "sane_lists"])
    engine.preprocessors.deregister("html_block")
    for name in ("code", "reference"):
        engine.parser.blockprocessors.deregister(name)
    for name in (
        "backtick", "reference", "link", "image_link", "image_reference", "short_reference", "short_image_ref",
        "autolink", "automail", "html",
    ):  # fmt: skip
        engine.inlinePatterns.deregister(name)
    engine.inlinePatterns.register(_Link(r"\[([^\[\]\n]+)\]\(([^()\s<>]+)\)", engine), "link", 160)
    engine.treeprocessors.register(_House(engine), "house", 30)  # before the text within is read
    return engine
