"""The OpenAPI document as a page has it: what each address takes and answers, with examples that work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode


@dataclass(frozen=True)
class Taken:
    """A parameter: `words` say what it means, `shape` what its value looks like, `values` those there are (with names)."""

    name: str
    words: str
    shape: str
    values: list[tuple[str, str]]


@dataclass(frozen=True)
class Endpoint:
    """An address: `example` is one to open (`shown` as people read it), `answer` what it answers, `refusal` what a wrong question gets."""

    key: str
    path: str
    title: str
    words: str
    taken: list[Taken]
    example: str
    shown: str
    answer: str
    refusal: str


def endpoints(document: dict[str, Any], write: Callable[[Any], str]) -> list[Endpoint]:
    """The document's operations; `write` makes text of what is answered."""
    return [_endpoint(path, one["get"], write) for path, one in document["paths"].items()]


def _endpoint(path, operation, write):
    shown = {(one["in"], one["name"]): one["example"] for one in operation["parameters"] if "example" in one}
    address = path.replace("{slug}", shown.get(("path", "slug"), "{slug}"))
    query = urlencode({name: value for (kind, name), value in shown.items() if kind == "query"}, doseq=True)
    answers = {
        status: write(response["content"]["application/json"].get("example", ""))
        for status, response in operation["responses"].items()
    }
    return Endpoint(
        operation["operationId"],
        path,
        operation["summary"],
        operation["description"],
        [_taken(one) for one in operation["parameters"]],
        example := address + (f"?{query}" if query else ""),
        unquote(example),
        answers["200"],
        answers["400"],
    )


def _taken(parameter):
    schema = parameter["schema"]
    value = schema.get("items", schema)
    values = list(zip(value.get("enum", ()), value.get("x-enumNames", ()), strict=True))
    shape = ""
    if schema["type"] == "integer":
        shape = f"{schema['minimum']}～{schema['maximum']}の数。"
    elif "maxLength" in schema:
        shape = f"{schema['maxLength']}文字まで。"
    if "default" in schema:
        shape += f"書かなければ {schema['default']}。"
    return Taken(parameter["name"], parameter["description"], shape, values)
