"""Photographs in a version's page: chosen anew after a failed save, and never more than there's room for."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from ..models import Photo
from ..models.photo import PhotographField, refuse_beyond_room


class PhotographInput(forms.FileInput):
    """A file to choose. A browser can't be handed its file back: after a failed save, the page says so."""

    chosen = False

    def value_from_datadict(self, data, files, name):
        upload = super().value_from_datadict(data, files, name)
        self.chosen = upload is not None
        return upload

    def render(self, name, value, attrs=None, renderer=None):
        chooser = super().render(name, value, attrs, renderer)
        if self.chosen:
            return format_html(
                '<div>{}<p class="choose-again">写真はまだ保存していません。もう一度選んでください。</p></div>',
                chooser,
            )
        if value and value.instance.pk:
            return format_html(
                '<div><img class="kept-photograph" src="{}" alt="いまの写真" width="{}" height="{}">'
                "<p>取り替えるときだけ、新しい写真を選びます。</p>{}</div>",
                _address(value.instance),
                value.instance.width,
                value.instance.height,
                chooser,
            )
        return chooser


def _address(photo):
    """The narrowest copy, for who may read the version."""
    return reverse("admin:cases_caseversion_photograph", args=[photo.version_id, photo.widths[0][0]])


class PhotoFormSet(forms.BaseInlineFormSet):
    """Refuses in words what there is no room for, before anything is saved."""

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and not self._should_delete_form(form)]
        kept = [form for form in kept if form.instance.pk or form.has_changed()]
        uploads = [form.cleaned_data["image"] for form in kept if "image" in form.changed_data]
        refuse_beyond_room(len(kept), uploads)


class PhotoInline(admin.StackedInline):
    model = Photo
    formset = PhotoFormSet
    fields = ["image", ("alt", "decorative"), "caption", ("credit", "licence"), "position"]
    extra = 0
    formfield_overrides = {PhotographField: {"widget": PhotographInput}}
