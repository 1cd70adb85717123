"""What a table of a survey looks like, declared once: for reading it, its template, and what its columns mean."""

from dataclasses import dataclass

from ..models import Survey, SurveyFigure, SurveyGroup, SurveyQuestion, shortest
from ..workbooks import Column, Sheet, workbook

YES = "はい"
UNITS = {label: unit for unit, label in SurveyFigure.Unit.choices}
SPARE_ROWS = 100
PLACE = Column("出典の箇所", "place", "出典のどこか。例: 図表2-3", 14, required=True)


@dataclass(frozen=True)
class Kind:
    """One of the three tables: its name, the model of its rows, what tells a row from the others, its columns."""

    name: str
    model: type
    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    def named(self, headings) -> bool:
        """Whether a table with these headings is one of this kind."""
        return {column.heading for column in self.columns if column.key in self.keys} <= set(headings)


GROUPS = Kind(
    "回答数",
    SurveyGroup,
    ("key", "name", "answers"),
    (
        Column("グループのキー", "key", "半角の短い名。年を並べて比べるときの目印です。", 18, required=True),
        Column("グループ", "name", "たずねた相手。例: 市区町村", 24, required=True),
        Column("回答数", "answers", "単位は件。1～4のグループは載せられません。", 12, required=True),
        Column("対象の数", "surveyed", "たずねた数。出典に書かれていなければ空のまま。", 12),
        PLACE,
    ),
)
QUESTIONS = Kind(
    "質問",
    SurveyQuestion,
    ("key", "heading", "text"),
    (
        Column("質問のキー", "key", "半角の短い名。年を並べて比べるときの目印です。", 18, required=True),
        Column("質問項目", "heading", "質問のまとまりの名。", 30, required=True),
        Column("質問内容", "text", "たずねたこと。", 50, required=True),
        Column("ただし書き", "note", "一部のグループだけにたずねたことなど。", 30),
        PLACE,
    ),
)
FIGURES = Kind(
    "数値",
    SurveyFigure,
    ("question", "group", "choice", "unit", "value"),
    (
        Column("質問のキー", "question", "「質問」の表か、登録済みの質問のキー。", 18, required=True),
        Column("グループのキー", "group", "「回答数」の表か、登録済みのグループのキー。", 18, required=True),
        Column("回答", "choice", "何の数か。例: 実施を検討したい", 30, required=True),
        Column("単位", "unit", "件・人・%のどれか。", 8, required=True, choices=tuple(UNITS)),
        Column(
            "値",
            "value",
            "数だけを書きます。件と人の1～4は、取り込むときに伏せます。ほかの値から逆算されないように伏せるときは「×」。",
            12,
            required=True,
        ),
        Column("およその値", "approximate", "出典が「約」を付けているときだけ「はい」。", 12, choices=(YES,)),
        Column("出典の表記", "printed", "出典に印刷されているとおりに。例: 約4割", 16),
        Column("母数", "base", "割合や件数のもとになる数。出典に書かれていなければ空のまま。", 12),
        Column("母数の説明", "base_about", "何を母数にした数か。", 30),
        Column("計算のしかた", "computed", "出典の数から計算した値のときだけ。「計算値」と示します。", 24),
        PLACE,
    ),
)
KINDS = (GROUPS, QUESTIONS, FIGURES)  # in this order: figures name what the others make


def template(survey: Survey) -> bytes:
    """An .xlsx to fill in, with what the survey holds; where it holds nothing, the last one's groups and questions."""
    pattern = survey if survey.questions.exists() else Survey.objects.exclude(pk=survey.pk).first()
    sheets = [
        Sheet(kind.name, kind.columns, _rows(kind, survey, pattern), spare_rows=SPARE_ROWS) for kind in KINDS
    ]
    return workbook(sheets)


def _rows(kind, survey, pattern):
    if kind is FIGURES:
        figures = SurveyFigure.objects.filter(question__survey=survey).select_related("question", "group")
        return [[shown(figure, column.key) or None for column in kind.columns] for figure in figures]
    if pattern is None:
        return []
    rows = (pattern.groups if kind is GROUPS else pattern.questions).all()
    anew = set() if pattern == survey else {"answers", "surveyed", "place"}
    return [
        [None if column.key in anew else shown(row, column.key) or None for column in kind.columns]
        for row in rows
    ]


def shown(row, key: str) -> str:
    """What stands in the cell `key` for a row of a survey; "" for nothing."""
    value = getattr(row, key)
    if key == "value":
        told = {
            SurveyFigure.Hidden.SMALL: "1～4",
            SurveyFigure.Hidden.BASE: "1～4",
            SurveyFigure.Hidden.OTHER: "×",
        }
        return told.get(row.hidden) or shortest(value).replace(",", "")
    if key in ("question", "group"):
        return value.key
    if key == "unit":
        return row.get_unit_display()
    if key == "approximate":
        return YES if value else ""
    if key == "base" and row.hidden == SurveyFigure.Hidden.BASE:
        return "1～4"
    return "" if value is None else str(value)
