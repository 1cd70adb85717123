"""The facet index: which published cases have which value, as one bitmap per value.

Built from a constant number of narrow queries, kept in the process for one catalogue stamp: that of today,
and that of the edition last asked for.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Value, When

from .models import (
    REGIONS,
    CaseVersion,
    CatalogueStamp,
    Edition,
    Field,
    GlossaryTerm,
    Item,
    Municipality,
    Statement,
    Style,
    Theme,
    Tier,
    Tool,
    ToolFamily,
    ToolUse,
    region_of,
)

FACETS = {
    "field": "分野",
    "tier": "自治体区分",
    "family": "手段の種類",
    "tool": "ツール",
    "style": "方式",
    "region": "地方",
    "pref": "都道府県",
    "trial": "試行",
    "status": "支援の現況",
    "has": "記述のある項目",
    "theme": "主題",
}
VOCABULARY = {
    "field": Field,
    "tier": Tier,
    "family": ToolFamily,
    "tool": Tool,
    "style": Style,
    "has": Item,
    "theme": Theme,
}
FIXED = {
    "region": {key: name for key, (name, _) in REGIONS.items()},
    "trial": {"yes": "試行として実施"},
    "status": dict(CaseVersion.ServiceStatus.choices),
}
SORTS = {
    "report": "報告書の順",
    "code": "団体コード順",
    "reading": "自治体名の五十音順",
    "new": "公開の新しい順",
}


@dataclass(frozen=True)
class Index:
    """`ids[i]` is the version behind bit i, in the report's order; `orders` lists bits by each sort."""

    stamp: UUID
    words: UUID
    ids: list[int]
    bit_of: dict[int, int]  # the other way round
    names: dict[str, dict[str, str]]  # facet → value → its name, in the vocabulary's order
    all: int  # the bitmap of every case
    bitmaps: dict[str, dict[str, int]]  # facet → value → bitmap
    used: dict[tuple[str, str], int]  # (family, tool) → the cases using the tool within the family
    themed: dict[tuple[str, str], int]  # (item, theme) → the cases with a statement of both
    orders: dict[str, list[int]]
    in_table: list[str]  # the fields that the cross-tab always shows
    items: int  # how many items the hearing asked about (図表3-2)
    explained: set[str]  # the words that the glossary explains, by their keys
    edition: Edition | None  # the edition it's of; None: of what is public today
    label: str  # of that edition, or of the one that what is public today is exactly; "" of none
    frozen_at: datetime | None  # when that edition was frozen
    # What is worked out from it again and again, and dies with it: search's bitmaps by expression,
    # cards and names by version, the guide's folded texts by page, the form fields that know its names.
    found: dict[str, int] = field(default_factory=dict)
    cards: dict[int, Any] = field(default_factory=dict)
    named: dict[int, Any] = field(default_factory=dict)
    guide: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)

    def bits(self, facet: str, value: str) -> int:
        """The bitmap of one value; 0 where no case has it."""
        return self.bitmaps[facet].get(value, 0)

    def published(self):
        """The versions it's made of, to read more of them (a queryset)."""
        return CaseVersion.objects.published(self.edition)

    def of_item(self, item: str) -> "Index":
        """This index for one item: every case is one with a statement of it, every theme that statement's."""
        themes = {theme: bits for (one, theme), bits in self.themed.items() if one == item}
        return replace(self, all=self.bits("has", item), bitmaps={**self.bitmaps, "theme": themes})


_kept: Index | None = None
_kept_of_edition: Index | None = None


def current() -> Index:
    """Today's index: one query to read the stamp, five more where it has moved."""
    global _kept
    kept = _kept
    if kept is None or kept.stamp.hex != CatalogueStamp.now():
        stamp, words, label, frozen_at = CatalogueStamp.current()
        named = {"edition": None, "label": label, "frozen_at": frozen_at}
        kept = _kept = _build(stamp, words, CaseVersion.objects.published(), named)
    return kept


def of(edition: Edition) -> Index:
    """The index of what an edition holds, but for what was withdrawn since."""
    global _kept_of_edition
    stamp, words, *_ = CatalogueStamp.current()
    kept = _kept_of_edition
    if kept is None or (kept.stamp, kept.edition) != (stamp, edition):
        named = {"edition": edition, "label": edition.label, "frozen_at": edition.frozen_at}
        held = CaseVersion.objects.published(edition)
        kept = _kept_of_edition = _build(stamp, words, held, named)
    return kept


