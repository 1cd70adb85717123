"""現況確認: asking what is due, the letter and the sheet, and the reply that becomes a draft."""

import io
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from cases import enquiries, replies
from cases.models import AuditEntry, CaseVersion, Citation, Enquiry, Source
from cases.tables import Unreadable

LIST = "/admin/cases/enquiry/"
KEY, ITEM, TODAY, ANSWER, TEXT, EVIDENCE = "ABCDEF"


def _ask(version, by, **more):
    return Enquiry.ask(version, by=by, **{"reply_by": localdate() + timedelta(days=30), **more})


@pytest.fixture
def enquiry(toba, editor):
    return _ask(toba, editor)


def _book(enquiry):
    """The sheet as an official opens it: (workbook, its sheet, key → row)."""
    book = openpyxl.load_workbook(io.BytesIO(enquiries.reply_sheet(enquiry)))
    sheet = book["回答票"]
    return book, sheet, {sheet[f"{KEY}{row}"].value: row for row in range(1, sheet.max_row + 1)}


def _bytes(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _filled(enquiry, day=None, **cells):
    """The sheet filled in: `_filled(enquiry, statement_12=("変更", "新しい文"))`; _ stands for the first colon."""
    book, sheet, rows = _book(enquiry)
    sheet[f"{TEXT}{rows['reply:date']}"] = day or localdate().isoformat()
    for name, values in cells.items():
        for column, value in zip((ANSWER, TEXT, EVIDENCE), values, strict=False):
            sheet[f"{column}{rows[name.replace('_', ':', 1)]}"] = value
    return _bytes(book)


def _statement(version, item="equipment"):
    return version.statements.get(item=item)


def _changed(enquiry, text="試験用の新しい記述", item="equipment"):
    return _filled(enquiry, **{f"statement_{_statement(enquiry.version, item).pk}": ("変更", text)})


def _take(enquiry, content, by, name="reply.xlsx"):
    return replies.take(enquiry, replies.read_reply(enquiry, content, name), by=by, file_name=name)


def _problems(enquiry, content, name="reply.xlsx"):
    with pytest.raises(Unreadable) as refused:
        replies.read_reply(enquiry, content, name)
    return "\n".join(refused.value.problems)


def _publish(draft, publisher):
    draft.submit(by=None)
    draft.publish(by=publisher)


# What is due


def test_the_fifteen_cases_are_due_because_nobody_has_checked_them():
    versions = list(enquiries.due())
    assert len(versions) == 15
    assert {enquiries.why(version) for version in versions} == {"まだ一度も確認していません"}


def test_a_checked_case_is_due_thirty_days_before_its_day(new_case):
    today = localdate()
    far, near, late = (
        new_case(slug, checked_on=date(2025, 1, 1), check_due_on=today + timedelta(days))
        for slug, days in (("far", 31), ("near", 30), ("late", -1))
    )
    due = list(enquiries.due())
    assert far not in due and near in due and late in due
    assert far in enquiries.due(today + timedelta(days=31))
    assert enquiries.why(near).endswith("まであと30日です")
    assert enquiries.why(late).endswith("を過ぎています")
    assert enquiries.why(far).startswith("期限は")


def test_a_draft_is_never_due(new_case):
    draft = new_case("not-public", publish=False)
    assert draft not in enquiries.due()


def test_who_is_being_asked_is_not_offered_again(toba, enquiry, editor, publisher):
    assert toba in enquiries.due() and toba not in enquiries.unasked(enquiries.due())
    draft = _take(enquiry, _changed(enquiry), editor)
    assert toba not in enquiries.unasked(enquiries.due())
    draft.delete()
    assert toba in enquiries.unasked(enquiries.due())


# Asking


def test_a_case_is_asked_once_at_a_time(toba, enquiry, editor):
    with pytest.raises(ValidationError, match=enquiry.number):
        _ask(toba, editor)
    enquiry.close(by=editor, reason="試験のため")
    assert _ask(toba, editor).state == "awaited"


def test_only_what_is_public_is_asked_about_and_never_by_a_past_day(draft, toba, editor):
    with pytest.raises(ValidationError, match="公開中ではない"):
        _ask(draft, editor)
    with pytest.raises(ValidationError, match="今日からあと"):
        _ask(toba, editor, reply_by=localdate() - timedelta(days=1))
    assert not Enquiry.objects.exists()


def test_all_are_asked_or_none(enquiry, editor):
    with pytest.raises(ValidationError, match="回答を待っています"):
        enquiries.ask(list(enquiries.due()), by=editor, reply_by=localdate())
    assert list(Enquiry.objects.all()) == [enquiry]


def test_the_letter_says_what_is_asked_and_names_no_person(enquiry, settings):
    settings.SITE_URL = "https://casebook.example.jp"
    text = enquiries.letter(enquiry).text
    for words in (
        "三重県鳥羽市 ひきこもり支援ご担当者 様",
        "https://casebook.example.jp/cases/toba-ibasho/v1/",
        "三重県鳥羽市のオンライン居場所（第1版",
        enquiry.number,
        enquiries.full_date(enquiry.reply_by),
        "このままでよい",
        "審査を経てから公開します",
        "個人に関する情報は書かないでください",
        "未確認",
    ):
        assert words in text
    assert "henshu" not in text


# The sheet


@pytest.mark.parametrize("slug", ["toba-ibasho", "toshima-sodan", "kyoto-pref-ibasho", "edogawa-ibasho"])
def test_the_sheet_asks_about_every_statement_and_every_silence(slug, editor):
    version = CaseVersion.objects.published().get(case__slug=slug)
    enquiry = _ask(version, editor)
    _, sheet, rows = _book(enquiry)
    for statement in version.statements.all():
        assert sheet[f"{TODAY}{rows[f'statement:{statement.pk}']}"].value == statement.text
    for silence in version.silences.all():
        assert f"item:{silence.item_id}" in rows
    assert sheet[f"{TODAY}{rows['fact:summary']}"].value == version.summary
    above = [sheet[f"A{row}"].value for row in range(1, enquiries.HEADING_ROW)]
    assert any(enquiry.number in line for line in above) and any(version.title in line for line in above)
    assert [cell.value for cell in sheet[enquiries.HEADING_ROW]] == [
        "番号", "項目", "いまの記載", "回答", "変わった内容", "根拠",
    ]  # fmt: skip


def test_a_remedy_stands_under_the_challenge_it_answers(draft, state, publisher, editor):
    first, second = (state(draft, "challenges", text) for text in ("試験用の課題一", "試験用の課題二"))
    state(draft, "remedies", "試験用の工夫", answers=first)
    _publish(draft, publisher)
    texts = [line.today for line in enquiries.lines(draft)]
    at = texts.index("試験用の課題一")
    assert texts[at : at + 3] == ["試験用の課題一", "試験用の工夫", "試験用の課題二"]


def test_the_answers_are_chosen_from_three_words(enquiry):
    _, sheet, rows = _book(enquiry)
    lists = [check for check in sheet.data_validations.dataValidation if check.type == "list"]
    cell = f"{ANSWER}{rows['fact:status']}"
    assert any(cell in check.sqref for check in lists)


# What comes back


def test_a_new_text_becomes_a_draft_that_rests_on_the_reply(toba, enquiry, editor):
    before = _statement(toba)
    draft = _take(enquiry, _changed(enquiry), editor)
    statement = _statement(draft)
    citation = statement.citations.get()
    assert statement.text == "試験用の新しい記述"
    assert citation.source.key == f"reply-{enquiry.number}"
    assert citation.source.title.startswith("三重県鳥羽市 回答票（")
    assert citation.source.url == "" and citation.source.reading == "document"
    assert "ICT機器活用状況" in citation.place
    assert _statement(toba).text == before.text, "what is public stays"
    others = [(s.text, s.citations.count()) for s in toba.statements.exclude(pk=before.pk)]
    assert others == [(s.text, s.citations.count()) for s in draft.statements.exclude(pk=statement.pk)]
    assert draft.status == "draft" and draft.writers.get() == editor
    assert enquiry.number in draft.reason
    assert draft.problems() == []
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.draft, enquiry.returned_on) == ("returned", draft, localdate())
    assert AuditEntry.objects.filter(act="import", who="henshu").count() == 1


