"""A version of anything with states: who may write it, and the buttons that move it on its own page."""

from django.http import HttpResponseRedirect
from django.urls import reverse

from ..models.workflow import Workflow
from .acts import left_to_others, may_write, offered, press
from .stale import NoLostUpdate, who_saved_last


def page_of(version: Workflow, name: str) -> str:
    """The address of a page of the admin about `version`: "change", "review", "preview" …"""
    return reverse(f"admin:cases_{version._meta.model_name}_{name}", args=[version.pk])


class VersionAdmin(NoLostUpdate):
    """The page of a version: drafts are written, what is frozen is read, buttons move it from state to state."""

    change_form_template = "admin/cases/caseversion/change_form.html"
    actions = None
    save_on_top = True  # the page is long, and its buttons are the point of it
    readonly_fields = ["number", "status", "created_by", "published_at"]

    class Media:
        css = {"all": ["admin.css"]}

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, self.model.owner] if obj else self.readonly_fields

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_write(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        if not super().has_delete_permission(request, obj):
            return False
        own = obj is None or obj.created_by_id == request.user.pk or request.user.is_superuser
        return own and (obj is None or obj.status == Workflow.Status.DRAFT)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            form.instance.written(by=request.user)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        version = self.get_object(request, object_id) if object_id else None
        if version and request.method == "POST" and not self.has_change_permission(request, version):
            if "_act" in request.POST:
                return self._act(request, version)  # nothing to save first
            if super().has_change_permission(request) and "seen" in request.POST:
                return self._moved_on(request, version)
        # A second version of the same thing isn't written after the first: "and another" makes no sense.
        context = {"show_save_and_add_another": False, **(extra_context or {})}
        if version:
            context |= {"acts": offered(request.user, version)}
            context |= {"left_to_others": left_to_others(request.user, version)}
            context |= self.help_while_writing(version)
        return super().changeform_view(request, object_id, form_url, context)

    def help_while_writing(self, version) -> dict:
        """What the page of `version` shows beside its form."""
        return {}

    def _moved_on(self, request, version):
        """A save of what was a draft when its page was opened."""
        who = who_saved_last(version, but=None)
        why = f"この版はいま「{version.get_status_display()}」です（最後の操作：{who}）。保存していません。"
        return self.refused(request, version, why)

    def response_change(self, request, obj):
        if "_act" in request.POST:
            return self._act(request, obj)
        return super().response_change(request, obj)

    def _act(self, request, version):
        return HttpResponseRedirect(page_of(press(self, request, version), "change"))
