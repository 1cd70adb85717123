"""What a cell may hold: text ↔ value, both ways. A cell that can't be read raises ValueError in words."""

import unicodedata
from functools import cached_property

from import_export.fields import Field
from import_export.widgets import Widget

from .. import dates
from ..escapes import restored
from ..models import Silence

SHOWN_CHOICES = 30
YES, NO = "はい", "いいえ"
UNTOLD = ("", Silence.Kind.NOT_STATED.label)  # as the public files have it


def plain(text: str) -> str:
    """What look-ups compare: NFKC, without space around."""
    return unicodedata.normalize("NFKC", text).strip()


class Cell(Widget):
    """Text. Both sides are composed and trimmed, with one kind of line break, before they're compared."""

    required = False
    choices = ()

    def __init__(self, *, required=False):
        super().__init__()
        self.required = required

    def clean(self, value, row=None, **kwargs):
        text = restored(self.render(value))
        if self.required and not text:
            raise ValueError("必ず書きます。")
        return self.read(text)

    def read(self, text: str):
        return text

    def render(self, value, obj=None, **kwargs) -> str:
        text = "" if value is None else str(value)
        return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


class TermCell(Cell):
    """A word of the vocabulary, by its name or its key."""

    def __init__(self, model, *, required=False):
        super().__init__(required=required)
        self.model = model

    @cached_property
    def terms(self):
        """Asked for once an import: every resource has cells of its own."""
        return list(self.model.objects.all())

    @cached_property
    def _by_word(self):
        words = [(plain(term.key), term) for term in self.terms]
        return dict(words + [(plain(str(term)), term) for term in self.terms])

    @property
    def choices(self):
        return tuple(str(term) for term in self.terms)

    def read(self, text):
        if text in UNTOLD:
            return None
        if plain(text) not in self._by_word:
            raise ValueError(f"「{text}」はありません。{self.hint}")
        return self._by_word[plain(text)]

    @property
    def hint(self):
        return f"選べるのは：{'、'.join(self.choices[:SHOWN_CHOICES])}"


class SourceCell(TermCell):
    """A source, by its key (or its whole title)."""

    choices = ()
    hint = "先に「出典」に加えて、そのキーを書いてください。"

    def render(self, value, obj=None, **kwargs):
        return super().render(getattr(value, "key", value))


class ChoiceCell(Cell):
    """One of a model's choices, by its label or its key; empty means `empty`."""

    def __init__(self, labels, *, required=False, empty=""):
        super().__init__(required=required)
        self.labels, self.empty = labels, empty
        self.choices = tuple(labels.labels)

    def read(self, text):
        for value, label in self.labels.choices:
            if plain(text) in (value, label):
                return value
        if text:
            raise ValueError(f"「{text}」はありません。選べるのは：{'、'.join(self.choices)}")
        return self.empty

    def render(self, value, obj=None, **kwargs):
        return super().render(self.labels(value).label if value in self.labels.values else value)


class FlagCell(Cell):
    """はい or いいえ; empty is いいえ."""

    choices = (YES, NO)
    words = {"はい": True, "1": True, "true": True, "○": True, "〇": True, "◯": True}
    words |= {"いいえ": False, "0": False, "false": False, "×": False, "": False}

    def read(self, text):
        try:
            return self.words[plain(text).lower()]
        except KeyError:
            raise ValueError(f"「{text}」は読み取れません。「{YES}」か「{NO}」と書いてください。") from None

    def render(self, value, obj=None, **kwargs):
        return {True: YES, False: NO}.get(value, super().render(value))


class NumberCell(Cell):
    """A whole number from 0, as a position in a list."""

    most = 32_767

    def read(self, text):
        number = plain(text).replace(",", "")
        if not number:
            return None
        if not (number.isascii() and number.isdigit() and len(number) < 6 and int(number) <= self.most):
            raise ValueError(f"「{text}」は、0〜{self.most:,}の整数ではありません。")
        return int(number)


class DayCell(Cell):
    """A day, in either calendar."""

    def read(self, text):
        return dates.read_day(text) if text else None


class PeriodCell(Cell):
    """A date as exactly as it's known → (first day, precision), or None."""

    def read(self, text):
        return None if text in UNTOLD else dates.read_period(text)

    def render(self, value, obj=None, **kwargs):
        if not isinstance(value, tuple):
            return super().render(value)
        day, precision = value
        return {
            "day": f"{day:%Y-%m-%d}",
            "month": f"{day:%Y-%m}",
            "year": f"{day:%Y}年",
            "fiscal_year": f"{day:%Y}年度",
        }[precision]


class Column(Field):
    """A column of a sheet, declared once: for import, for the template and for what is exported.

    `meaning` tells who fills it in; a `readonly` column names the row and is never written to the instance.
    """

    def __init__(self, attribute, heading, cell=None, *, meaning="", width=16, readonly=False):
        super().__init__(attribute, heading, cell or Cell(), readonly=readonly)
        self.meaning, self.width = meaning, width

    def save(self, instance, row, is_m2m=False, **kwargs):
        """Write what the cell says, but only where it says something else than what is there."""
        if self.readonly:
            return
        value = self.clean(row)
        if self.widget.render(value) != self.export(instance):
            *path, name = self.attribute.split("__")
            for step in path:
                instance = getattr(instance, step)
            setattr(instance, name, value)


def column_of(model, name, cell=None, *, attribute=None, meaning=None, **more) -> Column:
    """A column that is a field of `model`: its heading and meaning are the field's own."""
    field = model._meta.get_field(name)
    meaning = field.help_text if meaning is None else meaning
    return Column(attribute or name, str(field.verbose_name), cell, meaning=str(meaning), **more)
