"""A case as linked data (schema.org, JSON-LD), for search engines and whoever collects cases."""

import json

from django.utils.safestring import SafeString

from .addresses import SITE, absolute
from .record import NumberedSource, Record
from .sheet import NOT_STATED

# A data block ends at the first `</script`, wherever it stands: no <, > or & is written as itself.
ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
SUBJECTS = ("field", "tool")  # the facts that say what an article is about


def case(record: Record) -> SafeString:
    """A record → the text of its `<script type="application/ld+json">`, safe to stand in a page."""
    graph = {"@context": "https://schema.org", "@graph": [_article(record), _breadcrumb(record)]}
    return SafeString(json.dumps(graph, ensure_ascii=False).translate(ESCAPED))


def _article(record):
    address = absolute("case", record.slug)
    subjects = [fact.value for fact in record.facts if fact.key in SUBJECTS and fact.value != NOT_STATED]
    article = {
        "@type": "Article",
        "@id": address,
        "url": address,
        "name": record.title,
        "headline": record.title,
        "abstract": record.summary,
        "inLanguage": "ja",
        "version": str(record.number),
        "about": [{"@type": "Thing", "name": name} for name in ("ひきこもり支援", *subjects)],
        "spatialCoverage": {
            "@type": "AdministrativeArea",
            "name": record.municipality,
            "identifier": {
                "@type": "PropertyValue",
                "propertyID": "全国地方公共団体コード",
                "value": record.code,
            },
        },
        "isBasedOn": _work(record.sources[record.summary_source - 1]),
        "citation": [_work(source) for source in record.sources],
        "isPartOf": {
            "@type": "Collection",
            "name": SITE,
            "url": absolute("entrance"),
        },
    }
    if record.published_on:
        article["datePublished"] = record.published_on.isoformat()
    return article


def _work(source: NumberedSource):
    work = {"@type": "CreativeWork", "name": source.title}
    return work | ({"url": source.url} if source.url else {})


def _breadcrumb(record):
    way = [
        ("はじめのページ", absolute("entrance")),
        ("事例を探す", absolute("finder")),
        (record.title, absolute("case", record.slug)),
    ]
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": address}
        for position, (name, address) in enumerate(way, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
