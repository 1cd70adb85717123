"""No lost update: a form knows what was stored when it was opened, and a stale one is not saved.

The page then shows who saved meanwhile and what differs, and keeps everything that was typed; saving
again is a decision made knowingly.
"""

import re
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse

from ..models import Stale, fingerprint, refuse_if_stale
from ..pieces import Piece, pieces


def guarded(row: Model) -> Model:
    """The row whose fingerprint counts: a part of a version is guarded with the whole version."""
    return getattr(row, "version", row)


class SeenForm(forms.ModelForm):
    """A form that carries the fingerprint of what its reader has seen, and refuses to save over more."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    stale = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.seen

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            try:
                refuse_if_stale(guarded(self.instance), self.cleaned_data.pop("seen", ""))
            except Stale:
                # What is shown now has been seen now: the same button, pressed again, means it.
                self.stale = True
                self.data = self.data.copy()
                self.data[self.add_prefix("seen")] = self.initial["seen"]
                raise
        return cleaned

    @property
    def changed_data(self):
        return [name for name in super().changed_data if name != "seen"]


@dataclass(frozen=True)
class Row:
    """One field where what is stored and what was typed differ."""

    label: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Conflict:
    """Who saved meanwhile, what differs from what was typed here, and which rows came or went."""

    who: str
    rows: list[Row]
    added: list[str]
    gone: int


def who_saved_last(row: Model, *, but) -> str:
    """The last one in the admin's log who changed `row`, `but` excepted; in words if it's nobody known."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
    ).select_related("user")
    last = entries.exclude(user=but).first() or entries.first()
    if last is None:
        return "ほかの人"
    return "別の画面の自分" if last.user == but else f"{last.user.get_username()} さん"


def conflict(form, formsets, *, by) -> Conflict:
    """What a stale form and its formsets hold that isn't what is stored."""
    rows, added, gone = list(_rows(form, "")), [], 0
    for formset in formsets:
        name = str(formset.model._meta.verbose_name)
        posted = {row.instance.pk for row in formset.forms}
        for number, row in enumerate(formset.forms, 1):
            if number <= formset.initial_form_count() and row.instance.pk is None:
                gone += 1
            rows += _rows(row, f"{name} {number}：")
        added += [f"{name}：{row}" for row in formset.get_queryset() if row.pk not in posted]
    return Conflict(who_saved_last(guarded(form.instance), but=by), rows, added, gone)


def _rows(form, where):
    for name in form.changed_data:
        field = form.fields[name]
        if field.widget.is_hidden:
            continue
        stored = _words(field, form.get_initial_for_field(field, name))
        typed = _words(field, form[name].value())
        yield Row(f"{where}{field.label or name}", pieces(stored, typed))


def _words(field, value):
    """A value of a form's field as its reader sees it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if hasattr(field, "choices"):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        values = value if isinstance(value, list | tuple) else [value]
        keys = [str(getattr(one, "pk", one)) for one in values]
        return "、".join(labels.get(key, key) for key in keys)
    return str(getattr(value, "name", value))


def _flat(choices):
    for key, label in choices:
        yield from label if isinstance(label, list | tuple) else [(key, label)]


class NoLostUpdate(admin.ModelAdmin):
    """An admin whose change form is guarded; see the module."""

    form = SeenForm
    actions = None  # Django's deletion of several rows asks neither what was seen nor who wrote
    delete_confirmation_template = "admin/delete_seen.html"

    def get_object(self, request, object_id, from_field=None):
        """The row, with what was `seen` of it: taken first, so that what is shown is never older than that."""
        if (row := super().get_object(request, object_id, from_field)) is None:
            return None
        seen = fingerprint(guarded(row))
        if row := super().get_object(request, object_id, from_field):
            row.seen = seen
        return row

    def delete_view(self, request, object_id, extra_context=None):
        """Asks first, and deletes only what was shown when it asked."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.has_delete_permission(request, row):
            return super().delete_view(request, object_id, extra_context)
        if request.method == "POST":
            with transaction.atomic():
                try:
                    refuse_if_stale(guarded(row), request.POST.get("seen", ""))
                except Stale:
                    who = who_saved_last(guarded(row), but=request.user)
                    why = f"この画面を開いた後で、{who}が保存しています。消していません。いまの内容を見直してください。"
                    self.message_user(request, why, messages.ERROR)
                    return HttpResponseRedirect(request.path)
                return super().delete_view(request, object_id, extra_context)
        return super().delete_view(request, object_id, {**(extra_context or {}), "seen": row.seen})

    def changeform_view(self, request, *args, **kwargs):
        """A row that somebody else added between the check and the insert (PostgreSQL): check again, in words."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request, context, *args, **kwargs):
        form = context["adminform"].form
        if getattr(form, "stale", False):
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["conflict"] = conflict(form, formsets, by=request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def refused(self, request, row, why):
        """A save that came too late to be one: 409, with all that was typed and isn't stored, to copy from."""
        labels = {field.name: str(field.verbose_name) for field in row._meta.concrete_fields}
        stored = [type(row).objects.filter(pk=row.pk)]
        for inline in self.get_inline_instances(request, row):
            formset = inline.get_formset(request, row)(instance=row)
            stored.append(formset.get_queryset())
            for field in formset.model._meta.concrete_fields:
                label = f"{formset.model._meta.verbose_name}：{field.verbose_name}"
                labels[f"{formset.prefix}-{field.name}"] = label
        known = {str(value) for rows in stored for values in rows.values_list() for value in values}
        sent = [(re.sub("-[0-9]+-", "-", key), values) for key, values in request.POST.lists()]
        typed = [
            (labels.get(key, key.rpartition("-")[2]), value)
            for key, values in sent
            for value in values
            if key not in ("csrfmiddlewaretoken", "seen") and not key.startswith("_") and "_FORMS" not in key
            if value.replace("\r\n", "\n") not in known
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "保存していません",
            "why": why,
            "row": row,
            "opts": self.opts,
            "typed": [(label, value) for label, value in typed if len(value) > 3],  # no keys of rows
        }
        return TemplateResponse(request, "admin/refused.html", context, status=409)
