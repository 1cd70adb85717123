"""The self-check: each rule finds what breaks it and names the cell; the files of the site break none."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill

from cases import exports, intake, resources
from cases.catalogue import Catalogue
from cases.models import Import
from cases.offers import headings, offers
from cases.readability import RULES, check
from tests.hostile_tables import HOSTILE

HEADINGS = ["番号", "名称", "人数（人）"]
SOUND = [HEADINGS, ["a1", "甲", 10], ["a2", "乙", 20], ["a3", "丙", 30]]


def csv_of(rows, encoding="utf-8-sig"):
    return "".join(",".join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def book_of(rows, change=lambda book, page: None):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "表"
    for row in rows:
        page.append(row)
    change(book, page)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def broken(content, **more):
    """Rule → its places, of the rules that aren't kept."""
    return {
        finding.rule: [f"{place.where}：{place.words}" for place in finding.places]
        for finding in check(content, **more)
        if finding.ok is False
    }


def test_there_are_thirty_rules_in_their_order():
    assert len(RULES) == 30
    assert [finding.rule for finding in check(csv_of(SOUND))] == list(RULES) == sorted(RULES)
    assert [sum(rule.startswith(f"L{level}") for rule in RULES) for level in (1, 2, 3)] == [15, 6, 9]


@pytest.mark.parametrize(
    "content", [csv_of(SOUND), csv_of(SOUND, "cp932"), book_of(SOUND)], ids=["utf-8", "cp932", "xlsx"]
)
def test_a_sound_table_breaks_no_rule(content):
    assert broken(content) == {}


def _mix(rows, at, row):
    return [*rows[:at], row, *rows[at:]]


def _with(row):
    return [*SOUND, row]


TOLD = {
    "L1-02": (book_of([*SOUND, [], ["品名", "値段（円）"], ["x", 1], ["y", 2]]), "「表」6行目"),
    "L1-03": (book_of(_mix(SOUND, 2, [])), "「表」3行目"),
    "L1-04": (book_of(_with(["※令和4年度の数です"])), "「表」5行目"),
    "L1-05": (book_of([["番号", None, "人数（人）"], *SOUND[1:]]), "「表」B1：項目名がありません"),
    "L1-06": (csv_of(_with(["a4", "　丁", 1])), "B5：先頭か末尾に"),
    "L1-07": (csv_of(_with(["a4", "甲、乙、丙", 1])), "B5：一つのセルに"),
    "L1-08": (csv_of(_with(["a4", "①", 1]), "cp932"), "B5：機種依存文字"),
    "L1-09": (csv_of(_with(["a4", "丁", 0])[:4] + [["a5", "戊", ""], ["a6", "己", 0]]), "C1：「人数（人）」に空欄と0"),
    "L1-14": ('番号,名称\r\na1,"甲\n乙"\r\n'.encode("utf-8-sig"), "2行目"),
    "L1-15": (csv_of(_with(["a4", "丁,戊", 1])), "5行目：3列のはずが4列"),
    "L2-01": (csv_of(_with(["a4", "丁", "40人"])), "C5：数値に単位"),
    "L2-02": (csv_of(_with(["a4", "〃", 1])), "B5：「〃」と省略"),
    "L2-03": (csv_of([["番号", "名称", "名称"], *SOUND[1:]]), "C1：項目名「名称」が二つ"),
    "L2-04": (csv_of([["番号", "回答"], *([f"a{n}", "取組済"] for n in range(20)), ["b", "取組 済"]]), "「取組 済」「取組済」"),
    "L2-05": (csv_of(_with(["a4", "その他（試験）", 1])), "B5：「その他」と"),
    "L3-01": (book_of([["題名"], *SOUND]), "「表」1行目：項目名の行が2行目"),
    "L3-03": (csv_of(_with(["a4", "丁", "x"])), "C5：記号「x」の定義"),
    "L3-04": (csv_of([["番号", "名称", "重さ"], *SOUND[1:]]), "C1：「重さ」の単位"),
    "L3-05": (csv_of([["番号", "確認日"], ["a1", "2022-10-01"], ["a2", "令和4年10月1日"]]), "B3：和暦に西暦が"),
    "L3-06": (csv_of([["団体コード", "都道府県"], ["242111", "三重県"]]), "A2：団体コードではありません"),
    "L3-09": (csv_of([["名称", "2020年", "2021年", "2022年"], ["甲", 1, 2, 3]]), "B1：年や月が3列"),
}  # fmt: skip


