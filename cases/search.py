"""Search in Japanese: what was typed → the published cases whose text holds every word of it.

The text is cut into pairs of neighbouring letters and kept, token by token, in an FTS5 file of its own
(DATA_DIR/search.sqlite3): the same code and the same results beside SQLite and PostgreSQL, for words of
one letter as for long ones. Nothing is lost with the file: it's made again from the published versions.
A version's text never changes, so the file only grows; it starts anew where shared words have changed.
"""

import sqlite3
import threading
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from pathlib import Path

from django.conf import settings

from . import text
from .index import Index, bitmap
from .models import CaseVersion, Synonym

MOST_WORDS = 8
MOST_LETTERS = 100
END = "\n"  # closes every part of a document, so that its last letter begins a pair too
KEPT = 500  # searches of one index, for their other pages and filters: 12 KB each at 100,000 cases
AT_ONCE = 500  # versions read at a time while the file is made
PASSING = ("locked", "full", "readonly", "unable to open")  # the file itself is sound


@dataclass(frozen=True)
class Word:
    """One word as typed, folded, and the folded spellings that count as it; `means` names the synonyms."""

    typed: str
    folded: str
    spellings: list[str]
    means: list[str]


def words(query: str, index: Index) -> list[Word]:
    """The words of a query (white space between them), each with its synonyms; one query where `index` is new."""
    sound = query.encode("utf-8", "ignore").decode()  # a lone surrogate stands in no text
    typed = list(dict.fromkeys(sound.split()))[:MOST_WORDS]
    if not typed:
        return []
    synonyms = _synonyms(index.stamp)
    found = []
    for word in typed:
        folded = text.fold(word)
        means = [one.means for one, word, _ in synonyms if word == folded]
        instead = any(one.instead for one, word, _ in synonyms if word == folded)
        others = [one.word for one, _, means in synonyms if means == folded and not one.instead]
        spellings = [*([] if instead else [folded]), *map(text.fold, means + others)]
        found.append(Word(word, folded, list(dict.fromkeys(spellings)), means))
    return [word for word in found if word.folded]


@lru_cache(maxsize=1)
def _synonyms(stamp):
    """Every synonym, and its word and what that means, folded; the stamp moves with them."""
    return [(one, text.fold(one.word), text.fold(one.means)) for one in Synonym.objects.all()]


def find(query: list[Word], index: Index) -> int:
    """The bitmap of the published cases that hold every word, in one of its spellings."""
    if not query or not index.ids:
        return index.all
    expression = " AND ".join(
        "(" + " OR ".join(_phrase(spelling) for spelling in word.spellings) + ")" for word in query
    )
    found = index.found.get(expression)
    if found is None:
        file = _File.current(index)
        try:
            rows = file.search(expression)
        except sqlite3.DatabaseError as error:  # spoilt where opening it doesn't look
            if _passes(error):
                raise
            file = _File.anew(index)
            rows = file.search(expression)
        found = bitmap((index.bit_of[pk] for pk in rows if pk in index.bit_of), len(index.ids))
        if file.behind:  # not to be kept: it's not all
            return found
        if len(index.found) >= KEPT:  # by another thread, perhaps, so nothing is read back from it
            index.found.clear()
        index.found[expression] = found
    return found


def document(version: CaseVersion) -> list[tuple[str, str]]:
    """What of a version (`with_content`) search reads, in parts: (what it is, its text)."""
    municipality = version.case.municipality
    labels = [f"オンライン{version.field.name}", version.tier.name]
    labels += [f"{use.family}{use}" for use in version.tool_uses.all()]
    labels += [version.style.name] if version.style else []
    labels += ["試行"] if version.trial else []
    dates = []
    if version.surveyed_on:
        dates = [text.period(version.surveyed_on, version.surveyed_precision)]
    return [
        ("title", version.title),
        ("summary", version.summary),
        ("reading", municipality.reading),
        ("code", municipality.code),
        *(("label", label) for label in labels),
        *(("date", date) for date in dates),
        *((statement.item.name, statement.text) for statement in version.statements.all()),
    ]


