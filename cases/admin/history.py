"""The history of a case: every version with who, when and why; any two compared; an old one taken up again."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from ..models import Case, CaseVersion
from ..record import public_versions
from .review import beside


@dataclass(frozen=True)
class Told:
    """One version in the history. `takes_up`: it may be copied into a new draft; `address`: its public page."""

    version: CaseVersion
    writers: list
    takes_up: bool
    address: str


class HistoryPages(admin.ModelAdmin):
    """Makes the history page of a case that of its versions, and adds the way back to an old one."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.take_up))
        return [
            path("<int:pk>/history/take-up/<int:number>/", view, name="cases_case_take_up"),
            *super().get_urls(),
        ]

    def history_view(self, request, object_id, extra_context=None):
        context = {}
        if (case := self.get_object(request, object_id)) and request.user.has_perm("cases.view_caseversion"):
            context = {"told": _told(case, request.user), **_compared(case, request.GET)}
        return super().history_view(request, object_id, {**(extra_context or {}), **context})

    def take_up(self, request, pk, number):
        """POST: a new draft with what the frozen version `number` says."""
        if not request.user.has_perm("cases.change_caseversion"):
            raise PermissionDenied
        version = get_object_or_404(CaseVersion, case=pk, number=number)
        is_public = version.status == CaseVersion.Status.PUBLISHED
        reason = "" if is_public else f"第{number}版の内容に戻す"
        try:
            draft = version.revise(by=request.user, reason=reason)
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
            return HttpResponseRedirect(reverse("admin:cases_case_history", args=[pk]))
        self.log_addition(request, draft, f"第{number}版の内容で作成")
        self.message_user(request, f"{draft}：第{number}版の内容で下書きを作りました。", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:cases_caseversion_change", args=[draft.pk]))


def _told(case: Case, user) -> list[Told]:
    public = {one.number for one in public_versions(case)}
    versions = case.versions.select_related("case__municipality", "field", "created_by").order_by("-number")
    may_change = user.has_perm("cases.change_caseversion")
    return [
        Told(
            version,
            list(version.writers.all()),
            may_change and version.is_frozen,
            reverse("version", args=[case.slug, version.number]) if version.number in public else "",
        )
        for version in versions.prefetch_related("writers", "transitions__by")
    ]


def _compared(case: Case, chosen) -> dict:
    """The two versions that the address chooses (`?old=1&new=2`), side by side; without, the last two."""
    versions = {str(version.number): version for version in case.versions.with_content().order_by("-number")}
    wanted = {side: chosen[side] for side in ("old", "new") if side in chosen}
    old, new = (versions.get(wanted.get(side)) for side in ("old", "new"))
    if old and new and old != new:
        return {"beside": beside(old, new), "old": old.number, "new": new.number}
    last = [version.number for version in versions.values()][:2]
    told = "違う版を一つずつ選んでください。" if wanted else ""
    return {"new": last[0], "old": last[-1], "told_why": told} if last else {}
