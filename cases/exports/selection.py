"""What an address asks to take away: the finder's parameters, or `ids` as the comparison has them. Nothing wrong passes."""

import re
from collections.abc import Mapping

from django.utils.datastructures import MultiValueDict

from .. import index
from ..catalogue import Catalogue

MOST_IDS = 200
KNOWN = {*index.FACETS, "q", "sort", "ids"}
SLUG = re.compile("[a-z0-9-]{1,60}")


class Refused(ValueError):
    """What was asked for can't be given. `problems`: Japanese sentences."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def selection(parameters: Mapping, **of) -> Catalogue:
    """The catalogue of what is asked for (`of`: as Catalogue takes it). Raises Refused with every problem."""
    data = parameters if hasattr(parameters, "getlist") else MultiValueDict(parameters)
    problems = [
        f"「{_short(name)}」という条件はありません。使えるのは：{'、'.join(sorted(KNOWN))}"
        for name in data
        if name not in KNOWN
    ]
    catalogue = Catalogue(data, **of)
    problems += [message for messages in catalogue.errors.values() for message in messages]
    if "ids" in data and not problems:
        catalogue, problems = _chosen(catalogue, data.getlist("ids"))
    if problems:
        raise Refused(problems)
    return catalogue


def _chosen(catalogue, values):
    """The cases that `ids` names, and what is wrong with it."""
    asked = dict.fromkeys(slug for value in values for slug in re.split(r"[,、\s]+", value) if slug)
    if not asked:
        return catalogue, ["ids に事例がありません。事例の「URLの名」をコンマで区切って書いてください。"]
    if len(asked) > MOST_IDS:
        return catalogue, [f"ids に書けるのは{MOST_IDS}件までです。"]
    sound = [slug for slug in asked if SLUG.fullmatch(slug)]
    rows = catalogue.published().filter(case__slug__in=sound).values_list("case__slug", "pk") if sound else ()
    found = dict(rows)
    problems = [f"「{_short(slug)}」という事例は公開されていません。" for slug in asked if slug not in found]
    return catalogue.only(found.values()), problems


def _short(value, most=40):
    value = "".join(filter(str.isprintable, value))
    return value if len(value) <= most else value[: most - 1] + "…"
