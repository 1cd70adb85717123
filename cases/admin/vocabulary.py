"""What cases are sorted by and rest on: vocabulary, municipalities, sources."""

from django.contrib import admin
from django.db.models import Count, URLField

from ..models import (
    CaseVersion,
    Field,
    GlossaryTerm,
    GuideVersion,
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


class SharedWord(NoLostUpdate):
    """Words that public pages show: once a frozen version names them, only who may publish changes them."""

    named_by: tuple[str, ...] = ()  # how a version names such a row

    def has_change_permission(self, request, obj=None):
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or request.user.has_perm("cases.publish_caseversion") or not self._is_public(obj)

    def _is_public(self, obj):
        frozen = CaseVersion.objects.filter(status__in=CaseVersion.FROZEN)
        return any(frozen.filter(**{lookup: obj}).exists() for lookup in self.named_by)


class KeyedAdmin(SharedWord):
    """A row whose key stands in URLs: given once."""

    list_display = ["name", "key", "position"]
    search_fields = ["name", "key"]

    def get_readonly_fields(self, request, obj=None):
        return ["key"] if obj else []


admin.site.register([Field, Tier], KeyedAdmin)


@admin.register(Tool)
class ToolAdmin(KeyedAdmin):
    named_by = ("tool_uses__tool",)


@admin.register(ToolFamily)
class ToolFamilyAdmin(KeyedAdmin):
    named_by = ("tool_uses__family",)


@admin.register(Style)
class StyleAdmin(KeyedAdmin):
    named_by = ("style",)


@admin.register(Theme)
class ThemeAdmin(KeyedAdmin):
    named_by = ("statements__themes",)


@admin.register(Synonym)
class SynonymAdmin(NoLostUpdate):
    list_display = ["word", "means", "instead"]
    search_fields = ["word", "means"]


@admin.register(Wording)
class WordingAdmin(NoLostUpdate):
    list_display = ["word", "gentler", "reason"]
    search_fields = ["word", "gentler", "reason"]


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(NoLostUpdate):
    """Public as soon as it's saved, so for those who may publish (migration 0010)."""

    list_display = ["name", "reading", "key", "place"]
    search_fields = ["name", "reading", "key", "definition"]

    def get_readonly_fields(self, request, obj=None):
        return ["key"] if obj else []


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
class SourceAdmin(SharedWord):
    named_by = ("source", "service_source", "statements__citations__source")
    list_display = ["title", "key", "published", "read_on", "reading", "cited"]
    list_filter = ["reading"]
    search_fields = ["key", "title", "url"]

    def _is_public(self, obj):
        return (
            super()._is_public(obj)
            or obj.guide_citations.filter(version__status__in=GuideVersion.FROZEN).exists()
        )

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(cited=Count("citations"))

    @admin.display(description="引用数", ordering="cited")
    def cited(self, source):
        return source.cited