def test_the_dates_move_when_the_reply_is_published_and_not_before(client, toba, enquiry, editor, publisher):
    enquiry.asked_on = date(2026, 2, 1)
    enquiry.save()
    draft = _take(enquiry, _filled(enquiry, "2026-03-04", fact_status=("継続",)), editor)
    assert (draft.checked_on, draft.check_due_on) == (date(2026, 3, 4), date(2027, 3, 4))
    page = client.get("/cases/toba-ibasho/").text
    assert "まだ確認していません" in page and "2026年3月4日" not in page
    _publish(draft, publisher)
    page = client.get("/cases/toba-ibasho/").text
    assert "まだ確認していません" not in page and "2026年3月4日" in page
    assert "継続（2026年3月4日の回答票による）" in page
    enquiry.refresh_from_db()
    assert enquiry.is_settled


@pytest.mark.parametrize("word, status", [("継続", "continuing"), ("変更", "changed"), ("終了", "ended")])
def test_the_answer_for_the_whole_becomes_the_state_of_the_service(enquiry, editor, word, status):
    draft = _take(enquiry, _filled(enquiry, fact_status=(word,)), editor)
    assert draft.service_status == status
    assert draft.service_source.key == f"reply-{enquiry.number}"
    assert draft.service_evidence.endswith("の回答票による")


