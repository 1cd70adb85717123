"""What cases are sorted by and rest on: vocabulary, municipalities, sources."""

from django.contrib import admin
from django.db.models import Count, URLField

from ..models import (
    Field,
    Item,
    Municipality,
    Source,
    Style,
    Synonym,
    Theme,
    Tier,
    Tool,
    ToolFamily,
    Wording,
)
from .stale import NoLostUpdate


class KeyedAdmin(NoLostUpdate):
    """A row whose key stands in URLs: given once."""

    list_display = ["name", "key", "position"]
    search_fields = ["name", "key"]

    def get_readonly_fields(self, request, obj=None):
        return ["key"] if obj else []


admin.site.register([Field, Tier, ToolFamily, Tool, Style, Theme], KeyedAdmin)


@admin.register(Synonym)
class SynonymAdmin(NoLostUpdate):
    list_display = ["word", "means", "instead"]
    search_fields = ["word", "means"]


@admin.register(Wording)
class WordingAdmin(NoLostUpdate):
    list_display = ["word", "gentler", "reason"]
    search_fields = ["word", "gentler", "reason"]


@admin.register(Item)
class ItemAdmin(KeyedAdmin):
    list_display = ["name", "key", "group", "position"]
    list_filter = ["group"]


@admin.register(Municipality)
class MunicipalityAdmin(NoLostUpdate):
    list_display = ["full_name", "reading", "code", "kind", "band"]
    list_filter = ["kind", "band"]
    search_fields = ["code", "prefecture", "name", "reading"]
    search_help_text = "名称・読み・団体コードで探せます。"

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @admin.display(description="自治体", ordering="code")
    def full_name(self, municipality):
        return municipality.full_name


@admin.register(Source)
class SourceAdmin(NoLostUpdate):
    list_display = ["title", "key", "published", "read_on", "reading", "cited"]
    list_filter = ["reading"]
    search_fields = ["key", "title", "url"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(cited=Count("citations"))

    @admin.display(description="引用数", ordering="cited")
    def cited(self, source):
        return source.cited