@pytest.mark.parametrize("rule", TOLD)
def test_what_breaks_a_rule_is_named_with_its_place(rule):
    content, words = TOLD[rule]
    found = broken(content)
    assert rule in found
    assert words in "、".join(found[rule])


def _merge(book, page):
    page.merge_cells("B3:B4")


def _hide(book, page):
    page.row_dimensions[3].hidden = True
    page.column_dimensions["B"].hidden = True


def _hide_page(book, page):
    other = book.create_sheet("控え")
    other.append(["番号"])
    other.append(["a1"])
    other.sheet_state = "hidden"


def _draw(book, page):
    from openpyxl.chart import BarChart, Reference

    chart = BarChart()
    chart.add_data(Reference(page, min_col=3, min_row=1, max_row=4))
    page.add_chart(chart)


def _colour(book, page):
    page["B3"].fill = PatternFill("solid", "FFFF00")


def _embolden(book, page):
    page["B3"].font = Font(bold=True)


def _colour_by_value(book, page):
    page.conditional_formatting.add(
        "C2:C4", CellIsRule("greaterThan", ["15"], fill=PatternFill("solid", "FF0000"))
    )


def _calculate(book, page):
    page["C5"] = "=SUM(C2:C4)"


def _comment(book, page):
    page["B3"].comment = Comment("試験用のメモ", "x")


def _as_text(book, page):
    page["C3"] = "20"
    page["C3"].data_type = "s"


@pytest.mark.parametrize(
    ("rule", "change", "words"),
    [
        ("L1-04", _comment, "メモ"),
        ("L1-10", _draw, "画像・図形・グラフ"),
        ("L1-11", _colour, "「表」B1の列"),
        ("L1-11", _embolden, "「表」B1の列"),
        ("L1-11", _colour_by_value, "条件付き書式"),
        ("L1-12", _merge, "「表」B3:B4"),
        ("L1-13", _hide, "「表」3行目"),
        ("L1-13", _hide, "「表」B列"),
        ("L1-13", _hide_page, "「控え」"),
        ("L2-01", _as_text, "「表」C3：数値が文字列"),
        ("L2-06", _calculate, "「表」C5"),
    ],
)
def test_what_breaks_a_rule_in_a_workbook_is_named_with_its_place(rule, change, words):
    assert words in "、".join(broken(book_of(SOUND, change))[rule])


def test_dates_of_a_workbook_are_read_as_it_shows_them():
    from datetime import date

    assert broken(book_of([["番号", "確認日"], ["a1", date(2022, 10, 1)], ["a2", date(2022, 10, 2)]])) == {}


def test_a_definition_beside_the_file_tells_its_blanks_and_units():
    content = csv_of([["番号", "重さ"], ["a1", 0], ["a2", 1], ["a3", 2], ["a4", ""]])
    assert {"L1-09", "L3-04"} <= set(broken(content))
    assert broken(content, defined=["重さ"]) == {}


def test_more_places_than_are_told_are_counted():
    finding = next(one for one in check(csv_of([HEADINGS, *[["a", " 甲", 1]] * 50])) if one.rule == "L1-06")
    assert (len(finding.places), finding.more) == (20, 30)


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"PK\x03\x04", b"PK" + b"x" * 100, b"\xff\xfea\x00", b"\x00" * 9, b"\xd0\xcf\x11\xe0"],
)
def test_what_is_no_table_is_told_by_the_first_rule_alone(content):
    found = check(content)
    assert [one.rule for one in found if one.ok is False] == ["L1-01"]
    assert len(found) == 30


@pytest.mark.parametrize(
    "name",
    ["million_rows", "long_string_in_every_cell", "csv_20000_columns", "csv_blank_lines", "eleven_megabytes"],
)
def test_what_would_take_too_long_is_not_looked_at(name):
    found = check(HOSTILE[name]()[1])
    assert {one.ok for one in found} == {None}
    assert "確かめていません" in found[0].words


