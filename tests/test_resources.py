"""The columns of an import: declared once, read cell by cell, and the same in the template and in an export."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import intake, resources
from cases.intake.recognition import recognise
from cases.models import CaseVersion, Field, Source, Statement
from cases.resources.cells import ChoiceCell, FlagCell, NumberCell, PeriodCell, SourceCell, TermCell
from cases.tables import Row, Table, Unreadable, read
from cases.workbooks import CHOICES, DEFINITIONS


def _table(headings, *rows, name=""):
    made = [Row(number, dict(zip(headings, cells, strict=True))) for number, cells in enumerate(rows, 2)]
    return Table(name, list(headings), made, [])


def _problems(*tables):
    with pytest.raises(Unreadable) as refused:
        recognise(list(tables))
    return refused.value.problems


def test_a_csv_is_the_sheet_whose_headings_it_has():
    for resource in resources.SHEETS:
        headings = [column.column_name for column in resource().columns]
        (sheet,) = recognise([_table(headings, ["x"] * len(headings))])
        assert sheet.name == resource.name


def test_headings_are_known_in_any_order_and_width():
    (sheet,) = recognise([_table(["分野", "ＵＲＬ の名"], ["相談", "shiken"])])
    assert sheet.headings == ["分野", "URLの名"]


def test_an_unknown_heading_is_named_with_the_ones_there_are():
    (problem,) = _problems(
        _table(["URLの名", "概要", "状態", "公開日時"], ["x", "y", "公開中", "2020-01-01"])
    )
    assert "「状態」「公開日時」" in problem
    assert "支援の現況" in problem and "改訂の理由" in problem


@pytest.mark.parametrize(
    "heading", ["状態", "公開日時", "作成者", "版", "id", "status", "owner", "published_at", "主題"]
)
def test_no_column_is_there_for_what_an_import_may_not_change(heading):
    assert f"「{heading}」" in _problems(_table(["URLの名", heading], ["toba-ibasho", "x"]))[0]


def test_a_sheet_without_its_key_is_refused():
    assert "「URLの名」がありません" in _problems(_table(["概要"], ["x"]))[0]
    assert (
        "「並び順」がありません"
        in _problems(_table(["URLの名", "調査項目", "記述", "箇所"], ["x", "効果", "y", ""]))[0]
    )


def test_two_sheets_of_one_kind_are_refused():
    assert (
        "どちらも「事例」の表"
        in _problems(
            _table(["URLの名", "概要"], ["x", "y"], name="一"),
            _table(["URLの名", "分野"], ["x", "相談"], name="二"),
        )[0]
    )


def test_a_file_without_rows_is_refused():
    assert _problems(_table(["URLの名", "概要"])) == [
        "取り込む行がありません。見出しの下に、一行に一つずつ書いてください。"
    ]


def test_a_word_is_found_by_name_or_key_in_any_width():
    cell = TermCell(Field)
    assert cell.clean("相談") == cell.clean("sodan") == cell.clean("ｓｏｄａｎ") == cell.clean(" 相談 ")
    with pytest.raises(ValueError, match="「そうだん」はありません。選べるのは：居場所、相談"):
        cell.clean("そうだん")


def test_a_source_is_named_by_its_key():
    assert SourceCell(Source).clean("report").key == "report"
    with pytest.raises(ValueError, match="先に「出典」に加えて"):
        SourceCell(Source).clean("nai")


def test_a_required_cell_may_not_be_empty():
    with pytest.raises(ValueError, match="必ず書きます"):
        TermCell(Field, required=True).clean(" ")


@pytest.mark.parametrize(
    ("text", "flag"), [("はい", True), ("○", True), ("TRUE", True), ("", False), ("0", False)]
)
def test_a_flag_is_yes_or_no(text, flag):
    assert FlagCell().clean(text) is flag


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(ValueError, match="「たぶん」は読み取れません"):
        FlagCell().clean("たぶん")


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("１２", 12), ("1,200", 1200), ("", None)])
def test_a_position_is_a_whole_number(text, number):
    assert NumberCell().clean(text) == number


@pytest.mark.parametrize("text", ["-1", "1.5", "32768", "99999999999999", "二", "12%"])
def test_a_position_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="整数ではありません"):
        NumberCell().clean(text)


@pytest.mark.parametrize("text", ["2022-10-01", "2022-10", "2022年", "2022年度"])
def test_a_period_is_written_as_it_is_read(text):
    assert PeriodCell().render(PeriodCell().clean(text)) == text


def test_a_choice_is_known_by_label_or_key_and_may_be_empty():
    cell = ChoiceCell(CaseVersion.ServiceStatus, empty="unconfirmed")
    assert [cell.clean(text) for text in ("終了", "ended", "")] == ["ended", "ended", "unconfirmed"]


def test_the_template_has_the_four_sheets_with_headings_alone_and_says_what_they_are():
    book = openpyxl.load_workbook(io.BytesIO(resources.template()))
    assert book.sheetnames[:4] == [sheet.name for sheet in resources.SHEETS]
    for sheet in resources.SHEETS:
        page = book[sheet.name]
        assert [cell.value for cell in page[1]] == [column.column_name for column in sheet().columns]
        assert not any(cell for row in page.iter_rows(min_row=2, values_only=True) for cell in row)
    told = str(list(book[DEFINITIONS].iter_rows(values_only=True)))
    assert "全国地方公共団体コード6桁" in told and "surveyed" in told
    assert book["事例"].data_validations.dataValidation


def test_every_column_says_what_it_means_and_has_a_key():
    for sheet in resources.SHEETS:
        for key, column in sheet().fields.items():
            assert key.isascii() and column.column_name
        assert len({column.column_name for column in sheet().columns}) == len(sheet().columns)


def test_the_template_itself_has_nothing_to_import(editor):
    with pytest.raises(Unreadable, match="取り込む行がありません"):
        intake.receive(resources.template(), "ひな形.xlsx", by=editor)


def test_todays_cases_are_all_there():
    tables = {table.name: table for table in read(resources.today(), "a.xlsx", skip=(DEFINITIONS, CHOICES))}
    assert len(tables["事例"].rows) == 15
    assert (
        len(tables["記述"].rows)
        == Statement.objects.filter(version__in=CaseVersion.objects.published()).count()
    )
    toba = next(row.cells for row in tables["事例"].rows if row.cells["URLの名"] == "toba-ibasho")
    assert (toba["団体コード"], toba["自治体"], toba["調査時点"]) == ("242110", "三重県鳥羽市", "2022年度")


def test_todays_cases_hold_no_draft(draft):
    CaseVersion.objects.filter(pk=draft.pk).update(summary="試験用の下書きの言葉")
    assert "試験用の下書きの言葉" not in str(read(resources.today(), "a.xlsx", skip=(DEFINITIONS, CHOICES)))


def test_todays_cases_take_the_same_number_of_queries_for_any_number_of_cases(new_case, state):
    def written():
        with CaptureQueriesContext(connection) as asked:
            resources.today()
        return len(asked)

    before = written()
    state(new_case("shiken-tsuika", publish=False), "effects", "試験用の記述")
    version = CaseVersion.objects.get(case__slug="shiken-tsuika")
    version.submit(by=None)
    version.publish(by=None)
    assert written() == before


def test_a_sheet_longer_than_an_import_reads_is_left_out(monkeypatch):
    monkeypatch.setattr(resources, "MOST_ROWS", 15)
    assert [table.name for table in read(resources.today(), "a.xlsx", skip=(DEFINITIONS, CHOICES))] == [
        "事例",
        "ツール",
    ]
