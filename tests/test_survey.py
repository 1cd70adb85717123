"""The survey: every figure as the fixture has it, with its base or without one in words; next year's table."""

import io
import re
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from openpyxl import load_workbook

from cases import fixtures, survey_import
from cases.catalogue import Catalogue
from cases.models import (
    AuditEntry,
    CatalogueStamp,
    Municipality,
    Source,
    Survey,
    SurveyFigure,
    SurveyImport,
)
from cases.survey import shown
from tests.forms import change_url, sent_back

FIGURES = "質問のキー,グループのキー,回答,単位,値,母数,母数の説明,出典の箇所\n"


def _words(page):
    text = re.sub(r"<svg.*?</svg>", "", page.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]+>", " ", text)).split())


def _csv(text, name="試験用.csv"):
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def report_survey():
    return Survey.objects.get(year=2022)


@pytest.fixture
def next_year(report_survey):
    """A draft of another year with the same group and question keys, without figures."""
    facts = {
        "title": "試験用の調査",
        "period": "試験の時期",
        "method": "試験の方法",
        "answers": 900,
        "place": "試",
    }
    survey = Survey.objects.create(year=2030, source=report_survey.source, **facts)
    for group, answers in zip(report_survey.groups.all(), (50, 850), strict=True):
        survey.groups.create(key=group.key, name=group.name, answers=answers, place="試")
    question = report_survey.questions.get(key="q4-2")
    survey.questions.create(key="q4-2", heading=question.heading, text=question.text, place="試")
    return survey


@pytest.fixture
def figure(next_year):
    """Make a figure of next year's survey: figure(value, **changes)."""

    def make(value, survey=next_year, **changes):
        facts = {"choice": "実施を検討したい", "unit": "share", "place": "試"}
        of = {"question": survey.questions.get(key="q4-2"), "group": survey.groups.get(key="city")}
        return SurveyFigure.objects.create(**facts | of | {"value": value} | changes)

    return make


@pytest.fixture
def upload(client, next_year, editor):
    """Send a CSV as the editor → the answer."""

    def send(text):
        client.force_login(editor)
        return client.post(_import_url(next_year), {"import_file": _csv(text)})

    return send


def _import_url(survey):
    return f"/admin/cases/survey/{survey.pk}/import/"


def _confirm(client, survey):
    token = client.get(_import_url(survey)).context["plan"].token
    return client.post(_import_url(survey), {"_act": "confirm", "token": token})


# What the page says


def test_the_page_tells_every_answer_of_the_fixture(client):
    words = _words(client.get("/survey/"))
    for group in fixtures.rows("survey_groups.csv"):
        assert f"{group['name']} {group['answers']}件 母数は報告書に記載なし {group['place']}" in words
    assert "合計 857件" in words
    assert "令和4年10月～11月" in words


def test_every_figure_of_the_fixture_is_told_as_printed_with_its_base_or_that_it_is_not_known(client):
    words = _words(client.get("/survey/"))
    names = {row["key"]: row["name"] for row in fixtures.rows("survey_groups.csv")}
    rows = fixtures.rows("survey_figures.csv")
    assert [(row["printed"], row["base"]) for row in rows] == [("約4割", "")] * 2
    for row in rows:
        base = f"{row['base_about']}（母数は報告書に記載なし）"
        assert f"{row['choice']} {names[row['group']]} {row['printed']} {base} {row['place']}" in words


def test_every_question_and_finding_of_the_fixture_stands_on_the_page(client):
    words = _words(client.get("/survey/"))
    for row in fixtures.rows("survey_questions.csv"):
        assert row["heading"] in words
        assert row["text"] in words
        assert row["note"] in words
    for row in fixtures.rows("survey_findings.csv"):
        assert f"{row['heading']} {row['text']} （{row['place']}）" in words


def test_what_is_computed_says_so_and_how(client, report_survey):
    page = shown(report_survey, Catalogue())
    assert [(rate.told, rate.how.partition("（")[0]) for rate in page.rates] == [
        ("68.7%", "46÷67"),
        ("47.1%", "811÷1,721"),
    ]
    kinds = Municipality.objects.filter(kind__in=["prefecture", "designated_city"])
    assert (kinds.count(), Municipality.objects.count() - kinds.count()) == (67, 1721)
    words = _words(client.get("/survey/"))
    for rate in page.rates:
        assert f"{rate.bar.name} {rate.told} {rate.how}" in words
    assert words.count("割合（計算値）") >= 3


