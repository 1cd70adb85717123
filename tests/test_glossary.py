"""The glossary: what it explains, who links to it, who may change it; and readings over names."""

import re

import pytest
from django.conf import settings

from cases import fixtures, glossary
from cases.models import GlossaryTerm, Municipality
from cases.sheet import COLUMNS

ROWS = fixtures.rows("glossary.csv")


def test_a_casebook_older_than_the_glossary_gets_it_once():
    GlossaryTerm.objects.all().delete()
    fixtures.load_glossary()
    assert GlossaryTerm.objects.count() == len(ROWS)
    GlossaryTerm.objects.get(pk="tier").delete()
    fixtures.load_glossary()
    assert not GlossaryTerm.objects.filter(pk="tier").exists(), "what somebody removed stays away"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_every_term_is_sound_and_shown_at_its_place_on_the_page(row, client):
    GlossaryTerm.objects.get(pk=row["key"]).full_clean()
    text = client.get("/glossary/").text
    entry = re.search(rf'<div id="{row["key"]}">(.*?)</div>', text, re.S)[1]
    assert row["name"] in entry
    assert row["definition"] in entry
    assert (f"報告書 {row['place']}" if row["place"] else "このサイトの語") in entry


def test_no_definition_names_a_municipality():
    names = set(Municipality.objects.filter(case__isnull=False).values_list("name", flat=True))
    for row in ROWS:
        assert not [name for name in names if name in row["name"] + row["definition"]], row["key"]


def test_terms_stand_in_the_order_of_their_readings():
    readings = [term.reading for terms in glossary.rows().values() for term in terms]
    assert readings == sorted(readings)
    assert list(glossary.rows())[0] == "あ行"
    for name, terms in glossary.rows().items():
        assert all(term.reading[0] >= name[0] for term in terms)


def test_every_fact_of_a_case_leads_to_its_explanation(client):
    text = client.get("/cases/toba-ibasho/").text
    for column in COLUMNS:
        assert f'<a href="/glossary/#{column.key}">{column.name}</a>' in text


def test_a_fact_without_a_term_is_no_dead_link(client):
    GlossaryTerm.objects.get(pk="trial").delete()
    text = client.get("/cases/toba-ibasho/").text
    assert "/glossary/#trial" not in text
    assert "<dt>試行</dt>" in text


def test_a_casebook_without_terms_says_so(client):
    GlossaryTerm.objects.all().delete()
    assert "まだ登録されていません" in client.get("/glossary/").text


def test_who_may_publish_writes_a_term_and_it_is_public_at_once(as_publisher):
    form = {
        "key": "shiken",
        "name": "試験の語",
        "reading": "しけんのご",
        "definition": "試験用の説明です。",
        "place": "",
    }
    assert as_publisher.post("/admin/cases/glossaryterm/add/", form).status_code == 302
    assert '<div id="shiken">' in as_publisher.get("/glossary/").text
    refused = as_publisher.post("/admin/cases/glossaryterm/add/", form | {"key": "s2", "reading": "試験"})
    assert "ひらがなと「ー」で" in refused.text


def test_a_definition_is_shown_as_text(client):
    GlossaryTerm.objects.filter(pk="tier").update(definition="<script>alert(1)</script>")
    assert "<script>alert" not in client.get("/glossary/").text


# Readings


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/cases/toba-ibasho/", "三重県<ruby>鳥羽市<rp>（</rp><rt>とばし</rt><rp>）</rp></ruby>"),
        ("/cases/kyoto-pref-ibasho/", "<ruby>京都府<rp>（</rp><rt>きょうとふ</rt><rp>）</rp></ruby>"),
        ("/cases/", "三重県<ruby>鳥羽市<rp>（</rp><rt>とばし</rt><rp>）</rp></ruby>"),
        ("/near/?from=422118", "長崎県<ruby>五島市<rp>（</rp><rt>ごとうし</rt><rp>）</rp></ruby>"),
        ("/near/?pref=42", "<ruby>五島市<rp>（</rp><rt>ごとうし</rt><rp>）</rp></ruby>"),
        ("/near/?from=%E6%A3%AE%E7%94%BA", "<rt>もりまち</rt>"),
        ("/near/", "<ruby>三重県<rp>（</rp><rt>みえけん</rt><rp>）</rp></ruby>"),
    ],
)
def test_a_name_has_its_reading_over_it_and_in_brackets_where_that_cannot_be_shown(path, shown, client):
    assert shown in client.get(path).text


def test_every_ruby_has_brackets_for_browsers_without_it():
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert text.count("<rt>") * 2 == text.count("<rp>")
