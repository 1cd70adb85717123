"""What differs between two texts, letter by letter, as somebody who reads Japanese would mark it. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

# One letter as its reader sees it: with its voicing marks and the selector of its variant (辻󠄀). A number is one.
LETTER = re.compile(
    r"[0-9０-９]+|.[\u0300-\u036f\u3099\u309a\uff9e\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef]*", re.S
)
SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]|[^。！？\n]+")
ENDS = tuple("。！？\n、・）」』 ")
MOST_STEPS = 400_000  # of difflib's inner loop, at its first look: about 0.1 s
MOST_IN_ALL = 1_500_000  # … in all its looks: it looks again at both sides of each run that it has found
ISLAND = 2  # this many equal letters between two changes read worse than one longer change
KEPT = 0.3  # of the shorter text: with less in common, one text simply replaces the other


@dataclass(frozen=True)
class Piece:
    """A run of text: `op` is "same", "del" or "ins"."""

    op: str
    text: str

    @property
    def shown(self) -> str:
        """The text; in words, what couldn't be seen to be gone or new: 改行, 空白."""
        if self.op == "same" or not self.text or self.text.strip():
            return self.text
        return "（改行）\n" if "\n" in self.text else "（空白）"


def pieces(old: str, new: str) -> list[Piece]:
    """The runs that make `new` of `old`: letters where that is cheap, else sentences, else the whole."""
    if old == new:
        return [Piece("same", old)] if old else []
    runs = _join(_islands_gone(_by_letter(old, new)))
    kept = sum(len(run.text) for run in runs if run.op == "same")
    if kept < KEPT * min(len(old), len(new)):
        runs = _replaced(old, new)
    return _join(_slide(runs))


def _by_letter(old, new):
    found = _compare(LETTER.findall(old), LETTER.findall(new))
    return _by_sentence(old, new) if found is None else found


def _by_sentence(old, new):
    found = _compare(SENTENCE.findall(old), SENTENCE.findall(new))
    if found is None:
        return _replaced(old, new)
    runs, left = [], MOST_STEPS
    for same, group in groupby(found, key=lambda run: run.op == "same"):
        group = list(group)
        if same:
            runs += group
            continue
        gone, come = ("".join(run.text for run in group if run.op == op) for op in ("del", "ins"))
        one, other = LETTER.findall(gone), LETTER.findall(come)
        letters = _compare(one, other, left)
        left -= 0 if letters is None else _steps(one, other)
        runs += _replaced(gone, come) if letters is None else letters
    return runs


class _TooMuch(Exception):
    """A comparison that would take too long."""


class _Bounded(SequenceMatcher):
    """Gives up (_TooMuch) after so many steps of its inner loop: texts can be made that take it minutes."""

    left = MOST_IN_ALL

    def find_longest_match(self, alo=0, ahi=None, blo=0, bhi=None):
        self.left -= sum(len(self.b2j.get(token, ())) for token in self.a[alo:ahi])
        if self.left < 0:
            raise _TooMuch
        return super().find_longest_match(alo, ahi, blo, bhi)


def _steps(old, new):
    """About how much there is to compare in two lists of tokens."""
    often = Counter(new)
    return sum(count * often[token] for token, count in Counter(old).items())


def _compare(old, new, most=MOST_STEPS):
    """The runs between two lists of tokens; None where comparing them would take more than `most` steps."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    if _steps(inner_old, inner_new) > most:
        return None
    try:
        found = _Bounded(None, inner_old, inner_new, autojunk=False).get_opcodes()
    except _TooMuch:
        return None
    runs = [Piece("same", "".join(old[:start]))]
    for op, a, b, c, d in found:
        gone, come = "".join(inner_old[a:b]), "".join(inner_new[c:d])
        runs += [Piece("same", gone)] if op == "equal" else _replaced(gone, come)
    return [run for run in (*runs, Piece("same", "".join(old[len(old) - end :]))) if run.text]


def _replaced(old, new):
    return [Piece(op, text) for op, text in (("del", old), ("ins", new)) if text]


def _islands_gone(runs):
    """Short equal runs between two changes become part of the change."""
    for number, run in enumerate(runs):
        island = run.op == "same" and 0 < number < len(runs) - 1 and len(run.text) <= ISLAND
        yield from _replaced(run.text, run.text) if island else [run]


def _join(runs: Iterable[Piece]) -> list[Piece]:
    """Neighbours made one: in each change first what is gone, then what is new."""
    joined = []
    for same, group in groupby(runs, key=lambda run: run.op == "same"):
        group = list(group)
        for op in ("same",) if same else ("del", "ins"):
            if text := "".join(run.text for run in group if run.op == op):
                joined.append(Piece(op, text))
    return joined


def _slide(runs):
    """A run that only went or came is moved to where a sentence ends, if it may as well stand there.

    「晴れです。[雨です。]曇りです。」 rather than 「晴れ[です。雨]です。曇りです。」: the two say the same.
    """
    runs = list(runs)
    for number in range(1, len(runs) - 1):
        before, change, after = runs[number - 1 : number + 2]
        if before.op != "same" or after.op != "same" or change.text.endswith(ENDS):
            continue
        text, rest, steps = change.text, after.text, 0
        while steps < len(rest) and text[0] == rest[steps] and not text.endswith(ENDS):
            text, steps = text[1:] + text[0], steps + 1
        if text.endswith(ENDS):
            runs[number - 1] = replace(before, text=before.text + rest[:steps])
            runs[number : number + 2] = [replace(change, text=text), replace(after, text=rest[steps:])]
    return [run for run in runs if run.text]