def test_no_municipality_is_named_by_a_finding():
    names = set(Municipality.objects.values_list("name", flat=True))
    for row in fixtures.rows("survey_findings.csv"):
        assert not [name for name in names if len(name) > 2 and name in row["text"] + row["heading"]]


def test_every_chart_has_its_numbers_in_a_table_with_a_caption(client):
    body = client.get("/survey/").content.decode()
    for chart in re.findall(r'<figure class="chart">.*?</figure>', body, re.DOTALL):
        after = body[body.index(chart) + len(chart) :]
        table = after[: after.index("</table>")]
        assert "<caption>" in table
        assert 'scope="row"' in table
        numbers = re.findall(r'class="chart-number">([^<]+)<', chart)
        assert numbers
        for number in numbers:
            assert number in table


def test_a_page_costs_the_same_number_of_queries_at_any_size(report_survey, next_year, figure):
    catalogue = Catalogue()

    def queries(survey):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            shown(survey, catalogue)
        return len(caught)

    figure(10)
    few = queries(next_year)
    for number in range(20):
        figure(20, choice=f"試験{number}")
    assert queries(next_year) == few


# Drafts and publishing


def test_a_draft_is_on_no_public_page(client, next_year, figure):
    figure(77.7)
    assert client.get("/survey/2030/").status_code == 404
    for address in ("/survey/", "/survey/2022/", "/sitemap.xml"):
        body = client.get(address).content.decode()
        assert "2030" not in body
        assert "試験用の調査" not in body


def test_the_latest_public_survey_is_the_one_at_survey_and_the_older_keeps_its_address(client, next_year):
    next_year.publish(by=None)
    assert "試験用の調査" in client.get("/survey/").content.decode()
    assert "/survey/2022/" in client.get("/sitemap.xml").content.decode()
    older = client.get("/survey/2022/").content.decode()
    assert "857" in older
    assert re.search(r'rel="canonical" href="[^"]*/survey/2022/"', older)


def test_without_a_public_survey_the_page_says_so(client, report_survey):
    report_survey.take_back(by=None, reason="試験用の理由")
    page = client.get("/survey/")
    assert page.status_code == 200
    assert "いま公開している調査はありません" in page.content.decode()


def test_publishing_and_taking_back_move_the_stamp_and_are_written_down(next_year, publisher):
    before = CatalogueStamp.current()[0]
    next_year.publish(by=publisher)
    published = CatalogueStamp.current()[0]
    next_year.take_back(by=publisher, reason="試験用の理由")
    assert len({before, published, CatalogueStamp.current()[0]}) == 3
    entries = AuditEntry.objects.filter(about=str(next_year)).values_list("act", "who", "detail")
    assert list(entries) == [("withdraw", "kokai", "試験用の理由"), ("publish", "kokai", "")]


def test_an_editor_neither_publishes_nor_takes_back(next_year, editor, report_survey):
    with pytest.raises(PermissionDenied):
        next_year.publish(by=editor)
    with pytest.raises(PermissionDenied):
        report_survey.take_back(by=editor, reason="試験用の理由")


def test_nobody_publishes_the_survey_they_wrote(next_year, publisher):
    next_year.written(by=publisher)
    with pytest.raises(ValidationError, match="自分が書いた"):
        next_year.publish(by=publisher)


def test_a_survey_whose_groups_do_not_add_up_is_not_published(next_year, publisher):
    next_year.groups.filter(key="city").update(answers=849)
    with pytest.raises(ValidationError, match="合いません"):
        next_year.publish(by=publisher)


