"""What levels 2 and 3 of the rules ask: what stands in the cells. Each check: book, defined → (where, words)."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection

from django.core.exceptions import ValidationError

from ..models import check_code
from .book import XLSX, Book

NUMBER = re.compile(r"[-−▲△]?\s*[0-9][0-9,]*(\.[0-9]+)?")
ZERO = re.compile("0+(\\.0+)?")
PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
UNIT = re.compile(
    r"[-−▲△]?\s*[0-9][0-9,]*(\.[0-9]+)?\s*(人|件|円|千円|万円|億円|%|％|回|か所|箇所|世帯|歳|時間|km|kg|㎡)"
)
SYMBOL = re.compile(r"[-－―‐xXｘ*＊…‥.]{1,3}|秘|秘匿|不詳")
NAMED = re.compile("コード|番号|キー|ID|電話|順", re.I)
MEASURED = re.compile(
    "数|率|額|人口|面積|割合|番号|コード|順|年|月|日|番目|[（(](人|件|円|千円|百万円|億円|%|％|回|年|月|日|時間|歳|個|か所)[)）]"
)
SAME_AS_ABOVE = {"〃", "同上", "同左", "同右", "仝", "々"}
OTHER = re.compile("その他\\s*[（(：:].+")
ERA_ALONE = re.compile("(明治|大正|昭和|平成|令和)\\s*([0-9０-９]{1,2}|元)\\s*(年|[./-])")
WESTERN = re.compile("(19|20)[0-9]{2}")
WHEN = {
    "西暦の日": re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "西暦の月": re.compile("[0-9]{4}-[0-9]{2}"),
    "西暦/": re.compile("[0-9]{4}/[0-9]{1,2}(/[0-9]{1,2})?"),
    "西暦年月日": re.compile("[0-9]{4}年([0-9]{1,2}月([0-9]{1,2}日)?)?"),
    "年度": re.compile("[0-9]{4}年度"),
    "和暦の略記": re.compile(r"[MTSHR][0-9]{2}\.[0-9]{2}\.[0-9]{2}"),
}
DAY = re.compile("(日|日付|年月日|期日|期限)([（(].*[)）])?$")
CODE = re.compile("団体コード|自治体コード|市区町村コード|地域コード")
PREFECTURE = re.compile("都道府県(名)?")
PREFECTURES = (  # noqa: SIM905  as a list it would be a page
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 "
    "山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 "
    "徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()
PERIOD = re.compile(
    "((19|20)[0-9]{2}|(令和|平成|昭和)([0-9]{1,2}|元)|[RHS][0-9]{1,2})(年|年度)?|[0-9]{1,2}月|第?[0-9]+(期|回)"
)
MOST_COLUMNS = 100
FEW, ENOUGH = 20, 20  # values of a choice, and rows from which a column can be seen to be one


def _columns(book):
    """(page, column, heading, its cells) of every column with something in it."""
    for page in book.pages:
        for column, cells in page.columns.items():
            if cells:
                yield page, column, page.headings.get(column, ""), cells


def _is_numeric(cells):
    """Do most of the cells hold numbers, with or without what doesn't belong to them?"""
    hits = sum(
        cell.is_number or bool(NUMBER.fullmatch(cell.text) or UNIT.fullmatch(cell.text)) for _, cell in cells
    )
    return hits * 10 >= len(cells) * 7


def blank_is_not_zero(book: Book, defined: Collection[str]):
    for page, column, heading, cells in _columns(book):
        if heading in defined or len(cells) == len(page.body) or not _is_numeric(cells):
            continue
        if any(ZERO.fullmatch(cell.text) for _, cell in cells):
            yield page.at(page.heading_row, column), f"「{heading}」に空欄と0があり、違いが書かれていません"


def numbers_alone(book: Book, defined: Collection[str]):
    for page, column, heading, cells in _columns(book):
        if not _is_numeric(cells):
            continue
        named = NAMED.search(heading) or any(re.match("0[0-9]", cell.text) for _, cell in cells)
        for row, cell in cells:
            if cell.is_number or SYMBOL.fullmatch(cell.text):
                continue
            if not PLAIN_NUMBER.fullmatch(cell.text) and not named:
                yield page.at(row, column), f"数値に単位や記号が付いています：{cell.text[:20]}"
            elif book.kind == XLSX and not named:
                yield page.at(row, column), "数値が文字列として入っています"


def nothing_left_out(book: Book, defined: Collection[str]):
    for page in book.pages:
        for row, cells in page.body:
            for column, cell in cells.items():
                if cell.text.strip() in SAME_AS_ABOVE:
                    yield page.at(row, column), f"「{cell.text.strip()}」と省略されています"
            if 1 not in cells and page.headings.get(1) and len(cells) > 1:
                yield page.at(row, 1), "行の見出しが空です"


