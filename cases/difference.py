"""What differs between two versions of a case: everything that its page tells, old beside new. Pure."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from .pieces import Piece, pieces
from .record import Claim, Entry, NumberedSource, Photograph, Record, ToolFact

ALIKE = 0.3  # from this on, two things are one thing changed
TELLING = 500  # letters of each are enough to see that
MOST_PAIRS = 2_500  # to look for likeness in; beyond, their order decides
IN_TOOLS = {"tool", "family"}  # facts that the rows of the tools tell more exactly


@dataclass(frozen=True)
class Part:
    """One labelled text of a row (the label of its main text is empty)."""

    label: str
    pieces: list[Piece]

    @property
    def old(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.op != "ins"]

    @property
    def new(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.op != "del"]


@dataclass(frozen=True)
class Row:
    """A thing of the public page in two versions; `kind` is "same", "changed", "added" or "removed"."""

    key: str
    name: str
    kind: str
    parts: list[Part]
    old_photograph: Photograph | None = None
    new_photograph: Photograph | None = None

    @property
    def old(self) -> list[tuple[str, list[Piece]]]:
        """(label, its pieces) of the old version; empty where the thing is new."""
        return [(part.label, part.old) for part in self.parts if part.old]

    @property
    def new(self) -> list[tuple[str, list[Piece]]]:
        """(label, its pieces) of the new version; empty where the thing is gone."""
        return [(part.label, part.new) for part in self.parts if part.new]

    @property
    def kind_name(self) -> str:
        return {"same": "同じ", "changed": "変更", "added": "追加", "removed": "削除"}[self.kind]


@dataclass(frozen=True)
class Group:
    """Rows under one heading; `reordered`: rows that stand in both versions have changed places."""

    name: str
    rows: list[Row]
    reordered: bool

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if row.kind != "same"]

    @property
    def same(self) -> list[Row]:
        return [row for row in self.rows if row.kind == "same"]


@dataclass(frozen=True)
class Difference:
    """All of the public sheet in two versions; `first`: there's no old one, so all of it is new."""

    groups: list[Group]
    first: bool

    @property
    def changed(self) -> int:
        return sum(len(group.changed) for group in self.groups)

    @property
    def same(self) -> int:
        return sum(len(group.same) for group in self.groups)

    @property
    def is_empty(self) -> bool:
        return not self.changed and not any(group.reordered for group in self.groups)


@dataclass(frozen=True)
class Side:
    """A thing in one version, in words. Things of one `key` are of one kind: they may be each other's old and new."""

    key: str
    name: str
    texts: dict[str, str]  # by label; the main text's is empty
    photograph: Photograph | None = None
    remedies: tuple["Side", ...] = ()  # of a challenge

    @property
    def itself(self) -> str:
        """What makes it the same thing, whatever else is said of it."""
        return self.photograph.name if self.photograph else next(iter(self.texts.values()))

    @cached_property
    def bigrams(self) -> Counter:
        """Its pairs of letters, to tell how alike two things are."""
        text = next(iter(self.texts.values())) + self.texts.get("URL", "")
        return Counter(map("".join, pairwise(text[:TELLING])))


def difference(old: Record | None, new: Record) -> Difference:
    """Two versions of a case, as the public may read them → what differs; with no `old`, all is new."""
    return between(_sheet(old) if old else None, _sheet(new))


def between(old: dict[str, list[Side]] | None, new: dict[str, list[Side]]) -> Difference:
    """Two texts of anything, as the sides under each heading → what differs; with no `old`, all is new."""
    groups = [_group(name, old[name] if old else [], sides) for name, sides in new.items()]
    return Difference([group for group in groups if group.rows], first=old is None)


def _sheet(record) -> dict[str, list[Side]]:
    """Everything that a page of the case tells, heading by heading."""
    told = {"概要": [_fact("summary", "概要", record.summary, record.summary_source, record)]}
    told["基本の事実"] = [
        _fact(fact.key, fact.name, fact.value, fact.source, record)
        for fact in record.facts
        if fact.key not in IN_TOOLS
    ]
    told["使っているツール"] = [_tool(tool) for tool in record.tools]
    for group in (*record.groups, record.beside):
        told[group.name] = [side for entry in group.entries for side in _entry(entry, record)]
    told["写真"] = [_photograph(photo) for photo in record.photographs]
    told["関連リンク"] = [Side("links", "関連リンク", {"": title, "URL": url}) for title, url in record.links]
    told["出典の一覧"] = [_source(source) for source in record.sources]
    told["版"] = [Side("reason", "改訂の理由", {"": record.reason})] if record.reason else []
    return told


def _cited(numbers, record):
    titles = [record.sources[number - 1].title for number in numbers]
    return {"出典": "、".join(titles)} if titles else {}


def _fact(key, name, value, source, record):
    return Side(key, name, {"": value} | _cited([source] if source else [], record))


def _tool(tool: ToolFact):
    texts = {"": tool.name, "手段の種類": tool.family} | ({"主": "主に使うツール"} if tool.main else {})
    return Side("tools", "ツール", texts)


