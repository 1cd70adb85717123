"""The guide: its pages, and the versions of their text with preview, review and history as cases have them."""

import re

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, TextField
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from ..catalogue import Catalogue
from ..difference import Side, between
from ..guide import read
from ..markup import MANUAL
from ..models import (
    GuideCitation,
    GuidePage,
    GuideTransition,
    GuideVersion,
    Source,
    fingerprint,
)
from ..models.guide import NAMED
from .case import VersionInline, link_to
from .history import HistoryPages
from .review import Beside, Reviewing, read_against
from .stale import NoLostUpdate
from .version import TransitionInline
from .writing import VersionAdmin, page_of

SECTION = re.compile(r"^(?=## )", re.M)


def beside(old: GuideVersion | None, new: GuideVersion) -> Beside:
    """Two versions from `with_content()` → what differs, section by section."""
    return Beside(old, new, between(_sheet(old) if old else None, _sheet(new)))


def _sheet(version):
    """All that a page of the guide tells of its version."""
    sections = [part.strip() for part in SECTION.split(version.body)]
    return {
        "見出し": [Side("title", "題名", {"": version.title}), Side("lead", "リード", {"": version.lead})],
        "本文": [Side("section", _heading(part), {"": part}) for part in sections if part],
        "出典": [_cited(citation) for citation in version.citations.all()],
        "版": [Side("reason", "改訂の理由", {"": version.reason})] if version.reason else [],
    }


def _heading(part):
    return part.partition("\n")[0].removeprefix("## ") if part.startswith("## ") else "（はじめの段落）"


def _cited(citation):
    texts = {"": citation.source.title} | ({"箇所": citation.place} if citation.place else {})
    return Side("sources", "出典", texts)


class Lines(AdminTextareaWidget):
    """A text of many lines, each ended as it's stored: a browser's own line ends are no change of the text."""

    def value_from_datadict(self, data, files, name):
        typed = super().value_from_datadict(data, files, name)
        return typed and typed.replace("\r\n", "\n").replace("\r", "\n")


class GuideCitationInline(admin.StackedInline):
    model = GuideCitation
    fields = ["source", "place"]
    extra = 1


class GuideTransitionInline(TransitionInline):
    model = GuideTransition


@admin.register(GuideVersion)
class GuideVersionAdmin(Reviewing, VersionAdmin):
    change_form_template = "admin/cases/guideversion/change_form.html"
    list_display = ["__str__", "status", "review_link", "page", "created_by", "published_at"]
    list_filter = ["status", "page"]
    list_select_related = ["page", "created_by"]
    search_fields = ["title", "lead", "body", "page__slug"]
    search_help_text = "題名・リード・本文の言葉、ページのURLの名で探せます。"
    fieldsets = [
        (None, {"fields": ["page", ("number", "status"), ("created_by", "published_at"), "reason"]}),
        ("本文", {"fields": ["title", "lead", "body"]}),
    ]
    formfield_overrides = {
        CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})},
        TextField: {"widget": Lines(attrs={"rows": 3})},
    }
    inlines = [GuideCitationInline, GuideTransitionInline]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "body":
            kwargs["widget"] = Lines(attrs={"rows": 32, "class": "vLargeTextField guide-text"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """A new version rests on the report until somebody says otherwise."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if inline.model is GuideCitation and obj.pk is None and request.method == "GET":
            report = Source.objects.filter(key="report").first()
            kwargs["initial"] = [{"source": report.pk}] if report else []
        return kwargs

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        names = {kind: [row.name for row in model.objects.all()] for kind, model in NAMED.items()}
        manual = {"manual": MANUAL, "names": names}
        return super().changeform_view(request, object_id, form_url, {**manual, **(extra_context or {})})

    def response_change(self, request, obj):
        if "_preview" in request.POST:
            return HttpResponseRedirect(page_of(obj, "preview"))
        return super().response_change(request, obj)

    @admin.display(description="審査")
    def review_link(self, version):
        return format_html('<a href="{}">見くらべる</a>', page_of(version, "review"))

    def view_on_site(self, version):
        public = version.status == version.Status.PUBLISHED
        return reverse("guide_page", args=[version.page.slug]) if public else None

    def get_urls(self):
        def page(name, view):
            called = f"cases_guideversion_{name}"
            return path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=called)

        return [page("review", self.review), page("preview", self.preview), *super().get_urls()]

    def _opened(self, request, pk) -> GuideVersion:
        """The version with that key, for who may read versions."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(GuideVersion.objects.with_content(), pk=pk)

    def review(self, request, pk):
        seen = fingerprint(GuideVersion(pk=pk))  # before the reading: what is shown is never older than that
        version = self._opened(request, pk)
        if request.method == "POST":
            return self.press_as_seen(request, version)
        compared = beside(read_against(version), version)
        context = self.told_of(request, version, beside=compared, seen=seen)
        return TemplateResponse(request, "admin/cases/guideversion/review.html", context)

    def preview(self, request, pk):
        """The version as the public would read it, with today's cases in it."""
        version, catalogue = self._opened(request, pk), Catalogue()
        context = {"version": version, "reading": read(version, catalogue), "catalogue": catalogue}
        return TemplateResponse(request, "admin/cases/guideversion/preview.html", context)


class GuideVersionInline(VersionInline):
    model = GuideVersion
    fields = readonly_fields = ["number", "status", "title", "published_at", "created_by"]


@admin.register(GuidePage)
class GuidePageAdmin(HistoryPages, NoLostUpdate):
    list_display = ["name", "published", "open", "slug", "number", "position", "field"]
    fields = ["slug", "number", "position", "field"]
    list_select_related = ["field"]
    search_fields = ["slug", "versions__title"]
    search_help_text = "URLの名、題名で探せます。文章を直すときは、「公開中の版」を開いて改訂を始めます。"
    inlines = [GuideVersionInline]
    versions = GuideVersion

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("versions")

    def has_change_permission(self, request, obj=None):
        """Its place and number are public at once: once it has been, only who may publish changes them."""
        if not super().has_change_permission(request, obj):
            return False
        may_publish = request.user.has_perm("cases.publish_caseversion")
        return obj is None or may_publish or not obj.has_been_public

    def get_fields(self, request, obj=None):
        return ["published", "open", *self.fields] if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        ways = ["published", "open"]
        return [*ways, "slug"] if obj and obj.has_been_public else ways

    def beside(self, old, new):
        return beside(old, new)

    def public_addresses(self, row):
        public = GuideVersion.objects.published().filter(page=row)
        return {version.number: reverse("guide_page", args=[row.slug]) for version in public}

    @admin.display(description="題名")
    def name(self, page):
        """The title of its newest version."""
        newest = next(iter(page.versions.all()), None)
        return newest.title if newest else "（まだ書かれていません）"

    @admin.display(description="公開中の版")
    def published(self, page):
        return link_to(page, [GuideVersion.Status.PUBLISHED]) or "—"

    @admin.display(description="編集中の版")
    def open(self, page):
        """The open version; where no version exists yet, the way to the first."""
        if link := link_to(page, GuideVersion.OPEN):
            return link
        if page.pk and not page.versions.all():
            url = reverse("admin:cases_guideversion_add", query={"page": page.pk})
            return format_html('<a href="{}">最初の版を書く</a>', url)
        return "—"
