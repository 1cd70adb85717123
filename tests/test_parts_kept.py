"""What pages cost and keep: queries by page, and that nothing kept outlives what it was made from."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import GuideVersion, Item, Municipality, Tool
from tests.test_views import PAGES as EVERY_PAGE

PAGES = {
    "entrance": "/",
    "finder": "/cases/",
    "filtered": "/cases/?field=ibasho&field=sodan&tier=city_lt50k&tool=zoom&tool=line",
    "search": "/cases/?q=相談",
    "nothing found": "/cases/?q=どこにもない言葉",
    "case": "/cases/toba-ibasho/",
    "version": "/cases/toba-ibasho/v1/",
    "near": "/near/?from=五島市",
    "tools": "/tools/",
    "tool": "/tools/zoom/",
    "topics": "/topics/",
    "topic": "/topics/challenges/",
}


@pytest.fixture
def many(new_case):
    def make():
        for number in range(60):
            new_case(f"shiken-{number}")

    return make


def _asked(client, path):
    """The queries of the second answer: the first of a process also builds the index."""
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
    assert answer.status_code == 200, path
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_needs_at_most_ten_queries_and_as_many_in_a_large_casebook(client, many, path):
    few = _asked(client, path)
    assert len(few) <= 10, few
    many()
    assert len(_asked(client, path)) == len(few)


# A guide's page reads what the cases say in several places, /api/ shows a whole answer of each address.
MORE = {"/guide/ibasho/": 14, "/guide/lessons/": 14, "/guide/checklist/": 14, "/api/": 24}


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_no_public_page_needs_more_than_it_says_here(client, path):
    assert len(_asked(client, path)) <= MORE.get(path, 10)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_reading_writes_nothing(client, path):
    writing = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP")
    assert not [sql for sql in _asked(client, path) if sql.startswith(writing)]


@pytest.mark.parametrize("path", ["/", "/cases/", "/cases/?q=居場所", "/cases/toba-ibasho/"])
@pytest.mark.parametrize(("model", "key"), [(Tool, "zoom"), (Municipality, "242110")])
def test_a_corrected_word_is_new_on_every_page_at_once(client, path, model, key):
    row = model.objects.get(pk=key)
    assert row.name in client.get(path).content.decode()
    row.name = "試験用の名"
    row.save()
    assert "試験用の名" in client.get(path).content.decode()


def test_the_number_of_items_on_kept_cards_follows_the_hearing_s_items(client):
    assert "項目のうち" in client.get("/cases/").content.decode()
    before = Item.objects.exclude(group=Item.Group.BESIDE).count()
    item = Item.objects.exclude(group=Item.Group.BESIDE).first()
    Item(key="shiken", name="試験用の項目", group=item.group, position=999).save()
    assert f"{before + 1}項目のうち" in client.get("/cases/").content.decode()


def test_the_guide_is_searched_as_it_stands_today(client):
    version = GuideVersion.objects.published().first()
    word = "試験用ことば"
    assert version.title not in client.get(f"/cases/?q={word}").content.decode()
    draft = version.revise(by=None)
    draft.lead = f"{word}についての試験用の文です。"
    draft.save()
    draft.submit(by=None)
    draft.publish(by=None)
    assert version.title in client.get(f"/cases/?q={word}").content.decode()
