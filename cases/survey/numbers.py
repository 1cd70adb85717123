"""One number of a survey: in words, with its base, as a bar, and as a share where that can be computed."""

from dataclasses import dataclass
from decimal import Decimal

from ..models import Source, SurveyFigure, shortest


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: `width` of a hundred; `about`: it's only about so long."""

    name: str
    told: str
    width: str
    about: bool = False


@dataclass(frozen=True)
class Number:
    """A figure as its page shows it; `bar` is None where it's hidden."""

    choice: str
    group: str
    told: str
    base: str
    computed: str
    place: str
    bar: Bar | None


def number(figure: SurveyFigure, most) -> Number:
    """A figure → what is shown of it; a count's bar is as long as its part of `most`."""
    of = 100 if figure.unit == SurveyFigure.Unit.SHARE else most
    name = f"{figure.group}：{figure.choice}"
    bar = None if figure.hidden else Bar(name, figure.told, width(figure.value, of), figure.approximate)
    return Number(
        figure.choice, figure.group.name, figure.told, base(figure), _computed(figure), figure.place, bar
    )


def width(value, of) -> str:
    """`value` in hundredths of `of`, as SVG takes it."""
    return f"{100 * float(value) / float(of):.1f}"


def base(figure: SurveyFigure) -> str:
    """The base in words; where the source gives none, that it doesn't."""
    if figure.hidden == SurveyFigure.Hidden.BASE:
        told = "1～4（秘匿）"
    else:
        told = no_base(figure.survey.source) if figure.base is None else f"{figure.base:,}"
    return f"{figure.base_about}（{told}）" if figure.base_about else told


def no_base(source: Source) -> str:
    """What stands where `source` gives no base."""
    return f"母数は{'報告書' if source.key == 'report' else '出典'}に記載なし"


def share(figure: SurveyFigure) -> Decimal | None:
    """The share in per cent that an exact figure with a known base stands for; None for any other."""
    if figure.value is None or figure.approximate or not figure.base:
        return None
    if figure.unit == SurveyFigure.Unit.SHARE:
        return figure.value
    return round(100 * figure.value / figure.base, 1)


def _computed(figure):
    if figure.computed:
        return f"計算値（{figure.computed}）"
    per_cent = None if figure.unit == SurveyFigure.Unit.SHARE else share(figure)
    if per_cent is None:
        return ""
    return f"{shortest(per_cent)}%（計算値：{shortest(figure.value)}÷{figure.base:,}）"
