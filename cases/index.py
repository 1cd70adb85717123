"""The facet index: which published cases have which value, as one bitmap per value.

Built from a constant number of narrow queries, kept in the process for one catalogue stamp.
"""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Value

from .models import (
    CaseVersion,
    CatalogueStamp,
    Field,
    Municipality,
    Style,
    Tier,
    Tool,
    ToolFamily,
    ToolUse,
)

FACETS = {
    "field": "分野",
    "tier": "自治体区分",
    "family": "手段の種類",
    "tool": "ツール",
    "style": "方式",
    "pref": "都道府県",
}
VOCABULARY = {"field": Field, "tier": Tier, "family": ToolFamily, "tool": Tool, "style": Style}
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
    ids: list[int]
    names: dict[str, dict[str, str]]  # facet → value → its name, in the vocabulary's order
    bitmaps: dict[str, dict[str, int]]  # facet → value → bitmap
    orders: dict[str, list[int]]

    @property
    def all(self) -> int:
        """The bitmap of every case."""
        return (1 << len(self.ids)) - 1

    def bits(self, facet: str, value: str) -> int:
        """The bitmap of one value; 0 where no case has it."""
        return self.bitmaps[facet].get(value, 0)


_kept: Index | None = None


def current() -> Index:
    """Today's index: one query to read the stamp, four more where it has moved."""
    global _kept
    stamp = CatalogueStamp.current()
    if _kept is None or _kept.stamp != stamp:
        _kept = _build(stamp)
    return _kept


def _build(stamp):
    versions = list(
        CaseVersion.objects.published()
        .order_by(F("case__report_number").asc(nulls_last=True), "case__municipality_id", "case__slug")
        .values_list(
            "pk",
            "field_id",
            "tier_id",
            "style_id",
            "case__municipality_id",
            "case__municipality__reading",
            "published_at",
        )
    )
    ids = [row[0] for row in versions]
    bit_of = {pk: bit for bit, pk in enumerate(ids)}
    members = {facet: defaultdict(list) for facet in FACETS}
    for bit, (_, field, tier, style, code, *_) in enumerate(versions):
        for facet, value in (("field", field), ("tier", tier), ("style", style), ("pref", code[:2])):
            if value:
                members[facet][value].append(bit)
    uses = ToolUse.objects.filter(version__in=CaseVersion.objects.published())
    for pk, tool, family in uses.values_list("version_id", "tool_id", "family_id"):
        if pk in bit_of:  # a version published since the first query belongs to the next stamp
            members["tool"][tool].append(bit_of[pk])
            members["family"][family].append(bit_of[pk])
    every = range(len(ids))
    return Index(
        stamp=stamp,
        ids=ids,
        names=_names(),
        bitmaps={
            facet: {value: _bitmap(bits, len(ids)) for value, bits in values.items()}
            for facet, values in members.items()
        },
        orders={
            "report": list(every),
            "code": sorted(every, key=lambda bit: versions[bit][4]),
            "reading": sorted(every, key=lambda bit: (versions[bit][5], versions[bit][4])),
            "new": sorted(every, key=lambda bit: versions[bit][6], reverse=True),
        },
    )


def _names():
    """Every value's name by facet, in the vocabulary's order, in one query."""
    parts = [
        model.objects.order_by().values_list(Value(facet), "key", "name", "position")
        for facet, model in VOCABULARY.items()
    ]
    prefectures = Municipality.objects.filter(kind=Municipality.Kind.PREFECTURE).order_by()
    parts.append(prefectures.values_list(Value("pref"), "code", "name", Value(0)))
    names = {facet: {} for facet in FACETS}
    rows = parts[0].union(*parts[1:], all=True)
    for facet, key, name, _ in sorted(rows, key=lambda row: (row[3], row[1])):
        names[facet][key[:2] if facet == "pref" else key] = name
    return names


def _bitmap(bits, size):
    """Bit numbers → one int with those bits set, in time linear in `size`."""
    octets = bytearray(size // 8 + 1)
    for bit in bits:
        octets[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(octets, "little")