def test_no_answer_for_the_whole_leaves_the_state_of_the_service(toba, enquiry, editor):
    draft = _take(enquiry, _changed(enquiry), editor)
    assert (draft.service_status, draft.service_evidence) == ("unconfirmed", "")


def test_all_continuing_is_a_draft_with_new_dates_and_the_same_text(toba, enquiry, editor):
    answers = {line.key.replace(":", "_", 1): ("継続",) for line in enquiries.lines(toba)}
    draft = _take(enquiry, _filled(enquiry, **answers), editor)
    assert draft.checked_on == localdate()
    assert [s.text for s in draft.statements.all()] == [s.text for s in toba.statements.all()]
    assert enquiry.to_check == []
    assert list(Citation.objects.filter(source__key=f"reply-{enquiry.number}")) == []


def test_as_it_is_needs_no_sheet(enquiry, editor):
    draft = replies.take(enquiry, replies.as_it_is(enquiry, localdate()), by=editor)
    assert (draft.service_status, draft.checked_on) == ("continuing", localdate())
    assert draft.service_evidence.endswith("の現況確認への回答による")


def test_a_text_where_there_was_none_ends_the_silence(toba, enquiry, editor):
    assert toba.silences.filter(item="effects").exists()
    draft = _take(enquiry, _filled(enquiry, item_effects=("変更", "試験用の効果")), editor)
    assert draft.statements.get(item="effects").text == "試験用の効果"
    assert not draft.silences.filter(item="effects").exists()
    assert draft.problems() == []


def test_nothing_ended_is_deleted_but_a_person_is_asked(toba, enquiry, editor):
    statement = _statement(toba)
    draft = _take(enquiry, _filled(enquiry, **{f"statement_{statement.pk}": ("終了",)}), editor)
    assert _statement(draft).text == statement.text
    (check,) = enquiry.to_check
    assert check["item"] == "ICT機器活用状況" and "終了" in check["why"]


@pytest.mark.parametrize(
    "cells, words",
    [
        ({"fact_summary": ("変更", "試験用の概要")}, "試験用の概要"),
        ({"fact_tool": ("変更", "試験用のツール")}, "試験用のツール"),
        ({"fact_style": ("終了",)}, "終了"),
        ({"item_effects": ("継続", "試験用の効果")}, "試験用の効果"),
        ({"item_effects": ("変更",)}, "変わった内容が書かれていません"),
        ({"item_effects": ("", "", "試験用の資料")}, "試験用の資料"),
        ({"fact_status": ("変更", "試験用の変更")}, "試験用の変更"),
    ],
)
def test_what_a_machine_may_not_decide_is_listed_and_not_applied(toba, enquiry, editor, cells, words):
    draft = _take(enquiry, _filled(enquiry, **cells), editor)
    (check,) = enquiry.to_check
    assert words in check["why"] + check["written"]
    assert draft.summary == toba.summary
    assert [s.text for s in draft.statements.all()] == [s.text for s in toba.statements.all()]


def test_a_text_written_over_today_s_is_not_lost(toba, enquiry, editor):
    book, sheet, rows = _book(enquiry)
    sheet[f"{TEXT}{rows['reply:date']}"] = localdate().isoformat()
    sheet[f"{ANSWER}{rows['fact:status']}"] = "継続"
    sheet[f"{TODAY}{rows[f'statement:{_statement(toba).pk}']}"] = "試験用の書き換え"
    _take(enquiry, _bytes(book), editor)
    (check,) = enquiry.to_check
    assert check["written"] == "試験用の書き換え"


def test_a_line_inserted_above_the_table_and_a_real_date_are_read(enquiry, editor):
    book, sheet, rows = _book(enquiry)
    sheet[f"{TEXT}{rows['reply:date']}"] = localdate()
    sheet[f"{ANSWER}{rows['fact:status']}"] = "継続"
    sheet.insert_rows(2)
    sheet["A2"] = "試験用の一行"
    assert _take(enquiry, _bytes(book), editor).checked_on == localdate()


