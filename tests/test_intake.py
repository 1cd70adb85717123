"""From an uploaded table to drafts: what is shown is what is saved, once, by its uploader, all or nothing."""

import csv
import io
import uuid
from datetime import date, timedelta
from itertools import count

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import intake, resources
from cases.intake import saving
from cases.models import (
    AuditEntry,
    Case,
    CaseVersion,
    Citation,
    Import,
    Link,
    Silence,
    Source,
    Statement,
    Stopped,
    Theme,
    ToolUse,
    fingerprint,
    fingerprints,
)
from cases.tables import Unreadable
from cases.tables.cells import clean
from cases.workbooks import Sheet, workbook

HEAD = ["URLの名", "団体コード", "自治体", "分野", "自治体区分", "概要", "概要の出典"]
NEW = ["shiken-ichi", "012025", "函館市", "相談", "市区町村11～30万人", "試験用の概要", "report"]
STATEMENT = ["URLの名", "調査項目", "並び順", "記述", "出典", "箇所", "対応する課題"]
State = Import.State


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """A run in the test's own transaction: a thread would see nothing of it."""
    monkeypatch.setattr(intake, "start", lambda made: intake.carry_out(made.pk, made.run))


def table(*rows, encoding="utf-8-sig"):
    """Rows of cells → the bytes of a CSV."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode(encoding)


def four_sheets(rows):
    """Sheet → rows of cells, as a filled-in template."""
    sheets = [
        Sheet(one.name, resources.columns_of(one()), rows.get(one.name, [])) for one in resources.SHEETS
    ]
    return workbook(sheets)


def drafts():
    return CaseVersion.objects.filter(status="draft")


def shown(content, by, name="試験.csv"):
    """The import of this file, as far as its preview."""
    made = intake.receive(content, name, by=by)
    made.refresh_from_db()
    return made


def confirmed(made):
    made.confirm(made.preview["token"], by=made.by)
    intake.start(made)
    made.refresh_from_db()
    return made


def brought(content, by):
    """The same file, confirmed as well."""
    made = shown(content, by)
    assert made.state == State.READY, made.preview
    return confirmed(made)


def reasons(content, by):
    """Why the file is refused: (place, column, reason) each."""
    made = shown(content, by)
    assert made.state == State.REFUSED
    return [tuple(problem) for problem in made.preview["problems"]]


def cells(made):
    """Heading → (old, new) of the only row that changes."""
    ((_, _, _, changed),) = made.preview["rows"]
    return {heading: (old, new) for heading, old, new in changed}


def told(version):
    """All that a version says, without keys."""
    links = {"version", "id", "statement", "answers"}

    def values(rows):
        model = rows.model
        names = [field.attname for field in model._meta.concrete_fields if field.name not in links]
        return sorted(rows.values_list(*names), key=str)

    parts = [values(model.objects.filter(version=version)) for model in (Silence, ToolUse, Link)]
    statements = [
        (
            row.item_id, row.position, row.text, row.confidence, row.answers.text if row.answers else '',
            [(citation.source_id, citation.place) for citation in row.citations.all()],
            sorted(row.themes.values_list("pk", flat=True)),
        )
        for row in version.statements.all()
    ]  # fmt: skip
    return parts, sorted(statements)


# What is made


def test_an_unknown_name_makes_a_case_and_its_first_draft(editor):
    made = shown(table(HEAD, NEW), editor)
    assert not Case.objects.filter(slug="shiken-ichi").exists()
    assert made.preview["outcome"] == "新しい事例 1件"
    confirmed(made)
    version = drafts().get(case__slug="shiken-ichi")
    assert (version.number, version.summary, version.field_id) == (1, "試験用の概要", "sodan")
    assert (version.case.municipality_id, version.created_by) == ("012025", editor)
    assert version.service_status == "unconfirmed" and version.surveyed_on is None


def test_a_public_case_is_revised_as_its_editor_would_revise_it(toba, editor):
    challenge = Statement.objects.filter(version=toba).first()
    copied = toba.revise(by=editor)
    expected = told(copied)
    copied.delete()
    brought(table(["URLの名", "概要"], ["toba-ibasho", "試験用の新しい概要"]), editor)
    revised = drafts().get()
    assert told(revised) == expected and challenge.text in str(expected)
    assert (revised.number, revised.summary, revised.reason) == (2, "試験用の新しい概要", "")
    same = (
        "case",
        "field",
        "tier",
        "style",
        "trial",
        "source",
        "source_place",
        "surveyed_on",
        "service_status",
    )
    assert [getattr(revised, name) for name in same] == [getattr(toba, name) for name in same]
    assert fingerprint(toba) == fingerprint(CaseVersion.objects.get(pk=toba.pk))


def test_a_revision_keeps_pairs_themes_further_sources_links_and_photographs(toba, editor, state, draft):
    challenge = state(draft, "challenges", "試験用の課題")
    remedy = state(draft, "remedies", "試験用の工夫", answers=challenge)
    remedy.themes.set(Theme.objects.all()[:2])
    Citation.objects.create(
        statement=remedy, source=Source.objects.exclude(key="report").first(), place="試験"
    )
    Link.objects.create(version=draft, title="試験用の題名", url="https://example.jp/")
    draft.submit(by=None)
    draft.publish(by=None)
    brought(table(["URLの名", "概要"], ["toba-ibasho", "試験用の新しい概要"]), editor)
    revised = drafts().get()
    assert told(revised) == told(draft)
    assert revised.statements.get(item="remedies").answers.version == revised


def test_a_draft_is_changed_where_it_stands(draft, editor):
    brought(table(["URLの名", "概要", "試行"], ["toba-ibasho", "試験用の新しい概要", "いいえ"]), editor)
    draft.refresh_from_db()
    assert (draft.summary, draft.trial, draft.number) == ("試験用の新しい概要", False, 2)
    assert drafts().count() == 1


def test_a_withdrawn_case_is_revised(toba, editor, publisher):
    toba.withdraw(by=publisher, reason="試験")
    brought(table(["URLの名", "概要"], ["toba-ibasho", "試験用の新しい概要"]), editor)
    assert drafts().get().number == 2


def test_a_case_without_a_version_gets_its_first(editor):
    Case.objects.create(slug="shiken-kara", municipality_id="012025")
    brought(table(HEAD, ["shiken-kara", *NEW[1:]]), editor)
    assert drafts().get().case.slug == "shiken-kara"


def test_columns_that_are_absent_are_left_alone_and_empty_cells_empty(draft, editor):
    brought(table(["URLの名", "方式", "調査時点"], ["toba-ibasho", "", ""]), editor)
    draft.refresh_from_db()
    assert (draft.style, draft.surveyed_on, draft.surveyed_precision) == (None, None, "")
    assert draft.summary and draft.source_place == "図表3-1"


def test_tools_statements_and_silences_come_with_their_case(editor):
    rows = {
        "事例": [[*NEW[:5], NEW[5], None, None, NEW[6], *[None] * 8]],
        "ツール": [["shiken-ichi", "Zoom", "Web会議システム", "はい", "いいえ"]],
        "記述": [
            ["shiken-ichi", "工夫・克服方法", 0, "試験用の工夫", "report", "8頁", 3],
            ["shiken-ichi", "課題", 3, "試験用の課題", "report", None, None],
        ],
        "記述のない項目": [["shiken-ichi", "効果", "該当なし", "試験用の補足"]],
    }
    made = brought(four_sheets(rows), editor)
    version = drafts().get()
    assert made.outcome == "新しい事例 1件"
    assert [(use.tool_id, use.main) for use in version.tool_uses.all()] == [("zoom", True)]
    remedy = version.statements.get(item="remedies")
    assert remedy.answers == version.statements.get(item="challenges")
    assert [citation.place for citation in remedy.citations.all()] == ["8頁"]
    assert [(row.item_id, row.kind) for row in version.silences.all()] == [("effects", "none")]


def test_a_statement_is_told_by_its_item_and_position(draft, editor, state):
    kept = state(draft, "effects", "試験用の記述", position=4)
    place = kept.citations.get().place
    brought(table(STATEMENT[:4], ["toba-ibasho", "効果", "4", "試験用の新しい記述"]), editor)
    kept.refresh_from_db()
    assert kept.text == "試験用の新しい記述" and kept.citations.get().place == place


def test_a_statement_ends_the_silence_of_its_item_and_says_so(draft, editor):
    item = draft.silences.first().item
    content = table(STATEMENT[:5], ["toba-ibasho", item.name, "0", "試験用の記述", "report"])
    made = shown(content, editor)
    assert cells(made)["記述のない項目"] == ("出典に記載なし", "")
    confirmed(made)
    assert not draft.silences.filter(item=item).exists() and draft.statements.filter(item=item).exists()


def test_further_sources_stay_when_the_first_one_changes(draft, editor, state):
    statement = state(draft, "effects", "試験用の記述", position=4)
    other = Source.objects.exclude(key="report").first()
    Citation.objects.create(statement=statement, source=other, place="試験")
    brought(table([*STATEMENT[:3], "箇所"], ["toba-ibasho", "効果", "4", "9頁"]), editor)
    assert [row.place for row in statement.citations.all()] == ["9頁", "試験"]


def test_the_main_tool_moves_in_one_file(draft, editor):
    first = draft.tool_uses.get()
    rows = [
        ["toba-ibasho", "LINE", "SNS", "はい"],
        ["toba-ibasho", first.tool.name, first.family.name, "いいえ"],
    ]
    brought(table(["URLの名", "ツール", "手段の種類", "主"], *rows), editor)
    assert [use.tool_id for use in draft.tool_uses.filter(main=True)] == ["line"]


def test_statements_with_one_position_stand_for_themselves_in_order(draft, editor, state):
    first, second = state(draft, "effects", "試験用の一"), state(draft, "effects", "試験用の二")
    rows = [["toba-ibasho", "効果", "0", text] for text in ("試験用の一", "試験用の三")]
    brought(table(STATEMENT[:4], *rows), editor)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.text, second.text) == ("試験用の一", "試験用の三")


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("令和4年10月", date(2022, 10, 1), "month"),
        ("令和4年度", date(2022, 4, 1), "fiscal_year"),
        ("2022/10/5", date(2022, 10, 5), "day"),
        ("44835", date(2022, 10, 1), "day"),
    ],
)
def test_a_date_is_kept_as_exactly_as_it_is_written(draft, editor, text, day, precision):
    CaseVersion.objects.filter(pk=draft.pk).update(surveyed_on=None, surveyed_precision="")
    brought(table(["URLの名", "調査時点"], ["toba-ibasho", text]), editor)
    draft.refresh_from_db()
    assert (draft.surveyed_on, draft.surveyed_precision) == (day, precision)


def test_a_code_that_lost_its_zero_is_read_and_told(editor):
    made = shown(table(HEAD, [NEW[0], "12025", *NEW[2:]]), editor)
    assert made.preview["notes"] == [
        "事例 2行目「団体コード」：「12025」は先頭の0が落ちたものとして、012025（北海道函館市）と読みました。"
    ]
    assert Case.objects.get(slug=confirmed(made) and "shiken-ichi").municipality_id == "012025"


def test_names_are_looked_up_by_nfkc_and_texts_kept_as_typed(editor):
    brought(
        table(HEAD, [NEW[0], "０１２０２５", "北海道 函館市", *NEW[3:5], "試験用のｶﾅと①と𠮷", NEW[6]]), editor
    )
    assert drafts().get().summary == "試験用のｶﾅと①と𠮷"


def test_shift_jis_is_read(editor):
    brought(table(HEAD, [*NEW[:5], "試験用の髙﨑①㈱", NEW[6]], encoding="cp932"), editor)
    assert drafts().get().summary == "試験用の髙﨑①㈱"


def test_what_was_imported_is_its_importers_own_text(draft, editor, publisher, administrator):
    brought(table(["URLの名", "概要"], ["toba-ibasho", "試験用の新しい概要"]), publisher)
    assert draft.is_own_text_of(publisher) and not draft.is_own_text_of(administrator)


def test_the_import_is_logged_and_each_version_says_who_changed_it(draft, editor):
    brought(table(HEAD[:1] + ["概要"], ["toba-ibasho", "試験用の新しい概要"]), editor)
    entry = AuditEntry.objects.filter(act=AuditEntry.Act.IMPORT).get()
    assert (entry.who, entry.about, entry.detail) == ("henshu", "試験.csv", "下書きの変更 1件")
    line = LogEntry.objects.get(object_id=str(draft.pk))
    assert line.user == editor and "試験.csv" in line.change_message


# The same again


def test_todays_cases_come_back_unchanged(editor):
    made = shown(resources.today(), editor)
    assert (made.state, made.preview["rows"], made.preview["token"]) == (State.READY, [], "")
    assert made.preview["outcome"].startswith("変更なし")


def test_the_same_file_twice_changes_nothing(editor):
    content = table(
        [*HEAD, "改訂の理由"],
        [*NEW, "試験"],
        ["toba-ibasho", "", "", "相談", "市区町村5万人未満", "試験用", "report", "試験"],
    )
    brought(content, editor)
    before = {version.pk: fingerprint(version) for version in drafts()}
    made = shown(content, editor)
    assert made.preview["outcome"] == "変更なし 2行" and made.preview["rows"] == []
    with pytest.raises(ValidationError):
        made.confirm("", by=editor)
    assert {version.pk: fingerprint(version) for version in drafts()} == before and len(before) == 2


def test_a_reason_alone_opens_no_revision(editor):
    assert shown(table(["URLの名", "改訂の理由"], ["toba-ibasho", "試験"]), editor).preview["rows"] == []


def test_the_preview_shows_old_and_new_cell_by_cell(draft, editor):
    old = draft.summary
    made = shown(table(["URLの名", "概要", "試行"], ["toba-ibasho", "試験用の新しい概要", "はい"]), editor)
    assert cells(made) == {"概要": (old, "試験用の新しい概要")}


# ⏎ stands for the end of a line (decision 0015).
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="⏎"), max_size=40)
DAYS = st.none() | st.dates(date(1950, 1, 1), date(2090, 12, 31))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    summary=WORDS,
    place=WORDS,
    text=WORDS,
    note=WORDS,
    day=DAYS,
    trial=st.booleans(),
    position=st.integers(0, 32767),
)
def test_whatever_is_stored_comes_back_equal(
    draft, editor, state, summary, place, text, note, day, trial, position
):
    """Export → import: no cell differs (I13)."""
    draft.summary, draft.source_place, draft.trial = clean(summary) or "試", place, trial
    draft.checked_on, draft.check_due_on = day, day
    draft.save()
    statement = state(draft, "effects", clean(text) or "試", position=position)
    silence = draft.silences.first()
    Silence.objects.filter(pk=silence.pk).update(note=note)
    mine = CaseVersion.objects.filter(pk=draft.pk)
    sheets = [resources.sheet_of(one, one.rows_of(mine)) for one in resources.SHEETS]
    try:
        made = shown(workbook(sheets), editor)
        assert made.state == State.READY and made.preview["rows"] == [], made.preview
    finally:
        statement.delete()


# What is refused


def test_every_fault_of_every_row_is_named_at_once(draft, editor):
    rows = [
        NEW,
        ["shiken-ni", "012026", "函館市", "なし", "市区町村11～30万人", "", "nai"],
        ["Shiken San", "012025", "鳥羽市", "相談", "市区町村11～30万人", "あ" * 201, "report"],
        ["toba-ibasho", "012025", "", "相談", "市区町村5万人未満", "試験用", "report"],
    ]
    found = {(place, column) for place, column, _ in reasons(table(HEAD, *rows), editor)}
    assert found == {
        ("事例 3行目", "団体コード"), ("事例 3行目", "分野"), ("事例 3行目", "概要"), ("事例 3行目", "概要の出典"),
        ("事例 4行目", "URLの名"), ("事例 4行目", "自治体"),
        ("事例 5行目", "団体コード"),
    }  # fmt: skip
    assert not Case.objects.filter(slug__startswith="shiken").exists()


def test_one_bad_row_among_two_hundred_saves_nothing(editor):
    rows = [[f"shiken-{number}", *NEW[1:]] for number in range(199)]
    ((place, column, reason),) = reasons(table(HEAD, *rows, ["shiken-x", *NEW[1:6], "nai"]), editor)
    assert (place, column) == ("事例 201行目", "概要の出典") and "nai" in reason
    assert Case.objects.count() == 15


def test_at_most_two_hundred_faults_are_shown_and_all_counted(editor):
    made = shown(table(HEAD, *[[f"shiken-{number}", *NEW[1:6], "nai"] for number in range(250)]), editor)
    assert (len(made.preview["problems"]), made.preview["problem_count"]) == (200, 250)


@pytest.mark.parametrize(
    ("heads", "row", "column", "reason"),
    [
        (HEAD[:1] + HEAD[3:], ["shiken", *NEW[3:]], "団体コード", "新しい事例では必ず書きます"),
        (HEAD, ["shiken", "12026", *NEW[2:]], "団体コード", "検査数字"),
        (HEAD, ["shiken", "2025", *NEW[2:]], "団体コード", "6桁"),
        (HEAD, ["shiken", "999997", *NEW[2:]], "団体コード", "自治体はありません"),
        (HEAD[:5], ["shiken", *NEW[1:5]], "URLの名", "列「概要」「概要の出典」も要ります"),
        (["URLの名", "支援の現況"], ["toba-ibasho", "継続"], "現況の根拠", "現況の根拠を書いてください"),
        (["URLの名", "支援の現況"], ["toba-ibasho", "たぶん"], "支援の現況", "選べるのは：継続、変更、終了、未確認"),
        (["URLの名", "最終確認日"], ["toba-ibasho", "2022年10月"], "最終確認日", "日"),
        (["URLの名", "概要"], ["", "試験用"], "URLの名", "必ず書きます"),
        (["URLの名", "概要"], ["toba-ibasho", ""], "概要", "必ず書きます"),
        (["URLの名", "ツール", "主"], ["toba-ibasho", "LINE", "はい"], "手段の種類", "この列が要ります"),
        (["URLの名", "ツール", "手段の種類", "主"], ["toba-ibasho", "LINE", "SNS", "はい"], "主", "主に使うツールは一つ"),
        (STATEMENT[:5], ["shiranai", "効果", "0", "試験用", "report"], "URLの名", "登録済みにも"),
        (STATEMENT[:4], ["toba-ibasho", "効果", "77", "試験用"], "出典", "この列が要ります"),
        (STATEMENT, ["toba-ibasho", "効果", "7", "試験用", "report", "", "0"], "対応する課題", "工夫・克服方法"),
        (STATEMENT, ["toba-ibasho", "工夫・克服方法", "7", "試験用", "report", "", "9"], "対応する課題", "「課題」はありません"),
        (STATEMENT, ["toba-ibasho", "効果", "7", "試験用", "report", "あ" * 61, ""], "箇所", "60"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_cell_is_said_in_words(draft, editor, heads, row, column, reason):
    if len(heads) == 2 and heads[1] in ("支援の現況",):
        draft.delete()  # of a public version as of a draft
    ((_, at, why),) = reasons(table(heads, row), editor)
    assert at == column and reason in why


def test_a_silence_beside_a_statement_is_refused(draft, editor):
    item = draft.statements.first().item
    ((_, column, reason),) = reasons(
        table(["URLの名", "調査項目", "書かない理由"], ["toba-ibasho", item.name, "該当なし"]), editor
    )
    assert column == "調査項目" and "記述があります" in reason


def test_one_row_twice_is_refused(editor):
    ((place, _, reason),) = reasons(table(HEAD, NEW, NEW), editor)
    assert place == "事例 3行目" and "2行目と同じもの" in reason


def test_one_source_twice_is_refused(draft, editor, state):
    statement = state(draft, "effects", "試験用の記述", position=4)
    Citation.objects.create(statement=statement, source_id=statement.citations.get().source_id, place="9頁")
    ((_, column, reason),) = reasons(
        table([*STATEMENT[:3], "箇所"], ["toba-ibasho", "効果", "4", "9頁"]), editor
    )
    assert column == "出典" and "二度" in reason


def test_a_version_in_review_is_left_alone(draft, editor):
    draft.submit(by=editor)
    ((_, column, reason),) = reasons(table(["URLの名", "概要"], ["toba-ibasho", "試験用"]), editor)
    assert column == "URLの名" and "審査中" in reason and "下書きに戻して" in reason


def test_too_many_revisions_at_once_are_refused(editor, monkeypatch):
    monkeypatch.setattr("cases.intake.plan.MOST_REVISED", 1)
    rows = [[slug, "試験用"] for slug in ("toba-ibasho", "goto-sodan")]
    assert "一度に1件まで" in reasons(table(["URLの名", "概要"], *rows), editor)[0][2]


# Shown, confirmed, once


def test_a_second_confirmation_is_refused(editor):
    made = shown(table(HEAD, NEW), editor)
    token = made.preview["token"]
    made.confirm(token, by=editor)
    with pytest.raises(ValidationError):
        made.confirm(token, by=editor)
    intake.start(made)
    with pytest.raises(ValidationError):
        Import.objects.get(pk=made.pk).confirm(token, by=editor)
    assert drafts().count() == 1


def test_another_token_confirms_nothing(editor):
    made = shown(table(HEAD, NEW), editor)
    with pytest.raises(ValidationError):
        made.confirm("0" * 64, by=editor)
    assert Import.objects.get().state == State.READY


def test_nobody_else_confirms_cancels_or_restarts_it(editor, administrator):
    made = shown(table(HEAD, NEW), editor)
    for act in (
        lambda: made.confirm(made.preview["token"], by=administrator),
        lambda: made.cancel(by=administrator),
    ):
        with pytest.raises(ValidationError):
            act()
    assert Import.objects.get().state == State.READY


@pytest.mark.parametrize("meanwhile", ["saved", "made", "submitted", "deleted"])
def test_what_has_changed_since_it_was_shown_is_not_saved(draft, editor, new_case, meanwhile):
    rows = [["toba-ibasho", "242110", "", "相談", "市区町村5万人未満", "試験用", "report"], NEW]
    made = shown(table(HEAD, *rows), editor)
    if meanwhile == "saved":
        draft.statements.first().delete()
    elif meanwhile == "submitted":
        draft.submit(by=editor)
    elif meanwhile == "deleted":
        draft.delete()
    else:
        new_case("shiken-ichi", publish=False)
    drafts = {version.pk: fingerprint(version) for version in CaseVersion.objects.all()}
    confirmed(made)
    assert made.state == State.REFUSED and made.rows == []
    assert "確認した後で、だれかが" in made.preview["stale"]
    assert ("shiken-ichi" if meanwhile == "made" else "toba-ibasho") in made.preview["stale"]
    assert {version.pk: fingerprint(version) for version in CaseVersion.objects.all()} == drafts


def test_what_changes_between_the_last_look_and_the_writing_is_noticed(draft, editor, monkeypatch):
    """The second look is under the lock."""
    made = shown(table(["URLの名", "概要"], ["toba-ibasho", "試験用"]), editor)
    gather = saving.gather

    def meanwhile(plan):
        CaseVersion.objects.filter(pk=draft.pk).update(source_place="試験")
        return gather(plan)

    monkeypatch.setattr(saving, "gather", meanwhile)
    assert confirmed(made).state == State.REFUSED and "toba-ibasho" in made.preview["stale"]
    draft.refresh_from_db()
    assert draft.summary != "試験用"


def test_a_renamed_word_makes_the_preview_stale(editor):
    made = shown(table(HEAD, NEW), editor)
    source = Source.objects.get(key="report")
    Source.objects.filter(pk=source.pk).update(key="report-2")
    assert confirmed(made).state == State.REFUSED
    assert not Case.objects.filter(slug="shiken-ichi").exists()


def test_a_cancelled_import_saves_nothing_even_while_it_is_being_saved(editor, monkeypatch):
    made = shown(table(HEAD, NEW), editor)
    gather = saving.gather

    def cancelled(plan):
        Import.objects.get(pk=made.pk).cancel(by=editor)
        return gather(plan)

    monkeypatch.setattr(saving, "gather", cancelled)
    confirmed(made)
    assert (made.state, made.rows, made.preview) == (State.CANCELLED, [], {})
    assert not Case.objects.filter(slug="shiken-ichi").exists()


def test_only_the_last_run_may_save(editor, monkeypatch):
    """A run that was given up and yet lives on writes nothing."""
    made = shown(table(HEAD, NEW), editor)
    made.confirm(made.preview["token"], by=editor)
    given_up, run = made.run, uuid.uuid4()
    Import.objects.filter(pk=made.pk).update(run=run)
    intake.carry_out(made.pk, given_up)
    assert not Case.objects.filter(slug="shiken-ichi").exists()
    intake.carry_out(made.pk, run)
    assert Case.objects.filter(slug="shiken-ichi").exists()


def test_after_the_end_nothing_of_the_file_is_kept(editor):
    made = brought(table(HEAD, NEW), editor)
    assert (made.state, made.rows, made.preview, made.outcome) == (State.DONE, [], {}, "新しい事例 1件")
    made = shown(table(HEAD, NEW), editor)
    made.cancel(by=editor)
    assert (made.rows, made.preview) == ([], {})


def test_after_a_day_it_can_not_be_confirmed_and_is_emptied(editor):
    made = shown(table(HEAD, NEW), editor)
    Import.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    with pytest.raises(ValidationError):
        made.confirm(made.preview["token"], by=editor)
    assert Import.objects.sweep() == 1
    made.refresh_from_db()
    assert (made.state, made.rows, made.preview) == (State.EXPIRED, [], {})


def test_the_sweep_leaves_the_young_and_the_ended_alone(editor):
    shown(table(HEAD, NEW), editor)
    done = brought(table(HEAD, ["shiken-ni", *NEW[1:]]), editor)
    Import.objects.filter(pk=done.pk).update(created_at=timezone.now() - timedelta(days=2))
    assert Import.objects.sweep() == 0


# Faults


class Fault(Exception):
    pass


class FailsAt:
    """Lets writing statements of the database pass but for the one of this number; signs of life don't count."""

    def __init__(self, number):
        self.left, self.failed = number, False

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "moved_at" not in sql:
            self.left -= 1
            if self.left == 0:
                self.failed = True
                raise Fault
        return execute(sql, params, many, context)


