"""The review page: what is public beside what is new, what to check, a preview, and the buttons."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, re_path, reverse
from django.views.decorators.http import require_POST

from ..addresses import absolute
from ..difference import Difference, difference
from ..hints import coverage, hints
from ..models import CaseVersion, Enquiry, PreviewLink, Stale, fingerprint, refuse_if_stale
from ..models.preview import MOST_DAYS
from ..models.workflow import Workflow
from ..record import record
from ..urls import PHOTOGRAPH
from ..views import picture, show_preview
from .acts import left_to_others, offered, press
from .stale import who_saved_last
from .writing import page_of


def photographs_at(version) -> str:
    """The folder of a version's photographs for those who are signed in, public or not."""
    return f"{reverse('admin:cases_caseversion_changelist')}{version.pk}/photographs/"


@dataclass(frozen=True)
class Beside:
    """Two versions side by side, as components/difference.html needs them; `old` may be None."""

    old: Workflow | None
    new: Workflow
    difference: Difference

    @property
    def old_name(self) -> str:
        return name(self.old) if self.old else ""

    @property
    def new_name(self) -> str:
        return name(self.new)

    @property
    def old_at(self) -> str:
        return photographs_at(self.old) if self.old else ""

    @property
    def new_at(self) -> str:
        return photographs_at(self.new)


def name(version) -> str:
    """第2版（審査中）"""
    return f"第{version.number}版（{version.get_status_display()}）"


def beside(old: CaseVersion | None, new: CaseVersion) -> Beside:
    """Two versions from `with_content()` → what differs."""
    return Beside(old, new, difference(record(old) if old else None, record(new)))


def read_against(version):
    """What a version is read against: what is public; for that itself, what was public before it."""
    of_same = {version.owner: getattr(version, f"{version.owner}_id")}
    others = type(version).objects.filter(**of_same).exclude(pk=version.pk).with_content()
    if version.status == version.Status.PUBLISHED:
        return others.readable().filter(number__lt=version.number).first()
    return others.published().first()


class Reviewing(admin.ModelAdmin):
    """Presses the buttons of a review page."""

    def press_as_seen(self, request, version):
        """Do what the button says, unless what its presser read has been changed meanwhile."""
        with transaction.atomic():
            try:
                refuse_if_stale(version, request.POST.get("seen", ""))
            except Stale:
                who = who_saved_last(version, but=request.user)
                why = f"この画面を開いた後で、{who}が保存しています。何もしていません。いまの内容を見直してください。"
                self.message_user(request, why, messages.ERROR)
                return self.back(version)
            after = press(self, request, version)
        return self.back(version) if after == version else HttpResponseRedirect(page_of(after, "change"))

    def back(self, version):
        return HttpResponseRedirect(page_of(version, "review"))

    def told_of(self, request, version, **more) -> dict:
        """What every review page tells: who wrote it, its way here, what stands in the way, the buttons."""
        moves = list(version.transitions.select_related("by"))
        back = [move for move in moves if move.reason and not version.is_frozen]
        return {
            **self.admin_site.each_context(request),
            "title": f"見くらべて審査する：{version}",
            "opts": self.opts,
            "version": version,
            "writers": _writers(version),
            "submitted": _last(moves, to=version.Status.IN_REVIEW),
            "returned": back[-1] if back else None,
            "problems": [] if version.is_frozen else version.problems(),
            "acts": offered(request.user, version),
            "own_text": left_to_others(request.user, version),
            **more,
        }


class ReviewPages(Reviewing):
    """Adds to the admin of versions: …/review/, …/preview/, its photographs, and links for outsiders."""

    def get_urls(self):
        def page(route, view, called, kind=path):
            return kind(route, self.admin_site.admin_view(view), name=f"cases_caseversion_{called}")

        photographs = r"^(?P<pk>[0-9]+)/photographs/" + PHOTOGRAPH
        return [
            page("<int:pk>/review/", self.review, "review"),
            page("<int:pk>/preview/", self.preview, "preview"),
            page(photographs, self.photograph, "photograph", re_path),
            page("<int:pk>/review/links/", require_POST(self.make_link), "make_link"),
            page("<int:pk>/review/links/<int:link>/revoke/", require_POST(self.revoke_link), "revoke_link"),
            *super().get_urls(),
        ]

    def _opened(self, request, pk) -> CaseVersion:
        """The version with that key, for who may read versions."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(CaseVersion.objects.with_content(), pk=pk)

    def review(self, request, pk):
        seen = fingerprint(CaseVersion(pk=pk))  # before the reading: what is shown is never older than that
        version = self._opened(request, pk)
        if request.method == "POST":
            return self.press_as_seen(request, version)
        context = self.told_of(
            request,
            version,
            beside=beside(read_against(version), version),
            hints=[] if version.is_frozen else hints(version),
            coverage=None if version.is_frozen else coverage(version),
            enquiry=Enquiry.objects.filter(draft=version).first(),
            seen=seen,
            **self._links(request, version),
        )
        return TemplateResponse(request, "admin/cases/caseversion/review.html", context)

    def preview(self, request, pk):
        version = self._opened(request, pk)
        back = reverse("admin:cases_caseversion_review", args=[pk])
        return show_preview(request, version, photographs_at(version), back=back)

    def photograph(self, request, pk, name):
        return picture(self._opened(request, pk).photos.of_file(name), name)

    # Links for those who don't sign in

    def _links(self, request, version):
        may_make = request.user.has_perm("cases.add_previewlink") and not version.is_frozen
        links = version.preview_links.valid().select_related("created_by")
        return {
            "links": [(link, absolute("preview", link.token)) for link in links],
            "days": range(1, MOST_DAYS + 1) if may_make else [],
            "may_revoke": request.user.has_perm("cases.change_previewlink"),
        }

    def make_link(self, request, pk):
        version = self._opened(request, pk)
        if not request.user.has_perm("cases.add_previewlink"):
            raise PermissionDenied
        days = {str(day): day for day in range(1, MOST_DAYS + 1)}.get(request.POST.get("days"), 0)
        try:
            PreviewLink.make(version, by=request.user, days=days)
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
        else:
            self.message_user(request, "下見のリンクを作りました。", messages.SUCCESS)
        return self.back(version)

    def revoke_link(self, request, pk, link):
        version = self._opened(request, pk)
        if not request.user.has_perm("cases.change_previewlink"):
            raise PermissionDenied
        get_object_or_404(version.preview_links, pk=link).revoke(by=request.user)
        self.message_user(request, "下見のリンクを取り消しました。もう開けません。", messages.SUCCESS)
        return self.back(version)


def _writers(version):
    """Everybody who wrote any of it, its maker first."""
    makers = [version.created_by] if version.created_by else []
    return list(dict.fromkeys([*makers, *version.writers.order_by("username")]))


def _last(moves, *, to):
    return next((move for move in reversed(moves) if move.to_status == to), None)