def test_a_reply_s_words_are_kept_as_typed(enquiry, editor):
    text = "<script>alert(1)</script>&=1+1"
    draft = _take(enquiry, _changed(enquiry, text), editor)
    assert _statement(draft).text == text


# What is refused, with everything as it was


def _same(enquiry):
    enquiry.refresh_from_db()
    assert enquiry.state == "awaited" and enquiry.draft is None
    assert not CaseVersion.objects.filter(status="draft").exists()
    assert not Source.objects.filter(key__startswith="reply-").exists()


def test_every_problem_is_named_with_row_column_and_reason_at_once(toba, enquiry):
    book, sheet, rows = _book(enquiry)
    one, two = rows["fact:status"], rows[f"statement:{_statement(toba).pk}"]
    sheet[f"{TEXT}{rows['reply:date']}"] = "そのうち"
    sheet[f"{ANSWER}{one}"] = "たぶん"
    sheet[f"{KEY}{two}"] = "statement:999999"
    sheet[f"{TEXT}{rows['item:effects']}"] = "あ" * 2001
    sheet[f"{KEY}{rows['item:message']}"] = "item:effects"
    problems = _problems(enquiry, _bytes(book))
    for words in (
        f"{rows['reply:date']}行目「変わった内容」：「そのうち」は日付として読み取れません",
        f"{one}行目「回答」：「たぶん」",
        f"{two}行目「番号」：「statement:999999」",
        f"{rows['item:effects']}行目「変わった内容」：2001文字",
        f"{rows['item:message']}行目「番号」：「item:effects」が{rows['item:effects']}行目にもあります",
    ):
        assert words in problems
    _same(enquiry)


def test_the_sheet_of_another_case_is_refused(enquiry, editor):
    other = _ask(CaseVersion.objects.published().get(case__slug="goto-sodan"), editor)
    problems = _problems(enquiry, _filled(other, fact_status=("継続",)))
    assert f"{enquiry.number} ですが、表の上には {other.number}" in problems
    _same(enquiry)


def test_a_sheet_without_its_number_is_refused(enquiry):
    book, sheet, _ = _book(enquiry)
    for row in range(1, enquiries.HEADING_ROW):
        sheet[f"A{row}"] = None
    assert "照会番号が見つかりません" in _problems(enquiry, _bytes(book))


@pytest.mark.parametrize("days", [-1, 1])
def test_a_day_before_the_question_or_after_today_is_refused(enquiry, days):
    day = localdate() + timedelta(days=days)
    assert "から今日までの日" in _problems(enquiry, _filled(enquiry, day.isoformat(), fact_status=("継続",)))
    with pytest.raises(Unreadable):
        replies.as_it_is(enquiry, day)


def test_a_sheet_nobody_filled_in_is_refused(enquiry):
    assert "回答が一つも書かれていません" in _problems(enquiry, _filled(enquiry))
    assert "回答日がありません" in _problems(enquiry, enquiries.reply_sheet(enquiry))


def test_a_formula_is_refused_or_stays_text(toba, enquiry, editor):
    content = _changed(enquiry, '=HYPERLINK("https://example.com/")')
    try:
        draft = _take(enquiry, content, editor)
    except Unreadable as error:
        assert "式" in "".join(error.problems)
        _same(enquiry)
    else:
        assert _statement(draft).text.startswith("=HYPERLINK")


def _other_table():
    book = openpyxl.Workbook()
    book.active.append(["自治体", "件数"])
    return _bytes(book)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04broken", "番号,項目\n".encode(), b"<html>", None],
    ids=["empty", "broken", "csv", "html", "other table"],
)
def test_what_is_no_reply_sheet_is_refused_in_words(enquiry, content):
    assert _problems(enquiry, _other_table() if content is None else content)
    _same(enquiry)