def test_whichever_statement_fails_nothing_is_half_saved_and_it_can_be_started_again(draft, editor, state):
    """Fault by fault (F11): the first writing statement fails, the second, … until none does."""
    state(draft, "effects", "試験用の記述", position=4)
    rows = {
        "事例": [
            [*NEW[:6], None, None, NEW[6], *[None] * 8],
            ["goto-sodan", *[None] * 2, *NEW[3:6], None, None, NEW[6], *[None] * 8],
        ],
        "記述": [["toba-ibasho", "効果", 4, "試験用の新しい記述", "report", "9頁", None]],
        "記述のない項目": [["shiken-ichi", "効果", "該当なし", None]],
    }
    before = {version.pk: fingerprint(version) for version in CaseVersion.objects.all()}
    logged = AuditEntry.objects.count(), LogEntry.objects.count()
    made = shown(four_sheets(rows), editor)
    assert made.state == State.READY, made.preview
    made.confirm(made.preview["token"], by=editor)
    for number in count(1):
        with connection.execute_wrapper(fails := FailsAt(number)):
            intake.start(made)
        made.refresh_from_db()
        if not fails.failed or made.state == State.DONE:  # only the admin's log is written after the commit
            break
        assert made.is_stuck and made.state == State.SAVING
        assert {version.pk: fingerprint(version) for version in CaseVersion.objects.all()} == before
        assert (AuditEntry.objects.count(), LogEntry.objects.count()) == logged
        made.again(by=editor)
    assert number > 10 and made.state == State.DONE
    assert drafts().count() == 3


