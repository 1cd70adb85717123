"""Where the headings of a sheet have come to stand: people write lines above a table that they were sent."""

from collections.abc import Collection

from . import spreadsheet
from .package import NOT_SOUND
from .problems import Refusal

MOST_ABOVE = 30


def heading_row(content: bytes, headings: Collection[str], *, sheet: str) -> int | None:
    """The row of the .xlsx's `sheet`, of its first thirty, that holds all of `headings`; None if there is none.

    None too for what can't be read at all: read() says why.
    """
    try:
        grids = list(spreadsheet.grids(content, 1, lambda name: name == sheet))
    except (Refusal, *NOT_SOUND):
        return None
    for grid in grids:
        for number, cells in sorted(grid.rows.items()):
            if number <= MOST_ABOVE and set(headings) <= set(cells.values()):
                return number
    return None
