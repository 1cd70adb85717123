"""move_casebook: the casebook of another database → this one, by backup and restore, and the proof that it's the same."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dj_database_url
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from .archive import Refused
from .making import make
from .restoring import restore
from .rows import Tables, one_moment

FORMER = "former"


@dataclass(frozen=True)
class Proof:
    """One table: how many rows were moved, the hash of their contents, and whether the former still has the same."""

    label: str
    rows: int
    content: str
    same: bool


def move(url: str, say: Callable[[str], None] = lambda words: None) -> list[Proof]:
    """Move the casebook at `url` into this one, which must be empty → the proof, table by table.

    Both have the same DATA_DIR: the files are where they were, and compared. The backup on which it goes is
    kept. Refused in words.
    """
    _connect(url)
    try:
        made = make(using=FORMER)
        say(f"移す前のバックアップを作りました：{made.path}")
        if made.lost:
            raise Refused(f"ファイルがありません（{'、'.join(made.lost)}）。移していません。")
        manifest = restore(made.path, say)
        with one_moment(FORMER):
            return list(_proofs(manifest, Tables(FORMER)))
    except OperationalError as error:
        raise Refused(f"データベースにつながりません（{error}）。") from error


def _connect(url):
    try:
        database = dj_database_url.parse(url)
    except (ValueError, dj_database_url.ParseError):  # the URL may hold a password: it isn't repeated
        raise Refused(
            "移す元を「sqlite:////…/casebook.sqlite3」か「postgres://…」の形で書いてください。"
        ) from None
    if database["ENGINE"].endswith("sqlite3") and not Path(database["NAME"]).is_file():  # it would be made
        raise Refused(f"移す元のファイルがありません（{database['NAME']}）。")
    connections.settings[FORMER] = {**connections.settings[DEFAULT_DB_ALIAS], "OPTIONS": {}, **database}


def _proofs(manifest, former):
    """What this casebook was found to hold, beside what the former one holds now, some minutes later."""
    for label, table in manifest.tables.items():
        content = former.content(label)
        same = (content.rows, content.digest) == (table.rows, table.content)
        yield Proof(label, table.rows, table.content, same)
