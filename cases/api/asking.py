"""What may be asked, and how a wrong question is told: one declaration for reading, OpenAPI and the manual."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict

from .. import index, search
from ..catalogue import DEFAULT_SORT, PAGE_SIZE, Catalogue
from ..parameters import LAST_PAGE

Names = dict[str, dict[str, str]]  # facet → value → its name
MOST_PER_PAGE = 100
# At most so many words, and no NUL, which no database takes.
WORDS = rf"^\s*([^\s\u0000]+(\s+[^\s\u0000]+){{0,{search.MOST_WORDS - 1}}})?\s*$"


class Refused(Exception):
    """A question without an answer: the HTTP status, and words by parameter ("" for the address itself)."""

    def __init__(self, status: int, errors: dict[str, list[str]]):
        super().__init__(errors)
        self.status, self.errors = status, errors


@dataclass(frozen=True)
class Parameter:
    """A parameter of the address: its JSON Schema under today's names, its value when absent."""

    name: str
    label: str
    schema: Callable[[Names], dict]
    words: str = ""
    default: Any = None
    by_finder: bool = False  # the Catalogue reads and refuses it, in the finder's words
    many: bool = False

    def read(self, values: list[str], names: Names) -> tuple[Any, str]:
        """The value in `values` and ""; or None and what is wrong with it, in Japanese."""
        if len(values) > 1:
            return None, f"{self.label}は、一つだけ書いてください。"
        value, schema = values[0], self.schema(names)
        if schema["type"] == "integer":
            least, most = schema["minimum"], schema["maximum"]
            is_number = value.isascii() and value.isdecimal() and len(value) <= len(str(most))
            if not is_number or not least <= int(value) <= most:
                return None, f"{self.label}は、{least}から{most}までの半角の数で書いてください。"
            return int(value), ""
        if "enum" in schema and value not in schema["enum"]:
            return None, f"{self.label}「{shown(value)}」はありません。"
        if len(value) > schema.get("maxLength", len(value)):
            return None, f"{self.label}は{schema['maxLength']}文字までです。"
        return value, ""


@dataclass(frozen=True)
class Asked:
    """A question that was understood: its values by parameter, and the selection they make."""

    values: dict[str, Any]
    catalogue: Catalogue

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def read(parameters: tuple[Parameter, ...], data: MultiValueDict) -> Asked:
    """The query of an address → what it asks. Refused (400), with every fault named at once."""
    known = {parameter.name: parameter for parameter in parameters}
    finders = {name: data.getlist(name) for name in data if name in known and known[name].by_finder}
    catalogue = Catalogue(MultiValueDict(finders))
    errors = {name: ["この名の条件はありません。"] for name in data if name not in known}
    errors |= catalogue.errors
    values = {}
    for parameter in parameters:
        given = data.getlist(parameter.name)
        if parameter.by_finder:
            if given and not parameter.many and (wrong := parameter.read(given, catalogue.index.names)[1]):
                errors[parameter.name] = [wrong]
        elif given:
            values[parameter.name], wrong = parameter.read(given, catalogue.index.names)
            if wrong:
                errors[parameter.name] = [wrong]
        else:
            values[parameter.name] = parameter.default
    if errors:
        raise Refused(400, {shown(name): words for name, words in errors.items()})
    return Asked(values, catalogue)


def shown(value: str) -> str:
    """What was typed, as it can be told again: without control characters and not endless."""
    legible = "".join(filter(str.isprintable, value))
    return legible if len(legible) <= 40 else legible[:39] + "…"


def _facet(key, label):
    def schema(names):
        return {"type": "array", "items": _one_of(names[key])}

    return Parameter(key, label, schema, by_finder=True, many=True)


def _same(**schema):
    return lambda names: schema


def _one_of(values, default=None):
    """The schema of one of `values`, key → name; the names are for the manual and for makers of programs."""
    schema = {"type": "string", "enum": list(values), "x-enumNames": list(values.values())}
    return schema | ({"default": default} if default else {})


def _number(most, default):
    return _same(type="integer", minimum=1, maximum=most, default=default)


FILTERS = (
    Parameter(
        "q",
        "検索の言葉",
        _same(type="string", maxLength=search.MOST_LETTERS, pattern=WORDS),
        f"空白で区切ると、すべてを含む事例になります。{search.MOST_WORDS}語まで。読み・団体コード・別の言い方でも見つかります。",
        by_finder=True,
    ),
    *(_facet(key, label) for key, label in index.FACETS.items()),
)
SORT = Parameter(
    "sort",
    "並び順",
    _same(**_one_of(index.SORTS, DEFAULT_SORT)),
    by_finder=True,
)
PAGING = (
    Parameter(
        "page", "ページ", _number(LAST_PAGE, 1), "1から始まります。最後のページより先は404です。", default=1
    ),
    Parameter("per_page", "一ページの件数", _number(MOST_PER_PAGE, PAGE_SIZE), default=PAGE_SIZE),
)
FORMAT = Parameter(
    "format",
    "答えの形",
    _same(**_one_of({"json": "このAPIの形", "gif": "GIF 451-3「事例」の形"}, "json")),
    default="json",
)
PLACE = Parameter(
    "q",
    "自治体",
    _same(type="string", maxLength=search.MOST_LETTERS),
    "名称・読み・団体コード。「市」「町」などや都道府県名は、あってもなくてもかまいません。名前の一部では探しません。",
    default="",
)
PREFECTURE = Parameter(
    "pref",
    "都道府県",
    lambda names: _one_of(names["pref"]),
    "団体コードの上2桁です。",
    default="",
)
