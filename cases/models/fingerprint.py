"""What is stored of a row, as a fingerprint: two that are equal have seen the same."""

import hashlib

from django.core.exceptions import ValidationError
from django.db.models import Model

from .case import CaseVersion
from .content import Citation, Statement
from .frozen import PARTS


class Stale(ValidationError):
    """Somebody else has changed the row since it was read."""


def fingerprint(row: Model) -> str:
    """32 hex digits over every stored value of `row`; a version counts with all its parts.

    A version's state is left out: an act refuses a wrong start by itself.
    """
    values = type(row).objects.filter(pk=row.pk).values_list()
    stored = [list(values)]
    if isinstance(row, CaseVersion):
        names = [field.attname for field in row._meta.concrete_fields if field.name != "status"]
        stored = [list(values.values_list(*names))]
        stored += [list(part.objects.filter(version=row).order_by("pk").values_list()) for part in PARTS]
        of_version = {"statement__version": row}
        stored.append(list(Citation.objects.filter(**of_version).order_by("pk").values_list()))
        themes = Statement.themes.through.objects.filter(**of_version)
        stored.append(list(themes.order_by("pk").values_list("statement", "theme")))
    return hashlib.blake2b(repr(stored).encode(), digest_size=16).hexdigest()


def refuse_if_stale(row: Model, seen: str) -> None:
    """Stale, unless `seen` is the fingerprint of what is stored now. Locks the row: call it in a transaction."""
    list(type(row).objects.select_for_update(of=("self",)).filter(pk=row.pk).values_list("pk"))
    if fingerprint(row) != seen:
        raise Stale("この画面を開いた後で、ほかの人が保存しています。", code="stale")
