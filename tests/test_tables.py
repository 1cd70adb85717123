"""Uploaded tables: read as the editor sees them, or refused in words that name the place."""

import io
import json
import re
import subprocess
import sys
import unicodedata
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import tables
from cases.tables import Row, Unreadable
from cases.tables.cells import clean, number
from cases.tables.limits import MOST_COLUMNS, MOST_LETTERS, MOST_ROWS
from tests.hostile_tables import GOOD_ROWS, HOSTILE, OFFICE, SOUND, XML, package, parts, sheet, xlsx

LARGE = sorted(
    name
    for name in HOSTILE
    if re.search("mega|million|rows_without|everything|every_cell|20000|understated", name)
)
JAPANESE = re.compile("[ぁ-んァ-ン一-龠]")


def _book(*rows, name="記述", shape=None):
    """An .xlsx made by openpyxl; `shape` may change its sheet."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = name
    for row in rows:
        page.append(row)
    if shape:
        shape(page)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _problems(content, file_name="seet.xlsx", **how):
    with pytest.raises(Unreadable) as refusal:
        tables.read(content, file_name, **how)
    assert str(refusal.value) == "\n".join(refusal.value.problems)
    return refusal.value.problems


def _only_cell(cell, styles=""):
    """What the cell A2 with this XML is read as."""
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>値</t></is></c></row><row r="2">{cell}</row>'
    changed = {"styles": f"{XML}<styleSheet>{styles}</styleSheet>"} if styles else {}
    (table,) = tables.read(xlsx(rows, **changed)[1], "x.xlsx")
    return table.rows[0].cells["値"]


def _in_format(value, code):
    def shape(page):
        page["A2"].number_format = code

    (table,) = tables.read(_book(["値"], [value], shape=shape), "x.xlsx")
    return table.rows[0].cells["値"]


# Reading


def test_a_sheet_is_read_by_its_headings_and_excels_row_numbers():
    (table,) = tables.read(_book(["項目", "値"], ["あ", "い"], [None, None], ["う", None]), "x.xlsx")
    assert (table.name, table.headings, table.above) == ("記述", ["項目", "値"], [])
    assert table.rows == [Row(2, {"項目": "あ", "値": "い"}), Row(4, {"項目": "う", "値": ""})]


def test_a_csv_is_read_the_same():
    (table,) = tables.read('項目,値\r\nあ,"い,\n""う"""\r\n\r\n,,\r\nえ,\r\n'.encode(), "x.CSV")
    assert (table.name, table.headings) == ("", ["項目", "値"])
    assert table.rows == [Row(2, {"項目": "あ", "値": 'い,\n"う"'}), Row(5, {"項目": "え", "値": ""})]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_lines_above_the_headings_are_kept_apart(kind):
    rows = [["調査票", None], [None, "説明"], ["項目", "値"], ["あ", "い"]]
    text = "\n".join(",".join(cell or "" for cell in row) for row in rows)
    content = _book(*rows) if kind == "xlsx" else text.encode()
    (table,) = tables.read(content, f"x.{kind}", heading_row=3)
    assert (table.above, table.headings, table.rows[0].number) == (["調査票", "説明"], ["項目", "値"], 4)


def test_sheets_are_chosen_or_skipped_by_name_and_empty_ones_left_out():
    book = openpyxl.Workbook()
    for name in ("一", "二", "三"):
        book.create_sheet(name).append(["項目"])
    file = io.BytesIO()
    book.save(file)

    def names(**how):
        return [table.name for table in tables.read(file.getvalue(), "x.xlsx", **how)]

    assert names() == ["一", "二", "三"]
    assert names(skip={"二"}) == ["一", "三"]
    assert names(sheets={"二", "四"}) == ["二"]
    assert _problems(file.getvalue(), sheets={"四"}) == ["seet.xlsx：表「四」がないか、空です。"]


