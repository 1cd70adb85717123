"""A version with its content inline, and the buttons that move it: 審査に出す, 公開する, 改訂を始める …"""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import CharField, URLField
from django.http import HttpResponseRedirect
from django.urls import reverse

from ..models import CaseVersion, Citation, Link, Photo, Silence, Statement, ToolUse, Transition
from .forms import OneMainTool, StatementForm

Status = CaseVersion.Status


@dataclass(frozen=True)
class Act:
    """A button: the method of CaseVersion it calls, the states it starts from, who may press it."""

    method: str
    label: str
    starts: tuple[str, ...]
    done: str
    by_publisher: bool = False
    with_reason: bool = False


ACTS = (
    Act("submit", "保存して審査に出す", (Status.DRAFT,), "審査に出しました。"),
    Act("take_back", "下書きに戻す", (Status.IN_REVIEW,), "下書きに戻しました。"),
    Act("publish", "公開する", (Status.IN_REVIEW,), "公開しました。", by_publisher=True),
    Act("return_", "差し戻す", (Status.IN_REVIEW,), "差し戻しました。", by_publisher=True, with_reason=True),
    Act("revise", "改訂を始める", (Status.PUBLISHED, Status.WITHDRAWN), "この下書きで改訂を始められます。"),
    Act(
        "withdraw", "取り下げる", (Status.PUBLISHED,), "取り下げました。", by_publisher=True, with_reason=True
    ),
)


def may_write(user, version) -> bool:
    """A draft: whoever may write. In review: only who may publish. Frozen: nobody."""
    if version.is_frozen or not user.has_perm("cases.change_caseversion"):
        return False
    return version.status == Status.DRAFT or user.has_perm("cases.publish_caseversion")


def acts_of(user) -> list[Act]:
    """The buttons `user` has the right to press at all."""
    may_publish = user.has_perm("cases.publish_caseversion")
    may_change = user.has_perm("cases.change_caseversion")
    return [act for act in ACTS if (may_publish if act.by_publisher else may_change)]


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


class PhotoInline(admin.StackedInline):
    model = Photo
    fields = ["image", ("alt", "decorative"), "caption", ("credit", "licence"), "position"]
    extra = 0


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
class CaseVersionAdmin(admin.ModelAdmin):
    list_display = ["__str__", "status", "field", "tier", "checked_on", "check_due_on", "created_by"]
    list_filter = ["status", "field", "tier", "service_status"]
    list_select_related = ["case__municipality", "field", "tier", "created_by"]
    search_fields = [
        "case__slug", "case__municipality__name", "case__municipality__reading",
        "case__municipality__code", "summary",
    ]  # fmt: skip
    search_help_text = "自治体の名称・読み・団体コード、概要の言葉で探せます。"
    actions = None
    save_on_top = True  # the page is long, and its buttons are the point of it
    autocomplete_fields = ["case"]
    readonly_fields = ["number", "status", "created_by", "published_at"]
    fieldsets = [
        (None, {"fields": ["case", ("number", "status"), ("created_by", "published_at")]}),
        (
            "報告書・出典のとおりに",
            {"fields": ["summary", "field", "tier", "style", "trial", ("source", "source_place")]},
        ),
        ("支援の現況", {"fields": ["service_status", "service_evidence", "service_source"]}),
        ("日付", {"fields": [("surveyed_on", "surveyed_precision"), "checked_on", "check_due_on"]}),
    ]
    formfield_overrides = {CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})}}
    inlines = [ToolUseInline, StatementInline, SilenceInline, PhotoInline, LinkInline, TransitionInline]

    class Media:
        css = {"all": ["admin.css"]}

    def view_on_site(self, version):
        return reverse("case", args=[version.case.slug]) if version.status == Status.PUBLISHED else None

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "case"] if obj else self.readonly_fields

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_write(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        if not super().has_delete_permission(request, obj):
            return False
        own = obj is None or obj.created_by_id == request.user.pk or request.user.is_superuser
        return own and (obj is None or obj.status == Status.DRAFT)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        version = self.get_object(request, object_id) if object_id else None
        if version and "_act" in request.POST and not self.has_change_permission(request, version):
            return self._act(request, version)  # nothing to save first
        acts = [act for act in acts_of(request.user) if version and version.status in act.starts]
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "acts": acts})

    def response_change(self, request, obj):
        if "_act" in request.POST:
            return self._act(request, obj)
        return super().response_change(request, obj)

    def _act(self, request, version):
        """Do what the pressed button says; what stands in the way becomes a message."""
        act = next((act for act in acts_of(request.user) if act.method == request.POST["_act"]), None)
        if act is None:
            raise PermissionDenied
        reason = {"reason": request.POST.get("_reason", "")} if act.with_reason else {}
        try:
            after = getattr(version, act.method)(by=request.user, **reason) or version
        except ValidationError as error:
            for message in error.messages:
                self.message_user(request, message, messages.ERROR)
            after = version
        else:
            self.log_change(request, after, act.label)
            self.message_user(request, f"{after}：{act.done}", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:cases_caseversion_change", args=[after.pk]))


class CitationInline(admin.TabularInline):
    model = Citation
    extra = 1


@admin.register(Statement)
class StatementAdmin(admin.ModelAdmin):
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
