"""What a browser would send back from a page of the admin."""

from django.core.files import File
from django.urls import reverse


def change_url(row):
    """Where `row` is changed in the admin."""
    return reverse(f"admin:cases_{row._meta.model_name}_change", args=[row.pk])


def sent_back(client, row):
    """What the page of `row` would send back if nothing were changed: name → text or texts."""
    page = client.get(change_url(row))
    assert page.status_code == 200
    forms = [page.context["adminform"].form]
    for formset in page.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and value != "":
                if isinstance(value, list):
                    data[bound.html_name] = value
                else:
                    data[bound.html_name] = "" if isinstance(value, File) else str(value)
    return data