def test_what_a_file_is_counts_and_not_its_name():
    assert tables.read(_book(["項目"], ["あ"]), "x.csv")[0].name == "記述"


def test_readings_of_japanese_names_are_not_part_of_them():
    strings = (
        f"{XML}<sst><si><r><t>令</t></r><r><t>和</t></r><rPh sb='0' eb='1'><t>レイワ</t></rPh></si></sst>"
    )
    rows = GOOD_ROWS + '<row r="3"><c r="A3" t="s"><v>0</v></c></row>'
    assert tables.read(xlsx(rows, strings=strings)[1], "x.xlsx")[0].rows[1].cells == {"項目": "令和"}


def test_prefixes_and_cells_without_address_are_read():
    rows = GOOD_ROWS.replace(' r="1"', "").replace(' r="A1"', "")
    assert tables.read(xlsx(rows)[1], "x.xlsx")[0].headings == ["項目"]
    prefixed = re.sub("<(/?)(?=[a-z])", r"<\1x:", sheet()).replace("xmlns=", "xmlns:x=")
    assert tables.read(xlsx(sheet="\ufeff" + prefixed)[1], "x.xlsx")[0].headings == ["項目"]


def test_a_chart_sheet_is_passed_over():
    relations = parts()["xl/_rels/workbook.xml.rels"].replace("</Relationships>", "") + (
        f'<Relationship Id="rId9" Type="{OFFICE}/chartsheet" Target="chart.xml"/></Relationships>'
    )
    workbook = parts()["xl/workbook.xml"].replace("</sheets>", '<sheet name="図" r:id="rId9"/></sheets>')
    (table,) = tables.read(xlsx(relations=relations, workbook=workbook)[1], "x.xlsx")
    assert table.name == "記述"


# Cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1 ではない", "=1+1 ではない"), ("+81", "+81"), (1, "1"), (1.0, "1"), (-0.0, "0"), (0.1 + 0.2, "0.3"),
        (1200.5, "1200.5"), (1e20, "100000000000000000000"), (1e-7, "0.0000001"), (True, "TRUE"), (False, "FALSE"),
        (date(2022, 10, 1), "2022-10-01"), (datetime(2022, 10, 1), "2022-10-01"), (time(9, 30), "9:30"),
        (datetime(2022, 10, 1, 13, 5), "2022-10-01 13:05"), ("　あ ", "あ"), ("12%", "12%"), ("１２", "１２"),
        ("1,200", "1,200"), ("か\u3099", "が"), ("葛\U000e0100", "葛\U000e0100"), ("𠮷", "𠮷"), ("あ\nい", "あ\nい"),
    ],
)  # fmt: skip
def test_a_cell_is_the_text_that_its_editor_sees(value, text):
    def shape(page):
        page["A2"].value = value
        if isinstance(value, str):
            page["A2"].data_type = "s"

    (table,) = tables.read(_book(["値"], ["x"], shape=shape), "x.xlsx")
    assert table.rows[0].cells["値"] == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.125, "0%", "12.5%"), (0.07, "0.00%", "7%"), (1200, "#,##0", "1200"), (13105, "000000", "013105"),
        (5, '0"人"', "5"), (5, "General", "5"), (5, "G/標準", "5"), (5, '[Red]0;"d"', "5"), (1e5, "0.00E+00", "100000"),
        (44835, "yyyy/m/d", "2022-10-01"), (44835, '[$-411]ggge"年"m"月"d"日";@', "2022-10-01"),
        (44835.75, "yyyy/m/d", "2022-10-01"), (44835.75, "yyyy/m/d h:mm", "2022-10-01 18:00"),
        (44835, 'yyyy"年"m"月"', "2022-10"), (44835, "mmm-yy", "2022-10"), (44835, 'ggge"年"', "2022年"),
        (44835, 'yyyy"年度"', "2022年度"), (0.5, "h:mm AM/PM", "12:00"), (1.5, "[h]:mm", "36:00"),
        (44835.5, "h:mm", "12:00"), (59, "yyyy/m/d", "1900-02-28"), (61, "yyyy/m/d", "1900-03-01"),
        (9, "0" * 300, "9"),
    ],
)  # fmt: skip
def test_a_number_is_told_as_its_format_shows_it(value, code, text):
    assert number(str(value), code) == text


