"""A dataclass → its JSON Schema (2020-12, as OpenAPI 3.1 has it): what an answer holds is said once."""

from dataclasses import field, fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

PLAIN = {str: {"type": "string"}, int: {"type": "integer"}, bool: {"type": "boolean"}}
PLAIN |= {date: {"type": "string", "format": "date"}}


def said(words: str, **more: Any) -> Any:
    """A field of an answer with what it means, in Japanese; `more` narrows its schema (`enum`, `format`)."""
    return field(metadata={"description": words, **more})


def schemas(*shapes: type) -> dict[str, dict]:
    """The named schemas of these dataclasses and of all they hold."""
    found: dict[str, dict] = {}
    for shape in shapes:
        _add(shape, found)
    return found


def reference(shape: type) -> dict:
    """Where the schema of a dataclass stands in an OpenAPI document."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _add(shape, found):
    if shape.__name__ in found:
        return
    found[shape.__name__] = {}  # known by name while its own fields are read: a remedy is a claim too
    hints = get_type_hints(shape)
    properties = {one.name: _schema(hints[one.name], found) | dict(one.metadata) for one in fields(shape)}
    found[shape.__name__] |= {
        "type": "object",
        "description": (shape.__doc__ or "").strip(),
        "required": list(properties),
        "properties": properties,
    }


def _schema(hint, found):
    if isinstance(hint, UnionType):
        (inner,) = [one for one in get_args(hint) if one is not NoneType]
        schema = _schema(inner, found)
        if "$ref" in schema:
            return {"anyOf": [schema, {"type": "null"}]}
        return schema | {"type": [schema["type"], "null"]}
    if get_origin(hint) is list:
        return {"type": "array", "items": _schema(get_args(hint)[0], found)}
    if is_dataclass(hint):
        _add(hint, found)
        return reference(hint)
    return dict(PLAIN[hint])
