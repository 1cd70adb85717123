"""A version with its content inline, and the buttons that move it: 審査に出す, 公開する, 改訂を始める …"""

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import CharField, URLField
from django.urls import reverse
from django.utils.html import format_html

from ..hints import coverage, hints
from ..models import CaseVersion, Citation, Link, Silence, Statement, ToolUse, Transition
from .acts import may_write
from .forms import OneMainTool, StatementForm
from .photo import PhotoInline
from .review import ReviewPages
from .stale import NoLostUpdate
from .writing import VersionAdmin, page_of

Status = CaseVersion.Status


class StatementInline(admin.StackedInline):
    model = Statement
    form = StatementForm
    fields = [("item", "position"), "text", ("source", "place"), "themes", ("answers", "confidence")]
    extra = 1
    show_change_link = True

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("item")
            .prefetch_related("citations__source", "themes")
        )

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "answers":
            version = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Statement.objects.filter(version=version, item="challenges")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # What a reader without the right to write sees in place of the form's two citation fields.

    @admin.display(description="出典")
    def source(self, statement):
        return "、".join(str(citation.source) for citation in statement.citations.all())

    @admin.display(description="箇所")
    def place(self, statement):
        return "、".join(citation.place for citation in statement.citations.all() if citation.place) or "—"


class SilenceInline(admin.TabularInline):
    model = Silence
    extra = 1


class ToolUseInline(admin.TabularInline):
    model = ToolUse
    formset = OneMainTool
    extra = 1


class LinkInline(admin.TabularInline):
    model = Link
    extra = 0
    formfield_overrides = {URLField: {"assume_scheme": "https"}}


class TransitionInline(admin.TabularInline):
    model = Transition
    fields = readonly_fields = ["from_status", "to_status", "by", "at", "reason"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(CaseVersion)
class CaseVersionAdmin(ReviewPages, VersionAdmin):
    list_display = [
        "__str__", "status", "review_link", "field", "tier", "checked_on", "check_due_on", "created_by",
    ]  # fmt: skip
    list_filter = ["status", "field", "tier", "service_status"]
    list_select_related = ["case__municipality", "field", "tier", "created_by"]
    search_fields = [
        "case__slug", "case__municipality__name", "case__municipality__reading",
        "case__municipality__code", "summary",
    ]  # fmt: skip
    search_help_text = "自治体の名称・読み・団体コード、概要の言葉で探せます。"
    autocomplete_fields = ["case"]
    fieldsets = [
        (None, {"fields": ["case", ("number", "status"), ("created_by", "published_at"), "reason"]}),
        (
            "報告書・出典のとおりに",
            {"fields": ["summary", "field", "tier", "style", "trial", ("source", "source_place")]},
        ),
        ("支援の現況", {"fields": ["service_status", "service_evidence", "service_source"]}),
        ("日付", {"fields": [("surveyed_on", "surveyed_precision"), "checked_on", "check_due_on"]}),
    ]
    formfield_overrides = {CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})}}
    inlines = [ToolUseInline, StatementInline, SilenceInline, PhotoInline, LinkInline, TransitionInline]

    @admin.display(description="審査")
    def review_link(self, version):
        return format_html('<a href="{}">見くらべる</a>', page_of(version, "review"))

    def view_on_site(self, version):
        return reverse("case", args=[version.case.slug]) if version.status == Status.PUBLISHED else None

    def help_while_writing(self, version):
        if version.is_frozen:
            return {}
        whole = CaseVersion.objects.with_content().get(pk=version.pk)
        return {"hints": hints(whole), "coverage": coverage(whole)}


class CitationInline(admin.TabularInline):
    model = Citation
    extra = 1


@admin.register(Statement)
class StatementAdmin(NoLostUpdate):
    """One statement with all its sources; reached from its version."""

    fields = ["version", "item", "text"]
    readonly_fields = ["version", "item"]
    inlines = [CitationInline]

    def has_module_permission(self, request):
        return False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_write(request.user, obj.version))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_write(request.user, obj.version))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self._written(request, form.instance.version)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self._written(request, obj.version)

    def _written(self, request, version):
        version.written(by=request.user)
        self.log_change(request, version, "記述")