def _entry(entry: Entry, record) -> list[Side]:
    sides = [_claim(entry.key, entry.name, claim, record) for claim in entry.claims]
    return sides or [Side(entry.key, entry.name, {"書かない理由": entry.silence})]


def _claim(key, name, claim: Claim, record):
    texts = {"": claim.text} | _cited(claim.sources, record)
    if claim.themes:
        texts["主題"] = "、".join(name for _, name in claim.themes)
    remedies = tuple(_claim("remedies", "工夫", remedy, record) for remedy in claim.remedies)
    return Side(key, name, texts, remedies=remedies)


def _photograph(photo: Photograph):
    texts = {
        "代替テキスト": photo.alt or "（装飾）",
        "説明": photo.caption,
        "提供": photo.credit,
        "利用条件": photo.licence,
    }
    return Side("photographs", "写真", {label: text for label, text in texts.items() if text}, photo)


def _source(source: NumberedSource):
    places = "、".join(source.places)
    texts = {"": source.title, "URL": source.url, "発行": source.published, "箇所": places}
    texts |= {"読んだ日": source.read_on, "読み方": source.reading}
    return Side("sources", "出典", {label: text for label, text in texts.items() if text})


# Which of the old is which of the new


def _group(name, olds, news) -> Group:
    pairs, reordered = _paired(olds, news)
    return Group(name, list(_numbered([_row(old, new) for old, new in pairs])), reordered)


def _paired(olds, news) -> tuple[list[tuple[Side | None, Side | None]], bool]:
    """Pairs of old and new in the new order, and whether some that stand in both have changed places."""
    partners = {}
    for key in dict.fromkeys(side.key for side in news):
        old = {number: side for number, side in enumerate(olds) if side.key == key}
        new = {number: side for number, side in enumerate(news) if side.key == key}
        partners |= _partners(old, new)
    places = [partners[number] for number in sorted(partners)]
    pairs = [
        (None if a is None else olds[a], None if b is None else news[b])
        for a, b in _in_order(partners, len(olds), len(news))
    ]
    return pairs, places != sorted(places)


def _partners(old: dict[int, Side], new: dict[int, Side]) -> dict[int, int]:
    """Things of one kind → {place of the new: place of the old}.

    What stayed the same first, then what is still itself, then the most alike, then by their order: so one
    changed word in one of five statements is one changed row.
    """
    found = {}

    def pair(key):
        waiting = {}
        for a, side in old.items():
            waiting.setdefault(key(side), []).append(a)
        for b, side in list(new.items()):
            if same := waiting.get(key(side)):
                found[b] = same.pop(0)
                del old[found[b]], new[b]

    pair(lambda side: (side.itself, tuple(side.texts.items())))
    pair(lambda side: side.itself)
    few = len(old) * len(new) <= MOST_PAIRS
    likeness = [(_likeness(one, other), -b, -a) for a, one in old.items() for b, other in new.items() if few]
    for alike, b, a in sorted(likeness, reverse=True):
        if alike >= ALIKE and -a in old and -b in new:
            found[-b] = -a
            del old[-a], new[-b]
    return found | dict(zip(new, old, strict=False))


def _likeness(one: Side, other: Side) -> float:
    """0 to 1: how many of their pairs of letters two things share."""
    return 2 * (one.bigrams & other.bigrams).total() / max(1, one.bigrams.total() + other.bigrams.total())


def _in_order(partners, olds, news):
    """Pairs of places in the new order; what is gone stands where it stood."""
    gone = sorted(set(range(olds)) - set(partners.values()))
    for b in range(news):
        a = partners.get(b)
        while a is not None and gone and gone[0] < a:
            yield gone.pop(0), None
        yield a, b
    for a in gone:
        yield a, None


def _row(old: Side | None, new: Side | None) -> Row:
    either = new or old
    parts = _parts(old, new)
    photographs = [side.photograph if side else None for side in (old, new)]
    if not (old and new):
        kind = "added" if new else "removed"
    else:
        differs = any(piece.op != "same" for part in parts for piece in part.pieces)
        kind = "changed" if differs or old.itself != new.itself else "same"
    return Row(either.key, either.name, kind, parts, *photographs)


def _parts(old: Side | None, new: Side | None) -> list[Part]:
    """The labelled texts of a thing, then those of the remedies that answer it."""
    before, after = (side.texts if side else {} for side in (old, new))
    parts = [
        Part(label, pieces(before.get(label, ""), after.get(label, ""))) for label in {**before, **after}
    ]
    pairs, reordered = _paired(old.remedies if old else (), new.remedies if new else ())
    for pair in pairs:
        parts += [
            Part(f"工夫の{part.label}" if part.label else "工夫", part.pieces) for part in _parts(*pair)
        ]
    return [*parts, Part("工夫の並び順", pieces("", "変わっています"))] if reordered else parts


def _numbered(rows):
    """Rows of one kind and name get a number behind it."""
    total, so_far = Counter((row.key, row.name) for row in rows), Counter()
    for row in rows:
        itself = (row.key, row.name)
        so_far[itself] += 1
        yield replace(row, name=f"{row.name}（{so_far[itself]}）") if total[itself] > 1 else row
