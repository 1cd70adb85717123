"""Next year's table into a draft survey: read, shown cell by cell, confirmed, saved all or nothing.

Rows that the file doesn't name stay as they are; an empty cell empties; counts of 1 to 4 are never stored.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..models import AuditEntry, Survey, SurveyFigure, SurveyImport
from .columns import FIGURES, GROUPS, KINDS, QUESTIONS, shown, template
from .reading import read_rows

__all__ = ["KINDS", "Plan", "plan", "receive", "save", "template", "waiting"]

LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Change:
    """What one row changes: (heading, before, after) of every cell that does."""

    where: str
    what: str
    about: str
    cells: list[tuple[str, str, str]]


@dataclass
class Plan:
    """What rows would do to a survey: changes, how many rows change nothing, what is wrong, what to know."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    to_save: list = field(default_factory=list)

    @property
    def token(self) -> str:
        """Equal for two plans that change the same cells in the same way."""
        return hashlib.blake2b(repr(self.changes).encode(), digest_size=16).hexdigest()

    @property
    def outcome(self) -> str:
        counts = Counter(change.what for change in self.changes)
        told = [f"{what}{count}行" for what, count in counts.items()] or ["変わるところはありません"]
        return "、".join([*told, *([f"同じ内容{self.same}行"] if self.same else [])])


def receive(survey: Survey, content: bytes, file_name: str, *, by) -> list[tuple[str, str, str]]:
    """Read an uploaded file and keep it, suppressed, for its preview → what is wrong (then nothing is kept).

    ValidationError if the survey is public.
    """
    SurveyImport.objects.filter(at__lt=timezone.now() - LIFETIME).delete()
    read = read_rows(content, file_name)
    problems = read.problems
    if not problems or all(FIGURES.name in where for where, _, _ in problems):
        # Where what the figures name isn't sound, what they'd be told wouldn't be either.
        problems = [*problems, *plan(survey, read.rows).problems]
    if not problems:
        with transaction.atomic():
            survey.hold()
            kept = {"file_name": file_name[:255], "rows": read.rows}
            SurveyImport.objects.update_or_create(survey=survey, by=by, defaults=kept)
    return problems


def waiting(survey: Survey, *, by) -> SurveyImport | None:
    """The table that `by` uploaded for it and has not yet confirmed."""
    recent = SurveyImport.objects.filter(at__gte=timezone.now() - LIFETIME)
    return recent.filter(survey=survey, by=by).first()


@transaction.atomic
def save(import_: SurveyImport, token: str, *, by) -> str:
    """Save what the preview with this `token` showed → the outcome in words.

    ValidationError if the survey is public or has changed meanwhile: then nothing is saved.
    """
    survey = import_.survey.hold()
    made = plan(survey, import_.rows)
    if made.problems or made.token != token:
        raise ValidationError(
            "表を見せた後で、調査の内容が変わりました。変わるところをもう一度確かめてください。", code="stale"
        )
    for row in made.to_save:
        row.save()
    survey.written(by=by)
    AuditEntry.record(
        AuditEntry.Act.IMPORT, by=by, about=survey, detail=f"{import_.file_name}：{made.outcome}"
    )
    import_.delete()
    return made.outcome


def plan(survey: Survey, rows: dict[str, list]) -> Plan:
    """What rows of read_rows() would do to the survey as it stands; saves nothing."""
    made = Plan()
    groups = {group.key: group for group in survey.groups.all()}
    questions = {question.key: question for question in survey.questions.all()}
    _read_keyed(made, GROUPS, rows, survey, groups)
    _read_keyed(made, QUESTIONS, rows, survey, questions)
    _read_figures(made, rows, survey, questions, groups)
    if sum(group.answers for group in groups.values()) != survey.answers:
        made.notes.append(
            "グループの回答数の合計が、調査の「回答の総数」と違います。公開の前に、どちらかを直してください。"
        )
    return made


