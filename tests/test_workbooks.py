"""The workbooks we hand out, opened again by openpyxl and by our own reader."""

import io
import re

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import tables
from cases.escapes import restored
from cases.tables.cells import clean
from cases.workbooks import CHOICES, DEFINITIONS, Column, Sheet, workbook

ANSWERS = ("継続", "変更", "終了")
COLUMNS = (
    Column("番号", "key", "行の番号。", 10, required=True),
    Column("いまの記載", "today", "いま書いてあること。", 40),
    Column("回答", "answer", "このままでよければ継続。", 10, choices=ANSWERS, filled=False),
)
SHEET = Sheet("調査", COLUMNS, [["001", "試験用の記載", None], [2, "二行目", "継続"]], spare_rows=3)
NASTY = [
    "=1+1", "+81", "-1", "@SUM(A1)", "'引用", "#N/A", "#REF!", "TRUE", "2022-10-01", "012345", "1e5", "12%", "_x000D_",
    "_x005F_x0041_", "a\nb", "𠮷葛\U000e0100", "<&>\"'", "]]>", "が", "　あ　い", "\u202eabc", "😀", "http://example.jp/",
]  # fmt: skip


def _opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def _read(content, **how):
    return tables.read(content, "x.xlsx", skip=(DEFINITIONS, CHOICES), **how)


def _column(texts):
    return workbook([Sheet("表", (Column("値", "value", ""),), [[text] for text in texts])])


def test_a_workbook_is_read_back_as_it_was_meant():
    (table,) = _read(workbook([SHEET]))
    assert (table.name, table.headings) == ("調査", ["番号", "いまの記載", "回答"])
    assert [list(row.cells.values()) for row in table.rows] == [
        ["001", "試験用の記載", ""],
        ["2", "二行目", "継続"],
    ]


def test_lines_above_the_headings_are_read_back():
    sheet = Sheet("調査", COLUMNS, SHEET.rows, above=("試験用の調査票", "", "=説明"))
    (table,) = _read(workbook([sheet]), heading_row=len(sheet.above) + 1)
    assert table.above == ["試験用の調査票", "'=説明"]
    assert [row.number for row in table.rows] == [5, 6]
    page = _opened(workbook([sheet]))["調査"]
    assert (page.freeze_panes, page.print_title_rows) == ("A5", "$4:$4")
    assert not page.merged_cells.ranges


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_that_text(text):
    content = _column([text])
    cell = _opened(content)["表"]["A2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert cell.quotePrefix == cell.value.startswith("'") == (text[0] in "=+-@'")
    (row,) = _read(content)[0].rows
    assert restored(row.cells["値"]) == clean(text)


def test_whatever_a_text_begins_with_no_formula_is_written():
    content = _column(NASTY)
    assert not [cell for page in _opened(content) for row in page for cell in row if cell.data_type in "fe"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text() | st.text("_x005FDad\n\r=#'", max_size=12), min_size=1, max_size=5))
def test_text_of_all_planes_comes_back(texts):
    texts = ["｜" + text.replace("\0", "") + "｜" for text in texts]  # so that no white space stands outside
    assert [row.cells["値"] for row in _read(_column(texts))[0].rows] == [clean(text) for text in texts]


def test_letters_that_xml_cannot_hold_are_dropped_and_line_ends_made_one():
    assert _opened(_column(["a\x00\x0b\ufffe\ud800b\r\nc\rd\te"]))["表"]["A2"].value == "a\nb\nc\nd\te"


@pytest.mark.parametrize("text", ["あ" * 32_767, "𠮷" * 16_383])
def test_a_cell_may_be_full(text):
    assert _read(_column([text]))[0].rows[0].cells["値"] == text
    with pytest.raises(ValueError, match=r"^表「表」2行目「値」の文字が多すぎます。"):
        _column([text + "𠮷"])


def test_choices_drop_down_from_a_hidden_sheet():
    many = tuple(f"試験用の選択肢{number:04}" for number in range(500))
    other = Sheet("もう一つ", (COLUMNS[2], Column("多い", "many", "", choices=many)), [], spare_rows=2)
    book = _opened(workbook([SHEET, other]))
    assert book.sheetnames == ["調査", "もう一つ", DEFINITIONS, CHOICES]
    assert [page.sheet_state for page in book] == ["visible", "visible", "visible", "hidden"]
    listed = {}
    for name in ("調査", "もう一つ"):
        for validation in book[name].data_validations.dataValidation:
            assert validation.type == "list"
            assert validation.showErrorMessage
            sheet, cells = re.fullmatch(r"'(.+)'!(.+)", validation.formula1).groups()
            listed[name, str(validation.sqref)] = tuple(
                cell.value for (cell,) in book[sheet][cells.replace("$", "")]
            )
    assert listed == {("調査", "C2:C6"): ANSWERS, ("もう一つ", "A2:A3"): ANSWERS, ("もう一つ", "B2:B3"): many}


def test_a_sheet_without_rows_or_choices_is_a_sheet_all_the_same():
    empty = Sheet("空", (Column("回答", "answer", "", choices=ANSWERS), Column("値", "value", "")), [])
    book = _opened(workbook([empty], definitions=False))
    assert not book["空"].data_validations.dataValidation
    assert _read(workbook([empty]))[0].rows == []
    assert _opened(workbook([Sheet("表", COLUMNS[:2], [])], definitions=False)).sheetnames == ["表"]


def test_spare_rows_are_text_and_framed():
    page = _opened(workbook([SHEET]))["調査"]
    assert page.max_row == 6
    for cell in page[6]:
        assert (cell.value, cell.number_format) == (None, "@")
        assert cell.border.left.style


def test_cells_to_fill_in_are_told_by_more_than_their_colour():
    page = _opened(workbook([SHEET]))["調査"]
    known, to_fill = page["B2"], page["C2"]
    assert (known.border.left.style, to_fill.border.left.style) == ("thin", "medium")
    (validation,) = page.data_validations.dataValidation
    assert validation.showInputMessage
    assert (validation.promptTitle, validation.prompt) == ("記入：回答", "このままでよければ継続。")


def test_a_sheet_is_ready_for_the_screen_and_for_paper():
    page = _opened(workbook([SHEET]))["調査"]
    assert all(cell.font.bold and cell.alignment.wrap_text for cell in page[1])
    assert (page.freeze_panes, page.print_title_rows) == ("A2", "$1:$1")
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert [page.column_dimensions[letter].width for letter in "ABC"] == [10, 40, 10]


def test_the_last_sheet_says_what_each_column_is():
    page = _opened(workbook([SHEET]))[DEFINITIONS]
    assert [[cell.value for cell in row] for row in page] == [
        ["表", "項目名", "キー", "意味", "必須", "選べる値"],
        ["調査", "番号", "key", "行の番号。", "必須", None],
        ["調査", "いまの記載", "today", "いま書いてあること。", None, None],
        ["調査", "回答", "answer", "このままでよければ継続。", None, "継続、変更、終了"],
    ]


def test_of_many_choices_the_definitions_tell_the_first():
    column = Column("多い", "many", "", choices=tuple(f"値{number}" for number in range(1_788)))
    told = _opened(workbook([Sheet("表", (column,), [])]))[DEFINITIONS]["F2"].value
    assert told.startswith("値0、値1、")
    assert told.endswith("値19…（ほか1,768件は一覧から選べます）")


def test_a_row_must_have_a_value_for_each_column():
    with pytest.raises(ValueError, match="zip"):
        workbook([Sheet("表", COLUMNS, [["足りない"]])])
