"""A case: its identity, and the way to its versions."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from ..models import Case, CaseVersion
from ..record import public_versions
from .history import HistoryPages
from .review import beside
from .stale import NoLostUpdate
from .writing import page_of


class VersionInline(admin.TabularInline):
    """The versions of a case, to go to; they're written on their own pages."""

    model = CaseVersion
    fields = readonly_fields = ["number", "status", "summary", "published_at", "created_by"]
    ordering = ["-number"]
    extra = 0
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Case)
class CaseAdmin(HistoryPages, NoLostUpdate):
    list_display = ["municipality", "slug", "report_number", "published", "open", "enquire"]
    list_select_related = ["municipality"]
    search_fields = ["slug", "municipality__name", "municipality__reading", "municipality__code"]
    search_help_text = "自治体の名称・読み・団体コード、URLの名で探せます。"
    autocomplete_fields = ["municipality"]
    readonly_fields = ["open"]
    inlines = [VersionInline]
    versions = CaseVersion

    def beside(self, old, new):
        return beside(old, new)

    def public_addresses(self, row):
        return {one.number: reverse("version", args=[row.slug, one.number]) for one in public_versions(row)}

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("versions")

    def save_model(self, request, obj, form, change):
        """Whose case it is belongs to what is written: whoever changes it has written the open version too."""
        super().save_model(request, obj, form, change)
        if change and form.has_changed():
            for version in obj.versions.filter(status__in=CaseVersion.OPEN):
                version.written(by=request.user)

    def get_readonly_fields(self, request, obj=None):
        has_been_public = obj and obj.versions.filter(status__in=CaseVersion.FROZEN).exists()
        return ["slug", "municipality", "open"] if has_been_public else ["open"]

    @admin.display(description="公開中の版")
    def published(self, case):
        return link_to(case, [CaseVersion.Status.PUBLISHED]) or "—"

    @admin.display(description="編集中の版")
    def open(self, case):
        """The open version; where no version exists yet, the way to the first."""
        if link := link_to(case, CaseVersion.OPEN):
            return link
        if case.pk and not case.versions.all():
            url = reverse("admin:cases_caseversion_add") + f"?case={case.pk}"
            return format_html('<a href="{}">最初の版を作る</a>', url)
        return "—"

    @admin.display(description="現況確認")
    def enquire(self, case):
        """The way to ask the municipality about it, due or not."""
        if link_to(case, [CaseVersion.Status.PUBLISHED]) is None:
            return "—"
        url = reverse("admin:cases_enquiry_changelist", query={"q": case.slug})
        return format_html('<a href="{}">照会する</a>', url)


def link_to(thing, statuses):
    """A link to the version of `thing` that has one of these states, or None."""
    for version in thing.versions.all():
        if version.status in statuses:
            words = f"第{version.number}版（{version.get_status_display()}）"
            return format_html('<a href="{}">{}</a>', page_of(version, "change"), words)
    return None