def test_formats_of_a_file_are_those_of_its_cells():
    assert _in_format(44835, 'ggge"年"m"月"d"日"') == "2022-10-01"
    assert _in_format(0.5, "0%") == "50%"


@pytest.mark.parametrize(
    ("style", "text"), [(28, "2022-10-01"), (57, "2022-10-01"), (55, "2022-10"), (0, "44835")]
)
def test_dates_in_the_formats_of_japanese_excel_are_dates(style, text):
    styles = f'<cellXfs><xf numFmtId="0"/><xf numFmtId="{style}"/></cellXfs>'
    assert _only_cell('<c r="A2" s="1"><v>44835</v></c>', styles) == text


def test_days_of_a_mac_begin_in_1904():
    workbook = parts()["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    rows = GOOD_ROWS + '<row r="3"><c r="A3" s="1"><v>43373</v></c></row>'
    styles = f'{XML}<styleSheet><cellXfs><xf/><xf numFmtId="14"/></cellXfs></styleSheet>'
    (table,) = tables.read(xlsx(rows, workbook=workbook, styles=styles)[1], "x.xlsx")
    assert table.rows[1].cells["項目"] == "2022-10-01"


def test_a_date_in_iso_letters_is_a_day():
    assert _only_cell('<c r="A2" t="d"><v>2022-10-01T00:00:00</v></c>') == "2022-10-01"


def test_what_xml_cannot_hold_is_unescaped():
    assert (
        _only_cell('<c r="A2" t="str"><v>a_x000D__x000a_b_x005F_x0041__x000B_c</v></c>') == "a\nb_x0041_\nc"
    )


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('<c r="A2"><f>1+1</f><v>2</v></c>', "数式"),
        ('<c r="A2" t="str"><f t="shared" si="0"/><v>a</v></c>', "数式"),
        ('<c r="A2"><f>NOW()</f></c>', "数式"),
        ('<c r="A2" t="e"><v>#REF!</v></c>', "エラー値（#REF!）"),
        ('<c r="A2" t="e"><v>#N/A</v></c>', "エラー値（#N/A）"),
        ('<c r="A2"><v>NaN</v></c>', "数として読み取れない"),
        ('<c r="A2" s="1"><v>44835</v></c>', "年の見えない"),
        ('<c r="A2" s="2"><v>60</v></c>', "日付として読み取れない"),
        ('<c r="A2" s="2"><v>-1</v></c>', "日付として読み取れない"),
        ('<c r="A2" s="2"><v>99999999999</v></c>', "日付として読み取れない"),
        ('<c r="A2" t="str"><v>a_x0000_b</v></c>', "NUL"),
        ('<c r="A2" t="str"><v>' + "あ" * (MOST_LETTERS + 1) + "</v></c>", "文字が多すぎます"),
        ('<c r="A2" t="str"><v>' + "あ" * (MOST_LETTERS * 8) + "</v></c>", "文字が多すぎます"),
    ],
)
def test_a_cell_that_says_nothing_certain_is_refused_at_its_place(cell, why):
    styles = '<cellXfs><xf/><xf numFmtId="56"/><xf numFmtId="14"/></cellXfs>'
    with pytest.raises(Unreadable) as refusal:
        _only_cell(cell, styles)
    (problem,) = refusal.value.problems
    assert problem.startswith("x.xlsx の表「記述」2行目・A列「値」：")
    assert why in problem


def test_a_cell_may_be_full():
    assert len(_only_cell('<c r="A2" t="str"><v>' + "あ" * MOST_LETTERS + "</v></c>")) == MOST_LETTERS