def test_a_truncated_sheet_is_refused(enquiry):
    content = _changed(enquiry)
    assert _problems(enquiry, content[: len(content) // 2])


def test_the_same_sheet_twice_makes_one_draft(enquiry, editor):
    content = _changed(enquiry)
    draft = _take(enquiry, content, editor)
    with pytest.raises(ValidationError, match="取り込み済みです"):
        _take(enquiry, content, editor)
    assert CaseVersion.objects.filter(status="draft").get() == draft


def test_a_reply_whose_draft_was_thrown_away_can_be_taken_in_again(enquiry, editor):
    content = _changed(enquiry)
    _take(enquiry, content, editor).delete()
    enquiry.refresh_from_db()
    draft = _take(enquiry, content, editor)
    assert _statement(draft).citations.get().source.key == f"reply-{enquiry.number}"


def test_a_reply_to_a_version_that_is_not_public_any_more_is_refused(toba, enquiry, editor, publisher):
    content = _changed(enquiry)
    _publish(toba.revise(by=editor), publisher)
    with pytest.raises(ValidationError, match="いまは第2版が公開中です.*あらためて照会"):
        _take(enquiry, content, editor)
    _same(enquiry)


def test_a_reply_never_overwrites_a_draft_that_somebody_writes(toba, enquiry, editor):
    content = _changed(enquiry)
    toba.revise(by=editor)
    with pytest.raises(ValidationError, match="第2版（下書き）があります"):
        _take(enquiry, content, editor)
    assert CaseVersion.objects.filter(status="draft").count() == 1
    assert not Source.objects.filter(key__startswith="reply-").exists()


def test_a_closed_enquiry_takes_nothing_in_and_closes_once(enquiry, editor):
    content = _changed(enquiry)
    with pytest.raises(ValidationError, match="理由"):
        enquiry.close(by=editor, reason=" ")
    enquiry.close(by=editor, reason="期限までに回答がなかったため")
    with pytest.raises(ValidationError, match="終わりにしてある"):
        _take(enquiry, content, editor)
    with pytest.raises(ValidationError, match="もう終わり"):
        enquiry.close(by=editor, reason="もう一度")


def test_one_who_holds_an_old_copy_of_the_enquiry_is_refused_too(enquiry, editor):
    held = Enquiry.objects.get(pk=enquiry.pk)
    _take(enquiry, _changed(enquiry), editor)
    with pytest.raises(ValidationError, match="取り込み済み"):
        held.receive(by=editor, answered_on=localdate(), answers=[], to_check=[])
    held.refresh_from_db()


# The pages


def _post_reply(client, enquiry, content, name="reply.xlsx", **more):
    file = io.BytesIO(content)
    file.name = name
    url = f"{LIST}{enquiry.pk}/receive/"
    return client.post(url, {"reply_file": file, **more}, follow=True)


def test_the_whole_round_by_its_pages(as_editor, publisher):
    page = as_editor.get(LIST)
    assert "確認の時期が来た事例（15件）" in page.text
    versions = [version.pk for version in page.context["pages"]["due"]]
    reply_by = (localdate() + timedelta(days=20)).isoformat()
    letters = as_editor.post(f"{LIST}ask/", {"versions": versions, "reply_by": reply_by}, follow=True)
    assert letters.text.count('<article class="letter"') == 15
    query = letters.request["QUERY_STRING"]
    answer = as_editor.get(f"{LIST}sheets/?{query}")
    assert answer["Content-Disposition"].startswith('attachment; filename="kaitohyo-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert len(names) == 15 and all(name.isascii() for name in names)
    enquiry = Enquiry.objects.get(case__slug="toba-ibasho")
    answer = as_editor.get(f"{LIST}sheets/?n={enquiry.number}")
    assert f'filename="kaitohyo-toba-ibasho-{enquiry.number}.xlsx"' in answer["Content-Disposition"]
    page = as_editor.get(LIST)
    assert "いま確認の時期が来ている事例はありません" in page.text
    assert "回答を待っている照会（15件）" in page.text
    page = _post_reply(as_editor, enquiry, _changed(enquiry))
    draft = CaseVersion.objects.get(status="draft")
    assert page.redirect_chain[-1][0].startswith(f"/admin/cases/caseversion/{draft.pk}/")
    assert "下書きを作りました" in page.text
    assert "（下書き）</a>を確かめて、公開します" in as_editor.get(LIST).text
    _publish(draft, publisher)
    assert "済み：" in as_editor.get(LIST).text


def test_one_case_can_be_asked_before_its_time(as_editor, toba):
    page = as_editor.get(LIST, {"q": "鳥羽"})
    assert [version.pk for version in page.context["pages"]["due"]] == [toba.pk]
    assert "当たる事例はありません" in as_editor.get(LIST, {"q": "試験用"}).text


def test_an_enquiry_past_its_day_is_marked(as_editor, enquiry):
    assert "期限を過ぎています" not in as_editor.get(LIST).text
    Enquiry.objects.update(reply_by=localdate() - timedelta(days=1))
    assert "期限を過ぎています" in as_editor.get(LIST).text


def test_the_page_tells_every_problem_and_keeps_the_enquiry_open(as_editor, enquiry):
    page = _post_reply(as_editor, enquiry, b"PK<b>", "<b>.xlsx")
    assert "取り込んでいません" in page.text and "<b>.xlsx" not in page.text
    assert ".xlsx のファイルではありません" in _post_reply(as_editor, enquiry, b"a", "reply.xls").text
    assert "回答を取り込む" in page.text
    _same(enquiry)


def test_a_reply_is_shown_escaped(as_editor, enquiry):
    content = _filled(enquiry, fact_summary=("変更", "<b>試験用</b>"))
    assert _post_reply(as_editor, enquiry, content).status_code == 200
    page = as_editor.get(f"{LIST}{enquiry.pk}/change/").text
    assert "&lt;b&gt;試験用&lt;/b&gt;" in page and "<b>試験用" not in page


def test_the_second_upload_of_a_sheet_is_told_in_words(as_editor, enquiry):
    content = _changed(enquiry)
    _post_reply(as_editor, enquiry, content)
    assert "取り込み済みです" in _post_reply(as_editor, enquiry, content).text


def test_as_it_is_and_close_have_their_buttons(as_editor, enquiry, editor):
    url = f"{LIST}{enquiry.pk}/"
    as_editor.post(f"{url}as-it-is/", {"as_it_is-answered_on": localdate().isoformat()})
    enquiry.refresh_from_db()
    assert enquiry.state == "returned"
    page = as_editor.post(f"{url}close/", {"reason": "<試験>"}, follow=True)
    assert "終わりにしました" in page.text and "終わり：&lt;試験&gt;" in page.text


def test_a_wrong_ask_is_told_and_creates_nothing(as_editor, toba, draft):
    page = as_editor.post(f"{LIST}ask/", {"versions": [], "reply_by": localdate()}, follow=True)
    assert "照会する事例を選んでください" in page.text
    page = as_editor.post(f"{LIST}ask/", {"versions": [draft.pk], "reply_by": localdate()}, follow=True)
    assert page.status_code == 200
    data = {"versions": [toba.pk], "reply_by": localdate() - timedelta(days=1)}
    assert "今日からあとの日" in as_editor.post(f"{LIST}ask/", data, follow=True).text
    assert not Enquiry.objects.exists()


def test_looking_changes_nothing_and_changing_wants_a_post(as_editor, enquiry):
    for path in ("", f"{enquiry.pk}/change/", f"letters/?n={enquiry.number}", f"sheets/?n={enquiry.number}"):
        assert as_editor.get(LIST + path).status_code == 200
        assert as_editor.post(LIST + path).status_code == 405
    assert as_editor.get(f"{LIST}ask/").status_code == 405
    for path in ("receive/", "as-it-is/", "close/"):  # the address of a refusal, opened again, is no dead end
        answer = as_editor.get(f"{LIST}{enquiry.pk}/{path}")
        assert (answer.status_code, answer.url) == (302, f"{LIST}{enquiry.pk}/change/")
    assert as_editor.get(f"{LIST}letters/?n=ffffffff").status_code == 404
    _same(enquiry)


def test_who_has_no_right_gets_nothing(client, enquiry, django_user_model):
    paths = ["", f"{enquiry.pk}/change/", f"letters/?n={enquiry.number}", f"sheets/?n={enquiry.number}"]
    acts = ["ask/", f"{enquiry.pk}/receive/", f"{enquiry.pk}/as-it-is/", f"{enquiry.pk}/close/"]
    assert {client.get(LIST + path).status_code for path in paths} == {302}
    assert {client.post(LIST + path).status_code for path in acts} <= {302, 403}
    client.force_login(django_user_model.objects.create_user("mukankei", is_staff=True))
    assert {client.get(LIST + path).status_code for path in paths} == {403}
    assert {client.post(LIST + path).status_code for path in acts} == {403}
    _same(enquiry)


def test_the_list_costs_the_same_with_many_cases(as_editor, new_case, editor, enquiry):
    with CaptureQueriesContext(connection) as few:
        as_editor.get(LIST)
    for version in list(enquiries.unasked(enquiries.due()))[:8]:
        _ask(version, editor)
    for number in range(120):
        new_case(f"trial-{number}")
    with CaptureQueriesContext(connection) as many:
        page = as_editor.get(LIST)
    assert "1／2ページ" in page.text
    assert len(many) == len(few)
