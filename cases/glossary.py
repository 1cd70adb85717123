"""The glossary as it's read: the terms in the order of their readings, a row of the kana at a time."""

from .models import GlossaryTerm

# A row begins at its kana and ends where the next begins; small and voiced kana lie between.
ROWS = {
    "あ": "あ行", "か": "か行", "さ": "さ行", "た": "た行", "な": "な行", "は": "は行", "ま": "ま行",
    "や": "や行", "ら": "ら行", "わ": "わ行",
}  # fmt: skip


def rows() -> dict[str, list[GlossaryTerm]]:
    """Every term under the name of its row (か行), rows and terms in the order of the kana."""
    found = {}
    for term in sorted(GlossaryTerm.objects.all(), key=lambda term: (term.reading, term.key)):
        row = max(kana for kana in ROWS if kana <= term.reading[0] or kana == "あ")
        found.setdefault(ROWS[row], []).append(term)
    return found