@settings(deadline=None)
@given(st.text())
def test_cleaning_is_done_once_for_all(text):
    text = text.replace("\0", "")
    assert clean(clean(text)) == clean(text)
    assert unicodedata.is_normalized("NFC", clean(text))


def test_cleaning_keeps_lines_and_drops_what_has_no_shape():
    assert clean("\ta\r\nb\rc\vd\u2028e\x01f\x85g\ufffe\ud800\t \x7f") == "a\nb\nc\nd\nef\ng"


# What can't be seen, and whose place isn't certain


def _hide(what):
    def shape(page):
        if what == "row":
            page.row_dimensions[3].hidden = True
        elif what == "filter":
            page.auto_filter.ref = "A1:B3"
            page.row_dimensions[3].hidden = True
        elif what == "column":
            page.column_dimensions["B"].hidden = True
        elif what == "sheet":
            page.parent.create_sheet("見える表").append(["項目"])
            page.sheet_state = "veryHidden"
        elif what == "merged":
            page.merge_cells("A2:A3")

    return _book(["項目", "値"], ["あ", "い"], [None, "え"], shape=shape)


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("row", "seet.xlsx の表「記述」3行目：この行は隠れています。"),
        ("filter", "seet.xlsx の表「記述」3行目：この行は隠れています。"),
        ("column", "seet.xlsx の表「記述」1行目・B列「値」：この列は隠れています。"),
        ("sheet", "seet.xlsx：表「記述」が非表示です。"),
        ("merged", "seet.xlsx の表「記述」2行目・A列「項目」：セルが結合されています（A2:A3）。"),
    ],
)
def test_nothing_hidden_or_merged_is_read(what, problem):
    (told,) = _problems(_hide(what))
    assert told.startswith(problem)


def test_a_row_or_column_drawn_without_size_is_hidden_too():
    flat = sheet(GOOD_ROWS.replace('r="2"', 'r="2" ht="0" customHeight="1"'))
    assert "この行は隠れています" in _problems(xlsx(sheet=flat)[1])[0]
    narrow = sheet(before='<cols><col min="1" max="16384" width="0"/></cols>')
    assert "この列は隠れています" in _problems(xlsx(sheet=narrow)[1])[0]


def test_hidden_sheets_that_are_skipped_and_hidden_rows_without_text_do_no_harm():
    assert tables.read(_hide("sheet"), "x.xlsx", skip={"記述"})[0].name == "見える表"

    def shape(page):
        page.row_dimensions[9].hidden = True
        page.column_dimensions["Z"].hidden = True

    assert tables.read(_book(["項目"], ["あ"], shape=shape), "x.xlsx")


def test_a_merged_title_above_the_headings_does_no_harm():
    content = _book(["題"], ["項目", "値"], ["あ", "い"], shape=lambda page: page.merge_cells("A1:B1"))
    assert tables.read(content, "x.xlsx", heading_row=2)[0].above == ["題"]


# Headings, and telling all problems at once


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["項目,ＵＲＬ,URL", "あ,い,う"], "x.csv の1行目・C列「URL」：同じ見出しがB列にもあります。"),
        (["項 目,項目", "あ,い"], "x.csv の1行目・B列「項目」：同じ見出しがA列にもあります。"),
        (["項目,,値", "あ,い,う"], "x.csv の2行目・B列：この列には見出しがありません。"),
        (["項目,値,", "あ,い,", "あ,い,う"], "x.csv の3行目・C列：この列には見出しがありません。"),
        ([",,", "あ,い,う"], "x.csv の1行目：見出しの行が空です。"),
        (["項目,値", "あ,い,う"], "x.csv の2行目：見出しは2列ですが、この行は3列です。"),
        (["項目,値", "あ"], "x.csv の2行目：見出しは2列ですが、この行は1列です。"),
    ],
)
def test_headings_must_say_what_stands_where(rows, problem):
    assert _problems("\n".join(rows).encode(), "x.csv")[0].startswith(problem)


