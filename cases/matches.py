"""Why a case was found: the words marked where they stand, and what matched out of sight."""

from dataclasses import dataclass

from . import text
from .models import CaseVersion
from .search import Word, document

Pieces = list[tuple[str, bool]]  # a text in pieces; True: this one is a word that was searched for
SHOWN_STATEMENTS = 3
AROUND = 40  # letters of a long statement shown before the first mark
LONGEST = 120

UNSEEN = {"reading": "読み", "code": "団体コード"}


@dataclass(frozen=True)
class Match:
    """A found case's title and summary with marks, its statements that hold a word, and notes in words."""

    title: Pieces
    summary: Pieces
    statements: list[tuple[str, Pieces]]  # the item's name, the statement
    more_statements: int
    notes: list[str]


def match(version: CaseVersion, words: list[Word]) -> Match | None:
    """Where `words` stand in a version (`for_search`); None when nothing was searched for."""
    if not words:
        return None
    spellings = [spelling for word in words for spelling in word.spellings]
    statements = []
    for statement in version.statements.all():
        pieces = text.mark(statement.text, spellings)
        if any(is_marked for _, is_marked in pieces):
            statements.append((statement.item.name, _shortened(pieces)))
    return Match(
        title=text.mark(version.title, spellings),
        summary=text.mark(version.summary, spellings),
        statements=statements[:SHOWN_STATEMENTS],
        more_statements=max(0, len(statements) - SHOWN_STATEMENTS),
        notes=_notes(version, words),
    )


def _shortened(pieces):
    """The pieces of a long text, from a little before the first mark on."""
    whole = sum(len(piece) for piece, _ in pieces)
    if whole <= LONGEST:
        return pieces
    shown, left = [], LONGEST
    for piece, is_marked in pieces:
        if not shown and not is_marked and len(piece) > AROUND:
            piece = "…" + piece[-AROUND:]
        shown.append((piece[:left] if len(piece) <= left else piece[:left] + "…", is_marked))
        left -= len(piece)
        if left <= 0:
            break
    return shown


def _notes(version, words):
    """Which reading or code held a word: what the eye doesn't find on the card."""
    notes = []
    for kind, part in document(version):
        if kind in UNSEEN:
            for word in words:
                if any(spelling in text.fold(part) for spelling in word.spellings):
                    notes.append(f"「{word.typed}」は{UNSEEN[kind]}「{part}」に当たりました。")
    return notes


def synonym_notes(words: list[Word]) -> list[str]:
    """What else each word was taken for: 「マイクラ」は「マインクラフト」としても探しました。"""
    notes = []
    for word in words:
        if word.means:
            means = "、".join(f"「{one}」" for one in word.means)
            also = "としても" if word.folded in word.spellings else "として"
            notes.append(f"「{word.typed}」は{means}{also}探しました。")
    return notes
