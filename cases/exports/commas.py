"""A table → CSV: UTF-8 with BOM, CRLF, RFC 4180, a row a line, as an iterator of bytes."""

import csv
import io
from collections.abc import Iterator

from ..escapes import harmless, one_line
from .columns import Table

BOM = "\ufeff"
ROWS_A_PIECE = 500


def csv_of(table: Table, ids: list[int]) -> Iterator[bytes]:
    """The table of these versions. Texts that a spreadsheet would calculate get an apostrophe (formulas)."""
    piece = io.StringIO(newline="")
    writer = csv.writer(piece, lineterminator="\r\n")
    piece.write(BOM)
    writer.writerow(table.headings)
    for number, row in enumerate(table.rows(ids), 1):
        writer.writerow([harmless(one_line(cell)) if isinstance(cell, str) else cell for cell in row])
        if number % ROWS_A_PIECE == 0:
            yield _taken(piece)
    yield _taken(piece)


def _taken(piece):
    """What has been written so far, and out of the buffer."""
    taken = piece.getvalue().encode()
    piece.seek(0)
    piece.truncate()
    return taken