def test_columns_that_are_empty_need_no_heading():
    assert tables.read("項目,,値,\nあ,,い,,\n".encode(), "x.csv")[0].rows == [
        Row(2, {"項目": "あ", "値": "い"})
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_rows():
    rows = GOOD_ROWS + "".join(
        f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c><c r="B{n}"><f>1</f></c></row>' for n in (3, 4)
    )
    places = [problem.partition("：")[0] for problem in _problems(xlsx(rows)[1])]
    assert places == [
        f"seet.xlsx の表「記述」{place}" for place in ("3行目・A列「項目」", "3行目・B列", "4行目・A列「項目」", "4行目・B列")
    ]  # fmt: skip


def test_beyond_a_hundred_problems_only_their_number_is_told():
    rows = [["項目"], *[["#N/A"]] * 250]
    problems = _problems(_book(*rows))
    assert len(problems) == 101
    assert problems[-1] == "seet.xlsx：ほかに150か所あります。"


def test_a_strangers_text_is_hardly_repeated():
    heading = "見" * 500
    (problem,) = _problems(f"{heading},{heading}\nあ,い\n".encode(), "名" * 300 + ".csv")
    assert problem.count("見") == 40 + 1  # and once in the sentence itself
    assert problem.count("名") == 40


# Encodings


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_letters_of_japan_are_read_exactly(encoding, end):
    letters = "髙﨑①㈱ ﾊﾝｶｸｶﾅ ～－￥\\ ソ能表予 Ⅲ㍻∑"
    letters += "" if encoding == "cp932" else "〜¥𠮷葛\U000e0100"
    content = f'項目,値{end}"{letters}",1{end}'.encode(encoding)
    assert tables.read(content, "x.csv")[0].rows == [Row(2, {"項目": letters, "値": "1"})]


def test_a_wave_dash_of_shift_jis_is_the_one_that_windows_shows():
    content = "項目,値\n".encode("cp932") + b"1\x81\x602,\x81\x7c\n"
    assert tables.read(content, "x.csv")[0].rows[0].cells == {"項目": "1～2", "値": "－"}


FOREIGN = [
    (encoding, text)
    for encoding in ("euc-jp", "euc_jis_2004", "iso-2022-jp", "utf-7", "utf-16", "utf-16-be", "utf-32")
    for text in ("自治体", "あいうえお", "アイウ", "東京", "①㈱")
    if text != "①㈱" or encoding not in ("euc-jp", "iso-2022-jp")  # which have no such letters
]


@pytest.mark.parametrize(("encoding", "text"), FOREIGN)
def test_other_encodings_are_refused_and_never_misread(encoding, text):
    assert "文字コード" in _problems(f"項目,値\n{text},1\n".encode(encoding), "x.csv")[0]


@settings(deadline=None)
@given(
    st.text("あいうえお漢字自治体アイウ、。髙①ｱ", min_size=1, max_size=30),
    st.sampled_from(["utf-8", "cp932", "euc-jp"]),
)
def test_whatever_is_read_was_written(text, encoding):
    try:
        content = f"項目,値\n{text},1\n".encode(encoding)
    except UnicodeEncodeError:
        return
    try:
        (table,) = tables.read(content, "x.csv")
    except Unreadable:
        assert encoding == "euc-jp"
    else:
        assert table.rows[0].cells == {"項目": unicodedata.normalize("NFC", text), "値": "1"}


def test_plus_signs_in_ascii_are_not_taken_for_utf_7():
    assert tables.read(b"a,b\n+81-3-1234-5678,C++\n", "x.csv")[0].rows[0].cells == {
        "a": "+81-3-1234-5678",
        "b": "C++",
    }


def test_letters_that_shift_jis_has_not_are_refused():
    assert "2行目あたり" in _problems("項目,値\n試".encode("cp932") + b"\xa0,1\n", "x.csv")[0]


# Limits


def test_a_table_may_be_as_large_as_the_limits_say():
    full = [["x"] * MOST_COLUMNS] * 2
    headings = [[f"c{n}" for n in range(MOST_COLUMNS)]]
    assert len(tables.read(_book(*headings, *full), "x.xlsx")[0].headings) == MOST_COLUMNS
    content = b"a,b\n" + b"1,2\n" * MOST_ROWS
    assert len(tables.read(content, "x.csv")[0].rows) == MOST_ROWS
    assert "10,000行" in _problems(content + b"3,4\n", "x.csv")[0]


def test_a_table_may_not_be_larger():
    wide = ["x"] * (MOST_COLUMNS + 1)
    assert "200列" in _problems(_book(wide))[0]
    assert "200列" in _problems(",".join(wide).encode(), "x.csv")[0]
    below = f'<row r="{MOST_ROWS + 2}"><c r="A{MOST_ROWS + 2}"><v>1</v></c></row>'
    assert "10,000行" in _problems(xlsx(GOOD_ROWS + below)[1])[0]


def test_the_file_may_not_be_larger_than_ten_megabytes():
    assert "10MB" in _problems(HOSTILE["eleven_megabytes"]()[1])[0]


# Harm


@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - set(LARGE)))
def test_a_hostile_table_is_refused_in_words(name):
    file_name, content = HOSTILE[name]()
    assert len(content) < 10 * 1024 * 1024
    if name in SOUND:
        assert tables.read(content, file_name)[0].rows
        return
    for problem in _problems(content, file_name):
        assert problem.startswith(file_name)
        assert JAPANESE.search(problem)
        assert problem.endswith("。")
        assert len(problem) < 200


