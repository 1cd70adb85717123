"""Likeness: which cases come near to a municipality or to another case, and why, in words.

There is no score. Cases are put in order aspect by aspect, and within an aspect degree by degree, in the
order written here; each degree that holds is told as a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import urlencode

from .catalogue import Catalogue
from .index import bitmap
from .models import CaseVersion, Municipality, region_of

# The tiers next to each: of the same kind in size, of the other kinds in size or standing.
NEIGHBOURS = {
    "prefecture": ["designated_city"],  # the survey, too, asked these two as one group
    "designated_city": ["prefecture", "city_ge300k"],
    "ward_ge300k": ["ward_lt300k", "city_ge300k"],
    "ward_lt300k": ["ward_ge300k", "city_110k_300k"],
    "city_ge300k": ["city_110k_300k", "designated_city", "ward_ge300k"],
    "city_110k_300k": ["city_ge300k", "city_50k_100k", "ward_lt300k"],
    "city_50k_100k": ["city_110k_300k", "city_lt50k"],
    "city_lt50k": ["city_50k_100k"],
}
OWN = "この自治体の事例"


@dataclass(frozen=True)
class Like:
    """A case (its version's primary key) with the reasons for its place in the order, the weightiest first."""

    pk: int
    reasons: list[str]


@dataclass(frozen=True)
class More:
    """A selection of the finder that goes on where the page ends."""

    name: str
    count: int
    query: str


@dataclass(frozen=True)
class Near:
    """The cases nearest to a municipality.

    `tiers` names its tier as the report prints it (`printed`), else as kind and census band suggest, the
    likelier first where that leaves two; `by_census` is what they suggest in any case.
    """

    tiers: list[str]
    printed: bool
    by_census: list[str]
    found: list[Like]
    total: int
    more: list[More]


def tiers_of(municipality: Municipality) -> list[str]:
    """The keys of the tiers that kind and census band leave open, the likelier first.

    Two where the band reaches from 100,000 to 300,000: the report's classes have a hole at 10～11万人.
    """
    kind, band = Municipality.Kind, Municipality.Band
    large = municipality.band == band.GE300K
    if municipality.kind in (kind.PREFECTURE, kind.DESIGNATED_CITY):
        return [municipality.kind]
    if municipality.kind == kind.SPECIAL_WARD:
        return ["ward_ge300k" if large else "ward_lt300k"]
    return {
        band.GE300K: ["city_ge300k"],
        band.FROM_100K: ["city_110k_300k", "city_50k_100k"],
        band.FROM_50K: ["city_50k_100k"],
        band.LT50K: ["city_lt50k"],
    }[municipality.band]


def near(catalogue: Catalogue, municipality: Municipality, most: int) -> Near:
    """The first `most` of all cases by likeness to a municipality: its own, then by tier, then by place."""
    index, names = catalogue.index, catalogue.index.names
    # Whose a case is isn't a filter of the finder; this only tells which bits are this municipality's.
    own = catalogue.published().filter(case__municipality=municipality)
    rows = own.values_list("pk", "tier", "case__report_number")
    own_bits = bitmap((index.bit_of[pk] for pk, *_ in rows if pk in index.bit_of), catalogue.size)
    printed = [tier for _, tier, number in rows if number]
    by_census = tiers_of(municipality)
    tiers = printed[:1] or by_census
    aspects = [_tier_aspect(index, tiers), _place_aspect(index, municipality.prefecture_code)]
    ordered = chain(
        ((bit, [OWN]) for bit in _bits(own_bits)), _ordered(catalogue.bitmap & ~own_bits, aspects)
    )
    pref = municipality.prefecture_code
    return Near(
        tiers=[names["tier"][tier] for tier in tiers],
        printed=bool(printed),
        by_census=[names["tier"][tier] for tier in by_census],
        found=_likes(catalogue, islice(ordered, most)),
        total=catalogue.total,
        more=[
            More(names[facet][value], count, urlencode({facet: value}))
            for facet, value in (
                *(("tier", tier) for tier in tiers),
                ("pref", pref),
                ("region", region_of(pref)),
            )
            if (count := catalogue.count(**{facet: value}))
        ],
    )


def similar(catalogue: Catalogue, version: CaseVersion, most: int) -> list[Like]:
    """Up to `most` other cases that share something with `version`, by field, tier, tool and place."""
    index, names = catalogue.index, catalogue.index.names
    uses = version.tool_uses.all()
    tools = dict.fromkeys(use.tool_id for use in uses)
    families = dict.fromkeys(use.family_id for use in uses)
    aspects = [
        [(f"同じ分野（{names['field'][version.field_id]}）", index.bits("field", version.field_id))],
        _tier_aspect(index, [version.tier_id]),
        [(f"同じツール（{names['tool'][tool]}）", index.bits("tool", tool)) for tool in tools]
        + [(f"同じ手段の種類（{names['family'][one]}）", index.bits("family", one)) for one in families],
        _place_aspect(index, version.case.municipality.prefecture_code),
    ]
    itself = bitmap([index.bit_of[version.pk]] if version.pk in index.bit_of else [], catalogue.size)
    ordered = _ordered(catalogue.bitmap & ~itself, aspects)
    return _likes(catalogue, islice(((bit, reasons) for bit, reasons in ordered if reasons), most))


def _tier_aspect(index, tiers):
    """The tier, where two are possible the other one too, then their neighbours."""
    names = index.names["tier"]
    same = ["同じ区分"] if len(tiers) == 1 else ["同じ区分と考えられる", "人口が10～11万人のときの隣の区分"]
    degrees = [
        (f"{word}（{names[tier]}）", index.bits("tier", tier)) for word, tier in zip(same, tiers, strict=True)
    ]
    beside = dict.fromkeys(one for tier in tiers for one in NEIGHBOURS.get(tier, ()) if one not in tiers)
    return degrees + [
        (f"近い区分（{names[one]}）", index.bits("tier", one)) for one in beside if one in names
    ]


def _place_aspect(index, pref):
    region = region_of(pref)
    return [
        (f"同じ都道府県（{index.names['pref'][pref]}）", index.bits("pref", pref)),
        (f"同じ地方（{index.names['region'][region]}）", index.bits("region", region)),
    ]


def _ordered(within, aspects, reasons=()) -> Iterator[tuple[int, list[str]]]:
    """The bits of `within`, each with its reasons: aspect by aspect, from the closest degree to none."""
    if not aspects:
        for bit in _bits(within):
            yield bit, list(reasons)
        return
    for reason, having in aspects[0]:
        if having & within:
            yield from _ordered(having & within, aspects[1:], (*reasons, reason))
            within &= ~having
    if within:
        yield from _ordered(within, aspects[1:], reasons)


def _bits(within):
    """The numbers of the bits that are set, in the report's order."""
    while within:
        lowest = within & -within
        yield lowest.bit_length() - 1
        within ^= lowest


def _likes(catalogue, ordered):
    """(bit, reasons) in order → likes."""
    return [Like(catalogue.index.ids[bit], reasons) for bit, reasons in ordered]
