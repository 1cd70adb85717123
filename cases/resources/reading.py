"""Reading the rows of a sheet into dossiers, in memory: what each changes, and what is wrong. Saves nothing."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import ForeignKey
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource

from ..models import Case
from .dossiers import Dossier

SLUG = str(Case._meta.get_field("slug").verbose_name)
KEY_OF_CASE = "どの事例かを示します。「事例」のシートと同じものを書きます。"


@dataclass
class Change:
    """What one row changes: (heading, old text, new text) for every cell that does."""

    sheet: str
    row: int
    dossier: Dossier
    what: str
    cells: list[tuple[str, str, str]]


@dataclass
class Reading:
    """What reading the sheets of one file has brought to light so far.

    `problems` are (sheet, row, column or "", reason).
    """

    dossiers: dict[str, Dossier]
    changes: list[Change] = field(default_factory=list)
    problems: list[tuple[str, int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class SheetResource(Resource):
    """One sheet. A subclass says what its rows are, and finds what a row is about in the row's dossier.

    django-import-export walks the rows, reads the cells and gathers the errors; its own ways of comparing
    and saving are replaced: they copy every instance, make HTML, and hold a transaction all the while.
    """

    model = None
    name = ""
    beside = frozenset()  # headings of the public files that tell more, and are read past

    class Meta:
        instance_loader_class = BaseInstanceLoader
        import_id_fields = ("slug",)
        use_transactions = False
        skip_diff = True
        report_skipped = False

    def __init__(self, reading: Reading | None = None, place: str = "", numbers: list[int] = ()):
        """`place` is what the sheet is called in this file, `numbers` its rows' numbers there."""
        super().__init__()
        self.reading, self.place, self.numbers = reading, place or self.name, numbers
        self.columns = list(self.fields.values())
        self.rows_by_key = defaultdict(list)  # of this file

    def heading(self, name: str) -> str:
        return self.fields[name].column_name

    def cells(self, instance, headings=None) -> dict[str, str]:
        """Heading → text, for the columns that can be written (of `headings`, where given)."""
        return {
            column.column_name: column.export(instance)
            for column in self.columns
            if not column.readonly and (headings is None or column.column_name in headings)
        }

    def read(self, rows) -> None:
        """Read every row (a tablib.Dataset), naming row and column of all that is refused.

        import_data() would look whether the database has transactions by making a table in it.
        """
        result = self.import_data_inner(
            rows, dry_run=False, raise_errors=False, using_transactions=False, collect_failed_rows=False
        )
        for failed in [*result.base_errors, *(row.errors[0] for row in result.error_rows)]:
            raise failed.error  # not the row's fault
        headings = {column.attribute: column.column_name for column in self.columns}
        for invalid in result.invalid_rows:
            for attribute, reasons in invalid.error_dict.items():
                heading = "" if attribute == NON_FIELD_ERRORS else headings.get(attribute, attribute)
                self.refuse(self.numbers[invalid.number - 1], heading, " ".join(reasons))

    # What django-import-export calls for every row, in this order.

    def before_import_row(self, row, row_number=None, **kwargs):
        self.number = self.numbers[row_number - 1]
        try:
            self.identify(row)
        except ValidationError as error:  # then nothing is written, but what else is wrong is told, too
            errors = error.update_error_dict({})
            raise ValidationError({**self.unreadable(row), **errors}) from None

    def identify(self, row) -> None:
        """Which row of which dossier it is about. ValidationError, by heading."""
        self.key = self.read_key(row)
        self.dossier = self.find_dossier(row)
        if self.dossier.refusal:
            raise ValidationError({SLUG: self.dossier.refusal})
        before = self.rows_by_key[self.key]
        if before and not self.may_repeat(len(before)):
            raise ValidationError(f"{before[0]}行目と同じものを指しています。どちらかを消してください。")
        before.append(self.number)

    def unreadable(self, row) -> dict[str, str]:
        """Heading → why its cell can't be read."""
        errors = {}
        for column in self.columns:
            try:
                if column.column_name in row and not column.readonly:
                    column.clean(row)
            except ValueError as error:
                errors[column.column_name] = str(error)
        return errors

    def get_or_init_instance(self, instance_loader, row):
        found = self.find()
        return (self.make(row), True) if found is None else (found, False)

    def after_init_instance(self, instance, new, row, **kwargs):
        self.before = None if new else self.cells(instance, row)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        return not import_validation_errors and self.before == self.cells(instance, row)

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        """The model's own rules, but for those that would ask the database about every single row."""
        errors = dict(import_validation_errors or {})
        links = [field.name for field in self.model._meta.fields if isinstance(field, ForeignKey)]
        try:
            instance.clean_fields(exclude=[*errors, *links])
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if not errors:
            errors = self.wrong_together(instance)
        if errors:
            raise ValidationError(errors)

    def save_instance(self, instance, is_create, row, **kwargs):
        """Nothing is saved: the change is kept in the dossier, and noted."""
        after, before = self.cells(instance, None if is_create else row), self.before or {}
        changed = [
            (heading, before.get(heading, ""), text)
            for heading, text in after.items()
            if text != before.get(heading, "")
        ]
        what, more = self.keep(instance, is_create)
        instance.read_from = self.number
        self.dossier.changed = True
        self.reading.changes.append(Change(self.place, self.number, self.dossier, what, changed + more))

    def read_key(self, row) -> tuple:
        """What the row is about: URLの名 and more. ValidationError by heading where a cell can't be read."""
        found, errors = [], {}
        for name in self._meta.import_id_fields:
            column = self.fields[name]
            try:
                found.append(column.clean(row))
                if found[-1] in (None, ""):
                    raise ValueError("必ず書きます。")
            except ValueError as error:
                errors[column.column_name] = str(error)
        if errors:
            raise ValidationError(errors)
        return tuple(found)

    def refuse(self, number, heading, reason):
        self.reading.problems.append((self.place, number, heading, reason))

    # What a subclass says.

    def find_dossier(self, row) -> Dossier:
        """The dossier that the row belongs to; ValidationError where there is none."""
        if dossier := self.reading.dossiers.get(self.key[0]):
            return dossier
        raise ValidationError(
            {
                SLUG: f"「{self.key[0]}」という事例は、登録済みにも、このファイルの「事例」の正しい行にもありません。"
            }
        )

    def may_repeat(self, times: int) -> bool:
        """Whether a file may name this key once more after `times` rows that did."""
        return False

    def find(self):
        """The row of the dossier that this row is about, or None."""
        raise NotImplementedError

    def make(self, row):
        """A new one, in memory."""
        raise NotImplementedError

    def wrong_together(self, instance) -> dict[str, str]:
        """Attribute → what is wrong with the cells of one row taken together."""
        return {}

    def keep(self, instance, is_create) -> tuple[str, list]:
        """Put it into the dossier → what that is called, and what else it changes, as cells."""
        raise NotImplementedError

    def settle(self) -> None:
        """Look at what can be judged only once every sheet has been read."""

    @classmethod
    def rows_of(cls, versions):
        """The rows of these versions (a queryset), case by case, for what is exported."""
        raise NotImplementedError

    @classmethod
    def shown(cls, row):
        """One of them, with all that the columns ask for."""
        return row