CHILD = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
from cases import tables
from tests.hostile_tables import HOSTILE

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # MB on Linux

told, before = {}, peak()
for name in sys.argv[2:]:
    file_name, content = HOSTILE[name]()
    try:
        tables.read(content, file_name)
    except tables.Unreadable as refusal:
        told[name] = refusal.problems
print(json.dumps([peak() - before, told]))
"""


def test_the_large_hostile_tables_are_refused_without_much_memory():
    """In a process of their own, as only its peak can be asked for; making the files counts too."""
    root = Path(__file__).parent.parent
    assert len(LARGE) > 15
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(root), *LARGE],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    megabytes, told = json.loads(done.stdout)
    assert sorted(told) == sorted(set(LARGE) - SOUND)
    assert all(JAPANESE.search(problem) for problems in told.values() for problem in problems)
    assert megabytes < 250


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["x.csv", "x.xlsx"]),
    st.sampled_from([b"", b"a,b\n", b"PK\x03\x04"]),
)
def test_any_bytes_are_a_table_or_refused(content, file_name, start):
    try:
        tables.read(start + content, file_name)
    except Unreadable as refusal:
        assert all(JAPANESE.search(problem) for problem in refusal.problems)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_a_table_or_refused(data):
    """Letters of the XML exchanged, within a sound zip; and bytes of the zip itself."""
    made = parts(
        strings=f"{XML}<sst><si><t>a</t></si></sst>", styles=f"{XML}<styleSheet><cellXfs/></styleSheet>"
    )
    part = data.draw(st.sampled_from(sorted(made)))
    text = made[part]
    at = data.draw(st.integers(0, len(text)))
    piece = data.draw(
        st.text("<>/=\"'rcst019AZ& ", max_size=5) | st.sampled_from(['r="', "<c ", "</row>", "&#0;"])
    )
    made[part] = text[:at] + piece + text[at + data.draw(st.integers(0, 5)) :]
    content = bytearray(package(made))
    if data.draw(st.booleans()):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        tables.read(bytes(content), "x.xlsx")
    except Unreadable as refusal:
        assert all(JAPANESE.search(problem) for problem in refusal.problems)
