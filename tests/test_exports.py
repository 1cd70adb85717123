"""The files that leave: what stands in them, what never does, and that they come back unchanged."""

import csv
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import exports, sheet
from cases.catalogue import Catalogue
from cases.comparison import Comparison
from cases.escapes import harmless, one_line, restored
from cases.exports import stream, workbook
from cases.exports.columns import AT_ONCE
from cases.exports.workbook import HISTORY
from cases.intake.plan import make_plan
from cases.intake.recognition import recognise
from cases.models import CaseVersion, Citation, Link, Silence, Source, Statement, ToolUse
from cases.resources import SHEETS
from cases.tables import read
from cases.workbooks import BESIDE

STAMP = "2026-11版"
CANARY = "試験用の出てはならない言葉"
LIVE = ["=1+1", "+81", "-2", "@SUM(A1)", "'=1", "＝合計", "''@x", "－1", "'普通の文", "一行目\n二行目"]
FOR_PROGRAMS = [name for name, file in exports.FILES.items() if file.for_programs]
CSVS = [name for name in FOR_PROGRAMS if name.endswith(".csv")]


def content(name, parameters=None):
    return b"".join(exports.FILES[name].content(exports.selection(parameters or {}), STAMP))


def rows(name, parameters=None):
    return list(csv.DictReader(io.StringIO(content(name, parameters).decode("utf-8-sig"), newline="")))


def book(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def plan_of(name):
    return make_plan(recognise(read(content(name), name, skip=BESIDE)), lambda done: None)


@pytest.fixture
def hostile(new_case, state):
    """A public case whose texts begin as formulas do, or have line breaks."""
    version = new_case("shiken-kiken", publish=False, summary="=1+1", source_place="@図表", reason="+理由")
    for number, text in enumerate(LIVE):
        state(version, "effects", text, position=number)
    challenge = state(version, "challenges", "課題\r\n二行目", position=3)
    state(version, "remedies", "-工夫", position=0, answers=challenge)
    Silence.objects.create(version=version, item_id="results", kind="none", note="=補足")
    ToolUse.objects.create(version=version, tool_id="zoom", family_id="web-meeting", main=True)
    version.submit(by=None)
    version.publish(by=None)
    return version


# What stands in them


@pytest.mark.parametrize("table", [*exports.TABLES, HISTORY], ids=lambda table: table.key)
def test_a_column_reads_only_what_the_sheet_lists_as_public(table):
    made = {"first": (Citation, "source"), "at": (Citation, "place"), "items_filled": (Statement, "item")}
    for column in table.columns:
        for path in column.paths:
            model = table.rows_of().model
            for name in path.removeprefix("main_use__").split("__"):
                if path.startswith("main_use__") and model is CaseVersion:
                    model = ToolUse
                owner, name = made.get(name, (model, name)) if path == name else (model, name)
                field = owner._meta.get_field(name)
                is_way = name == "case" and owner is CaseVersion or name in ("version", "statement")
                is_term = owner._meta.model_name in ("field", "tier", "style")
                assert is_way or is_term or name in sheet.PUBLIC[owner], (column.heading, path)
                model = field.related_model if field.is_relation else None


@pytest.mark.parametrize("table", [*exports.TABLES, HISTORY], ids=lambda table: table.key)
def test_headings_are_full_and_unique_and_keys_are_plain_ascii(table):
    assert len(set(table.headings)) == len(table.headings)
    keys = [column.key for column in table.columns]
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.replace("_", "").isalnum() for key in keys)
    assert all(column.meaning for column in table.columns)


@pytest.mark.parametrize("name", CSVS)
def test_a_csv_has_a_mark_and_its_headings_first_and_a_line_for_each_row(name, hostile):
    data = content(name)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    lines = data.decode("utf-8-sig").split("\r\n")[:-1]
    assert not any("\n" in line or "\r" in line for line in lines)
    records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    assert len(lines) == len(records) > 15
    assert {len(record) for record in records} == {len(records[0])}


def test_the_cases_are_told_cell_by_cell():
    toba = next(row for row in rows("cases.csv") if row["URLの名"] == "toba-ibasho")
    told = {
        "団体コード": "242110", "都道府県": "三重県", "自治体": "鳥羽市", "自治体の種別": "市", "分野": "居場所",
        "自治体区分": "市区町村5万人未満", "方式": "出典に記載なし", "試行": "はい", "主なツール": "Zoom", "支援の現況": "未確認",
        "調査時点": "2022年度", "調査時点の初日": "2022-04-01", "調査時点の初日（和暦）": "R04.04.01", "最終確認日": "",
        "版の番号": "1", "記述のある項目数": "7",
    }  # fmt: skip
    assert {heading: toba[heading] for heading in told} == told
    assert toba["ページ"].endswith("/cases/toba-ibasho/v1/")
    prefecture = next(row for row in rows("cases.csv") if row["URLの名"] == "kyoto-pref-ibasho")
    assert (prefecture["都道府県"], prefecture["自治体"]) == ("京都府", "京都府")


