"""Why a case was found: the words marked where they stand, and what matched out of sight."""

from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

from . import text
from .search import Word
from .sheet import Card

SHOWN_STATEMENTS = 3
AROUND = 40  # letters of a long statement shown before the first mark
LONGEST = 120

UNSEEN = {"reading": "読み", "code": "団体コード"}


@dataclass(frozen=True)
class Match:
    """A found case's title, summary and statements that hold a word, as HTML with marks; and notes in words."""

    title: SafeString
    summary: SafeString
    statements: list[tuple[str, SafeString]]  # the item's name, the statement
    more_statements: int
    notes: list[str]


def match(card: Card, told: list[tuple[str, str]], words: list[Word]) -> Match:
    """Where `words` stand in a case, by its card and its statements (the item's name, the text) in order."""
    spellings = [spelling for word in words for spelling in word.spellings]
    statements = []
    for item, statement in told:
        pieces = text.mark(statement, spellings)
        if any(is_marked for _, is_marked in pieces):
            statements.append((item, _html(_shortened(pieces))))
    return Match(
        title=_html(text.mark(card.title, spellings)),
        summary=_html(text.mark(card.summary, spellings)),
        statements=statements[:SHOWN_STATEMENTS],
        more_statements=max(0, len(statements) - SHOWN_STATEMENTS),
        notes=_notes(card, words),
    )


def _html(pieces):
    """A text in pieces (each with whether it's a word that was searched for) as HTML."""
    parts = [f"<mark>{escape(piece)}</mark>" if is_word else escape(piece) for piece, is_word in pieces]
    return SafeString("".join(parts))


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


def _notes(card, words):
    """Which reading or code held a word: what the eye doesn't find on the card."""
    notes = []
    for kind, name in UNSEEN.items():
        part = getattr(card, kind)
        for word in words:
            if any(spelling in text.fold(part) for spelling in word.spellings):
                notes.append(f"「{word.typed}」は{name}「{part}」に当たりました。")
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
