"""Synthetic cases: marked wherever they show, never there unasked, and the same site around them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import figures, synthetic
from cases.catalogue import Catalogue
from cases.models import Case, CaseVersion, Citation, Source, Statement

SIZE = 40
PAGES = [
    "/",
    "/cases/",
    "/cases/?field=ibasho&tier=prefecture&tool=zoom",
    "/cases/?q=相談",
    "/cases/?q=合言葉を使わずに",
    "/cases/toba-ibasho/",
    "/tools/",
    "/tools/zoom/",
]


@pytest.fixture
def filled():
    """A casebook of forty: the fifteen cases and 25 synthetic ones; these are returned."""
    assert synthetic.fill(SIZE) == SIZE - 15
    return _synthetic()


def _synthetic():
    return CaseVersion.objects.published().filter(case__slug__startswith="synthetic-").order_by("case__slug")


def _content():
    """All that was drawn, without the keys of rows."""
    told = ("item", "text", "position", "answers__text", "themes", "citations__place")
    own = ("case__municipality", "field", "tier", "style", "summary", "service_status", "surveyed_on")
    return [
        (
            version.case.slug,
            CaseVersion.objects.filter(pk=version.pk).values_list(*own).get(),
            sorted(map(repr, version.statements.values_list(*told))),
            sorted(version.silences.values_list("item", "kind")),
            sorted(version.tool_uses.values_list("tool", "family", "main")),
        )
        for version in _synthetic()
    ]


def test_every_text_of_a_synthetic_case_says_so(filled):
    assert [version.case.slug for version in filled][::24] == ["synthetic-000001", "synthetic-000025"]
    for version in filled:
        texts = [version.summary, *version.statements.values_list("text", flat=True)]
        texts += [version.service_evidence] if version.service_evidence else []
        assert all(text.startswith("【合成データ】") for text in texts)


def test_a_synthetic_case_rests_on_one_source_that_says_so(filled):
    source = Source.objects.get(key="synthetic")
    assert source.title == "合成データ（性能測定用。実在の事例ではありません）"
    assert {version.source for version in filled} == {source}
    citations = Citation.objects.filter(statement__version__in=filled)
    assert set(citations.values_list("source", flat=True)) == {source.pk}
    assert not Statement.objects.filter(version__in=filled, citations=None).exists()


def test_its_page_and_its_card_say_so(client, filled):
    page = client.get("/cases/synthetic-000001/").content.decode()
    assert "【合成データ】" in page
    assert "合成データ（性能測定用。実在の事例ではありません）" in page
    assert client.get("/cases/?page=2").content.decode().count("【合成データ】") >= 20


def test_the_fifteen_come_without_it(settings):
    assert not Case.objects.filter(slug__startswith="synthetic-").exists()
    assert not Source.objects.filter(key="synthetic").exists()
    sources = [path for path in (settings.BASE_DIR / "fixtures").rglob("*") if path.is_file()]
    sources += [
        settings.BASE_DIR / "cases" / name for name in ("fixtures.py", "management/commands/serve.py")
    ]
    for path in sources:
        assert "synthetic" not in path.read_text(encoding="utf-8"), path
        assert "合成データ" not in path.read_text(encoding="utf-8"), path


def test_nothing_else_publishes_without_a_check(settings):
    for path in (settings.BASE_DIR / "cases").rglob("*.py"):
        if path.name not in ("synthetic.py", "case.py"):
            assert "publish_unchecked" not in path.read_text(encoding="utf-8"), path


def test_grown_in_steps_it_is_the_same_casebook():
    with transaction.atomic():
        synthetic.fill(SIZE)
        at_once = _content()
        transaction.set_rollback(True)
    synthetic.fill(20)
    synthetic.fill(SIZE)
    assert _content() == at_once


def test_a_large_enough_casebook_is_left_alone(filled):
    assert synthetic.fill(SIZE) == synthetic.fill(10) == 0


def test_a_case_has_the_length_of_a_real_one_and_is_complete(filled):
    for version in filled:
        letters = sum(map(len, version.statements.values_list("text", flat=True)))
        assert 1500 <= letters <= 3000
        assert version.problems() == []
        version.full_clean(exclude=["case"])


def test_search_finds_them_at_once(filled):
    found = Catalogue({"q": ["合成データ"]})
    assert {version.pk for version in found.versions()} == {version.pk for version in filled}
    piece = filled[3].statements.first().text[10:22]
    assert filled[3] in Catalogue({"q": [piece]}).versions()


def test_facets_and_the_crosstab_add_up(filled):
    catalogue = Catalogue()
    assert catalogue.total == SIZE
    for facet in catalogue.facets:
        if facet.key in ("field", "tier", "region", "status"):
            assert sum(value.count for value in facet.values) == SIZE, facet.name
    assert sum(cell.count for row in figures.crosstab(catalogue).rows for cell in row.cells) == SIZE


def test_a_page_asks_as_many_queries_as_with_fifteen(client):
    def asked():
        counts = {}
        for page in PAGES:
            for _ in range(2):  # the first of them may build what is kept
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(page).status_code == 200
            counts[page] = len(queries)
        return counts

    with_fifteen = asked()
    synthetic.fill(SIZE)
    assert asked() == with_fifteen


def test_the_command_wants_to_be_sure():
    with pytest.raises(CommandError, match="--yes-this-is-a-benchmark"):
        call_command("make_synthetic", str(SIZE))
    out = StringIO()
    call_command("make_synthetic", str(SIZE), "--yes-this-is-a-benchmark", stdout=out)
    assert out.getvalue() == "合成データを25件加えました。\n"


def test_the_default_folder_is_refused(settings):
    settings.DATA_DIR = settings.BASE_DIR / "var"
    with pytest.raises(CommandError, match="既定のDATA_DIR"):
        call_command("make_synthetic", str(SIZE), "--yes-this-is-a-benchmark")
    assert not _synthetic().exists()


def test_a_casebook_that_people_edit_is_refused(editor):
    with pytest.raises(synthetic.Refused, match="利用者のいるcasebook"):
        synthetic.fill(SIZE)
