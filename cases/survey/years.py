"""Two surveys side by side, only where question, group, choice and unit are the same."""

from dataclasses import dataclass

from ..models import Survey, SurveyFigure
from .numbers import share


@dataclass(frozen=True)
class Change:
    """A figure beside the same of an earlier year; `change` is empty where it can't be computed."""

    question: str
    choice: str
    group: str
    before: str
    after: str
    change: str


@dataclass(frozen=True)
class Comparison:
    """A survey beside the one of the year `before`: answers by group (name, before, after), and the figures."""

    before: int
    answers: list[tuple[str, str, str]]
    changes: list[Change]


def compare(before: Survey, after: Survey) -> Comparison:
    """The two surveys' figures that are of the same; the change is told of exact shares with known bases alone."""
    earlier = {_same(figure): figure for figure in figures(before)}
    changes = [
        Change(
            figure.question.text,
            figure.choice,
            figure.group.name,
            old.told,
            figure.told,
            _change(old, figure),
        )
        for figure in figures(after)
        if (old := earlier.get(_same(figure)))
    ]
    groups = {(group.key, group.name): group.answers for group in before.groups.all()}
    answers = [
        (group.name, f"{groups[group.key, group.name]:,}件", f"{group.answers:,}件")
        for group in after.groups.all()
        if (group.key, group.name) in groups
    ]
    return Comparison(before.year, answers, changes)


def figures(survey: Survey) -> list[SurveyFigure]:
    """Every figure of a survey in the order of its questions, with all that is told of it; one query."""
    ordered = SurveyFigure.objects.filter(question__survey=survey)
    return list(ordered.select_related("question__survey__source", "group"))


def _same(figure):
    question, group = figure.question, figure.group
    return question.key, question.text, group.key, group.name, figure.choice, figure.unit


def _change(old, new):
    """How far the share has moved, if both bases are known and say the same."""
    shares = share(old), share(new)
    if None in shares or old.base_about != new.base_about:
        return ""
    return f"{shares[1] - shares[0]:+.1f}ポイント"
