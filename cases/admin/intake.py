"""表の取り込み: upload, watch, look at the difference, confirm. Each import is its uploader's alone."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import intake, resources
from ..models import AuditEntry, Import
from ..pieces import Piece, pieces
from ..tables import Unreadable
from ..tables.limits import MOST_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 50
LONGEST_WORD = 24
get, post = method_decorator(require_safe), method_decorator(require_POST)
get_post = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))


class UploadForm(forms.Form):
    import_file = forms.FileField(
        label="表のファイル",
        help_text="Excel（.xlsx）かCSV（.csv）。10MB、一つの表に10,000行まで。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("ファイルは10MBまでです。使わない表を消すか、分けてください。")
        return file


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):
    """Pages of our own: an import isn't a form to fill in, and nothing about it is edited."""

    list_display = ["file_name", "created_at", "state", "outcome"]
    actions = None

    def get_urls(self):
        ways = [
            ("", self.changelist_view, "changelist"),
            ("add/", self.add_view, "add"),
            ("template.xlsx", self.template, "template"),
            ("today.xlsx", self.today, "today"),
            ("<int:pk>/change/", self.change_view, "change"),
        ]
        wrap = self.admin_site.admin_view
        return [path(route, wrap(view), name=f"cases_import_{name}") for route, view, name in ways]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(by=request.user).defer("rows", "preview")

    def has_delete_permission(self, request, obj=None):
        return False

    @get
    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"title": "自分の取り込み", **(extra_context or {})})

    @get_post
    def add_view(self, request, form_url="", extra_context=None):
        self._allow(request)
        form, problems, findings = UploadForm(request.POST or None, request.FILES or None), [], []
        if request.method == "POST" and form.is_valid():
            Import.objects.sweep()
            file = form.cleaned_data["import_file"]
            content = file.read()
            findings = intake.inspect(content)
            try:
                made = intake.receive(content, file.name, by=request.user, findings=findings)
            except Unreadable as unreadable:
                problems = [("", "", problem) for problem in unreadable.problems]
            else:
                return self._to(made)
        sheets = [(sheet.name, list(sheet().columns)) for sheet in resources.SHEETS]
        context = {"form": form, "problems": problems, "findings": findings, "sheets": sheets}
        return self._render(request, "upload", "表を取り込む", **context)

    @get_post
    def change_view(self, request, pk, form_url="", extra_context=None):
        self._allow(request)
        import_ = self.get_queryset(request).filter(pk=pk).first()
        if import_ is None:
            raise Http404
        if request.method == "POST":
            return self._act(request, import_)
        if import_.state == Import.State.READY and timezone.now() > import_.expires_at:
            import_.state = Import.State.EXPIRED  # the next sweep writes it down
        preview = import_.preview
        context = {"import": import_, "preview": preview, "findings": import_.findings}
        if "rows" in preview:
            page = Paginator(preview["rows"], ROWS_SHOWN).get_page(request.GET.get("p"))
            context |= {"page": page, "changes": [_change(row) for row in page]}
        return self._render(request, "import", f"取り込み：{import_.file_name}", **context)

    def _act(self, request, import_):
        """Confirm what was shown, cancel, or start again a run that has died."""
        Import.objects.sweep()
        import_.refresh_from_db()
        act = request.POST.get("_act")
        try:
            if act == "confirm":
                import_.confirm(request.POST.get("token", ""), by=request.user)
                intake.start(import_)
            elif act == "again":
                import_.again(by=request.user)
                intake.start(import_)
            elif act == "cancel":
                import_.cancel(by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return self._to(import_)

    @get
    def template(self, request):
        self._allow(request)
        return _file(resources.template(), "事例の表（ひな形）.xlsx")

    @post
    def today(self, request):
        """A POST, because it's written in the audit log."""
        self._allow(request)
        content = resources.today()
        AuditEntry.record(AuditEntry.Act.EXPORT, by=request.user, about="公開中の事例の表")
        return _file(content, f"事例の表（{localdate()}公開中）.xlsx")

    def _allow(self, request):
        if not self.has_add_permission(request):
            raise PermissionDenied

    def _to(self, import_):
        return HttpResponseRedirect(reverse("admin:cases_import_change", args=[import_.pk]))

    def _render(self, request, name, title, **context):
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/cases/import/{name}.html", frame | context)


def _change(row):
    """A row of the preview, its cells with what differs marked."""
    where, what, about, cells = row
    return where, what, about, [(heading, _marked(old, new)) for heading, old, new in cells]


def _marked(old, new):
    """Letter by letter in a text; a word or a date is simply another one."""
    if max(len(old), len(new)) > LONGEST_WORD:
        return pieces(old, new)
    return [Piece(op, text) for op, text in (("del", old), ("ins", new)) if text]


def _file(content, name):
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name)
    return answer