def unique_headings(book: Book, defined: Collection[str]):
    for page in book.pages:
        seen = {}
        for column, heading in page.headings.items():
            first = seen.setdefault(_same(heading), column)
            if first != column:
                yield page.at(page.heading_row, column), f"項目名「{heading}」が二つあります"


def one_spelling(book: Book, defined: Collection[str]):
    for page, column, _, cells in _columns(book):
        values = {cell.text for _, cell in cells if not cell.is_number}
        if len(cells) < ENOUGH or len(values) > FEW:
            continue
        spelt = defaultdict(set)
        for value in values:
            spelt[_same(value)].add(value)
        for several in spelt.values():
            if len(several) > 1:
                words = "」「".join(sorted(several))
                yield f"{page.at(page.heading_row, column)}の列", f"書き方が揺れています：「{words}」"


def _same(text):
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def other_apart(book: Book, defined: Collection[str]):
    for page, column, _, cells in _columns(book):
        for row, cell in cells:
            if OTHER.match(cell.text) and len(cell.text) < 60:
                yield page.at(row, column), "「その他」と、その内容が一つのセルにあります"


def without_formulas(book: Book, defined: Collection[str]):
    for page, column, _, cells in _columns(book):
        for row, cell in cells:
            if cell.has_formula:
                yield page.at(row, column), "数式が入っています"


def begins_with_headings(book: Book, defined: Collection[str]):
    for page in book.pages:
        if page.rows and page.heading_row != 1:
            yield page.at(1), f"項目名の行が{page.heading_row}行目です"
        elif page.body and page.body[0][0] != 2:
            yield page.at(2), "項目名のすぐ下の行が空です"


def symbols_defined(book: Book, defined: Collection[str]):
    for page, column, heading, cells in _columns(book):
        if heading not in defined and _is_numeric(
            [one for one in cells if not SYMBOL.fullmatch(one[1].text)] or cells
        ):
            for row, cell in cells:
                if not cell.is_number and SYMBOL.fullmatch(cell.text):
                    yield page.at(row, column), f"記号「{cell.text}」の定義がありません"


def units_told(book: Book, defined: Collection[str]):
    for page, column, heading, cells in _columns(book):
        if heading not in defined and _is_numeric(cells) and not MEASURED.search(heading):
            yield page.at(page.heading_row, column), f"「{heading}」の単位が分かりません"


def dates_told_alike(book: Book, defined: Collection[str]):
    for page, column, heading, cells in _columns(book):
        kinds = set()
        for row, cell in cells:
            if len(cell.text) <= 12 and ERA_ALONE.match(cell.text) and not WESTERN.search(cell.text):
                yield page.at(row, column), f"和暦に西暦が添えられていません：{cell.text}"
            elif DAY.search(heading):
                kind = next((name for name, shape in WHEN.items() if shape.fullmatch(cell.text)), None)
                kinds.add(kind)
                if kind is None:
                    yield page.at(row, column), f"日付として読み取れません：{cell.text[:20]}"
        if len(kinds - {None}) > 1:
            yield (
                f"{page.at(page.heading_row, column)}の列",
                f"日付の書き方が混じっています：{'、'.join(sorted(kinds - {None}))}",
            )


def places_named(book: Book, defined: Collection[str]):
    for page, column, heading, cells in _columns(book):
        for row, cell in cells:
            if PREFECTURE.fullmatch(heading) and cell.text not in PREFECTURES:
                yield page.at(row, column), f"都道府県の正式な名称ではありません：{cell.text[:20]}"
            elif CODE.search(heading) and not _is_code(cell.text):
                yield page.at(row, column), f"団体コードではありません：{cell.text[:20]}"


def _is_code(text):
    if re.fullmatch("[0-9]{5}", text):  # without the check digit, as 標準地域コード has it
        return "01" <= text[:2] <= "47"
    try:
        check_code(text)
    except ValidationError:
        return False
    return True


def told_downwards(book: Book, defined: Collection[str]):
    for page in book.pages:
        periods = [column for column, heading in page.headings.items() if PERIOD.fullmatch(heading.strip())]
        if len(periods) > 2:
            yield page.at(page.heading_row, periods[0]), f"年や月が{len(periods)}列に並んでいます"
        if page.width > MOST_COLUMNS:
            yield f"「{page.name}」" if page.name else "表", f"{page.width}列あります"


CHECKS = {
    "L1-09": blank_is_not_zero,
    "L2-01": numbers_alone,
    "L2-02": nothing_left_out,
    "L2-03": unique_headings,
    "L2-04": one_spelling,
    "L2-05": other_apart,
    "L2-06": without_formulas,
    "L3-01": begins_with_headings,
    "L3-03": symbols_defined,
    "L3-04": units_told,
    "L3-05": dates_told_alike,
    "L3-06": places_named,
    "L3-09": told_downwards,
}