def test_what_is_public_does_not_change(report_survey, client, publisher):
    with pytest.raises(ValidationError, match="公開中"):
        report_survey.groups.first().save()
    figures = SurveyFigure.objects.filter(question__survey=report_survey)
    for change in (
        lambda: Survey.objects.filter(pk=report_survey.pk).update(answers=858),
        lambda: report_survey.groups.update(answers=47),
        lambda: report_survey.questions.update(text="試験用"),
        lambda: report_survey.findings.update(text="試験用"),
        lambda: figures.update(value=50),
        lambda: figures.delete(),
        lambda: Survey.objects.filter(pk=report_survey.pk).delete(),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()
    client.force_login(publisher)
    assert client.post(change_url(report_survey), {"title": "試験用"}).status_code == 403
    assert client.post(change_url(figures.first()), {"value": "50"}).status_code == 403


def test_loading_again_makes_no_second_survey_and_restores_none_that_was_changed(report_survey):
    report_survey.take_back(by=None, reason="試験用の理由")
    assert fixtures.load_survey() == 0
    assert Survey.objects.count() == 1


# Writing in the admin


def test_an_editor_writes_a_draft_and_is_remembered_as_its_writer(as_editor, next_year, editor):
    data = sent_back(as_editor, next_year)
    answer = as_editor.post(change_url(next_year), data | {"title": "試験用の改めた名"})
    assert answer.status_code == 302
    next_year.refresh_from_db()
    assert next_year.title == "試験用の改めた名"
    assert list(next_year.writers.all()) == [editor]


def test_a_stale_form_does_not_save_over_a_question_written_meanwhile(as_editor, next_year):
    data = sent_back(as_editor, next_year)
    next_year.questions.create(key="q9", heading="試", text="ほかの人の質問", place="試")
    answer = as_editor.post(change_url(next_year), data | {"title": "試験用の古い画面"})
    assert answer.status_code == 200
    next_year.refresh_from_db()
    assert next_year.title == "試験用の調査"


def _publish(client, survey, seen):
    return client.post(f"/admin/cases/survey/{survey.pk}/publish/", {"seen": seen}, follow=True)


def test_a_button_publishes_for_a_publisher_and_nobody_else(client, next_year, editor, publisher):
    for user, public in ((editor, False), (publisher, True)):
        client.force_login(user)
        page = client.get(change_url(next_year))
        assert ("公開する</button>" in page.text) == public
        assert _publish(client, next_year, page.context["seen"]).status_code == (200 if public else 403)
        next_year.refresh_from_db()
        assert next_year.is_public == public


def test_a_figure_that_the_publisher_has_not_seen_is_not_published(as_publisher, next_year, figure):
    figure(55)
    seen = as_publisher.get(change_url(next_year)).context["seen"]
    SurveyFigure.objects.filter(question__survey=next_year).update(value=66)
    assert "内容が変わっています" in _words(_publish(as_publisher, next_year, seen))
    next_year.refresh_from_db()
    assert not next_year.is_public


def test_a_save_of_what_was_published_meanwhile_is_told_and_keeps_what_was_typed(
    as_editor, next_year, figure
):
    one = figure(55)
    opened, of_figure = sent_back(as_editor, next_year), sent_back(as_editor, one)
    next_year.publish(by=None)
    late = {"note": "遅れて届いた注意", "questions-0-text": "遅れて届いた質問"}
    for row, sent in ((next_year, opened | late), (one, of_figure | {"choice": "遅れて届いた選択肢"})):
        page = as_editor.post(change_url(row), sent)
        assert page.status_code == 409
        assert "いま公開中なので、保存していません" in page.text
        assert "遅れて届いた" in page.text
    told = as_editor.post(change_url(next_year), opened | late).context["typed"]
    assert set(told) == {("読むときの注意", "遅れて届いた注意"), ("質問：質問内容", "遅れて届いた質問")}


def test_a_draft_is_deleted_with_its_figures_and_what_is_public_is_not(
    client, administrator, next_year, figure, report_survey
):
    figure(55)
    client.force_login(administrator)
    address = f"/admin/cases/survey/{next_year.pk}/delete/"
    page = client.get(address)
    assert "調査の数値：1件" in page.text
    assert client.post(address, {"post": "yes", "seen": page.context["seen"]}).status_code == 302
    assert list(Survey.objects.all()) == [report_survey]
    assert client.get(f"/admin/cases/survey/{report_survey.pk}/delete/").status_code == 403
    with pytest.raises(ValidationError, match="公開中"):
        report_survey.delete()
    assert SurveyFigure.objects.filter(question__survey=report_survey).exists()


def test_a_question_with_figures_is_not_deleted_by_the_way(as_editor, next_year, figure):
    figure(55)
    page = as_editor.post(
        change_url(next_year), sent_back(as_editor, next_year) | {"questions-0-DELETE": "on"}
    )
    assert page.status_code == 200
    assert next_year.questions.exists()


def test_a_new_survey_leads_on_to_the_page_where_its_tables_are_imported(as_editor):
    forms = ("groups", "questions", "findings")
    sent = {f"{form}-{name}_FORMS": 0 for form in forms for name in ("TOTAL", "INITIAL")}
    sent |= {"year": 2031, "title": "試験用", "period": "試", "method": "試", "answers": 9, "place": "試"}
    sent |= {"source": Source.objects.get(key="report").pk}
    page = as_editor.post("/admin/cases/survey/add/", sent, follow=True)
    assert _import_url(Survey.objects.get(year=2031)) in page.text


def test_the_preview_shows_the_draft_to_an_editor_only(client, next_year, figure, editor):
    figure(77.7)
    address = f"/admin/cases/survey/{next_year.pk}/preview/"
    assert client.get(address).status_code == 302
    client.force_login(editor)
    page = client.get(address).content.decode()
    assert "77.7%" in page
    assert "noindex" in page
    assert "下見：下書き" in page


# Small counts


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 3, "unit": "count"},
        {"value": 1, "unit": "people"},
        {"value": 50, "base": 4},
        {"value": None, "hidden": ""},
        {"value": 7, "unit": "count", "hidden": "small"},
        {"value": None, "hidden": "small", "printed": "3件"},
        {"value": 101},
        {"value": -1},
    ],
)
def test_the_database_refuses_a_small_count_and_a_hidden_number(figure, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        figure(**{"value": 1} | changes)


def test_a_share_that_tells_a_small_count_is_refused(figure):
    told = figure(6, base=50)
    with pytest.raises(ValidationError, match="割合と母数から"):
        told.full_clean()


def test_a_hidden_figure_is_told_as_hidden_and_why(client, next_year, figure):
    figure(None, hidden="small")
    figure(None, hidden="other", choice="試験用のほか")
    figure(None, hidden="base", choice="試験用の母数")
    next_year.publish(by=None)
    words = _words(client.get("/survey/"))
    assert "1～4（秘匿）" in words
    assert "×（秘匿）" in words
    assert "個人や自治体が分かるおそれ" in words


# Next year's table


def test_a_table_is_shown_first_and_saved_when_confirmed(client, next_year, upload, editor):
    answer = upload(FIGURES + "q4-2,city,実施を検討したい,件,120,500,取り組んでいない自治体,表1\n")
    assert answer.status_code == 302
    page = client.get(_import_url(next_year))
    assert "新しく加わる1行" in page.content.decode()
    assert not SurveyFigure.objects.filter(question__survey=next_year).exists()
    assert _confirm(client, next_year).status_code == 302
    made = SurveyFigure.objects.get(question__survey=next_year)
    assert (made.value, made.base, made.told) == (120, 500, "120件")
    assert not SurveyImport.objects.exists()
    assert list(next_year.writers.all()) == [editor]
    assert AuditEntry.objects.filter(act="import", who="henshu", about=str(next_year)).exists()


def test_the_same_table_again_changes_nothing(client, next_year, upload):
    text = FIGURES + "q4-2,city,実施を検討したい,件,120,500,,表1\nq4-2,pref,実施を検討したい,件,3,40,,表1\n"
    upload(text)
    _confirm(client, next_year)
    stored = list(SurveyFigure.objects.order_by("pk").values_list())
    upload(text)
    plan = client.get(_import_url(next_year)).context["plan"]
    assert (plan.changes, plan.same) == ([], 2)
    assert "変わるところはありません" in client.get(_import_url(next_year)).content.decode()
    assert list(SurveyFigure.objects.order_by("pk").values_list()) == stored


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ("件,3,40", "small"),
        ("人,１,", "small"),
        ("%,6,50", "small"),
        ("件,0,4", "base"),
        ("件,1～4,40", "small"),
        ("件,×,40", "other"),
    ],
)
def test_small_cells_are_suppressed_before_anything_is_stored(client, next_year, upload, cells, hidden):
    heading = FIGURES.replace(",母数の説明", ",出典の表記")
    upload(f"{heading}q4-2,city,試験用の回答,{cells},3件だけ,表1\n")
    assert "3件だけ" not in str(SurveyImport.objects.get().rows)
    page = client.get(_import_url(next_year)).content.decode()
    assert "1か所の値を伏せました" in page
    assert "3件だけ" not in page
    _confirm(client, next_year)
    made = SurveyFigure.objects.get(question__survey=next_year)
    assert (made.hidden, made.value, made.printed) == (hidden, None, "")


