"""アンケート調査: drafts are written here and in tables, looked at, and published by somebody else."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import CharField, TextField
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import survey_import, views
from ..models import Survey, SurveyFigure, SurveyFinding, SurveyGroup, SurveyQuestion, with_figures
from .intake import XLSX, UploadForm
from .stale import NoLostUpdate, who_saved_last

get, post = method_decorator(require_safe), method_decorator(require_POST)
get_post = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))

WIDE = {
    CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})},
    TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})},
}


class PartInline(admin.StackedInline):
    extra = 0
    classes = ["collapse"]  # there may be dozens, and what is done with a survey stands below them
    formfield_overrides = WIDE


class GroupInline(PartInline):
    model = SurveyGroup
    fields = ["key", "name", ("answers", "surveyed"), "counted", ("place", "position")]


class QuestionInline(PartInline):
    model = SurveyQuestion
    fields = ["key", "heading", "text", "note", ("place", "position")]


class FindingInline(PartInline):
    model = SurveyFinding
    fields = ["heading", "text", "themes", ("place", "position")]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class OfDraft(NoLostUpdate):
    """A survey, or a part of one: what is public is only looked at; a publisher takes it back to have it changed."""

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and _survey(obj).is_public)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and _survey(obj).is_public)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """A save of what was a draft when its page was opened is refused in words, with all that was typed."""
        row = self.get_object(request, object_id) if object_id and "seen" in request.POST else None
        if row and _survey(row).is_public and super().has_change_permission(request):
            who = who_saved_last(_survey(row), but=None)
            why = f"この調査はいま公開中なので、保存していません（最後の操作：{who}）。"
            return self.refused(request, row, why)
        return super().changeform_view(request, object_id, form_url, extra_context)


def _survey(row):
    return getattr(row, "survey", row)


@admin.register(Survey)
class SurveyAdmin(OfDraft):
    list_display = ["title", "year", "answers", "state"]
    fields = ["year", "title", "period", "purpose", "method", "answers", "note", ("source", "place")]
    formfield_overrides = WIDE
    inlines = [GroupInline, QuestionInline, FindingInline]
    change_form_template = "admin/cases/survey/change_form.html"

    class Media:
        css = {"all": ["admin.css"]}

    @admin.display(description="状態", ordering="published_at")
    def state(self, survey):
        return "公開中" if survey.is_public else "下書き"

    def get_deleted_objects(self, objs, request):
        """The figures, which its groups and questions hold on to, go with them: see Survey.delete()."""
        shown, counts, missing, held = super().get_deleted_objects(objs, request)
        return [*shown, *([f"調査の数値：{len(held)}件"] if held else [])], counts, missing, []

    def response_post_save_add(self, request, obj):
        """A new survey goes on to its page, from where its tables are imported."""
        return HttpResponseRedirect(reverse("admin:cases_survey_change", args=[obj.pk]))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.instance.written(by=request.user)

    def view_on_site(self, survey):
        return reverse("survey_year", args=[survey.year]) if survey.is_public else None

    def change_view(self, request, object_id, form_url="", extra_context=None):
        survey = self.get_object(request, object_id)
        context = {"opened": survey, **(extra_context or {})}
        if survey:
            context["seen"] = with_figures(survey)  # before the reading: what is shown is never older
            may_decide = request.user.has_perm("cases.publish_caseversion")
            context |= {
                "may_publish": not survey.is_public and survey.may_be_published_by(request.user),
                "is_own": may_decide
                and not survey.is_public
                and not survey.may_be_published_by(request.user),
                "may_take_back": survey.is_public and may_decide,
            }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self):
        ways = [("preview/", self.preview), ("publish/", self.publish), ("take-back/", self.take_back)]
        ways += [("import/", self.import_table), ("import/template.xlsx", self.template)]
        names = {self.import_table: "import"}
        wrap = self.admin_site.admin_view
        own = [
            path(f"<int:pk>/{route}", wrap(view), name=f"cases_survey_{names.get(view, view.__name__)}")
            for route, view in ways
        ]
        return [*own, *super().get_urls()]

    @get
    def preview(self, request, pk):
        survey = self._asked(request, pk)
        back = reverse("admin:cases_survey_change", args=[survey.pk])
        answer = views.show_survey(request, survey, state=self.state(survey), back=back)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    @post
    def publish(self, request, pk):
        def act(survey):
            survey.hold()  # nobody writes between the look and the publishing
            if with_figures(survey) != request.POST.get("seen", ""):
                raise ValidationError(
                    "この画面を開いた後で、内容が変わっています。公開していません。いまの内容を見直してください。"
                )
            survey.publish(by=request.user)

        return self._decide(request, pk, act, "公開しました。")

    @post
    def take_back(self, request, pk):
        reason = request.POST.get("_reason", "")
        done = "公開をやめ、下書きに戻しました。"
        return self._decide(
            request, pk, lambda survey: survey.take_back(by=request.user, reason=reason), done
        )

    def _decide(self, request, pk, act, done):
        """Do it, or say what stands in the way."""
        survey = self._asked(request, pk)
        if not request.user.has_perm("cases.publish_caseversion"):
            raise PermissionDenied
        try:
            with transaction.atomic():
                act(survey)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        else:
            self.log_change(request, survey, done)
            self.message_user(request, f"{survey}：{done}", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:cases_survey_change", args=[survey.pk]))

    @get_post
    def import_table(self, request, pk):
        """The one page of an import: choose a file; look at what it changes; confirm, or let it be."""
        survey = self._asked(request, pk)
        if not self.has_change_permission(request):
            raise PermissionDenied
        if survey.is_public:
            self.message_user(request, "公開中の調査には取り込めません。", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:cases_survey_change", args=[pk]))
        import_ = survey_import.waiting(survey, by=request.user)
        if request.method == "POST" and "_act" in request.POST:
            return self._act(request, survey, import_)
        form, problems = UploadForm(request.POST or None, request.FILES or None), []
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["import_file"]
            problems = survey_import.receive(survey, file.read(), file.name, by=request.user)
            if not problems:
                return HttpResponseRedirect(request.path)
            import_ = None
        context = {"survey": survey, "form": form, "problems": problems, "kinds": survey_import.KINDS}
        if import_ and request.method != "POST":
            context |= {"import": import_, "plan": survey_import.plan(survey, import_.rows)}
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"表を取り込む：{survey}",
        }
        return TemplateResponse(request, "admin/cases/survey/import.html", frame | context)

    def _act(self, request, survey, import_):
        if import_ and request.POST["_act"] == "confirm":
            try:
                outcome = survey_import.save(import_, request.POST.get("token", ""), by=request.user)
            except ValidationError as error:
                self.message_user(request, " ".join(error.messages), messages.ERROR)
            else:
                self.log_change(request, survey, f"表の取り込み：{outcome}")
                self.message_user(request, f"取り込みました：{outcome}", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:cases_survey_change", args=[survey.pk]))
        elif import_:
            import_.delete()
            self.message_user(request, "取りやめました。何も保存していません。")
        return HttpResponseRedirect(request.path)

    @get
    def template(self, request, pk):
        survey = self._asked(request, pk)
        answer = HttpResponse(survey_import.template(survey), content_type=XLSX)
        name = f"調査の表（{survey.year}年度）.xlsx"
        answer.headers["Content-Disposition"] = content_disposition_header(True, name)
        return answer

    def _asked(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Survey.objects.select_related("source"), pk=pk)


@admin.register(SurveyFigure)
class SurveyFigureAdmin(OfDraft):
    list_display = ["choice", "told", "base", "group", "question", "place"]
    list_filter = ["question__survey__year", "group__name", "hidden"]
    list_select_related = ["question__survey", "group"]
    search_fields = ["choice", "question__text", "question__key"]
    fields = [
        "question", "group", "choice", ("value", "unit"), "approximate", "printed", "hidden", "base",
        "base_about", "computed", ("place", "position"),
    ]  # fmt: skip

    @admin.display(description="値")
    def told(self, figure):
        return figure.told

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("question__survey", "group")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        of_drafts = {"survey__published_at": None}
        kwargs["queryset"] = db_field.related_model.objects.filter(**of_drafts).select_related("survey")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.label_from_instance = lambda row: f"{row.survey.year}年度 {row.key}：{row}"
        return field

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        obj.survey.written(by=request.user)
