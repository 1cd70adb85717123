"""What a file would change, computed from its rows and today's casebook, without saving anything."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from tablib import Dataset

from ..models import Silence, Statement, ToolUse
from ..resources import Dossier, Reading, load
from .recognition import Sheet

MOST_SHOWN = 200  # problems, and notes
MOST_REVISED = 2_000  # public versions, each copied with all its parts: others can't save meanwhile
READ_WITH = {  # the parts that a sheet's rows are held against
    "事例": set(),
    "ツール": {ToolUse},
    "記述": {Statement, Silence},
    "記述のない項目": {Statement, Silence},
}


class _Rows(Dataset):
    """Rows that tell how far a walk over them has come."""

    def __iter__(self):
        for number, row in enumerate(self._data):
            self.passed(number)
            yield list(row)


@dataclass
class Plan:
    """What reading a file has brought.

    `outcome` says in words what is made and changed; `token` stands for every bit of it, and is empty where
    nothing changes.
    """

    reading: Reading
    outcome: str
    token: str

    @property
    def changed(self) -> list[Dossier]:
        return [dossier for dossier in self.reading.dossiers.values() if dossier.changed]

    @property
    def problems(self) -> list[tuple[str, int, str, str]]:
        return self.reading.problems

    def preview(self) -> dict:
        """What is kept to be shown: problems, or the difference row by row, cell by cell."""
        problems = [
            [f"{place} {number}行目", column, reason] for place, number, column, reason in self.problems
        ]
        if problems:
            return {"problems": problems[:MOST_SHOWN], "problem_count": len(problems)}
        rows = [
            [f"{change.sheet} {change.row}行目", change.what, _called(change.dossier), change.cells]
            for change in self.reading.changes
        ]
        notes = self.reading.notes
        return {
            "token": self.token,
            "outcome": self.outcome,
            "rows": rows,
            "notes": notes[:MOST_SHOWN],
            "note_count": len(notes),
            "seen": {slug: dossier.seen for slug, dossier in self.reading.dossiers.items()},
        }

    def moved_since(self, preview: dict) -> list[Dossier]:
        """The cases that the casebook holds otherwise than when `preview` was made."""
        return [
            dossier
            for slug, dossier in self.reading.dossiers.items()
            if dossier.seen != preview["seen"].get(slug, "")
        ]


def make_plan(sheets: list[Sheet], beat: Callable[[int], None]) -> Plan:
    """Read the sheets into today's dossiers → the plan. `beat(rows)` is told how many rows are done.

    It raises what `beat` raises.
    """
    slugs = list(dict.fromkeys(row[0] for sheet in sheets for row in _column(sheet, "slug")))
    models = set().union(*(READ_WITH[sheet.name] for sheet in sheets))
    reading = Reading(load(slugs, models))
    read, done = [], 0
    for sheet in sheets:
        numbers = [number for number, _ in sheet.rows]
        resource = sheet.resource(reading, sheet.place, numbers)
        rows = _Rows(*(cells for _, cells in sheet.rows), headers=sheet.headings)
        rows.passed = lambda number, before=done: beat(before + number)
        resource.read(rows)
        read.append(resource)
        done += len(sheet.rows)
    if not reading.problems:
        for resource in read:
            resource.settle()
        _refuse_too_many(reading)
    return Plan(reading, _outcome(reading, done), _token(reading))


def _column(sheet, name):
    resource = sheet.resource()
    at = sheet.headings.index(resource.heading(name))
    clean = resource.fields[name].widget.render
    return [[clean(cells[at])] for _, cells in sheet.rows]


def _called(dossier):
    return f"{dossier.case.municipality}（{dossier.case.slug}）"


def _refuse_too_many(reading):
    first = [change for change in reading.changes if change.dossier.base]
    if len({change.dossier.case.slug for change in first}) > MOST_REVISED:
        reason = f"公開した版の改訂は、一度に{MOST_REVISED:,}件までです。表を分けてください。"
        reading.problems.append((first[0].sheet, first[0].row, "", reason))


def _outcome(reading, rows):
    changed = [dossier for dossier in reading.dossiers.values() if dossier.changed]
    new = sum(dossier.is_new for dossier in changed)
    revised = sum(bool(dossier.base) for dossier in changed)
    parts = [
        ("新しい事例", new),
        ("公開した版の改訂", revised),
        ("下書きの変更", len(changed) - new - revised),
    ]
    words = [f"{name} {count:,}件" for name, count in parts if count]
    unchanged = rows - len(reading.changes)
    return "、".join(words + ([f"変更なし {unchanged:,}行"] if unchanged else []))


def _token(reading):
    """64 hex digits over every cell that changes and all that the casebook had under these names."""
    if not reading.changes:
        return ""
    changes = [
        [change.sheet, change.row, change.what, change.dossier.case.slug, change.dossier.seen, change.cells]
        for change in reading.changes
    ]
    return hashlib.sha256(json.dumps([changes, reading.problems]).encode()).hexdigest()