@pytest.mark.parametrize("value", ["0", "5", "1200"])
def test_other_counts_are_kept(client, next_year, upload, value):
    upload(f"{FIGURES}q4-2,city,試験用の回答,件,{value},,,表1\n")
    _confirm(client, next_year)
    assert SurveyFigure.objects.get(question__survey=next_year).value == int(value)


def test_one_hidden_value_among_others_is_pointed_out(client, next_year, upload):
    upload(f"{FIGURES}q4-2,city,ある,件,3,40,,表1\nq4-2,city,ない,件,37,40,,表1\n")
    assert "引き算" in client.get(_import_url(next_year)).content.decode()


@pytest.mark.parametrize(
    ("row", "where", "reason"),
    [
        ("q4-2,city,試,件,十二,,,表1", "2行目「値」", "0以上の整数"),
        ("q4-2,city,試,件,-5,,,表1", "2行目「値」", "0以上の整数"),
        ("q4-2,city,試,%,140,,,表1", "2行目「値」", "100まで"),
        ("q4-2,city,試,件,60,50,,表1", "2行目「値」", "母数より大きく"),
        ("q4-2,city,試,戸,60,,,表1", "2行目「単位」", "件・人・%のどれか"),
        ("q8,city,試,件,60,,,表1", "2行目「質問のキー」", "登録されていません"),
        ("q4-2,town,試,件,60,,,表1", "2行目「グループのキー」", "登録されていません"),
        ("q4-2,city,,件,60,,,表1", "2行目「回答」", "必ず書いてください"),
        ("q4-2,city,試,件,60,,,", "2行目「出典の箇所」", "必ず書いてください"),
        ("q4-2,city,試,件,60,,,表1\nq4-2,city,試,件,60,,,表1", "3行目「回答」", "もう一つ"),
        (f"q4-2,city,{'あ' * 101},件,60,,,表1", "2行目「回答」", "100 文字以下"),
    ],
)
def test_a_fault_is_told_with_its_row_and_column_and_nothing_is_kept(upload, row, where, reason):
    answer = upload(f"{FIGURES}{row}\nq4-2,pref,試験用の正しい行,件,60,,,表1\n")
    words = _words(answer)
    assert where in words.replace(" ", "")
    assert reason in words
    assert not SurveyImport.objects.exists()
    assert not SurveyFigure.objects.filter(choice="試験用の正しい行").exists()


