"""cases.xlsx: the tables with what explains them, each a sheet of values with its headings in row 1."""

from collections.abc import Iterator

from ..addresses import SITE, absolute
from ..catalogue import Catalogue
from ..models import CaseVersion, Item, Municipality, Silence, Source
from ..sheet import NOT_STATED
from ..workbooks import ABOUT, CHANGES, CODES, DEFINITIONS
from .columns import NO, YES, Column, Table, era, iso
from .stream import MOST_ROWS, Sheet, workbook
from .tables import COUNT, ERA, ISO, TABLES
from .terms import STUDY, TERMS, citation

FACETS = {
    "分野": "field",
    "自治体区分": "tier",
    "手段の種類": "family",
    "ツール": "tool",
    "方式": "style",
    "支援の現況": "status",
    "調査項目": "has",
    "都道府県": "pref",
}
CHOICES = {
    "項目の区分": Item.Group,
    "自治体の種別": Municipality.Kind,
    "書かない理由": Silence.Kind,
    "出典の読み方": Source.Reading,
}
# What stands for the absence of a value: the same in every table.
ABSENCES = (
    ("not_stated", NOT_STATED, "確かめた出典が、そのことを述べていません。無いという意味ではありません。"),
    ("none", "該当なし", "尋ねたうえで、無いと分かっています。"),
    (
        "not_entered",
        "未入力",
        "まだ確かめていません。「記述」にも「記述のない項目」にも行がないことで表します。",
    ),
    ("blank", "（空欄）", "列ごとの意味を、項目定義の「空欄の意味」に書いています。0とは違います。"),
)

HISTORY = Table(
    CHANGES, "changes", "公開した版が、一つ一行です。", CaseVersion.objects.readable, "case", (
        Column("URLの名", "slug", "どの事例か。", ("case__slug",), width=22),
        Column("自治体", "municipality", "自治体の正式な名称。", ("case__municipality__name",)),
        Column("版の番号", "version", "何番目の版か。", ("number",), kind=COUNT, width=10),
        Column("公開日", "published_on", "この版を公開した日。", ("published_at",), iso, kind=ISO),
        Column("公開日（和暦）", "published_on_era", "同じ日の和暦（JIS X 0301の略記）。", ("published_at",), era, kind=ERA),
        Column("改訂の理由", "reason", "前の版から改めた理由。", ("reason",),
               empty="最初の版か、理由を書いていません", width=48),
    ), ("-number",),
)  # fmt: skip


def cases_xlsx(catalogue: Catalogue, stamp: str) -> Iterator[bytes]:
    """The selection as an .xlsx for programs. A table longer than a sheet is left out, and 説明 says so."""
    ids = catalogue.ids()
    cases = dict(catalogue.published().values_list("pk", "case"))
    fitting = [table for table in TABLES if table.count(ids) < MOST_ROWS]
    left_out = [table.name for table in TABLES if table not in fitting]
    sheets = [_sheet(table, ids) for table in fitting]
    sheets += [
        Sheet(DEFINITIONS, *_frame(DEFINED), definitions([*fitting, HISTORY])),
        Sheet(CODES, *_frame(CODED), codes(catalogue)),
        _sheet(HISTORY, [cases[pk] for pk in ids if pk in cases]),
        Sheet(ABOUT, *_frame(EXPLAINED), about(catalogue, stamp, left_out)),
    ]
    return workbook(sheets, title=SITE, stamp=stamp)


def _sheet(table, ids):
    return Sheet(table.name, table.headings, [column.width for column in table.columns], table.rows(ids))


def _frame(columns):
    return list(columns), list(columns.values())


DEFINED = {
    "表": 16,
    "列の順": 8,
    "項目名": 24,
    "キー": 22,
    "データの型": 14,
    "意味": 70,
    "空欄の意味": 32,
    "コード表": 16,
}
CODED = {"コード表": 18, "キー": 22, "名称": 36, "説明": 70}
EXPLAINED = {"項目": 22, "内容": 100}


def definitions(tables=(*TABLES, HISTORY)) -> list[list]:
    """What each column of the tables is: the rows of 項目定義, in the order of DEFINED."""
    return [
        [
            table.name,
            place,
            one.heading,
            one.key,
            one.kind,
            one.meaning,
            one.empty or "空欄はありません",
            one.codes or "なし",
        ]
        for table in tables
        for place, one in enumerate(table.columns, 1)
    ]


def codes(catalogue: Catalogue) -> list[list]:
    """Every coded value: the rows of コード表, in the order of CODED."""
    lists = {name: catalogue.index.names[facet] for name, facet in FACETS.items()}
    lists |= {name: dict(choices.choices) for name, choices in CHOICES.items()}
    lists["はい・いいえ"] = {"yes": YES, "no": NO}
    rows = [
        [name, key, value, "表のセルには名称を書いています。"]
        for name, values in lists.items()
        for key, value in values.items()
    ]
    return rows + [["値がないことの書き方", *absence] for absence in ABSENCES]


def about(catalogue: Catalogue, stamp: str, left_out: list[str] = ()) -> list[list]:
    """What the file is, of when, under what terms: the rows of 説明."""
    chosen = "、".join(f"{chip.facet}：{chip.name}" for chip in catalogue.chips)
    rows = [
        ["題名", SITE],
        ["時点", stamp],
        ["事例の数（件）", catalogue.total],
        ["選んだ条件", chosen or "なし（公開している事例の全部か、一つずつ選んだ事例です）"],
        ["もとになった調査研究", STUDY],
        ["引用の書き方", citation(stamp)],
        *[[f"利用条件：{name}", terms] for name, terms in TERMS],
        ["セルの先頭の「'」", "表計算ソフトが数式とみなす文字で始まる文には、前に「'」を一つ付けています。"],
        [
            "ツールと記述",
            "一つの事例に幾つもあるものは、別の表に一行ずつ並べています。「URLの名」で結び付きます。",
        ],
        [
            "更新",
            "公開のつど改まります。過去の版は「変更履歴」にある公開日の順に、サイトの各ページで読めます。",
        ],
        ["ページ", absolute("finder", query=catalogue.query())],
    ]
    if left_out:
        rows.append(
            [
                "このファイルにない表",
                f"{'と'.join(left_out)}は、行が多すぎるためCSVのファイルにだけあります。",
            ]
        )
    return rows
