"""What can be asked for, each with its address, parameters and answer. OpenAPI and the manual are made of these."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from .. import editions, gazetteer, interchange, record
from ..addresses import absolute
from ..models import CaseVersion
from . import answers, shapes
from .asking import FILTERS, FORMAT, PAGING, PLACE, PREFECTURE, SORT, Asked, Parameter, Refused, read


@dataclass(frozen=True)
class Operation:
    """One address to GET: `name` is its URL name, `example` a query that finds something."""

    name: str
    path: str
    title: str
    words: str
    parameters: tuple[Parameter, ...]
    shape: type
    found: Callable[..., Any]
    example: dict[str, str]

    def answer(self, data: MultiValueDict, **place: str) -> Any:
        """What is answered to a query, plain data and dataclasses. Raises Refused."""
        return self.found(read(self.parameters, data), **place)


def _cases(asked: Asked) -> shapes.Cases:
    catalogue = asked.catalogue
    paged, first = _paged("api_cases", catalogue.total, asked, catalogue.query())
    found = catalogue.versions(first, paged["per_page"])
    return shapes.Cases(
        **paged,
        stamp=str(catalogue.index.stamp),
        edition=catalogue.index.label or None,
        terms=answers.terms(),
        cases=[answers.summary(version) for version in found],
    )


def _case(asked: Asked, slug: str) -> shapes.Case | dict:
    version = CaseVersion.objects.published().with_content().filter(case__slug=slug).first()
    if version is None:
        raise Refused(404, {"slug": ["この名の事例は公開していません。"]})
    if asked["format"] == "json":
        return answers.case(version, asked.catalogue.index.label)
    first = record.public_versions(version.case)[-1].published_on
    return interchange.gif(record.record(version), version.case.municipality.prefecture, first)


def _facets(asked: Asked) -> shapes.Facets:
    catalogue = asked.catalogue
    facets = [
        shapes.Facet(
            facet.key,
            facet.name,
            [shapes.FacetValue(one.key, one.name, one.count, one.selected) for one in facet.values],
        )
        for facet in catalogue.facets
    ]
    return shapes.Facets(catalogue.total, str(catalogue.index.stamp), facets)


def _places(asked: Asked) -> shapes.Places:
    index = asked.catalogue.index
    known = gazetteer.current(index.words)
    q, pref = asked["q"].strip(), asked["pref"]
    found = known.find(q) if q else known.every
    found = [one for one in found if not pref or one.prefecture_code == pref]
    query = urlencode([pair for pair in (("q", q), ("pref", pref)) if pair[1]])
    paged, first = _paged("api_municipalities", len(found), asked, query)
    some = found[first : first + paged["per_page"]]
    return shapes.Places(**paged, municipalities=[answers.place(one, index.names["tier"]) for one in some])


def _editions(asked: Asked) -> shapes.Editions:
    return shapes.Editions(
        [
            shapes.Edition(
                one.label, one.note or None, one.frozen_on, one.held, absolute("edition", one.label)
            )
            for one in editions.every()
        ]
    )


def _paged(name, total, asked, query):
    """What Paged says of a list of `total` under `query`, and where the page begins. 404 beyond the last."""
    page, per_page = asked["page"], asked["per_page"]
    pages = max(1, -(-total // per_page))
    if page > pages:
        raise Refused(404, {"page": [f"ページは{pages}までです。"]})

    def address(number):
        more = ([("page", number)] if number > 1 else []) + [("per_page", per_page)]
        return absolute(name, query="&".join(part for part in (query, urlencode(more)) if part))

    paged = {
        "total": total,
        "page": page,
        "pages": pages,
        "per_page": per_page,
        "next": address(page + 1) if page < pages else None,
        "previous": address(page - 1) if page > 1 else None,
    }
    return paged, (page - 1) * per_page


REPEATED = "一つの条件をくり返すとどれかに当たる事例、別の条件を重ねるとすべてに当たる事例になります。"
OPERATIONS = (
    Operation(
        "api_cases",
        "/api/v1/cases",
        "事例の一覧",
        "「事例を探す」と同じ条件で絞り込み、並べ、ページに分けます。" + REPEATED,
        (*FILTERS, SORT, *PAGING),
        shapes.Cases,
        _cases,
        {"field": "ibasho", "tier": "city_lt50k"},
    ),
    Operation(
        "api_case",
        "/api/v1/cases/{slug}",
        "一つの事例",
        "いま公開している版の全体です。事実・記述・工夫に、出典の番号が付いています。",
        (FORMAT,),
        shapes.Case,
        _case,
        {},
    ),
    Operation(
        "api_facets",
        "/api/v1/facets",
        "条件と件数",
        "絞り込みに使える値と、それぞれで見つかる事例の数です。0件の値も載せます。" + REPEATED,
        FILTERS,
        shapes.Facets,
        _facets,
        {"field": "sodan"},
    ),
    Operation(
        "api_municipalities",
        "/api/v1/municipalities",
        "自治体",
        "1,788の都道府県と市区町村です。事例の有無は問いません。",
        (PLACE, PREFECTURE, *PAGING),
        shapes.Places,
        _places,
        {"q": "とば"},
    ),
    Operation(
        "api_editions",
        "/api/v1/editions",
        "号",
        "ある時点の事例集を、変わらないように固めたものです。",
        (),
        shapes.Editions,
        _editions,
        {},
    ),
)
