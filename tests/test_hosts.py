"""Several web hosts on one PostgreSQL: each with data of its own, together one site."""

import time
from contextlib import ExitStack
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.postgresql import server
from tests.served import serving
from tests.visitor import Visitor

pytestmark = pytest.mark.xdist_group("hosts")  # one process starts the sites
WORDS = "a long pass phrase"
LATEST = 1.0  # seconds until what is published on one host is read on the other
PREPARE = f"""
from django.contrib.auth.models import User
from cases.models import CaseVersion
for name in ("kanri", "shiken"):
    User.objects.create_superuser(name, password="{WORDS}")
"""
PUBLISH = """
from cases.models import CaseVersion
draft = CaseVersion.objects.published().get(case__slug="toba-ibasho").revise(by=None)
draft.summary = "試験用の、改めた概要"
draft.save()
draft.submit(by=None)
draft.publish(by=None)
"""
PHOTOGRAPH = """
import io, sys
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from cases.models import CaseVersion, Photo
content = io.BytesIO()
Image.new("RGB", (1000, 500), "teal").save(content, "JPEG")
draft = CaseVersion.objects.published().get(case__slug="goto-sodan").revise(by=None)
upload = SimpleUploadedFile("x.jpg", content.getvalue())
added = Photo.objects.create(version=draft, image=upload, alt="試験用の写真", credit="試験", licence="CC0")
draft.submit(by=None)
draft.publish(by=None)
print("files", *added.files)
"""
EDITION = """
from cases import bundle
from cases.models import Edition
bundle.make(Edition.freeze("2026-11", by=None))
"""


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """Two hosts: one PostgreSQL, one key and one folder for media; all else is their own."""
    shared = tmp_path_factory.mktemp("shared")
    with server() as url, ExitStack() as running:
        same = {"DATABASE_URL": url, "MEDIA_STORE": str(shared), "SECRET_KEY": "試" * 50}
        one, other = (
            running.enter_context(serving(tmp_path_factory.mktemp(name), **same)) for name in ("one", "other")
        )
        one.manage("shell", "-c", PREPARE)
        yield one, other


def _read(site, path):
    """(status, ETag, content) of what a reader gets."""
    try:
        with build_opener(ProxyHandler({})).open(site.url + path) as answer:
            return answer.status, answer.headers["ETag"], answer.read()
    except HTTPError as error:
        with error:
            return error.code, None, b""


def test_what_one_host_publishes_the_other_shows_within_a_second(hosts):
    one, other = hosts
    pages = ["/", "/cases/", "/cases/toba-ibasho/", "/cases/?q=%E8%A9%A6%E9%A8%93%E7%94%A8", "/api/v1/cases"]
    for _ in range(4):  # both workers of both have kept them
        for path in pages:
            assert _read(other, path)[0] == _read(one, path)[0] == 200
    one.manage("shell", "-c", PUBLISH)
    published = time.monotonic()
    for _ in range(4):
        for site in hosts:
            for path in pages:
                asked = time.monotonic()
                while "改めた概要" not in _read(site, path)[2].decode():
                    assert asked < published + LATEST, f"{path} was old though asked for later than that"
                    asked = time.monotonic()


def test_a_session_of_one_host_is_one_of_the_other(hosts):
    one, other = hosts
    visitor = Visitor(one).sign_in("kanri", WORDS)
    visitor.site = other  # cookies don't tell ports apart, as little as a load balancer's one name does
    assert "/admin/logout/" in visitor.ask("/admin/")[1]


def test_tries_to_sign_in_are_counted_together(hosts):
    tries = [hosts[number % 2] for number in range(12)]
    statuses = []
    for site in tries:
        visitor = Visitor(site)
        path = "/admin/login/"
        statuses.append(
            visitor.ask(path, visitor.form(path) | {"username": "shiken", "password": "wrong"})[0]
        )
    assert statuses[:9] == [200] * 9
    assert set(statuses[10:]) == {429}
    right = Visitor(hosts[1])
    assert (
        right.ask("/admin/login/", right.form("/admin/login/") | {"username": "shiken", "password": WORDS})[0]
        == 429
    )


def test_an_edition_and_its_files_are_served_by_both(hosts):
    one, other = hosts
    one.manage("shell", "-c", EDITION)
    for name in ("", "bundle.zip", "cases.csv", "casebook.pdf", "README.txt"):
        found = [_read(site, f"/editions/2026-11/{name}") for site in hosts]
        assert {status for status, *_ in found} == {200}, name
        if name:
            assert found[0] == found[1], name
    assert not list(one.data_dir.rglob("*.zip")), "it's where both find it"


def test_a_photograph_is_served_by_both_and_lies_in_the_shared_folder(hosts):
    one, other = hosts
    files = other.manage("shell", "-c", PHOTOGRAPH).partition("files ")[2].split()
    assert len(files) == 3
    for name in files:
        found = [_read(site, f"/{name}") for site in hosts]
        assert found[0] == found[1]
        assert found[0][0] == 200
    assert not list(one.data_dir.rglob("*.jpg")) + list(other.data_dir.rglob("*.jpg"))
