"""What a page shows of a survey: figures with their bases, charts and their tables, the year before beside it.

Nothing is computed from a figure without its base, and what is computed says so and how.
"""

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from ..catalogue import Catalogue
from ..models import Municipality, Source, Survey, SurveyGroup
from .numbers import Bar, Number, no_base, number, width
from .years import Comparison, compare, figures

__all__ = ["Shown", "shown"]

COUNTED = {
    SurveyGroup.Counted.PREFECTURES: ("prefecture", "designated_city"),
    SurveyGroup.Counted.MUNICIPALITIES: ("special_ward", "city", "town", "village"),
}


@dataclass(frozen=True)
class Rate:
    """A computed share of answers: how much, in words of what it was computed, and as a bar."""

    told: str
    how: str
    bar: Bar


@dataclass(frozen=True)
class Answers:
    """The answers of one group; `surveyed` says of how many."""

    name: str
    surveyed: str
    place: str
    bar: Bar
    rate: Rate | None


@dataclass(frozen=True)
class Item:
    """The questions (text, note) under one heading of the questionnaires."""

    heading: str
    place: str
    questions: list[tuple[str, str]]


@dataclass(frozen=True)
class Results:
    """The figures to one question."""

    heading: str
    question: str
    note: str
    numbers: list[Number]

    @property
    def bars(self) -> list[Bar]:
        return [number.bar for number in self.numbers if number.bar]

    @property
    def chart_note(self) -> str:
        about = "線だけの棒は、出典が「約」とした数です。" if any(bar.about for bar in self.bars) else ""
        whole = (
            "割合の棒は、枠の全体が100%です。"
            if any("%" in bar.told or bar.about for bar in self.bars)
            else ""
        )
        return about + whole

    @property
    def has_computed(self) -> bool:
        return any(number.computed for number in self.numbers)


@dataclass(frozen=True)
class Finding:
    """What was found; `themes`: (name, count of cases, query) of what the cases tell about it."""

    heading: str
    text: str
    place: str
    themes: list[tuple[str, int, str]]


@dataclass(frozen=True)
class Shown:
    """A survey as its page shows it. `years` are the other public ones; `hides` says whether figures are hidden."""

    year: int
    title: str
    period: str
    purpose: str
    method: str
    note: str
    total: str
    answers: list[Answers]
    items: list[Item]
    results: list[Results]
    findings: list[Finding]
    source: Source
    place: str
    hides: bool
    comparison: Comparison | None
    years: list[int]

    @property
    def bars(self) -> list[Bar]:
        return [answer.bar for answer in self.answers]

    @property
    def rates(self) -> list[Rate]:
        return [answer.rate for answer in self.answers if answer.rate]

    @property
    def rate_bars(self) -> list[Bar]:
        return [rate.bar for rate in self.rates]

    @property
    def whole(self) -> str:
        return f"枠の全体が、回答の総数（{self.total}）です。"

    @property
    def groups(self) -> str:
        return "、".join(answer.name for answer in self.answers)


def shown(survey: Survey, catalogue: Catalogue) -> Shown:
    """A survey → its page. The number of queries doesn't grow with its figures."""
    own = figures(survey)
    others = list(Survey.objects.published().exclude(pk=survey.pk))
    before = next((other for other in others if other.year < survey.year), None)
    return Shown(
        survey.year,
        survey.title,
        survey.period,
        survey.purpose,
        survey.method,
        survey.note,
        f"{survey.answers:,}件",
        _answers(survey),
        _items(survey),
        [_results(list(some)) for _, some in groupby(own, key=lambda figure: figure.question_id)],
        [_finding(finding, catalogue) for finding in survey.findings.prefetch_related("themes")],
        survey.source,
        survey.place,
        any(figure.hidden for figure in own),
        compare(before, survey) if before else None,
        [other.year for other in others],
    )


def _answers(survey):
    groups, kinds = list(survey.groups.all()), list(Municipality.objects.values_list("kind", flat=True))
    most = max([survey.answers, 1, *(group.answers for group in groups)])
    return [
        Answers(
            group.name,
            f"{group.surveyed:,}" if group.surveyed is not None else no_base(survey.source),
            group.place,
            Bar(group.name, f"{group.answers:,}件", width(group.answers, most)),
            _rate(group, kinds),
        )
        for group in groups
    ]


def _rate(group, kinds):
    """The share that answered: of the number that the source gives, or of our list of municipalities."""
    of, whence = group.surveyed, "出典にある対象の数"
    if of is None and group.counted:
        of = sum(kind in COUNTED[group.counted] for kind in kinds)
        whence = f"このサイトの自治体一覧で数えた、{group.get_counted_display()}の数"
    if not of:
        return None
    told = f"{100 * group.answers / of:.1f}%"
    how = f"{group.answers:,}÷{of:,}（{of:,}は{whence}）"
    return Rate(told, how, Bar(group.name, told, width(group.answers, of)))


def _items(survey):
    return [
        Item(heading, (own := list(questions))[0].place, [(question.text, question.note) for question in own])
        for heading, questions in groupby(survey.questions.all(), key=lambda question: question.heading)
    ]


def _results(own):
    question = own[0].question
    most = max([1, *(figure.value for figure in own if figure.value is not None and figure.unit != "share")])
    numbers = [number(figure, most) for figure in own]
    return Results(question.heading, question.text, question.note, numbers)


def _finding(finding, catalogue):
    themes = [
        (theme.name, catalogue.count(theme=theme.key), urlencode({"theme": theme.key}))
        for theme in finding.themes.all()
    ]
    return Finding(finding.heading, finding.text, finding.place, [theme for theme in themes if theme[1]])
