"""号: freeze what is public under a label, have its files made, and, if it must be, withdraw them."""

from datetime import timedelta
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_POST

from .. import bundle
from ..models import CaseVersion, Edition

WITHDRAWN = "取り下げました"
STARTING = timedelta(seconds=30)  # until the process that makes the files can be seen at it


class FreezeForm(forms.ModelForm):
    def clean(self):
        if not CaseVersion.objects.published().exists():
            raise ValidationError("公開中の事例がないので、号を作れません。")
        return super().clean()


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin):
    """An edition is made and then only looked at."""

    form = FreezeForm
    fields = ["label", "note"]
    readonly_fields = ["frozen", "held", "by", "files_state"]
    list_display = ["label", "frozen", "held", "no_more", "files_state", "by"]
    actions = None

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by").annotate(held=Count("versions"))

    def get_fields(self, request, obj=None):
        return [*self.fields, *self.readonly_fields] if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []

    def get_changeform_initial_data(self, request):
        return {"label": Edition.next_label()}

    @admin.display(description="固めた日時", ordering="frozen_at")
    def frozen(self, edition):
        return f"{localtime(edition.frozen_at):%Y-%m-%d %H:%M}"

    @admin.display(description="収めた事例")
    def held(self, edition):
        return f"{edition.held}件"

    @admin.display(description="うち取り下げ")
    def no_more(self, edition):
        return f"{gone}件" if (gone := _withdrawn(edition)) else "なし"

    @admin.display(description="ファイル")
    def files_state(self, edition):
        if edition.files_withdrawn_at:
            return f"{WITHDRAWN}（{edition.files_withdrawn_because}）"
        if edition.has_files:
            return "できています"
        doing = bundle.making(edition) or ("始めるところ" if _is_starting(edition) else "")
        return f"作成中：{doing}" if doing else "まだありません"

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.user.has_perm("cases.publish_caseversion")

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        edition = Edition.freeze(obj.label, obj.note, by=request.user)
        obj.pk, obj.frozen_at = edition.pk, edition.frozen_at
        self._begin(request, edition)

    def response_add(self, request, obj, post_url_continue=None):
        return self._back(obj)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        edition = self.get_object(request, object_id)
        context = {"opened": edition, **(extra_context or {})}
        if edition:
            may = self.has_add_permission(request)
            withdrawn = bool(edition.files_withdrawn_at)
            making = bundle.making(edition) or _is_starting(edition)
            context |= {
                "withdrawn_cases": _withdrawn(edition),
                "may_make": may and not (withdrawn or edition.has_files or making),
                "may_withdraw": may and not withdrawn and edition.has_files,
                "waiting": not withdrawn and not edition.has_files,
            }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self):
        def page(route, view, called):
            guarded = self.admin_site.admin_view(require_POST(view))
            return path(f"<int:pk>/{route}/", guarded, name=f"cases_edition_{called}")

        return [
            page("files", self.make_files, "make_files"),
            page("files/withdraw", self.withdraw_files, "withdraw_files"),
            *super().get_urls(),
        ]

    def make_files(self, request, pk):
        edition = self._asked(request, pk)
        if edition.files_withdrawn_at:
            self.message_user(request, "この号のファイルは取り下げられています。", messages.ERROR)
        else:
            self._begin(request, edition)
        return self._back(edition)

    def withdraw_files(self, request, pk):
        edition = self._asked(request, pk)
        try:
            edition.withdraw_files(by=request.user, reason=request.POST.get("_reason", ""))
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
        else:
            self.message_user(request, f"{edition}のファイルを取り下げました。", messages.SUCCESS)
        return self._back(edition)

    def _asked(self, request, pk):
        if not self.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(Edition, pk=pk)

    def _begin(self, request, edition):
        transaction.on_commit(partial(bundle.start, edition))
        told = f"{edition}のファイルを作っています。数分かかることがあります。この画面を閉じても続きます。"
        self.message_user(request, told, messages.SUCCESS)

    def _back(self, edition):
        return HttpResponseRedirect(reverse("admin:cases_edition_change", args=[edition.pk]))


def _is_starting(edition):
    return now() - edition.frozen_at < STARTING


def _withdrawn(edition):
    return edition.versions.count() - CaseVersion.objects.published(edition).count()
