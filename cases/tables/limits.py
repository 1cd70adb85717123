"""How large a table may be: asked before, or while, it is parsed, so that no upload can occupy the site."""

MOST_BYTES = 10 * 1024 * 1024  # of the file
MOST_ENTRIES = 1_000  # in the zip that an .xlsx is
MOST_UNPACKED = 50 * 1024 * 1024  # bytes of all its entries together
MOST_DEPTH = 100  # of its XML
MOST_ELEMENTS = 2_500_000  # of all its XML that is read
MOST_NAMES = 10_000  # of elements and attributes in one part: parsers remember each
MOST_TOKEN = 1024 * 1024  # bytes from one `<` to the next: parsers look at an unfinished tag again and again
MOST_STRINGS = 500_000  # different texts
MOST_CELLS = 500_000  # of all sheets together; empty ones that have a format count
MOST_TEXT = 20_000_000  # letters of all cells together, for a long text may be shared by every cell
MOST_ROWS = 10_000  # of a table, below its headings
LAST_ROW = 1_048_576  # that Excel has
MOST_COLUMNS = 200
MOST_LETTERS = 32_767  # of a cell, as Excel has it
