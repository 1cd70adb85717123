"""The finder's parameters: what an address may ask for, and how a wrong one is told. django-filter declares them."""

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django_filters import ChoiceFilter, Filter, FilterSet, MultipleChoiceFilter

from . import index, search
from .models import CaseVersion

LAST_PAGE = 10**6


class Values(forms.MultipleChoiceField):
    """Several values of one facet; every unknown one is named, not only the first."""

    def validate(self, value):
        unknown = [one for one in dict.fromkeys(value) if not self.valid_value(one)]
        if unknown:
            raise forms.ValidationError([_unknown(self.label, one) for one in unknown])


def _unknown(label, value):
    shown = value if len(value) <= 40 else value[:39] + "…"
    return forms.ValidationError(f"{label}「{shown}」はありません。", code="unknown")


class FacetFilter(MultipleChoiceFilter):
    field_class = Values


class Query(forms.CharField):
    """What to search for: at most so many letters and words."""

    def validate(self, value):
        super().validate(value)
        if len(value) > search.MOST_LETTERS:
            raise forms.ValidationError(f"検索の言葉は{search.MOST_LETTERS}文字までです。")
        if len(value.split()) > search.MOST_WORDS:
            raise forms.ValidationError(f"検索の言葉は{search.MOST_WORDS}語までです。")


class QueryFilter(Filter):
    field_class = Query


class PageFilter(Filter):
    field_class = forms.IntegerField


class Parameters(FilterSet):
    """The finder's parameters, each as a form field; the filtering itself is by bitmap."""

    q = QueryFilter(label="検索の言葉")
    field = FacetFilter(label=index.FACETS["field"])
    tier = FacetFilter(label=index.FACETS["tier"])
    family = FacetFilter(label=index.FACETS["family"])
    tool = FacetFilter(label=index.FACETS["tool"])
    style = FacetFilter(label=index.FACETS["style"])
    region = FacetFilter(label=index.FACETS["region"])
    pref = FacetFilter(label=index.FACETS["pref"])
    trial = FacetFilter(label=index.FACETS["trial"])
    status = FacetFilter(label=index.FACETS["status"])
    has = FacetFilter(label=index.FACETS["has"])
    theme = FacetFilter(label=index.FACETS["theme"])
    sort = ChoiceFilter(
        label="並び順",
        choices=list(index.SORTS.items()),
        error_messages={"invalid_choice": "指定された並び順はありません。"},
    )
    page = PageFilter(
        label="ページ",
        min_value=1,
        max_value=LAST_PAGE,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "ページは1から始まる数で指定してください。"
        ),
    )

    def __init__(self, names):
        super().__init__(queryset=CaseVersion.objects.none())
        for facet, labels in names.items():
            self.filters[facet].extra["choices"] = list(labels.items())


def read(data: MultiValueDict, today: index.Index) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What an address asks for → (its values by parameter, messages in Japanese by parameter).

    A parameter that is absent or wrong has no value. The fields are kept with the index: a form of its own
    for each request, copying every name there is, would cost more than the selection.
    """
    if not today.fields:
        today.fields.update(Parameters(today.names).form.fields)
    values, errors = {}, {}
    for name, field in today.fields.items():
        if name in data:
            try:
                values[name] = field.clean(field.widget.value_from_datadict(data, {}, name))
            except forms.ValidationError as error:
                errors[name] = error.messages
    return values, errors
