"""The rows of a database as lines of JSON, whatever its engine, in the tables of its own release.

The tables are those of the migrations that the database has had (`Tables`), not of today's models: so an old
database is read as it is, and an old backup is written into tables of its age, which then migrate.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.migrations.loader import MigrationLoader

AT_ONCE = 500  # rows
# Who is signed in, and who has tried to from where: nothing of that is for another day or another place.
LEFT_OUT = {
    "sessions.session",
    "axes.accessattempt",
    "axes.accessattemptexpiration",
    "axes.accessfailurelog",
    "axes.accesslog",
}


class Unfit(Exception):
    """These lines aren't rows of that table; says why."""


@dataclass
class Content:
    """How many rows a table has, and one number for all that they say, in whatever order they're read.

    Databases sort text by different rules, so the rows' hashes are added up, not chained.
    """

    rows: int = 0
    total: int = 0

    def add(self, line: bytes) -> bytes:
        self.rows += 1
        self.total = (self.total + int.from_bytes(sha256(line).digest())) % (1 << 256)
        return line

    @property
    def digest(self) -> str:
        return f"{self.total:064x}"


@contextmanager
def one_moment(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Everything read of a database inside the block is of one moment; writers go on meanwhile."""
    connection = connections[using]
    connection.ensure_connection()
    mode = getattr(connection, "transaction_mode", None)
    if connection.vendor == "sqlite":
        connection.transaction_mode = "DEFERRED"  # ours is IMMEDIATE, which would keep writers waiting
    try:
        with transaction.atomic(using):
            if connection.vendor != "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        connection.transaction_mode = mode


class Tables:
    """The tables of a database as its migrations left them.

    `migrations` are those it has had, `unknown` those of them that this release has never heard of.
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS):
        self.connection = connections[using]
        loader = MigrationLoader(self.connection)
        self.migrations = sorted(loader.applied_migrations)
        self.unknown = [key for key in self.migrations if key not in loader.graph.nodes]
        known = [key for key in self.migrations if key in loader.graph.nodes]
        models = loader.project_state(known).apps.get_models(include_auto_created=True) if known else []
        self.every = [model for model in models if model._meta.managed and not model._meta.proxy]
        self.models = {model._meta.label_lower: model for model in self.every}
        for label in LEFT_OUT:
            self.models.pop(label, None)

    def of(self, label: str):
        """The rows of a table, to be asked for; None where this release has no such table."""
        return self.models[label]._base_manager.using(self.connection.alias) if label in self.models else None

    def columns(self, label: str) -> list[str]:
        return [field.attname for field in _fields(self.models[label])]

    def lines(self, label: str) -> Iterator[bytes]:
        """Every row as a line of JSON, its values in the order of the columns; a few in memory at a time."""
        rows = self.of(label).order_by("pk").values_list(*self.columns(label))
        for row in rows.iterator(chunk_size=AT_ONCE):
            text = json.dumps(row, default=_text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            yield text.encode() + b"\n"

    def content(self, label: str) -> Content:
        content = Content()
        for line in self.lines(label):
            content.add(line)
        return content

    def fill(self, label: str, lines: Iterable[bytes]) -> None:
        """Write the rows as they were read: no default, no date of today, no signal. Unfit in words."""
        model = self.models[label]
        fields, quote = _fields(model), self.connection.ops.quote_name
        sql = "INSERT INTO {} ({}) VALUES ({})".format(  # noqa: S608  names of our own models
            quote(model._meta.db_table),
            ", ".join(quote(field.column) for field in fields),
            ", ".join(["%s"] * len(fields)),
        )
        lines = iter(lines)
        try:
            with self.connection.cursor() as cursor:
                while some := [self._row(fields, line) for line in islice(lines, AT_ONCE)]:
                    cursor.executemany(sql, some)
        except (DatabaseError, ValidationError, ValueError, TypeError, RecursionError) as error:
            said = " ".join(str(error).split())  # PostgreSQL's DETAIL is a line of its own
            raise Unfit(f"{label}: {said}") from error

    def _row(self, fields, line):
        row = json.loads(line)
        if not isinstance(row, list):
            raise TypeError("not a row")
        return [
            field.get_db_prep_save(field.to_python(value), self.connection)
            for field, value in zip(fields, row, strict=True)
        ]

    def reset_sequences(self) -> None:
        """Let the next row of every table be numbered after those that were filled in."""
        with self.connection.cursor() as cursor:
            for sql in self.connection.ops.sequence_reset_sql(no_style(), self.models.values()):
                cursor.execute(sql)


def _fields(model):
    return model._meta.local_concrete_fields


def _text(value):
    """What JSON has no word for."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | Decimal | UUID):
        return str(value)
    raise TypeError(type(value))
