"""Readers' pages from a copy of the database (REPLICA_URL) that is late: whole, as it was, and never mixed."""

import re
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import psycopg
import pytest

from cases.replica import Router, for_a_reader
from tests.postgresql import server
from tests.served import serving
from tests.visitor import Visitor

pytestmark = pytest.mark.xdist_group("replica")  # one process starts the sites
WORDS = "a long pass phrase"
PAGES = [
    "/", "/cases/", "/cases/?q=%E8%A9%A6%E9%A8%93%E7%94%A8", "/cases/?tier=city_lt50k&sort=new", "/tools/", "/feed/",
    "/api/v1/cases", "/cases.csv", "/statements.csv", "/cases/toba-ibasho/", "/cases/goto-sodan/", "/editions/",
]  # fmt: skip
PUBLISH = f"""
from django.contrib.auth.models import User
from cases.models import CaseVersion, Edition, PreviewLink, Tool
kanri = User.objects.create_superuser("kanri", password="{WORDS}")
draft = CaseVersion.objects.published().get(case__slug="toba-ibasho").revise(by=None)
draft.summary = "試験用の、改めた概要"
draft.save()
draft.submit(by=None)
draft.publish(by=None)
CaseVersion.objects.published().get(case__slug="goto-sodan").withdraw(by=None, reason="試験用の理由")
tool = Tool.objects.get(key="zoom")
tool.name = "試験用の道具"
tool.save()
Edition.freeze("2026-11", by=None)
again = draft.revise(by=None)
print("made", again.pk, PreviewLink.make(again, by=kanri).token)
"""


def _read(site, path):
    """What a reader gets: (status, content without the site's own address)."""
    try:
        with build_opener(ProxyHandler({})).open(site.url + path) as answer:
            return answer.status, answer.read().replace(site.url.encode(), b"").decode()
    except HTTPError as error:
        with error:
            return error.code, ""


def _copy(url):
    """Make the copy anew from the database as it is → its address. Nothing can be written to it."""
    with psycopg.connect(url.removesuffix("casebook") + "postgres", autocommit=True) as control:
        control.execute("DROP DATABASE IF EXISTS copy WITH (FORCE)")
        # What is copied may have no other user; the site comes back by itself.
        control.execute("ALTER DATABASE casebook ALLOW_CONNECTIONS false")
        control.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'casebook'"
        )
        control.execute("CREATE DATABASE copy TEMPLATE casebook")
        control.execute("ALTER DATABASE copy ALLOW_CONNECTIONS true")
        control.execute("ALTER DATABASE copy SET default_transaction_read_only = on")
        control.execute("ALTER DATABASE casebook ALLOW_CONNECTIONS true")
    return url.removesuffix("casebook") + "copy"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What readers of the site and its administrator were told, by when."""
    with server() as url:
        with serving(tmp_path_factory.mktemp("first"), DATABASE_URL=url) as site:
            before = {path: _read(site, path) for path in PAGES}
        copy = _copy(url)
        with serving(tmp_path_factory.mktemp("second"), DATABASE_URL=url, REPLICA_URL=copy) as site:
            pk, token = re.search(r"made (\S+) (\S+)", site.manage("shell", "-c", PUBLISH)).groups()
            admin = Visitor(site).sign_in("kanri", WORDS)
            moments = {
                "before": before,
                "admin": admin.ask(f"/admin/cases/caseversion/{pk}/change/"),
                "preview": _read(site, f"/preview/{token}/"),
                "ready": _read(site, "/readyz"),
                # Every thread has a page for readers behind it, and then the admin's.
                "in turn": [
                    (_read(site, f"/cases/?q=shiken{turn}")[0], admin.ask("/admin/")[1]) for turn in range(32)
                ],
                # Twice for each of two workers, the second time from what they've kept.
                "late": [{path: _read(site, path) for path in PAGES} for _ in range(4)],
            }
            _copy(url)
            moments["after"] = {path: _read(site, path) for path in PAGES}
            yield moments


def test_readers_get_all_of_a_late_copy_as_it_stood(told):
    assert {status for status, _ in told["before"].values()} == {200}
    for late in told["late"]:
        for path in PAGES:
            assert late[path] == told["before"][path], path
    assert told["ready"] == (200, "ready\n")


def test_the_admin_and_who_has_a_link_see_what_has_just_been_saved(told):
    status, page = told["admin"]
    assert status == 200
    assert "試験用の、改めた概要" in page
    status, page = told["preview"]
    assert status == 200
    assert "試験用の、改めた概要" in page


def test_who_is_signed_in_stays_so_whatever_the_thread_read_before(told):
    for status, page in told["in turn"]:
        assert status == 200
        assert "/admin/logout/" in page


def test_once_the_copy_has_caught_up_readers_get_what_is_new(told):
    after = {path: page for path, (_, page) in told["after"].items()}
    for path in ("/", "/cases/", "/api/v1/cases", "/cases.csv", "/cases/toba-ibasho/"):
        assert "試験用の、改めた概要" in after[path], path
    assert "鳥羽市" in after["/cases/?q=%E8%A9%A6%E9%A8%93%E7%94%A8"]
    assert "試験用の道具" in after["/tools/"]
    assert "2026-11" in after["/editions/"]
    assert told["after"]["/cases/goto-sodan/"][0] == 404


def test_nothing_is_written_to_the_copy():
    for_a_reader.set(True)
    try:
        assert Router().db_for_read(None) == "replica"
        assert Router().db_for_write(None) == "default"
    finally:
        for_a_reader.set(False)
    assert Router().db_for_read(None) == "default"
    assert not Router().allow_migrate("replica", "cases")
