"""A file held against 行政データにおける機械可読性に関するルール: which of its 30 rules it keeps, and where it doesn't.

Numbers and names are those of 各府省庁DX推進連絡会議・デジタル社会推進会議幹事会, 令和8年3月31日, as デジタル庁
publishes them for programs (github.com/digital-go-jp/machine_readability_rule, PDL1.0). How a rule is looked for
is ours: a program sees signs of what the rules mean, and three of them only people can judge.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

from ..tables.limits import MOST_BYTES
from ..tables.package import DAMAGED, NOT_SOUND
from ..tables.problems import Refusal
from . import structure, values
from .book import XLSX, TooLarge
from .opening import open_book

MOST_TOLD = 20  # places a rule
AS_DATA = "https://github.com/digital-go-jp/machine_readability_rule"
SOURCE = "https://www.cas.go.jp/jp/seisaku/digital_gyozaikaikaku/pdf/gyouseidata_rule.pdf"
RULES = {
    "L1-01": "ファイル形式は機械が直接読み取れるExcelやCSV等となっているか",
    "L1-02": "１シート（ファイル）に複数の表が掲載されていないか",
    "L1-03": "データが分断されていないか",
    "L1-04": "データ本体と無関係な情報がないか",
    "L1-05": "すべての列に意味が推測できる項目名が存在するか",
    "L1-06": "スペースや改行等で体裁を整えていないか",
    "L1-07": "１セル１データとなっているか",
    "L1-08": "機種依存文字を使用していないか",
    "L1-09": "空白とゼロが明確に区別されているか",
    "L1-10": "オブジェクトを使用していないか",
    "L1-11": "書式でデータの違いを表現していないか",
    "L1-12": "セルの結合をしていないか",
    "L1-13": "不要な行や列が非表示のまま残されていないか",
    "L1-14": "１行１データで表現されているか",
    "L1-15": "文字列にカンマが含まれているフィールドの値はダブルコーテーションで囲んでいるか",
    "L2-01": "数値データは数値属性とし、文字列を含まないこと",
    "L2-02": "データ内での項目名等の省略をしていないか",
    "L2-03": "各列が一意に識別可能な項目名を持っているか",
    "L2-04": "選択肢回答が標準化されているか",
    "L2-05": "選択肢列と「その他」の詳細記入が分離されているか",
    "L2-06": "数式を使用している場合は、数値データに修正しているか",
    "L3-01": "項目名行から始まり、次行からデータ入力がされているか",
    "L3-02": "回答のコード表が別添されているか",
    "L3-03": "数値データの同一列内に特殊記号を使用する場合は、その定義を明記しているか",
    "L3-04": "データの単位を記載しているか",
    "L3-05": "時間軸の表記が標準化されているか",
    "L3-06": "地域コード又は正式な地域名称が表記されているか",
    "L3-07": "年によってフォーマットが著しく異なっていないか",
    "L3-08": "データの定義や更新履歴が記載されているか",
    "L3-09": "データが縦持ち形式になっているか",
}
BY_PEOPLE = "一つのファイルからは判定できません。人が確かめます。"
ONLY = {"xlsx": "Excelのファイルについての項目です。", "csv": "CSVのファイルについての項目です。"}
UNREAD = "ファイルを読み取れないため、確かめられませんでした。"
SHEETS = {"L3-02": "コード表", "L3-08": "項目定義"}  # what a workbook can bring along


@dataclass(frozen=True)
class Place:
    """Where a rule isn't kept: `「事例」B4:B6`, and why in words."""

    where: str
    words: str


@dataclass(frozen=True)
class Finding:
    """One rule and a file. `ok`: kept, not kept, or (None) not to be judged, which `words` says why."""

    rule: str
    name: str
    ok: bool | None
    words: str = ""
    places: list[Place] = field(default_factory=list)
    more: int = 0  # places beyond those told

    @property
    def told(self) -> list[str]:
        """Its places in words, each with where it is."""
        return [f"{place.where}：{place.words}" for place in self.places]

    def __str__(self):
        return "　".join([f"{self.rule} {self.name}", *filter(None, ["、".join(self.told)])])


def check(content: bytes, *, defined: Collection[str] = (), skip: Collection[str] = ()) -> list[Finding]:
    """Bytes of a file → a finding for each of the 30 rules, in their order. Pure; nothing is raised.

    `defined`: the headings whose meaning, unit and blank cells a definition beside the file tells.
    `skip`: sheets that hold no table of their author's.
    """
    try:
        if len(content) > MOST_BYTES:
            raise TooLarge("10MBを超えるため、確かめていません。")
        book = open_book(content)
    except TooLarge as too_large:
        return [Finding(rule, name, None, str(too_large)) for rule, name in RULES.items()]
    except Refusal as refusal:
        return _unread(str(refusal))
    except NOT_SOUND:
        return _unread(DAMAGED)
    names = [page.name for page in book.pages]
    book.pages = [page for page in book.pages if page.name not in skip]
    return [_finding(rule, book, names, defined) for rule in RULES]


def _unread(why):
    first, *others = RULES
    found = Finding(first, RULES[first], False, places=[Place("ファイル", why)])
    return [found, *(Finding(rule, RULES[rule], None, UNREAD) for rule in others)]


def _finding(rule, book, names, defined):
    kind = structure.ONLY.get(rule)
    if kind and kind != book.kind:
        return Finding(rule, RULES[rule], None, ONLY[kind])
    if rule in structure.CHECKS:
        return _judged(rule, structure.CHECKS[rule](book))
    if rule in values.CHECKS:
        return _judged(rule, values.CHECKS[rule](book, defined))
    if rule == "L1-01":
        return Finding(rule, RULES[rule], True)
    brought = book.kind == XLSX and SHEETS.get(rule) in names
    if brought or (rule in SHEETS and defined):
        return Finding(rule, RULES[rule], True)
    return Finding(rule, RULES[rule], None, BY_PEOPLE)


def _judged(rule, found):
    places = [Place(where, words) for where, words in islice(found, MOST_TOLD)]
    more = sum(1 for _ in found) if len(places) == MOST_TOLD else 0
    return Finding(rule, RULES[rule], not places, places=places, more=more)