def test_several_tools_and_sources_stand_in_tables_of_their_own(draft, state, publisher):
    ToolUse.objects.create(version=draft, tool_id="line", family_id="sns", open_ended=True)
    statement = state(draft, "effects", "試験用の効果")
    Citation.objects.create(statement=statement, source=Source.objects.get(key="s01"), place="")
    draft.submit(by=publisher)
    draft.publish(by=None)
    asked = {"ids": ["toba-ibasho"]}
    assert [(row["ツール"], row["主"], row["「等」あり"]) for row in rows("case_tools.csv", asked)] == [
        ("Zoom", "はい", "いいえ"),
        ("LINE", "いいえ", "はい"),
    ]
    cited = [row for row in rows("citations.csv", asked) if row["調査項目"] == "効果"]
    assert [(row["出典"], row["箇所"], row["出典の発行"]) for row in cited] == [
        ("report", "8頁", "2022年度"),
        ("s01", "", "2024-01-17"),
    ]
    stated = next(row for row in rows("statements.csv", asked) if row["調査項目"] == "効果")
    assert (stated["記述"], stated["出典"], stated["箇所"]) == ("試験用の効果", "report", "8頁")


def test_silences_are_told_apart(new_case):
    version = new_case("shiken-chinmoku", publish=False)
    Silence.objects.create(version=version, item_id="results", kind="not_stated")
    Silence.objects.create(version=version, item_id="voices", kind="none", note="試験")
    version.submit(by=None)
    version.publish(by=None)
    found = rows("silences.csv", {"ids": ["shiken-chinmoku"]})
    assert [(row["調査項目"], row["書かない理由"], row["補足"]) for row in found] == [
        ("実績", "出典に記載なし", ""),
        ("利用者の意見・満足度", "該当なし", "試験"),
    ]


def test_the_workbook_holds_values_and_what_explains_them():
    pages = book(content("cases.xlsx"))
    assert pages.sheetnames == [
        "事例", "ツール", "記述", "記述のない項目", "出典", "項目定義", "コード表", "変更履歴", "説明",
    ]  # fmt: skip
    assert pages["事例"].max_row == 16
    cells = {cell.value: cell for cell in pages["事例"][1]}
    row = pages["事例"][2]
    assert row[cells["団体コード"].column - 1].value == "260002"
    assert row[cells["版の番号"].column - 1].value == 1, "a number stays a number"
    about = dict(pages["説明"].iter_rows(min_row=2, values_only=True))
    assert (about["時点"], about["事例の数（件）"]) == (STAMP, 15)
    assert STAMP in about["引用の書き方"]
    assert pages.properties.description == STAMP
    assert not [cell for page in pages for line in page for cell in line if cell.data_type == "f"]


def test_every_column_is_defined_and_every_coded_value_is_in_the_code_table(hostile):
    pages = book(content("cases.xlsx"))
    lines = list(pages["項目定義"].iter_rows(min_row=2, values_only=True))
    codes = {(line[0], line[2]) for line in pages["コード表"].iter_rows(min_row=2, values_only=True)}
    for table in (*exports.TABLES, HISTORY):
        defined = {line[2]: line for line in lines if line[0] == table.name}
        assert list(defined) == [cell.value for cell in pages[table.name][1]] == table.headings
        for place, column in enumerate(table.columns, 1):
            values = {
                line[0] for line in pages[table.name].iter_rows(2, None, place, place, values_only=True)
            }
            if column.codes:
                assert {(column.codes, value) for value in values - {"出典に記載なし"}} <= codes, (
                    column.heading
                )
            if not column.empty:
                assert None not in values, column.heading


def test_the_change_log_has_every_public_version_with_its_reason(draft, publisher, editor):
    draft.reason = "試験用の理由"
    draft.save()
    draft.submit(by=editor)
    draft.publish(by=publisher)
    lines = list(
        book(content("cases.xlsx", {"ids": ["toba-ibasho"]}))["変更履歴"].iter_rows(2, values_only=True)
    )
    assert [(line[0], line[2], line[5]) for line in lines] == [
        ("toba-ibasho", 2, "試験用の理由"),
        ("toba-ibasho", 1, None),
    ]


def test_the_same_catalogue_and_stamp_give_the_same_bytes():
    for name in FOR_PROGRAMS:
        assert content(name) == content(name)