def bitmap(bits, size: int) -> int:
    """Bit numbers → one int with those bits set, in time linear in `size`."""
    octets = bytearray(size // 8 + 1)
    for bit in bits:
        octets[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(octets, "little")


def _bitmaps(members, size):
    return {value: bitmap(bits, size) for value, bits in members.items()}


def _build(stamp, words, published, named):
    versions = list(
        published.order_by(
            F("case__report_number").asc(nulls_last=True), "case__municipality_id", "case__slug"
        ).values_list(
            "pk",
            "field_id",
            "tier_id",
            "style_id",
            "service_status",
            "trial",
            "case__municipality_id",
            "case__municipality__reading",
            "published_at",
        )
    )
    ids = [row[0] for row in versions]
    bit_of = {pk: bit for bit, pk in enumerate(ids)}
    members = {facet: defaultdict(list) for facet in FACETS}
    for bit, (_, area, tier, style, status, trial, code, *_) in enumerate(versions):
        own = {
            "field": area,
            "tier": tier,
            "style": style,
            "status": status,
            "trial": "yes" if trial else None,
        }
        own |= {"pref": code[:2], "region": region_of(code[:2])}
        for facet, value in own.items():
            if value:
                members[facet][value].append(bit)
    used, themed = defaultdict(list), defaultdict(list)

    def bits(rows):
        """The rows with bits for versions; one published since the first query belongs to the next stamp."""
        return ((bit_of[pk], *values) for pk, *values in rows if pk in bit_of)

    told = Statement.objects.filter(version__in=published).order_by()
    for bit, item, theme in bits(told.values_list("version_id", "item_id", "themes").iterator()):
        members["has"][item].append(bit)
        if theme:
            themed[item, theme].append(bit)
            if item != "related":  # 関連情報 is no part of the online practice
                members["theme"][theme].append(bit)
    uses = (
        ToolUse.objects.filter(version__in=published)
        .order_by()
        .values_list("version_id", "family_id", "tool_id")
    )
    for bit, family, tool in bits(uses):
        used[family, tool].append(bit)
        members["family"][family].append(bit)
        members["tool"][tool].append(bit)
    names, explained, in_table, items = _vocabulary()
    every = range(len(ids))
    return Index(
        stamp=stamp,
        words=words,
        ids=ids,
        bit_of=bit_of,
        names=names,
        all=(1 << len(ids)) - 1,
        bitmaps={facet: _bitmaps(values, len(ids)) for facet, values in members.items()},
        used=_bitmaps(used, len(ids)),
        themed=_bitmaps(themed, len(ids)),
        orders={
            "report": list(every),
            "code": sorted(every, key=lambda bit: versions[bit][6]),
            "reading": sorted(every, key=lambda bit: (versions[bit][7], versions[bit][6])),
            "new": sorted(every, key=lambda bit: versions[bit][8], reverse=True),
        },
        in_table=in_table,
        items=items,
        explained=explained,
        **named,
    )


def _vocabulary():
    """In one query: every value's name by facet, in order; the words explained; the fields of the cross-tab; the
    hearing's items.
    """
    trait = {
        "field": Case(When(in_table=True, then=Value("in_table")), default=Value("")),
        "has": Case(When(group=Item.Group.BESIDE, then=Value("")), default=Value("hearing")),
    }
    parts = [
        model.objects.order_by().values_list(
            Value(facet), "key", "name", "position", trait.get(facet, Value(""))
        )
        for facet, model in VOCABULARY.items()
    ]
    prefectures = Municipality.objects.filter(kind=Municipality.Kind.PREFECTURE).order_by()
    parts.append(prefectures.values_list(Value("pref"), "code", "name", Value(0), Value("")))
    terms = GlossaryTerm.objects.order_by()
    parts.append(terms.values_list(Value("explained"), "key", "name", Value(0), Value("")))
    rows = sorted(parts[0].union(*parts[1:], all=True), key=lambda row: (row[3], row[1]))
    names = {facet: dict(FIXED.get(facet, {})) for facet in [*FACETS, "explained"]}
    for facet, key, name, *_ in rows:
        names[facet][key[:2] if facet == "pref" else key] = name
    in_table = [row[1] for row in rows if row[4] == "in_table"]
    explained = set(names.pop("explained"))
    return names, explained, in_table, sum(row[4] == "hearing" for row in rows)
