"""What a table of cases looks like, declared once: for the import, its template, and today's cases in that form."""

from ..models import CaseVersion
from ..tables import MOST_ROWS
from ..workbooks import Column, Sheet, workbook
from .case_sheet import CaseSheet
from .dossiers import Dossier, load, load_parts, seen
from .part_sheets import SilenceSheet, StatementSheet, ToolSheet
from .reading import Change, Reading, SheetResource

SHEETS = (
    CaseSheet,
    ToolSheet,
    StatementSheet,
    SilenceSheet,
)  # in this order: a later one names what an earlier makes
SPARE_ROWS = 200

__all__ = [
    "SHEETS",
    "Change",
    "Dossier",
    "Reading",
    "SheetResource",
    "columns_of",
    "load",
    "load_parts",
    "seen",
    "sheet_of",
    "template",
    "today",
]


def template() -> bytes:
    """An empty .xlsx to fill in: the four sheets with their drop-downs, and what each column means."""
    return workbook([sheet_of(resource, [], SPARE_ROWS) for resource in SHEETS])


def today() -> bytes:
    """Today's public cases as such an .xlsx; importing it again changes nothing.

    A sheet with more rows than an import reads is left out.
    """
    public = CaseVersion.objects.published()
    found = [(resource, resource.rows_of(public)) for resource in SHEETS]
    return workbook([sheet_of(resource, rows) for resource, rows in found if rows.count() <= MOST_ROWS])


def sheet_of(resource: type[SheetResource], rows, spare_rows: int = 0) -> Sheet:
    """The rows (of the resource's rows_of()) as a sheet of a workbook."""
    sheet = resource()
    cells = [[column.export(resource.shown(row)) or None for column in sheet.columns] for row in rows]
    return Sheet(resource.name, columns_of(sheet), cells, spare_rows=spare_rows)


def columns_of(sheet: SheetResource) -> tuple[Column, ...]:
    """Its columns, as a workbook shows and explains them."""
    return tuple(
        Column(
            heading=column.column_name,
            key=key,
            meaning=column.meaning,
            width=column.width,
            required=column.widget.required,
            choices=tuple(column.widget.choices),
        )
        for key, column in sheet.fields.items()
    )
