"""Forms of the admin."""

from django import forms

from ..models import Citation, Source, Statement


class StatementForm(forms.ModelForm):
    """A statement with its first source in the same row; further ones stand on the statement's own page."""

    source = forms.ModelChoiceField(
        Source.objects.all(),
        label="出典",
        help_text="二つ目からの出典は、保存した後「変更」から加えます。",
    )
    place = forms.CharField(
        label="箇所", max_length=Citation._meta.get_field("place").max_length, required=False,
        help_text=Citation._meta.get_field("place").help_text,
    )  # fmt: skip

    class Meta:
        model = Statement
        fields = ["item", "position", "text", "answers", "themes", "confidence"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3, "cols": 80}),
            "themes": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.citation = next(iter(self.instance.citations.all()), None) if self.instance.pk else None
        if self.citation:
            self.initial |= {"source": self.citation.source_id, "place": self.citation.place}

    def save(self, commit=True):
        statement = super().save(commit)
        if commit:
            citation = self.citation or Citation(statement=statement)
            citation.source, citation.place = self.cleaned_data["source"], self.cleaned_data["place"]
            citation.save()
        return statement


class OneMainTool(forms.BaseInlineFormSet):
    """Refuses two main tools in words; the constraint alone would fail after the form has closed."""

    def clean(self):
        super().clean()
        kept = [
            form.cleaned_data for form in self.forms if form.is_valid() and not self._should_delete_form(form)
        ]
        if sum(bool(data.get("main")) for data in kept) > 1:
            raise forms.ValidationError("使っているツールの「主」は一つだけにしてください。")
