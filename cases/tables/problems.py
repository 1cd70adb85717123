"""What is wrong with a file, in Japanese and at its place."""

from dataclasses import dataclass, field

MOST_TOLD = 100


class Unreadable(ValueError):
    """Refused. `problems`: Japanese sentences, all that was found at once; beyond a hundred, how many more."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


class Refusal(ValueError):
    """A reason to read no further; the message is a Japanese sentence without the file's name."""


@dataclass
class Faults:
    """Faults of one table, each at a row and perhaps a column (both from 1): the first hundred and a count."""

    told: list[tuple[int, int | None, str]] = field(default_factory=list)
    count: int = 0

    def add(self, row: int, column: int | None, sentence: str):
        self.count += 1
        if self.count <= MOST_TOLD:
            self.told.append((row, column, sentence))


@dataclass
class Grid:
    """A table before anyone knows its headings: row → column → text that isn't empty, in reading order."""

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)


def letters(column: int) -> str:
    """How Excel calls a column: 1 → `A`, 28 → `AB`."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def echo(text: str) -> str:
    """At most 40 visible letters of a stranger's text."""
    shown = "".join(letter for letter in text[:41] if letter.isprintable())
    return shown if len(text) <= 40 else shown[:40] + "…"
