"""Files and what is said of them over HTTP; and the draft of an inquiry."""

import io
import re
import unicodedata

import openpyxl
import pytest

from cases import exports
from cases.models import Edition, GuideVersion, Item, Silence

ALL = [*exports.FILES, "compare.xlsx"]
PAIR = "ids=toba-ibasho,goto-sodan"


def address(name):
    return f"/{name}?{PAIR}" if name == "compare.xlsx" else f"/{name}"


@pytest.mark.parametrize("name", ALL)
def test_a_file_comes_under_its_name_and_day(name, client):
    answer = client.get(address(name))
    assert answer.status_code == 200
    assert answer.streaming
    stem, kind = name.split(".")
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(rf'attachment; filename="{stem}_20[0-9]{{6}}\.{kind}"', disposition)
    assert answer.headers["Content-Type"] == (exports.CSV if kind == "csv" else exports.XLSX)
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies
    assert answer.getvalue()


@pytest.mark.parametrize("name", ALL)
def test_an_unchanged_file_is_not_sent_twice_and_a_changed_one_is(name, client, new_case):
    tag = client.get(address(name)).headers["ETag"]
    assert client.get(address(name), headers={"If-None-Match": tag}).status_code == 304
    new_case("shiken-atarashii")
    assert client.get(address(name), headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("name", ALL)
def test_head_has_the_headers_alone(name, client):
    answer = client.head(address(name))
    assert answer.status_code == 200
    assert "Content-Length" not in answer.headers
    assert answer.getvalue() == b""


def test_only_the_whole_is_for_search_engines(client):
    assert "X-Robots-Tag" not in client.get("/cases.csv").headers
    assert client.get("/cases.csv?field=sodan").headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("name", exports.FILES)
@pytest.mark.parametrize("query", ["tier=nonesuch", "nonesuch=1", "page=2", "ids=nonesuch", "ids=", "q=%00"])
def test_what_is_asked_wrongly_is_answered_400_in_words(name, query, client):
    answer = client.get(f"/{name}?{query}")
    assert answer.status_code == 400
    assert "このファイルは作れませんでした" in answer.text
    assert '<meta name="robots" content="noindex' in answer.text


@pytest.mark.parametrize("query", ["", "ids=toba-ibasho", "ids=toba-ibasho,nonesuch", f"{PAIR}&view=x"])
def test_a_comparison_that_is_none_is_answered_400_in_words(query, client):
    answer = client.get(f"/compare.xlsx?{query}")
    assert answer.status_code == 400
    assert "このファイルは作れませんでした" in answer.text


def test_a_hostile_address_is_told_without_harm(client):
    answer = client.get("/cases.csv?%3Cscript%3Ealert(1)%3C/script%3E=1&ids=%3Cscript%3E")
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text


def test_a_file_of_an_unknown_name_is_nowhere(client):
    for path in ("/case.csv", "/cases.xls", "/xcases.csv", "/cases.csv/", "/casesxcsv"):
        assert client.get(path).status_code == 404


def test_the_finder_leads_to_the_files_of_what_it_shows(client):
    page = client.get("/cases/?tier=city_lt50k&sort=code").text
    assert "この2件を持ち出す" in page
    (path,) = re.findall(r'href="(/cases\.csv[^"]*)"', page)
    lines = client.get(path.replace("&amp;", "&")).getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["URLの名", "toba-ibasho", "goto-sodan"]
    assert "持ち出す" not in client.get("/cases/?field=jiritsu&tier=city_lt50k").text


def test_a_case_and_a_comparison_lead_to_their_files(client):
    page = client.get("/cases/toba-ibasho/").text
    assert 'href="/meeting.xlsx?ids=toba-ibasho"' in page
    assert 'href="/cases/toba-ibasho/inquiry/"' in page
    page = client.get(f"/compare/?{PAIR}&only=different").text
    assert f'href="/cases.csv?{PAIR}"' in page
    path = re.search(r'href="(/compare\.xlsx[^"]*)"', page)[1].replace("&amp;", "&")
    whole = openpyxl.load_workbook(io.BytesIO(client.get(f"/compare.xlsx?{PAIR}").getvalue()))
    part = openpyxl.load_workbook(io.BytesIO(client.get(path).getvalue()))
    assert part["比較"].max_row < whole["比較"].max_row


def test_an_old_version_and_a_preview_offer_no_file(client, draft, editor, publisher):
    draft.submit(by=editor)
    draft.publish(by=publisher)
    assert "持ち出す" in client.get("/cases/toba-ibasho/v2/").text
    assert "持ち出す" not in client.get("/cases/toba-ibasho/v1/").text


def test_the_page_names_every_file_with_its_size_its_columns_and_its_terms(client):
    page = client.get("/downloads/").text
    for name, file in exports.FILES.items():
        assert f'href="/{name}"' in page
        assert file.title in page
    for table in exports.TABLES:
        for column in table.columns:
            assert column.heading in page
            assert f"<code>{column.key}</code>" in page
    for name, words in exports.TERMS:
        assert name in page
        assert words in page
    assert len(re.findall(r"<td>L[123]-[0-9]{2}</td><td>○</td>", page)) == 29
    assert "×" not in re.sub(r"×は", "", page)


def test_books_have_their_size_while_today_is_the_edition_that_holds_them(client, toba):
    edition = Edition.freeze("2026-10", by=None)
    for name, size in (("casebook.pdf", 3 * 1024**2), ("guide.pdf", 480 * 1024)):
        edition.files.create(name=name, path=name, title="試験用", size=size, sha256="0" * 64)
    text = unicodedata.normalize("NFKC", client.get("/downloads/").text)
    assert "casebook.pdf、3.0 MB" in text
    assert "guide.pdf、480.0 KB" in text
    GuideVersion.objects.published().first().withdraw(by=None, reason="試験")
    assert re.search(r"guide\.pdf</span>", client.get("/downloads/").text)


def test_what_breaks_a_rule_is_told_on_the_page(client, new_case, state):
    version = new_case("shiken-kuhaku", publish=False, summary="全角　空白")
    version.submit(by=None)
    version.publish(by=None)
    page = client.get("/downloads/").text
    assert "<td>L1-06</td><td>×</td>" in page
    assert "cases.csv I17" in page


def test_the_files_cost_few_queries_once_they_are_measured(client, django_assert_max_num_queries):
    client.get("/downloads/")
    with django_assert_max_num_queries(4):
        client.get("/downloads/")


# The draft of an inquiry


def test_the_letter_asks_only_what_the_case_leaves_open(client, draft, editor, publisher, state):
    silences = dict(draft.silences.values_list("item", "kind"))
    silences |= {"voices": "none"}
    Silence.objects.filter(version=draft, item="voices").update(kind="none")
    challenge = state(draft, "challenges", "試験用の課題")
    state(draft, "remedies", "試験用の工夫", answers=challenge)
    draft.submit(by=editor)
    draft.publish(by=publisher)
    answer = client.get("/cases/toba-ibasho/inquiry/")
    page = answer.text
    assert answer.status_code == 200
    assert '<meta name="robots" content="noindex' in page
    assert "三重県鳥羽市 ひきこもり支援ご担当者 様" in page
    assert "/cases/toba-ibasho/v2/" in page
    assert "オンラインにして得られた効果" in page, "出典に記載なし"
    assert "満足度" not in page, "該当なし is an answer"
    assert "課題に対する工夫" not in page, "it stands with its challenge"
    assert "課題になっていること" not in page
    assert "支援の方式" in page
    assert "いまも続けておられるか" in page


def test_an_item_not_worked_on_yet_is_asked_about_too(client, new_case):
    new_case("shiken-mada")
    page = client.get("/cases/shiken-mada/inquiry/").text
    asked = len(re.findall("<li>", page.split('class="letter"')[1].split("</article>")[0]))
    assert (
        asked == Item.objects.exclude(group=Item.Group.BESIDE).count() + 4
    )  # and its tool, style, time, status


def test_a_case_that_answers_everything_is_left_in_peace(client, new_case):
    version = new_case(
        "shiken-zenbu", publish=False, service_status="continuing", service_evidence="試験", style_id="text",
        surveyed_on="2022-04-01", surveyed_precision="fiscal_year",
    )  # fmt: skip
    version.tool_uses.create(tool_id="zoom", family_id="web-meeting", main=True)
    for item in Item.objects.exclude(group=Item.Group.BESIDE):
        Silence.objects.create(version=version, item=item, kind="none")
    version.submit(by=None)
    version.publish(by=None)
    page = client.get("/cases/shiken-zenbu/inquiry/").text
    assert "お尋ねする項目が残っていません" in page
    assert "ご担当者 様" not in page


def test_nobody_learns_of_a_case_that_is_not_public(client, new_case):
    new_case("shitagaki", publish=False)
    assert client.get("/cases/shitagaki/inquiry/").text == client.get("/cases/nonesuch/inquiry/").text
    assert client.get("/cases/shitagaki/inquiry/").status_code == 404


def test_every_question_has_its_item():
    from cases.inquiry import QUESTIONS

    keys = set(Item.objects.exclude(group=Item.Group.BESIDE).values_list("key", flat=True))
    assert set(QUESTIONS) == keys
