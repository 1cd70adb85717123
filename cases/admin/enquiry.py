"""現況確認: what is due, what is awaited, what came back; the letters, the sheets, and the replies."""

import io
import zipfile
from functools import wraps
from pathlib import Path

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import content_disposition_header, urlencode
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from .. import enquiries, replies
from ..models import CaseVersion, Enquiry
from ..tables import Unreadable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 10 * 1024 * 1024
PAGE = 100  # rows of a table, and letters made at once
TABLES = ("due", "awaited", "returned")  # each with its own page number in the address
get, post = method_decorator(require_safe), method_decorator(require_POST)


def from_its_page(view):
    """POST to one enquiry; its address opened by hand, after a refusal say, leads back to its page."""

    @wraps(view)
    def posted(self, request, pk):
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:cases_enquiry_change", args=[pk]))
        return view(self, request, pk)

    return posted


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class AskForm(forms.Form):
    versions = forms.ModelMultipleChoiceField(
        CaseVersion.objects.published().select_related("case__municipality", "field"),
        error_messages={"required": "照会する事例を選んでください。"},
    )
    reply_by = forms.DateField(label="回答の期限", widget=_Day)


class ReplyForm(forms.Form):
    reply_file = forms.FileField(
        label="返ってきた回答票",
        help_text="Excelの回答票（.xlsx、10MBまで）。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
    answered_on = forms.DateField(
        label="回答日",
        required=False,
        widget=_Day,
        help_text="回答票に回答日が書かれていないときだけ入れます。",
    )

    def clean_reply_file(self):
        file = self.cleaned_data["reply_file"]
        if Path(file.name).suffix.lower() != ".xlsx":
            raise forms.ValidationError(f"「{file.name}」は .xlsx のファイルではありません。")
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"「{file.name}」は10MBを超えています。")
        return file


class AsIsForm(forms.Form):
    prefix = "as_it_is"  # it stands on one page with the form above

    answered_on = forms.DateField(label="回答があった日", widget=_Day)


class CloseForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=Enquiry._meta.get_field("closed_because").max_length,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="例: 期限までに回答がなかったため",
    )