def test_a_text_longer_than_a_cell_is_cut_in_a_workbook_alone(new_case, state):
    version = new_case("shiken-nagai", publish=False)
    state(version, "effects", "あ" * 40_000)
    version.submit(by=None)
    version.publish(by=None)
    asked = {"ids": ["shiken-nagai"]}
    assert len(rows("statements.csv", asked)[0]["記述"]) == 40_000
    cell = book(content("cases.xlsx", asked))["記述"].cell(2, 8).value
    assert len(cell) == stream.MOST_LETTERS
    assert cell.endswith("（長いため、ここまで）")


def test_a_table_longer_than_a_sheet_is_left_out_and_told(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 40)
    pages = book(content("cases.xlsx"))
    assert "記述" not in pages.sheetnames
    about = dict(pages["説明"].iter_rows(min_row=2, values_only=True))
    assert "記述と記述のない項目と出典" in about["このファイルにない表"]


# What never does


def test_no_draft_nothing_withdrawn_and_no_inner_field_is_in_any_file(draft, new_case, state, editor):
    draft.summary = draft.reason = CANARY
    draft.save()
    Statement.objects.filter(version=draft).update(text=CANARY)
    Silence.objects.filter(version=draft).update(note=CANARY)
    Link.objects.create(version=draft, title=CANARY, url="https://example.jp/")
    new_case("shitagaki", publish=False, summary=CANARY)
    new_case("shinsa", publish=False, summary=CANARY, municipality="012033").submit(by=editor)
    new_case("torisage", municipality="012050", summary=CANARY).withdraw(by=None, reason=CANARY)
    public = new_case("shiken-kokai", publish=False, municipality="012068", created_by=editor)
    state(public, "effects", "試験用の効果", confidence="medium")
    public.submit(by=editor)
    public.publish(by=None)
    for name in exports.FILES:
        data = content(name)
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                data = b"".join(parts.read(part) for part in parts.namelist())
        text = data.decode()
        for word in (CANARY, "shitagaki", "shinsa", "torisage", "012050", "中くらい", editor.username):
            assert word not in text, (name, word)
        assert ("shiken-kokai" in text) == (
            name in ("cases.csv", "statements.csv", "citations.csv", "cases.xlsx")
        )


# What a spreadsheet would calculate


@given(st.text(st.characters(exclude_characters="⏎\r"), max_size=20))
def test_every_text_comes_back_from_a_cell(text):
    left = harmless(one_line(text))
    assert restored(left) == text
    assert not left.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    assert "\n" not in left


@pytest.mark.parametrize("name", CSVS)
def test_no_cell_of_a_csv_begins_as_a_formula_does(name, hostile):
    for row in rows(name):
        assert not [value for value in row.values() if value.startswith(("=", "+", "-", "@", "＝", "－"))]


def test_no_cell_of_a_workbook_is_calculated(hostile):
    for data in (content("cases.xlsx"), content("meeting.xlsx")):
        for page in book(data):
            assert not [cell for line in page for cell in line if cell.data_type in ("f", "e")]
    texts = [line[7] for line in book(content("cases.xlsx"))["記述"].iter_rows(2, values_only=True)]
    assert "'=1+1" in texts
    assert "''=1" in texts


@pytest.mark.parametrize(
    "name", ["cases.csv", "case_tools.csv", "statements.csv", "silences.csv", "cases.xlsx"]
)
def test_what_left_and_comes_back_changes_nothing(name, hostile):
    plan = plan_of(name)
    assert plan.problems == []
    assert plan.reading.changes == []
    assert "変更なし" in plan.outcome


def test_a_change_made_in_the_file_is_the_only_one(hostile):
    data = content("statements.csv").decode("utf-8-sig").replace("'=1+1", "'=1+2").encode()
    plan = make_plan(recognise(read(data, "a.csv")), lambda done: None)
    (change,) = plan.reading.changes
    assert [cell[1:] for cell in change.cells] == [("=1+1", "=1+2")]


def test_a_heading_that_an_import_reads_past_is_one_of_a_file_and_none_of_its_own():
    tables = {table.name: table for table in exports.TABLES}
    for resource in SHEETS:
        own = {column.column_name for column in resource().columns}
        assert own <= set(tables[resource.name].headings)
        assert set(tables[resource.name].headings) - own == resource.beside & set(
            tables[resource.name].headings
        )


# Which cases


def test_a_file_holds_what_the_finder_finds_in_its_order():
    asked = {"tier": ["city_lt50k", "prefecture"], "sort": ["code"]}
    expected = [version.case.slug for version in Catalogue(asked).versions()]
    assert [row["URLの名"] for row in rows("cases.csv", asked)] == expected
    assert len(expected) == 5


def test_ids_choose_cases_as_the_comparison_does():
    found = {row["URLの名"] for row in rows("cases.csv", {"ids": ["toba-ibasho,goto-sodan"]})}
    assert found == {"toba-ibasho", "goto-sodan"}
    assert rows("cases.csv", {"ids": ["toba-ibasho"], "field": ["sodan"]}) == []