def test_every_fault_of_a_table_is_told_at_once(upload):
    words = _words(
        upload(f"{FIGURES}q4-2,city,試,戸,60,,,表1\nq8,city,試,件,60,,,表1\nq4-2,city,試,件,十,,,\n")
    )
    for fault in ("2行目「単位」", "3行目「質問のキー」", "4行目「値」", "4行目「出典の箇所」"):
        assert fault in words.replace(" ", "")


def test_a_table_of_something_else_is_refused(upload):
    assert "見出しが" in _words(upload("URLの名,概要\nshiken,試験用\n"))


def test_a_confirmation_of_what_has_changed_since_saves_nothing(client, next_year, upload, figure):
    upload(f"{FIGURES}q4-2,city,実施を検討したい,件,120,500,,表1\n")
    token = client.get(_import_url(next_year)).context["plan"].token
    figure(90, unit="count")
    client.post(_import_url(next_year), {"_act": "confirm", "token": token})
    assert SurveyFigure.objects.get(question__survey=next_year).value == 90


def test_a_cancelled_table_leaves_nothing(client, next_year, upload):
    upload(f"{FIGURES}q4-2,city,実施を検討したい,件,120,500,,表1\n")
    client.post(_import_url(next_year), {"_act": "cancel"})
    assert not SurveyImport.objects.exists()
    assert not SurveyFigure.objects.filter(question__survey=next_year).exists()


