"""The OpenAPI 3.1 document, made of what answers."""

from typing import Any

from django.conf import settings
from django.utils.datastructures import MultiValueDict

from ..addresses import SITE, absolute
from ..catalogue import Catalogue
from .asking import Refused
from .operations import OPERATIONS
from .schemas import reference, schemas
from .shapes import Errors, Wrong

GIF = {
    "type": "object",
    "description": "GIF 451-3「事例」。分かっている項目だけを載せます。連絡先情報や事例実施年は、出典から言えないため載せません。",
    "required": [
        "ID",
        "タイトル",
        "事例の場所",
        "対象組織",
        "取り組みの概要",
        "公開日",
        "最終更新日",
        "出典",
    ],
    "properties": {
        "ID": {"type": "string"},
        "タイトル": {"type": "string"},
        "事例の場所": {"type": "string", "description": "都道府県名"},
        "対象組織": {"type": "object"},
        "取り組みの概要": {"type": "string", "maxLength": 300},
        "イメージ": {"type": "array", "items": {"type": "object"}},
        "関連URL": {"type": "array", "items": {"type": "string"}},
        "公開日": {"type": "string", "format": "date"},
        "最終更新日": {"type": "string", "format": "date"},
        "出典": {"type": "array", "items": {"type": "object"}},
    },
}
SLUG = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60}
HEADERS = {
    "ETag": "答えの印。If-None-Match に書くと、変わっていなければ304を返します",
    "Link": '次と前のページ（rel="next"、rel="prev"）',
}


def errors(refused: Refused) -> Errors:
    """What is answered to a question that was refused."""
    told = [(name, words) for name, some in refused.errors.items() for words in some]
    return Errors([Wrong(name, "".join(filter(str.isprintable, words))) for name, words in told])


def document(catalogue: Catalogue) -> dict[str, Any]:
    """The document under today's vocabulary, its examples taken from `catalogue`; plain data and dataclasses."""
    first = [version.case.slug for version in catalogue.versions(most=1)]
    names = catalogue.index.names
    shapes = schemas(*(operation.shape for operation in OPERATIONS), Errors)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{SITE} API",
            "version": "1",
            "summary": "公開している事例を、プログラムから読むためのもの",
            "description": "鍵も登録も要りません。GETとHEADだけを受け付け、答えはUTF-8のJSONです。"
            "条件の名や値に誤りがあれば、400と日本語の説明を返します。項目は、今後増えることがあります。",
            "termsOfService": absolute("about") + "#terms",
        },
        "servers": [{"url": settings.SITE_URL}],
        "externalDocs": {"url": absolute("api"), "description": "手引き"},
        "paths": {one.path: {"get": _operation(one, names, first)} for one in OPERATIONS},
        "components": {"schemas": shapes | {"GifCase": GIF}},
    }


def _operation(operation, names, first):
    at_case = "{slug}" in operation.path
    place = {"slug": first[0]} if at_case and first else {}
    parameters = [_parameter(one, names, operation.example) for one in operation.parameters]
    if at_case:
        slug = {"name": "slug", "in": "path", "required": True, "description": "事例の名。", "schema": SLUG}
        parameters.insert(0, slug | ({"example": place["slug"]} if place else {}))
    return {
        "operationId": operation.name.removeprefix("api_"),
        "summary": operation.title,
        "description": operation.words,
        "parameters": parameters,
        "responses": _responses(operation, place, found=bool(first) or not at_case),
    }


def _responses(operation, place, found):
    schema = reference(operation.shape)
    if "{slug}" in operation.path:
        schema = {"anyOf": [schema, {"$ref": "#/components/schemas/GifCase"}]}
    paged = any(one.name == "page" for one in operation.parameters)
    answer = operation.answer(query(operation.example), **place) if found else None
    headers = {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in HEADERS.items()
        if paged or name != "Link"
    }
    responses = {
        "200": _response("見つかったもの", schema, answer) | {"headers": headers},
        "400": _response("条件に誤りがあります", reference(Errors), _refusal(operation, place)),
    }
    if paged or "{slug}" in operation.path:
        what = "ページ" if paged else "事例"
        responses["404"] = _response(f"その{what}はありません", reference(Errors))
    return responses


def _response(words, schema, example=None):
    content = {"schema": schema} | ({"example": example} if example else {})
    return {"description": words, "content": {"application/json": content}}


def _refusal(operation, place):
    """What is really answered to a wrong question."""
    wrong = {"field": "nonesuch"} if any(one.name == "field" for one in operation.parameters) else {"x": "1"}
    try:
        return operation.answer(query(wrong), **place)
    except Refused as refused:
        return errors(refused)


def _parameter(parameter, names, example):
    made = {
        "name": parameter.name,
        "in": "query",
        "description": f"{parameter.label}。{parameter.words}",
        "schema": parameter.schema(names),
    }
    if parameter.many:
        made |= {"style": "form", "explode": True}
    if shown := example.get(parameter.name):
        made["example"] = [shown] if parameter.many else shown
    return made


def query(values: dict[str, str]) -> MultiValueDict:
    """`{"field": "sodan"}` → what a request's query would be."""
    return MultiValueDict({name: [value] for name, value in values.items()})
