"""What is set in type: records, sources and what cases tell of an item, as the plain data that templates read."""

from ..addresses import absolute
from ..models.photo import at_hand
from ..photographs import is_sound
from ..record import Claim, Group, NumberedSource, Photograph, Record
from ..sheet import NOT_STATED
from ..told import Told

WIDEST = 1600  # pixels of a photograph: 300 dpi at the width of a column


def case(record: Record) -> dict:
    """A record as the section of a book."""
    groups = [*record.groups, record.beside]
    return {
        "slug": record.slug,
        "title": record.title,
        "municipality": record.municipality,
        "reading": record.reading,
        "code": record.code,
        "summary": record.summary,
        "summary_source": record.summary_source,
        "edition": edition(record),
        "reason": record.reason,
        "address": absolute("version", record.slug, record.number),
        "tier": fact(record, "tier"),
        "facts": [
            {"name": one.name, "value": one.value, "silent": one.value == NOT_STATED, "source": one.source}
            for one in record.facts
        ],
        "groups": [group(one) for one in groups if one.told],
        "silences": silences(groups),
        "items": record.items,
        "filled": record.items_filled,
        "photographs": [photograph(one) for one in record.photographs],
        "links": [{"title": title, "url": url} for title, url in record.links],
        "sources": sources(record.sources),
    }


def edition(record: Record) -> str:
    day = record.published_on
    return f"第{record.number}版（{day.year}年{day.month}月{day.day}日公開）"


def fact(record: Record, key: str) -> str:
    """The value of one of the sheet's columns."""
    return next(one.value for one in record.facts if one.key == key)


def group(group: Group) -> dict:
    entries = [{"name": entry.name, "claims": claims(entry.claims)} for entry in group.told]
    return {"key": group.key, "name": group.name, "entries": entries}


def silences(groups: list[Group]) -> list[dict]:
    """The items without a claim, by the words of their silence, then by group."""
    by_words = {}
    for one in groups:
        for words, entries in one.silent.items():
            names = [entry.name for entry in entries]
            by_words.setdefault(words, []).append({"group": one.name, "names": names})
    return [{"words": words, "groups": found} for words, found in by_words.items()]


def claims(found: list[Claim]) -> list[dict]:
    return [{"text": one.text, "sources": one.sources, "remedies": claims(one.remedies)} for one in found]


def sources(found: list[NumberedSource]) -> list[dict]:
    return [
        {
            "title": one.title,
            "url": one.url,
            "notes": [
                f"発行：{one.published}" if one.published else "日付の記載なし",
                *([f"箇所：{'、'.join(one.places)}"] if one.places else []),
                *([f"読んだ日：{one.read_on}"] if one.read_on else []),
                one.reading,
            ],
        }
        for one in found
    ]


def photograph(photo: Photograph) -> dict:
    """A photograph at the width paper needs; without a sound file, its words alone."""
    name = next((name for name, width in photo.widths if width >= WIDEST), photo.widths[-1][0])
    try:
        is_there = is_sound(at_hand(name).read_bytes())
    except FileNotFoundError:
        is_there = False
    return {
        "file": name if is_there else "",
        "alt": photo.alt,
        "caption": photo.caption,
        "credit": f"提供：{photo.credit}　利用条件：{photo.licence}",
    }


def told(one: Told) -> dict:
    return {"title": one.title, "municipality": one.municipality, "claims": claims(one.claims)}
