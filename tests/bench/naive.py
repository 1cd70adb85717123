"""The filtered list as it's usually made, on the same data: django-filter, one COUNT for each value of a facet,
twenty rows by the ORM and a template each time. No index, nothing kept.
"""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "casebook.settings"
django.setup()

import django_filters  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.urls import re_path  # noqa: E402

from cases.models import CaseVersion, Field, Item, Style, Theme, Tier, Tool, ToolFamily  # noqa: E402

settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # which tells the length
FACETS = {
    "field": Field,
    "tier": Tier,
    "tool_uses__tool": Tool,
    "tool_uses__family": ToolFamily,
    "style": Style,
    "statements__item": Item,
    "statements__themes": Theme,
}
TEMPLATE = Engine().from_string("""<!doctype html><html lang="ja"><title>{{ page.paginator.count }}件</title>
{{ form.as_p }}
{% for facet in facets %}<ul>{% for value, count in facet %}<li>{{ value }} {{ count }}</li>{% endfor %}</ul>{% endfor %}
{% for version in page %}<article><h2>{{ version.case.municipality }}</h2>
<p>{{ version.field }} {{ version.tier }} {{ version.style }}
{% for use in version.tool_uses.all %}{{ use.tool }}（{{ use.family }}）{% endfor %}</p>
<p>{{ version.summary }}</p><p>{{ version.statements.count }}</p></article>{% endfor %}
</html>""")


class Filter(django_filters.FilterSet):
    field = django_filters.ModelMultipleChoiceFilter(queryset=Field.objects.all())
    tier = django_filters.ModelMultipleChoiceFilter(queryset=Tier.objects.all())
    tool = django_filters.ModelMultipleChoiceFilter(field_name="tool_uses__tool", queryset=Tool.objects.all())


def finder(request):
    chosen = Filter(request.GET, queryset=CaseVersion.objects.published())
    found = chosen.qs.distinct()
    facets = [
        [(value, found.filter(**{path: value}).count()) for value in model.objects.all()]
        for path, model in FACETS.items()
    ]
    page = Paginator(found.order_by("case__report_number", "case__slug"), 20).page(1)
    return HttpResponse(TEMPLATE.render(Context({"page": page, "facets": facets, "form": chosen.form})))


urlpatterns = [re_path("", finder)]
application = get_wsgi_application()