def _read_keyed(made, kind, rows, survey, known):
    """Rows told apart by their key; `known` gains what is new."""
    seen = set()
    for number, values in rows.get(kind.name, []):
        where = f"表「{kind.name}」{number}行目"
        if (key := values["key"]) in seen:
            made.problems.append(
                (where, kind.columns[0].heading, "同じキーの行が、この表にもう一つあります。")
            )
            continue
        seen.add(key)
        row = known.get(key)
        if row is None:
            row = known[key] = kind.model(survey=survey, key=key, position=len(known) + 1)
        _set(made, kind, where, row, values)


def _read_figures(made, rows, survey, questions, groups):
    figures = SurveyFigure.objects.filter(question__survey=survey).select_related("question__survey", "group")
    known = {(one.question.key, one.group.key, one.choice, one.unit): one for one in figures}
    seen, most = set(), len(known)
    for number, values in rows.get(FIGURES.name, []):
        where = f"表「{FIGURES.name}」{number}行目"
        of = {"question": questions.get(values["question"]), "group": groups.get(values["group"])}
        missing = [column for column in FIGURES.columns if column.key in of and of[column.key] is None]
        for column in missing:
            made.problems.append(
                (where, column.heading, f"「{values[column.key][:40]}」は登録されていません。")
            )
        identity = tuple(values[key] for key in ("question", "group", "choice", "unit"))
        if identity in seen:
            made.problems.append(
                (where, "回答", "同じ質問・グループ・回答・単位の行が、この表にもう一つあります。")
            )
        if missing or identity in seen:
            continue
        seen.add(identity)
        most += 1
        figure = known.get(identity) or SurveyFigure(position=most, value=Decimal(0))
        value = None if values["value"] is None else Decimal(values["value"])
        _set(made, FIGURES, where, figure, values | of | {"value": value})
    _warn_of_remainders(made, rows)


def _set(made, kind, where, row, values):
    """Write the values into the row, unsaved; what changes by it, or what is wrong, goes into the plan."""
    is_new = row.pk is None
    keys = [column for column in kind.columns if column.key in values]
    before = {column.key: "" if is_new else shown(row, column.key) for column in keys}
    for key, value in values.items():
        setattr(row, key, value)
    after = {column.key: shown(row, column.key) for column in keys}
    cells = [
        (column.heading, before[column.key], after[column.key])
        for column in keys
        if before[column.key] != after[column.key]
    ]
    if faults := list(_faults(kind, row)):
        made.problems += [(where, heading, reason) for heading, reason in faults]
    elif cells:
        made.changes.append(Change(where, "新しく加わる" if is_new else "変わる", str(row), cells))
        made.to_save.append(row)
    else:
        made.same += 1


def _faults(kind, row):
    headings = {column.key: column.heading for column in kind.columns}
    if kind is GROUPS:
        if row.answers in range(1, 5):
            yield "回答数", "1～4のグループは載せられません。ほかのグループにまとめてください。"
        if row.surveyed is not None and row.surveyed < row.answers:
            yield "対象の数", "回答数が、対象の数より多くなっています。"
    try:
        row.clean_fields(exclude=["survey", "question", "group", "value"])
        row.clean()
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            yield headings.get(name, ""), " ".join(reasons)


def _warn_of_remainders(made, rows):
    """One hidden count among those of a question and group: the others may give it away."""
    hidden, told = Counter(), Counter()
    for _, values in rows.get(FIGURES.name, []):
        place = (values["question"], values["group"], values["unit"])
        (hidden if values["hidden"] else told)[place] += 1
    for question, group, unit in (place for place, count in hidden.items() if count == 1 and told[place]):
        made.notes.append(
            f"質問「{question}」・グループ「{group}」（{SurveyFigure.Unit(unit).label}）では、伏せた値が一つだけです。"
            "ほかの値の引き算で分かるときは、もう一つの値も「×」にしてください。"
        )
    if count := sum(hidden.values()):
        made.notes.insert(
            0, f"{count}か所の値を伏せました。伏せた数は、このサイトのどこにも保存していません。"
        )