def test_a_preview_that_failed_can_be_started_again(editor, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(intake, "make_plan", lambda *args: 1 / 0)
        made = shown(table(HEAD, NEW), editor)
    assert made.is_stuck and made.state == State.READING
    made.again(by=editor)
    intake.start(made)
    made.refresh_from_db()
    assert made.state == State.READY


def test_a_run_that_is_silent_for_half_a_minute_is_told_as_stopped(editor):
    made = shown(table(HEAD, NEW), editor)
    made.confirm(made.preview["token"], by=editor)
    assert not made.is_stuck
    with pytest.raises(ValidationError):
        made.again(by=editor)
    Import.objects.update(moved_at=timezone.now() - timedelta(seconds=31))
    made.refresh_from_db()
    assert made.is_stuck
    made.again(by=editor)
    assert not made.is_stuck


def test_a_busy_database_costs_a_beat_not_the_import(editor, monkeypatch):
    def busy(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Import, "beat", busy)
    brought(table(HEAD, NEW), editor)


def test_a_run_that_was_taken_over_stops_at_its_next_sign_of_life(editor):
    made = shown(table(HEAD, NEW), editor)
    with pytest.raises(Stopped):
        made.beat(uuid.uuid4(), 1)


def test_the_preview_writes_nothing_but_its_own_row(editor, django_assert_max_num_queries):
    made = intake.receive(table(HEAD, NEW), "a.csv", by=editor)
    Import.objects.filter(pk=made.pk).update(state=State.READING, run=made.run, moved_at=timezone.now())
    with django_assert_max_num_queries(60) as asked:
        intake.carry_out(made.pk, made.run)
    written = [
        query["sql"] for query in asked if not query["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))
    ]
    assert written and all(sql.startswith('UPDATE "cases_import"') for sql in written)


def test_saving_takes_as_many_queries_for_many_rows_as_for_few(editor, django_assert_max_num_queries):
    def queries(number, slug):
        made = shown(table(HEAD, *[[f"{slug}-{row}", *NEW[1:]] for row in range(number)]), editor)
        made.confirm(made.preview["token"], by=editor)
        with django_assert_max_num_queries(80) as asked:
            intake.start(made)
        return len(asked)

    assert queries(2, "shiken-a") == queries(12, "shiken-b")


# The pages


ADD = "/admin/cases/import/add/"


def upload(client, content, name="試験.csv"):
    return client.post(ADD, {"import_file": SimpleUploadedFile(name, content)}, follow=True)


def page_of(made):
    return f"/admin/cases/import/{made.pk}/change/"


@pytest.fixture
def at_desk(client, editor):
    client.force_login(editor)
    return client


def test_an_editor_uploads_looks_and_confirms(at_desk, editor):
    page = upload(at_desk, table(HEAD, NEW))
    assert "新しい事例 1件" in page.text and "このとおり取り込む" in page.text and "shiken-ichi" in page.text
    made = Import.objects.get()
    done = at_desk.post(page_of(made), {"_act": "confirm", "token": made.preview["token"]}, follow=True)
    assert "取り込みました：新しい事例 1件" in done.text
    assert drafts().get().created_by == editor


def test_the_page_of_an_unchanged_file_has_no_button_to_confirm(at_desk):
    page = upload(at_desk, resources.today(), "今日.xlsx")
    assert "変更なし" in page.text and "このとおり取り込む" not in page.text


@pytest.mark.parametrize("who", ["administrator", "publisher"])
def test_an_import_is_nobody_elses_to_see_or_to_touch(client, editor, request, who):
    made = shown(table(HEAD, NEW), editor)
    client.force_login(request.getfixturevalue(who))
    assert (
        client.get(page_of(made)).status_code
        == client.get(page_of(made).replace("1", "999")).status_code
        == 404
    )
    assert client.post(page_of(made), {"_act": "confirm", "token": made.preview["token"]}).status_code == 404
    assert "試験.csv" not in client.get("/admin/cases/import/").text
    assert Import.objects.get().state == State.READY


def test_what_a_cell_says_is_shown_as_text(at_desk):
    evil = '<script>alert(1)</script><b onload="x">{{ 7 }}'
    page = upload(at_desk, table(HEAD, [*NEW[:5], evil, NEW[6]]), "<img src=x onerror=1>.csv")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text and "<script>alert" not in page.text
    assert "<img src=x" not in page.text and "<img src=x" not in at_desk.get("/admin/cases/import/").text
    made = Import.objects.get()
    at_desk.post(page_of(made), {"_act": "confirm", "token": made.preview["token"]})
    assert drafts().get().summary == evil


def test_what_is_wrong_is_shown_as_text_at_its_place(at_desk):
    page = upload(at_desk, table(HEAD, [*NEW[:3], "<i>なし</i>", *NEW[4:]]))
    assert (
        "事例 2行目「分野」" in page.text
        and "&lt;i&gt;なし&lt;/i&gt;" in page.text
        and "<i>なし" not in page.text
    )


def test_a_file_that_is_no_table_is_refused_on_the_spot(at_desk):
    page = upload(at_desk, b"%PDF-1.4", "a.pdf")
    assert "取り込めません" in page.text and not Import.objects.exists()
    page = upload(at_desk, table(["URLの名", "状態"], ["x", "公開中"]))
    assert "知らない見出し「状態」" in page.text and not Import.objects.exists()


def test_a_file_over_ten_megabytes_is_refused_in_words(at_desk, monkeypatch):
    monkeypatch.setattr("cases.admin.intake.MOST_BYTES", 100)
    monkeypatch.setattr(intake, "receive", lambda *args, **kwargs: 1 / 0)
    assert "10MBまで" in upload(at_desk, b"x" * 101).text


def test_forged_fields_change_nothing(at_desk, editor):
    made = shown(table(HEAD, NEW), editor)
    at_desk.post(page_of(made), {"state": "done", "by": "1", "outcome": "x", "_save": "1", "_act": "publish"})
    assert Import.objects.values("state", "outcome").get() == {"state": "ready", "outcome": ""}


def test_looking_changes_nothing(at_desk, editor):
    made = shown(table(HEAD, NEW), editor)
    Import.objects.update(created_at=timezone.now() - timedelta(days=2))
    before = list(Import.objects.values())
    for address in ("/admin/cases/import/", ADD, page_of(made), "/admin/cases/import/template.xlsx"):
        assert at_desk.get(address).status_code == 200
    assert at_desk.get("/admin/cases/import/today.xlsx").status_code == 405
    assert list(Import.objects.values()) == before and not AuditEntry.objects.filter(act="export").exists()


def test_there_is_no_way_to_delete_an_import(client, administrator):
    made = shown(table(HEAD, NEW), administrator)
    client.force_login(administrator)
    assert client.post(page_of(made).replace("change", "delete"), {"post": "yes"}).status_code == 404
    assert Import.objects.exists()


def test_who_may_not_import_sees_none_of_it(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("dareka", password="x", is_staff=True))
    for address in ("/admin/cases/import/", ADD, "/admin/cases/import/template.xlsx"):
        assert client.get(address).status_code == 403
    assert client.post("/admin/cases/import/today.xlsx").status_code == 403


def test_todays_cases_are_written_out_and_that_is_logged(at_desk):
    answer = at_desk.post("/admin/cases/import/today.xlsx")
    assert answer.content[:2] == b"PK" and "attachment" in answer.headers["Content-Disposition"]
    assert AuditEntry.objects.get(act="export").who == "henshu"


def test_the_progress_is_told_and_asked_for_again_without_script(at_desk, editor, monkeypatch):
    monkeypatch.setattr(intake, "start", lambda made: None)
    page = upload(at_desk, table(HEAD, NEW))
    assert 'role="status">1行のうち0行' in page.text and "<progress" in page.text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.text


def test_a_run_that_died_is_told_with_the_way_on(at_desk, editor, monkeypatch):
    made = shown(table(HEAD, NEW), editor)
    made.confirm(made.preview["token"], by=editor)
    Import.objects.update(moved_at=timezone.now() - timedelta(minutes=1))
    page = at_desk.get(page_of(made))
    assert (
        "途中で止まりました" in page.text
        and "何も保存されていません" in page.text
        and "refresh" not in page.text
    )
    assert "取り込みました" in at_desk.post(page_of(made), {"_act": "again"}, follow=True).text


def test_a_long_difference_has_pages(at_desk, editor):
    page = upload(at_desk, table(HEAD, *[[f"shiken-{number}", *NEW[1:]] for number in range(60)]))
    assert "shiken-49" in page.text and "shiken-50" not in page.text
    assert "shiken-50" in at_desk.get(page_of(Import.objects.get()) + "?p=2").text


def test_a_refusal_reads_the_same_for_two_imports_at_once(editor, publisher):
    """Of two that change one case, the second is told."""
    content = table(["URLの名", "概要"], ["toba-ibasho", "試験用の一"])
    first, second = shown(content, editor), shown(content.replace("一".encode(), "二".encode()), publisher)
    assert confirmed(first).state == State.DONE
    assert confirmed(second).state == State.REFUSED
    assert drafts().get().summary == "試験用の一"


def test_an_unreadable_file_leaves_no_trace(editor):
    with pytest.raises(Unreadable):
        intake.receive(b"", "a.csv", by=editor)
    assert not Import.objects.exists()


def test_the_fingerprints_of_many_are_those_of_each_and_tell_every_part(draft, state):
    versions = list(CaseVersion.objects.all())
    before = fingerprints([version.pk for version in versions])
    assert before == {version.pk: fingerprint(version) for version in versions}
    statement = state(draft, "effects", "試験用の記述")
    seen = {before[draft.pk]}
    for change in (
        lambda: None,
        lambda: statement.themes.add(Theme.objects.first()),
        lambda: statement.citations.update(place="9頁"),
        lambda: draft.tool_uses.update(open_ended=True),
        lambda: draft.silences.first().delete(),
        lambda: Link.objects.create(version=draft, title="試験", url="https://example.jp/"),
    ):
        change()
        seen.add(fingerprint(draft))
    assert len(seen) == 7
    others = [version.pk for version in versions if version.pk != draft.pk]
    assert fingerprints(others) == {pk: before[pk] for pk in others}
