"""restore: a backup → an empty casebook. All of it is one transaction, and its files come before the commit.

Whoever is killed on the way leaves a database as empty as it was; files that came already are nobody's until
the rows name them, and the next run finds them the same and goes on.
"""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from ..models import CatalogueStamp, frozen
from . import files
from .archive import Archive, Manifest, Refused
from .rows import Tables, Unfit

# What a casebook has before anybody has done anything: rows that migrations make.
MADE_BY_MIGRATIONS = {
    "contenttypes.contenttype",
    "auth.permission",
    "auth.group",
    "auth.group_permissions",
    "cases.cataloguestamp",
    "cases.wording",
}


def restore(path: Path, say: Callable[[str], None] = lambda words: None) -> Manifest:
    """Restore a backup of this release or an older one → its manifest, all of which was found again here.

    `say` is told how far it has come. Refused in words, and then nothing has changed: where this casebook
    isn't empty, and where the backup is damaged, foreign or newer.
    """
    with closing(Archive(path, room=shutil.disk_usage(settings.DATA_DIR).free)) as archive:
        say("バックアップは壊れていません。")
        try:
            _restore(archive, connections[DEFAULT_DB_ALIAS], say)
        except Unfit as error:
            raise Refused(f"この行は入りません（{error}）。") from error
        except (DatabaseError, OSError) as error:
            raise Refused(f"書き込めません（{error}）。") from error
        return archive.manifest


def _restore(archive, connection, say):
    manifest = archive.manifest
    _refuse_other_files(manifest)
    with connection.constraint_checks_disabled(), transaction.atomic():
        _clear(connection)
        tables = _tables_of_then(connection, manifest)
        for label, table in manifest.tables.items():
            _fill(tables, label, table, archive)
        _refuse_dangling(connection)
        tables.reset_sequences()
        say(f"{manifest.rows:,}行が、バックアップと同じです。")
        for part in manifest.files:
            _keep(archive, part)
        say(f"{len(manifest.files):,}個のファイルが、バックアップと同じです。")
        ContentType.objects.clear_cache()
        call_command("migrate", interactive=False, verbosity=0)
        # What was read under these words elsewhere, or here before, may not be what they name from now on.
        CatalogueStamp.move(words=True)


def _refuse_other_files(manifest):
    for part in manifest.files:
        if files.is_same(part, manifest.parts[part].sha256) is False:
            raise Refused(f"同じ名前で内容の違うファイルがあります（{part}）。")


def _clear(connection):
    """Take the tables of an empty casebook away. Refused where it isn't empty."""
    here = Tables()
    if here.unknown:
        raise Refused("このデータベースは、より新しい casebook のものです。")
    _hold(connection, here)
    for label in here.models:
        if label not in MADE_BY_MIGRATIONS and (rows := here.of(label).count()):
            name = here.models[label]._meta.verbose_name
            raise Refused(
                f"この casebook は空ではありません（{name}が{rows:,}行）。空のところに戻してください。"
            )
    frozen.remove(connection)
    with connection.cursor() as cursor:
        for name in _names(connection, here):
            cursor.execute(f"DROP TABLE {name}{'' if connection.vendor == 'sqlite' else ' CASCADE'}")


def _tables_of_then(connection, manifest):
    """The tables that the backup's database had, made by its migrations and without a row. Refused."""
    executor = MigrationExecutor(connection)
    nodes, then = executor.loader.graph.node_map, set(manifest.migrations)
    if not then <= set(nodes):
        raise Refused(
            f"より新しい casebook（{manifest.casebook}）のものです。その casebook で戻してください。"
        )
    _look_at_constraints(connection, "IMMEDIATE")
    executor.migrate([key for key in sorted(then) if then.isdisjoint(nodes[key].children)])
    _look_at_constraints(connection, "DEFERRED")
    tables = Tables()
    columns = {label: tables.columns(label) for label in tables.models}
    if columns != {label: table.columns for label, table in manifest.tables.items()}:
        raise Refused("バックアップの表が、その casebook のものではありません。")
    with connection.cursor() as cursor:
        for model in tables.every:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
    return tables


def _hold(connection, tables):
    """Until the end nobody else writes: SQLite's transaction sees to that, PostgreSQL has to be told."""
    if connection.vendor != "sqlite" and (names := _names(connection, tables)):
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")


def _look_at_constraints(connection, when):
    """On PostgreSQL: at once, since a table with open questions can't be altered; or later, for rows in any order.

    SQLite's are off until the commit, and looked at by hand.
    """
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL {when}")


def _names(connection, tables):
    names = [model._meta.db_table for model in tables.every]
    return [connection.ops.quote_name(name) for name in (*names, "django_migrations")] if names else []


def _fill(tables, label, table, archive):
    """Every row of a table, then read again from the database and compared with what the backup says. Refused."""
    tables.fill(label, archive.lines(label))
    content = tables.content(label)
    if (content.rows, content.digest) != (table.rows, table.content):
        raise Refused(f"戻した表が、バックアップと違います（{label}）。")


def _refuse_dangling(connection):
    """Every row leads to rows that are there. Refused."""
    try:
        if connection.vendor == "sqlite":
            connection.check_constraints()
        else:
            _look_at_constraints(connection, "IMMEDIATE")
    except DatabaseError as error:
        raise Refused(f"行どうしのつながりが壊れています（{error}）。") from error


def _keep(archive, part):
    told = archive.manifest.parts[part].sha256
    if files.is_same(part, told) is None:
        with archive.open(part) as source:
            files.keep(part, source)
        if not files.is_same(part, told):
            raise Refused(f"書いたファイルが、バックアップと違います（{part}）。")