# FTS5's `ascii` tokenizer keeps every letter beyond ASCII as it is and cuts at spaces; so ASCII itself
# is moved out of its sight, and a query has no letter left that means something to FTS5.
_HIDDEN = {code: 0xE000 + code for code in range(128)}


def _pairs(folded):
    hidden = folded.translate(_HIDDEN)
    return " ".join(map(add, hidden, hidden[1:]))


def _tokens(parts):
    """A document as the pairs of neighbouring letters of every part."""
    return _pairs(END.join(text.fold(part) for _, part in parts) + END)


def _phrase(word):
    """FTS5's way to ask for the word's letters, one after the other."""
    if len(word) == 1:
        return f'"{word.translate(_HIDDEN)}"*'
    return f'"{_pairs(word)}"'


def _path():
    return Path(settings.DATA_DIR) / "search.sqlite3"


def _passes(error):
    return any(word in str(error) for word in PASSING)


class _File:
    """The search file, one connection a thread."""

    _threads = threading.local()

    def __init__(self, path: Path):
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=OFF")  # what a power cut takes is made again

    @classmethod
    def current(cls, index: Index) -> "_File":
        """The file, holding all that `index` knows; made anew where it's absent or unreadable.

        While nothing can be written, the older one as it was: it's `behind`, and better than none.
        """
        try:
            return cls._opened(_path(), index)
        except sqlite3.DatabaseError as error:
            if not _passes(error):
                return cls.anew(index)
            kept = getattr(cls._threads, "file", None)
            if "locked" in str(error) or kept is None or kept._stamps() == (None, None):
                raise
            kept.behind = True
            return kept

    @classmethod
    def anew(cls, index: Index) -> "_File":
        """The file made again from the published versions; what was there is gone."""
        path = _path()
        cls._close()
        for file in path.parent.glob(path.name + "*"):
            file.unlink(missing_ok=True)
        return cls._opened(path, index)

    @classmethod
    def _opened(cls, path, index):
        kept = getattr(cls._threads, "file", None)
        if kept is None or kept.path != path or not path.exists():
            cls._close()
            kept = cls._threads.file = cls(path)
        kept._hold(index)
        kept.behind = False
        return kept

    @classmethod
    def _close(cls):
        if kept := getattr(cls._threads, "file", None):
            kept.connection.close()
            cls._threads.file = None

    def search(self, expression: str) -> list[int]:
        """The versions that the expression finds."""
        rows = self.connection.execute("SELECT rowid FROM pairs WHERE pairs MATCH ?", [expression])
        return [pk for (pk,) in rows]

    def _stamps(self):
        return self.connection.execute("SELECT words, stamp FROM made").fetchone() or (None, None)

    def _hold(self, index):
        """Bring in what has been published since the file was last brought up to date."""
        self.connection.execute("CREATE TABLE IF NOT EXISTS made (words TEXT, stamp TEXT)")
        if self._stamps() == (index.words.hex, index.stamp.hex):
            return
        self.connection.execute("BEGIN IMMEDIATE")  # of several processes one does it, the others wait
        try:
            words, stamp = self._stamps()
            if words != index.words.hex:
                self.connection.execute("DROP TABLE IF EXISTS pairs")
                self.connection.execute(
                    "CREATE VIRTUAL TABLE pairs USING fts5(tokens, content='', tokenize='ascii')"
                )
            if (words, stamp) != (index.words.hex, index.stamp.hex):
                self._add(index)
                self.connection.execute("DELETE FROM made")
                self.connection.execute("INSERT INTO made VALUES (?, ?)", [index.words.hex, index.stamp.hex])
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:  # on a full disk SQLite has gone back by itself
                self.connection.execute("ROLLBACK")
            raise

    def _add(self, index):
        here = {pk for (pk,) in self.connection.execute("SELECT id FROM pairs_docsize")}
        missing = [pk for pk in index.ids if pk not in here]
        for first in range(0, len(missing), AT_ONCE):
            some = CaseVersion.objects.filter(pk__in=missing[first : first + AT_ONCE])
            for version in some.for_search():
                self.connection.execute(
                    "INSERT INTO pairs (rowid, tokens) VALUES (?, ?)",
                    [version.pk, _tokens(document(version))],
                )
