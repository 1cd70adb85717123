"""What can be made again is deleted or spoilt, while the site runs and before it starts: readers don't notice."""

import shutil
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.editing import casebook
from tests.served import serving
from tests.visitor import Visitor

WORDS = ["居場所", "機", "オンライン相談", "ＺＯＯＭ", "存在しない言葉"]
GARBAGE = b"garbage " * 4096


def _found(site):
    """What searches find, by either worker; and a paper."""
    reader = Visitor(site)
    told = [reader.ask(f"/api/v1/cases?q={quote(word)}") for word in WORDS for _ in range(4)]
    assert {status for status, _ in told} == {200}
    status, _, paper = _bytes(site, "/cases/toba-ibasho.pdf")
    assert status == 200
    return [page for _, page in told], paper


def _bytes(site, path):
    with build_opener(ProxyHandler({})).open(site.url + path) as answer:
        return answer.status, answer.headers, answer.read()


def _delete(path):
    path.unlink(missing_ok=True)


def _overwrite(path):
    path.write_bytes(GARBAGE)


def _shorten(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _spoil_the_middle(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2048] = GARBAGE[:2048]
    path.write_bytes(content)


SPOIL = [_delete, _overwrite, _shorten, _spoil_the_middle]


@pytest.mark.parametrize("spoil", SPOIL)
def test_the_search_file_is_made_again(spoil, site, measured):
    right = _found(site)
    spoil(site.data_dir / "search.sqlite3")
    assert _found(site) == right
    measured("the same results at once")


@pytest.mark.parametrize("spoil", SPOIL)
def test_a_paper_that_was_kept_is_printed_again(spoil, site, measured):
    right = _found(site)
    kept = list((site.data_dir / "print").glob("*.pdf"))
    assert kept
    for path in kept:
        spoil(path)
    assert _found(site) == right
    measured("the same paper, to the octet")


@pytest.mark.parametrize("spoil", SPOIL)
def test_a_start_makes_all_of_it_again(spoil, tmp_path, measured):
    with casebook(tmp_path) as site:
        right = _found(site)
    spoil(site.data_dir / "search.sqlite3")
    for path in (site.data_dir / "print").glob("*.pdf"):
        spoil(path)
    for path in (site.data_dir / "static").rglob("*"):
        if path.is_file():
            spoil(path)
    with serving(tmp_path, BIND=site.env["BIND"]) as again:
        assert _found(again) == right
        page = Visitor(again).ask("/")[1]
        address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert b"garbage" not in _bytes(again, address)[2]
    shutil.rmtree(tmp_path)
    measured("the same results, papers and styles")