@pytest.mark.parametrize(
    "name",
    [
        "billion_laughs",
        "entity_of_a_file",
        "zip_slip",
        "locked_zip",
        "macro",
        "hundred_thousand_deep",
        "odd_cell_3",
        "many_sheets_of_one_part",
        "merge_of_everything",
        "million_merges",
    ],
)
def test_a_hostile_workbook_gets_its_findings(name):
    assert len(check(HOSTILE[name]()[1])) == 30


@given(st.binary(max_size=300))
def test_any_bytes_get_thirty_findings(content):
    assert len(check(content)) == len(check(b"PK" + content)) == 30


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=6))
def test_any_table_gets_thirty_findings(rows):
    content = csv_of([[f'"{cell.replace(chr(34), "")}"' for cell in row] for row in rows], "utf-8").replace(
        b"\0", b""
    )
    assert len(check(content)) == 30


@pytest.mark.parametrize("name", [name for name, file in exports.FILES.items() if file.for_programs])
def test_the_files_of_the_site_break_no_rule(name):
    content = b"".join(exports.FILES[name].content(Catalogue(), "2026-11版"))
    found = check(content, defined=headings())
    assert [str(finding) for finding in found if finding.ok is False] == []
    judged = {finding.rule for finding in found if finding.ok}
    of_the_other_kind = (
        {"L1-14", "L1-15"} if name.endswith("xlsx") else {"L1-10", "L1-11", "L1-12", "L1-13", "L2-06"}
    )
    assert set(RULES) - judged == {"L3-07", *of_the_other_kind}


def test_the_paper_for_a_meeting_is_not_offered_as_one_for_programs():
    content = b"".join(exports.FILES["meeting.xlsx"].content(Catalogue(), "2026-11版"))
    assert "L3-01" in broken(content)
    assert not exports.FILES["meeting.xlsx"].for_programs


def test_sizes_and_findings_are_made_once_for_each_state_of_the_catalogue(new_case):
    first = offers("2026-11版")
    assert offers("2026-11版") is first
    assert {offer.file.name: offer.size for offer in first.files}["cases.csv"] == len(
        b"".join(exports.FILES["cases.csv"].content(Catalogue(), "2026-11版"))
    )
    assert {one.sign for one in first.judgements} == {"○", "―"}
    new_case("shiken-atarashii")
    assert offers("2026-11版") is not first


def test_a_large_catalogue_is_measured_by_its_first_cases(new_case, monkeypatch):
    monkeypatch.setattr("cases.offers.MOST_MEASURED", 5)
    monkeypatch.setattr("cases.offers._kept", (None, None))
    found = offers("2026-11版")
    assert not found.is_whole
    size = {offer.file.name: offer.size for offer in found.files}["silences.csv"]
    true = len(b"".join(exports.FILES["silences.csv"].content(Catalogue(), "2026-11版")))
    assert true / 2 < size < true * 2
    assert size % 3 == 0, "five of fifteen, three times"


# Of a file that an editor uploads


def _uploaded(client, content, name="試験.xlsx"):
    file = SimpleUploadedFile(name, content)
    return client.post("/admin/cases/import/add/", {"import_file": file}, follow=True).text


def test_an_uploaded_file_is_held_against_the_rules_before_it_is_refused(as_editor):
    def merge(book, page):
        page.title = "事例"
        page.merge_cells("B4:B6")

    page = _uploaded(
        as_editor, book_of([["URLの名", "概要"], *[[f"shiken-{n}", "試験用"] for n in range(6)]], merge)
    )
    assert "L1-12 セルの結合をしていないか" in page and "「事例」B4:B6" in page
    assert page.index("L1-12") and "取り込めません" in page


def test_what_was_found_stays_with_an_import_that_can_be_read(as_editor, monkeypatch):
    monkeypatch.setattr(intake, "start", lambda made: intake.carry_out(made.pk, made.run))
    page = _uploaded(
        as_editor,
        csv_of([["URLの名", "概要", "最終確認日"], ["toba-ibasho", "試験用", "令和4年10月1日"]]),
        "試験.csv",
    )
    assert "L3-05" in page and "C2：和暦に西暦が添えられていません" in page and "変わるところ" in page
    made = Import.objects.get()
    assert made.findings[0][0] == "L3-05"
    made.cancel(by=made.by)
    assert made.findings == []  # a place tells what stood in a cell


def test_our_own_tables_to_write_in_have_nothing_to_mend(db):
    assert [intake.inspect(one) for one in (resources.today(), resources.template())] == [[], []]