def test_nobody_sees_or_confirms_another_ones_table(client, next_year, upload, publisher):
    upload(f"{FIGURES}q4-2,city,実施を検討したい,件,120,500,,表1\n")
    client.force_login(publisher)
    assert "plan" not in client.get(_import_url(next_year)).context
    client.post(_import_url(next_year), {"_act": "confirm", "token": "x"})
    assert SurveyImport.objects.count() == 1


def test_nothing_is_imported_into_a_public_survey(as_publisher, report_survey, publisher):
    file = _csv(f"{FIGURES}q4-2,city,試,件,120,,,表1\n")
    assert as_publisher.post(_import_url(report_survey), {"import_file": file}).status_code == 302
    with pytest.raises(ValidationError, match="公開中"):
        survey_import.receive(
            report_survey, f"{FIGURES}q4-2,city,試,件,120,,,表1\n".encode(), "試.csv", by=publisher
        )


def test_the_template_of_a_new_survey_has_the_last_ones_questions_and_says_what_columns_mean(as_editor):
    new = Survey.objects.create(
        year=2031,
        title="試",
        period="試",
        method="試",
        answers=9,
        source=Source.objects.get(key="report"),
        place="試",
    )
    answer = as_editor.get(f"/admin/cases/survey/{new.pk}/import/template.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:4] == ["回答数", "質問", "数値", "項目定義"]
    keys = [row[0] for row in book["質問"].iter_rows(min_row=2, values_only=True) if row[0]]
    assert keys == [row["key"] for row in fixtures.rows("survey_questions.csv")]
    assert [row[2] for row in book["回答数"].iter_rows(min_row=2, values_only=True) if row[0]] == [None, None]


def test_the_filled_template_of_a_survey_changes_nothing(next_year, figure, editor):
    figure(40, printed="約4割", approximate=True)
    figure(None, hidden="small", choice="伏せたもの", unit="count", base=40)
    figure(None, hidden="other", choice="逆算を防ぐもの", unit="count", base=40)
    figure(None, hidden="base", choice="母数も伏せたもの", unit="count")
    content = survey_import.template(next_year)
    assert survey_import.receive(next_year, content, "試験用.xlsx", by=editor) == []
    plan = survey_import.plan(next_year, SurveyImport.objects.get().rows)
    assert (plan.changes, plan.same) == ([], 7)


# Years side by side


def test_two_years_stand_side_by_side_only_where_question_and_group_are_the_same(client, next_year, figure):
    figure(55, printed="約5割5分")
    figure(55, choice="前の調査にない回答")
    next_year.publish(by=None)
    page = shown(next_year, Catalogue())
    assert [(change.choice, change.before, change.after) for change in page.comparison.changes] == [
        ("実施を検討したい", "約4割", "約5割5分")
    ]
    assert page.comparison.answers == [
        ("都道府県・政令指定都市", "46件", "50件"),
        ("市区町村", "811件", "850件"),
    ]
    assert "計算できません" in _words(client.get("/survey/"))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"value": 40, "base": 500}, {"value": 55, "base": 600}, "+15.0ポイント"),
        ({"value": 40, "base": 500}, {"value": 55}, ""),
        ({"value": 40}, {"value": 55, "base": 600}, ""),
        ({"value": 40, "base": 500, "approximate": True}, {"value": 55, "base": 600}, ""),
        (
            {"value": 40, "base": 500, "base_about": "全体"},
            {"value": 55, "base": 600, "base_about": "一部"},
            "",
        ),
        (
            {"value": 200, "base": 500, "unit": "count"},
            {"value": 150, "base": 600, "unit": "count"},
            "-15.0ポイント",
        ),
    ],
)
def test_a_change_is_computed_only_from_exact_figures_with_both_bases(
    next_year, figure, before, after, change
):
    figure(**before)
    later = Survey.objects.get(pk=next_year.pk)
    later.pk, later.year = None, 2031
    later.save()
    for part in (*next_year.groups.all(), *next_year.questions.all()):
        part.pk, part.survey = None, later
        part.save()
    figure(**after, survey=later)
    next_year.publish(by=None)
    assert [one.change for one in shown(later, Catalogue()).comparison.changes] == [change]