def test_a_selection_is_narrowed_whatever_was_asked_of_it_before():
    whole = Catalogue({"field": ["sodan"]})
    assert whole.total > 1 and whole.facets and whole.chips and whole.page.ids
    narrowed = whole.only(whole.ids(most=1))
    assert (narrowed.total, narrowed.ids(), narrowed.page.ids) == (1, whole.ids(most=1), whole.ids(most=1))
    assert whole.total > 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"tier": ["city_lt5k"]}, "自治体区分「city_lt5k」はありません"),
        ({"feild": ["sodan"]}, "「feild」という条件はありません"),
        ({"page": ["2"]}, "「page」という条件はありません"),
        ({"sort": ["x"]}, "並び順"),
        ({"ids": ["nonesuch"]}, "「nonesuch」という事例は公開されていません"),
        ({"ids": ["\x00"]}, "公開されていません"),
        ({"ids": [""]}, "ids に事例がありません"),
        ({"ids": [",".join(f"a{number}" for number in range(300))]}, "200件まで"),
        ({"q": ["あ" * 500]}, "文字まで"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_words(asked, words):
    with pytest.raises(exports.Refused) as refused:
        exports.selection(asked)
    assert words in "".join(refused.value.problems)


def test_a_draft_can_not_be_asked_for_by_name(new_case):
    new_case("shitagaki", publish=False)
    with pytest.raises(exports.Refused, match="公開されていません"):
        exports.selection({"ids": ["shitagaki"]})


def test_the_queries_grow_only_by_pieces(new_case, django_assert_max_num_queries):
    for number in range(30):
        new_case(f"shiken-{number}")
    for name in CSVS:
        catalogue = Catalogue()
        ids = catalogue.ids()
        assert len(ids) < AT_ONCE
        with django_assert_max_num_queries(1):
            b"".join(exports.FILES[name].content(catalogue, STAMP))


# For the meeting


def test_the_paper_for_a_meeting_says_what_it_is_and_fits_its_page(draft, state, publisher):
    challenge = state(draft, "challenges", "試験用の課題")
    state(draft, "remedies", "試験用の工夫", answers=challenge)
    draft.submit(by=publisher)
    draft.publish(by=None)
    pages = book(content("meeting.xlsx", {"ids": ["toba-ibasho,goto-sodan"]}))
    assert pages.sheetnames == ["事例一覧", "課題と工夫", "項目ごとの記述", "出典"]
    for page in pages:
        assert "会議用（機械で読むためのものではありません）" in [line[0] for line in page.values]
        assert STAMP in page["A1"].value
        setup = page.page_setup
        assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == (
            "landscape",
            9,
            1,
            0,
        )
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.print_title_rows == "$7:$7"
        assert STAMP in page.oddHeader.right.text
        assert "&P" in page.oddFooter.center.text
        assert all(cell.alignment.wrap_text for cell in page[8])
    headings = [cell.value for cell in pages["事例一覧"][7]]
    assert headings[-1] == "本市の場合"
    assert [line[-1] for line in pages["事例一覧"].iter_rows(8, values_only=True)] == [None, None]
    pairs = next(pages["課題と工夫"].iter_rows(8, values_only=True))
    assert pairs == ("三重県鳥羽市", "試験用の課題［1］", "試験用の工夫［1］", None)
    assert pages["出典"]["B8"].value.startswith("株式会社リベルタス・コンサルティング")


def test_a_long_selection_has_its_list_alone(monkeypatch):
    from cases.exports import paper

    monkeypatch.setattr(paper, "MOST_READ", 10)
    pages = book(content("meeting.xlsx"))
    assert pages.sheetnames == ["事例一覧", "出典"]
    assert pages["事例一覧"].max_row == 7 + 15
    assert "条件で絞ると入ります" in pages["事例一覧"]["A4"].value


def test_no_selection_is_too_small_for_a_file():
    nothing = {"field": ["jiritsu"], "tier": ["city_lt50k"]}
    for name in exports.FILES:
        assert content(name, nothing)


def test_a_comparison_on_paper_has_items_down_and_cases_across():
    compared = Comparison({"ids": ["toba-ibasho,goto-sodan"]})
    pages = book(b"".join(exports.comparison(compared, STAMP)))
    page = pages["比較"]
    headings = [cell.value for cell in page[7]]
    assert headings == [
        "区分",
        "項目",
        "三重県鳥羽市のオンライン居場所",
        "長崎県五島市のオンライン相談",
        "本市の場合",
    ]
    told = {line[1]: line for line in page.iter_rows(8, values_only=True)}
    assert told["概要"][2].startswith("Web会議システム（Zoom）")
    assert told["概要"][2].endswith("［1］")
    assert told["方式"][2:] == ("出典に記載なし", "画面越し［1］", None)
    assert pages.sheetnames == ["比較", "出典"]
