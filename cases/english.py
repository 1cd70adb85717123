"""The casebook's words in English, and how its cases break down, for /en/."""

from dataclasses import dataclass

from .catalogue import Catalogue

NAMES = {
    "field": {
        "ibasho": "Online places to be (ibasho)",
        "sodan": "Online consultation",
        "jiritsu": "Online support towards independence",
        "joho": "Information and publicity",
    },
    "tier": {
        "prefecture": "Prefectures",
        "designated_city": "Designated cities",
        "ward_ge300k": "Special wards, 300,000 people or more",
        "ward_lt300k": "Special wards, fewer than 300,000",
        "city_ge300k": "Cities, towns and villages, 300,000 or more",
        "city_110k_300k": "Cities, towns and villages, 110,000 to 300,000",
        "city_50k_100k": "Cities, towns and villages, 50,000 to 100,000",
        "city_lt50k": "Cities, towns and villages, fewer than 50,000",
    },
    "family": {
        "virtual-space": "Virtual spaces",
        "chat-tool": "Chat tools",
        "web-meeting": "Web meetings",
        "online-game": "Online games",
        "chat-sns": "Chat-style social media",
        "sns": "Social media",
    },
}
TITLES = {"field": "By field", "tier": "By kind and size of municipality", "family": "By means"}


@dataclass(frozen=True)
class Row:
    """A value: its English name ("" where we know none), its own name, its cases and the query that lists them."""

    name: str
    japanese: str
    count: int
    query: str


@dataclass(frozen=True)
class Breakdown:
    key: str
    title: str
    rows: list[Row]


def breakdowns(catalogue: Catalogue) -> list[Breakdown]:
    """The cases of the whole catalogue by field, tier and family."""
    found = []
    for key, title in TITLES.items():
        names = catalogue.index.names[key]
        rows = [
            Row(NAMES[key].get(value, ""), name, catalogue.count(**{key: value}), f"{key}={value}")
            for value, name in names.items()
        ]
        found.append(Breakdown(key, title, rows))
    return found
