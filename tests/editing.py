"""What an editor does on the served site, over HTTP: a table is taken in, a version is written and published."""

import csv
import io
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPException
from pathlib import Path

import psycopg

from tests.served import Site, serving
from tests.visitor import Visitor

WORDS = "a long pass phrase"
IMPORTS = "/admin/cases/import/"
HEAD = ["URLの名", "団体コード", "分野", "自治体区分", "概要", "概要の出典"]
PATIENCE = 60  # seconds
BACK_SECONDS = 15  # within which a site whose workers were killed answers again
PEOPLE = f"""
from django.contrib.auth.models import User
for name in ("kanri", "kokai"):
    User.objects.create_superuser(name, password="{WORDS}")
"""


@contextmanager
def casebook(folder: Path, **settings: str) -> Iterator[Site]:
    """The fifteen cases, served from `folder`, with two administrators: kanri and kokai."""
    with serving(folder, **settings) as site:
        site.manage("shell", "-v0", "-c", PEOPLE)
        yield site


def until_back(site: Site) -> None:
    """Wait until a new reader gets the first page, as long as a site may be away."""
    until(answers, site, patience=BACK_SECONDS)


def assert_whole(path: Path) -> None:
    """The SQLite file is sound, and every row leads to rows that are there."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def until(what, *args, patience=PATIENCE):
    """Wait for a true answer, as long as an editor would; returns it."""
    end = time.monotonic() + patience
    while not (answer := what(*args)):
        assert time.monotonic() < end, f"{what} took more than {patience} s"
        time.sleep(0.01)
    return answer


def rows(site: Site, sql: str) -> list[tuple]:
    """What the site's database answers to `sql`, asked from outside."""
    url = site.env.get("DATABASE_URL")
    path = site.data_dir / "casebook.sqlite3"
    with closing(psycopg.connect(url) if url else sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


def answers(site: Site) -> bool:
    """Whether a new reader gets the first page."""
    try:
        return Visitor(site).ask("/")[0] == 200
    except (OSError, HTTPException):
        return False


def sign_in(site: Site, name: str) -> Visitor:
    return Visitor(site).sign_in(name, WORDS)


def table(name: str, size: int) -> bytes:
    """A table of new cases, `name`-0 and so on."""
    file = io.StringIO()
    row = ["012025", "相談", "市区町村5万人未満", "試験用の概要", "report"]
    csv.writer(file).writerows([HEAD, *([f"{name}-{number}", *row] for number in range(size))])
    return file.getvalue().encode()


def upload(visitor: Visitor, content: bytes) -> str:
    """Upload a table → the path of its import, whose preview is being made."""
    add = f"{IMPORTS}add/"
    status, page = visitor.ask(add, visitor.form(add), files={"import_file": ("試験.csv", content)})
    assert status == 200, page
    assert "取り込めません" not in page, page
    return re.search(rf"{IMPORTS}\d+/change/", visitor.ask(IMPORTS)[1])[0]  # the newest is the first


def previewed(visitor: Visitor, content: bytes) -> tuple[str, str]:
    """Upload a table and wait for its preview → the path of the import, and the page."""
    path = upload(visitor, content)

    def page_of_preview():
        page = visitor.ask(path)[1]
        return page if "このとおり取り込む" in page else ""

    return path, until(page_of_preview)


def confirm(visitor: Visitor, path: str) -> None:
    assert visitor.ask(path, visitor.form(path) | {"_act": "confirm"})[0] == 200


def state(site: Site, path: str) -> str:
    """Of the import at `path`."""
    return rows(site, f"SELECT state FROM cases_import WHERE id = {re.search('[0-9]+', path)[0]}")[0][0]


def saved(site: Site, name: str) -> int:
    """How many cases of table(name, …) are there."""
    return rows(site, f"SELECT count(*) FROM cases_case WHERE slug LIKE '{name}-%'")[0][0]
