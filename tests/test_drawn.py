"""Templates drawn once: as if they were rendered each time, and nothing of a reader's stays in them."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from cases import cards, drawn, index, views
from tests.test_views import PAGES

LISTS = [
    "/cases/?field=sodan&tool=zoom&tool=line&sort=new",
    "/cases/?page=2",
    "/cases/?q=%E9%B3%A5%E7%BE%BD&tier=city_lt50k",
    "/cases/?q=%E3%81%A8%E3%81%B0+%E3%83%9E%E3%82%A4%E3%82%AF%E3%83%A9",
    "/cases/?q=%3Cb%3E%22%27%26",
    "/cases/?field=jiritsu&tier=city_lt50k",
    "/cases/?field=nonesuch&page=0",
    "/topics/challenges/?field=sodan",
]


@pytest.mark.parametrize("address", [*PAGES, *LISTS])
def test_a_page_is_the_same_as_with_its_templates_rendered_each_time(address, client, monkeypatch):
    monkeypatch.setattr(index, "_kept", None)
    page = client.get(address).content
    for room in (cards, drawn, views):
        monkeypatch.setattr(room, "filled", lambda template, /, **values: render_to_string(template, values))
    monkeypatch.setattr(index, "_kept", None)
    assert client.get(address).content == page


def test_what_fills_a_gap_is_text_and_never_markup():
    made = drawn.filled("components/chip.html", at="/cases/", facet="<i>", name='"><script>', query="a=1&b=2")
    assert "&lt;i&gt;" in made
    assert "&quot;&gt;&lt;script&gt;" in made
    assert "?a=1&amp;b=2" in made


def test_who_changes_a_template_sees_it_at_once(settings):
    settings.DEBUG = True
    drawn.filled("components/chip.html", at="/cases/", facet="分野", name="相談", query="")
    kept = drawn._drawn.cache_info()
    drawn.filled("components/chip.html", at="/cases/", facet="分野", name="相談", query="")
    assert drawn._drawn.cache_info() == kept


def test_nothing_that_was_typed_stays_in_memory(client):
    address = reverse("finder")
    client.get(address, {"q": "鳥羽"})
    kept = drawn._drawn.cache_info().currsize
    assert client.get(address, {"q": "五島"}).status_code == 200
    assert drawn._drawn.cache_info().currsize == kept
