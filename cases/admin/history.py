"""The history of what has versions: every version with who, when and why; any two compared; an old one taken up again."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from ..models.workflow import Workflow
from .writing import page_of


@dataclass(frozen=True)
class Told:
    """One version in the history. `take_up`: where it's copied into a new draft; `public`: its public page."""

    version: Workflow
    writers: list
    review: str
    change: str
    take_up: str
    public: str


class HistoryPages(admin.ModelAdmin):
    """Makes the history page of what has versions that of its versions, and adds the way back to an old one."""

    object_history_template = "admin/cases/case/object_history.html"
    versions: type[Workflow]

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.take_up))
        name = f"cases_{self.opts.model_name}_take_up"
        return [path("<int:pk>/history/take-up/<int:number>/", view, name=name), *super().get_urls()]

    def beside(self, old, new):
        """Two of its versions side by side."""
        raise NotImplementedError

    def public_addresses(self, row) -> dict[int, str]:
        """Number of a version → its public page, for those that have one."""
        raise NotImplementedError

    def history_view(self, request, object_id, extra_context=None):
        context = {}
        may_view = request.user.has_perm(f"cases.view_{self.versions._meta.model_name}")
        if (row := self.get_object(request, object_id)) and may_view:
            context = {"told": self._told(row, request.user), **self._compared(row, request.GET)}
        return super().history_view(request, object_id, {**(extra_context or {}), **context})

    def take_up(self, request, pk, number):
        """POST: a new draft with what the frozen version `number` says."""
        if not self._may_change(request.user):
            raise PermissionDenied
        version = get_object_or_404(self.versions, number=number, **{self.versions.owner: pk})
        is_public = version.status == version.Status.PUBLISHED
        reason = "" if is_public else f"第{number}版の内容に戻す"
        try:
            draft = version.revise(by=request.user, reason=reason)
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:cases_{self.opts.model_name}_history", args=[pk]))
        self.log_addition(request, draft, f"第{number}版の内容で作成")
        self.message_user(request, f"{draft}：第{number}版の内容で下書きを作りました。", messages.SUCCESS)
        return HttpResponseRedirect(page_of(draft, "change"))

    def _may_change(self, user):
        return user.has_perm(f"cases.change_{self.versions._meta.model_name}")

    def _told(self, row, user) -> list[Told]:
        public = self.public_addresses(row)
        may_change = self._may_change(user)
        again = f"admin:cases_{self.opts.model_name}_take_up"
        versions = row.versions.select_related("created_by").order_by("-number")
        return [
            Told(
                version,
                list(version.writers.all()),
                page_of(version, "review"),
                page_of(version, "change"),
                reverse(again, args=[row.pk, version.number]) if may_change and version.is_frozen else "",
                public.get(version.number, ""),
            )
            for version in versions.prefetch_related("writers", "transitions__by")
        ]

    def _compared(self, row, chosen) -> dict:
        """The two versions that the address chooses (`?old=1&new=2`), side by side; without, the last two."""
        found = row.versions.with_content().order_by("-number")
        versions = {str(version.number): version for version in found}
        wanted = {side: chosen[side] for side in ("old", "new") if side in chosen}
        old, new = (versions.get(wanted.get(side)) for side in ("old", "new"))
        if old and new and old != new:
            return {"beside": self.beside(old, new), "old": old.number, "new": new.number}
        last = [version.number for version in versions.values()][:2]
        told = "違う版を一つずつ選んでください。" if wanted else ""
        return {"new": last[0], "old": last[-1], "told_why": told} if last else {}