@admin.register(Enquiry)
class EnquiryAdmin(admin.ModelAdmin):
    """Pages of our own throughout: an enquiry isn't a form to fill in."""

    def get_urls(self):
        ways = [
            ("", self.changelist_view, "changelist"),
            ("ask/", self.ask, "ask"),
            ("letters/", self.letters, "letters"),
            ("sheets/", self.sheets, "sheets"),
            ("<int:pk>/change/", self.enquiry, "change"),
            ("<int:pk>/receive/", self.receive, "receive"),
            ("<int:pk>/as-it-is/", self.as_it_is, "as_it_is"),
            ("<int:pk>/close/", self.close, "close"),
        ]
        wrap = self.admin_site.admin_view
        return [path(route, wrap(view), name=f"cases_enquiry_{name}") for route, view, name in ways]

    def get_queryset(self, request):
        version = [f"version__{name}" for name in ("case__municipality", "field", "tier", "style")]
        return (
            super()
            .get_queryset(request)
            .select_related(*version, "draft__case__municipality", "draft__field")
        )

    # Asking

    @get
    def changelist_view(self, request, extra_context=None):
        self._allow(request, "view")
        words = request.GET.get("q", "").strip()
        awaited, returned = Q(state=Enquiry.State.AWAITED), self.get_queryset(request)
        rows = {
            "due": enquiries.unasked(enquiries.named(words) if words else enquiries.due()),
            "awaited": returned.filter(awaited).order_by("reply_by", "pk"),
            "returned": returned.exclude(awaited).order_by("-returned_on", "-pk"),
        }
        pages = {name: Paginator(rows[name], PAGE).get_page(request.GET.get(name)) for name in TABLES}
        for version in pages["due"]:
            version.why = enquiries.why(version)
        form = AskForm(initial={"reply_by": localdate() + enquiries.TIME_TO_REPLY})
        return self._render(request, "list", "現況確認", pages=pages, words=words, form=form)

    @post
    def ask(self, request):
        self._allow(request, "add")
        form = AskForm(request.POST)
        back = HttpResponseRedirect(reverse("admin:cases_enquiry_changelist"))
        if not form.is_valid():
            for problems in form.errors.values():
                messages.error(request, " ".join(problems))
            return back
        try:
            asked = enquiries.ask(
                form.cleaned_data["versions"], by=request.user, reply_by=form.cleaned_data["reply_by"]
            )
        except ValidationError as error:
            for problem in error.messages:
                messages.error(request, problem)
            return back
        for enquiry in asked:
            self.log_addition(request, enquiry, "照会を作成")
        messages.success(
            request, f"{len(asked)}件の照会を作りました。依頼文と回答票を、自治体の担当課へ送ってください。"
        )
        numbers = urlencode({"n": [enquiry.number for enquiry in asked]}, doseq=True)
        return HttpResponseRedirect(f"{reverse('admin:cases_enquiry_letters')}?{numbers}")

    @get
    def letters(self, request):
        self._allow(request, "view")
        letters = [(one, enquiries.letter(one)) for one in self._asked_for(request)]
        return self._render(request, "letters", "依頼文と回答票", letters=letters)

    @get
    def sheets(self, request):
        """One 回答票 as .xlsx, several as a .zip of them."""
        self._allow(request, "view")
        parts = ("version__statements", "version__silences", "version__tool_uses")
        asked = list(self._asked_for(request).prefetch_related(*parts))
        if len(asked) == 1:
            return _download(enquiries.reply_sheet(asked[0]), _file_name(asked[0]), XLSX)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for enquiry in asked:
                archive.writestr(_file_name(enquiry), enquiries.reply_sheet(enquiry))
        return _download(packed.getvalue(), f"kaitohyo-{localdate():%Y%m%d}.zip", "application/zip")

    def _asked_for(self, request):
        """The enquiries that the address names by their numbers."""
        asked = self.get_queryset(request).filter(number__in=request.GET.getlist("n")[:PAGE])
        if not asked:
            raise Http404("照会がありません。")
        return asked.order_by("version__case__municipality", "pk")

    # What came back

    @get
    def enquiry(self, request, pk):
        self._allow(request, "view")
        return self._page(request, self._enquiry(request, pk))

    @from_its_page
    def receive(self, request, pk):
        self._allow(request, "change")
        enquiry, form = self._enquiry(request, pk), ReplyForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, enquiry, reply_form=form)
        file = form.cleaned_data["reply_file"]
        try:
            reply = replies.read_reply(enquiry, file.read(), file.name, form.cleaned_data["answered_on"])
        except Unreadable as error:
            return self._page(request, enquiry, reply_form=form, problems=error.problems)
        return self._take(request, enquiry, reply, file.name, reply_form=form)

    @from_its_page
    def as_it_is(self, request, pk):
        self._allow(request, "change")
        enquiry, form = self._enquiry(request, pk), AsIsForm(request.POST)
        if not form.is_valid():
            return self._page(request, enquiry, as_is_form=form)
        try:
            reply = replies.as_it_is(enquiry, form.cleaned_data["answered_on"])
        except Unreadable as error:
            return self._page(request, enquiry, as_is_form=form, problems=error.problems)
        return self._take(request, enquiry, reply, "", as_is_form=form)

    def _take(self, request, enquiry, reply, file_name, **forms):
        if not request.user.has_perm("cases.change_caseversion"):
            raise PermissionDenied
        try:
            draft = replies.take(enquiry, reply, by=request.user, file_name=file_name)
        except ValidationError as error:
            enquiry = self._enquiry(request, enquiry.pk)
            return self._page(request, enquiry, problems=error.messages, **forms)
        self.log_change(request, enquiry, "回答を取り込み")
        self.log_addition(request, draft, draft.reason)
        messages.success(request, f"回答を取り込み、{draft}の下書きを作りました。違いを確かめてください。")
        if enquiry.to_check:
            way = reverse("admin:cases_enquiry_change", args=[enquiry.pk])
            told = '回答のうち、人が決めることが{}件あります：<a href="{}#to-check">確かめること</a>'
            messages.warning(request, format_html(told, len(enquiry.to_check), way))
        review = reverse("admin:cases_caseversion_review", args=[draft.pk])
        return HttpResponseRedirect(review)

    @from_its_page
    def close(self, request, pk):
        self._allow(request, "change")
        enquiry, form = self._enquiry(request, pk), CloseForm(request.POST)
        if not form.is_valid():
            return self._page(request, enquiry, close_form=form)
        try:
            enquiry.close(by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            return self._page(request, enquiry, problems=error.messages)
        self.log_change(request, enquiry, f"終わりにした：{enquiry.closed_because}")
        messages.success(request, f"{enquiry}を終わりにしました。")
        return HttpResponseRedirect(reverse("admin:cases_enquiry_changelist"))

    # Shared by the pages

    def _allow(self, request, action):
        if not getattr(self, f"has_{action}_permission")(request):
            raise PermissionDenied

    def _enquiry(self, request, pk):
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def _page(self, request, enquiry, *, problems=(), **forms):
        """One enquiry; `forms` are those that were sent and came back with problems."""
        blank = {"reply_form": ReplyForm(), "as_is_form": AsIsForm(), "close_form": CloseForm()}
        return self._render(
            request, "enquiry", str(enquiry), enquiry=enquiry, problems=problems, **{**blank, **forms}
        )

    def _render(self, request, name, title, **context):
        may = {action: getattr(self, f"has_{action}_permission")(request) for action in ("add", "change")}
        site = self.admin_site.each_context(request)
        context = {**site, "opts": self.opts, "title": title, "may": may, **context}
        return TemplateResponse(request, f"admin/cases/enquiry/{name}.html", context)


def _file_name(enquiry):
    return f"kaitohyo-{enquiry.version.case.slug}-{enquiry.number}.xlsx"


def _download(content, name, kind):
    return HttpResponse(
        content, kind, headers={"Content-Disposition": content_disposition_header(True, name)}
    )
