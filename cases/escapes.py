"""How a text stands in a cell that leaves: as no formula, and in one line; and the way back, for what returns. Pure."""

import re

# What spreadsheets take for a formula, full-width forms too. Apostrophes and white space before it count, so that
# every text comes back as it was, trimmed on its way or not.
LIVE = re.compile("[\\s']*[=+\\-@\t\r\0＝＋－＠]")
LINE_BREAK = re.compile("\r\n|\r|\n")
NEWLINE = "⏎"


def harmless(text: str) -> str:
    """`=1+1` → `'=1+1`; any other text stays as it is."""
    return f"'{text}" if LIVE.match(text) else text


def one_line(text: str) -> str:
    """Line breaks → `⏎`: a row of a table for programs is one line."""
    return LINE_BREAK.sub(NEWLINE, text) if "\n" in text or "\r" in text else text


def restored(text: str) -> str:
    """What harmless() and one_line() made, back again; any other text stays as it is."""
    text = text[1:] if text.startswith("'") and LIVE.match(text) else text
    return text.replace(NEWLINE, "\n")
