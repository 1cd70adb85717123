"""Published is frozen, by the database itself: triggers on SQLite and PostgreSQL.

They're made from today's models after every migration and dropped before it (see apps.py), because
SQLite rebuilds a table to alter it and loses the table's triggers on the way.
"""

from .audit import AuditEntry
from .case import Case, CaseVersion
from .content import Citation, Link, Silence, Statement, ToolUse
from .edition import BUNDLE, Edition, EditionFile
from .photo import Photo
from .workflow import Transition

PARTS = (Statement, Silence, ToolUse, Link, Photo)
_STATUSES = ", ".join(f"'{status}'" for status in CaseVersion.FROZEN)
_VERSION = CaseVersion._meta.db_table
_MESSAGE = "published is frozen"


def _frozen(version_id):
    """SQL: is that version frozen?"""
    return f"EXISTS (SELECT 1 FROM {_VERSION} WHERE id = {version_id} AND status IN ({_STATUSES}))"


def _rules():
    """(table, event, SQL that refuses it, SQL for the version it belongs to) for every frozen thing."""
    kept = [field.column for field in CaseVersion._meta.concrete_fields if field.column != "status"]
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept)
    onward = (
        "(OLD.status = 'published' AND NEW.status IN ('superseded', 'withdrawn'))"
        " OR (OLD.status = 'superseded' AND NEW.status = 'withdrawn')"
    )
    yield _VERSION, "UPDATE", f"OLD.status IN ({_STATUSES}) AND (({changed}) OR NOT ({onward}))", None
    yield _VERSION, "DELETE", f"OLD.status IN ({_STATUSES})", None
    yield (
        Case._meta.db_table,
        "UPDATE",
        "(OLD.slug <> NEW.slug OR OLD.municipality_id <> NEW.municipality_id) AND EXISTS "
        f"(SELECT 1 FROM {_VERSION} WHERE case_id = OLD.id AND status IN ({_STATUSES}))",
        None,
    )
    statement = "(SELECT version_id FROM cases_statement WHERE id = {}.statement_id)"
    owners = [(part._meta.db_table, "{}.version_id") for part in PARTS]
    owners.append((Citation._meta.db_table, statement))
    owners.append((Statement.themes.through._meta.db_table, statement))
    for table, owner in owners:
        old, new = owner.format("OLD"), owner.format("NEW")
        yield table, "INSERT", _frozen(new), new
        yield table, "UPDATE", f"{_frozen(old)} OR {_frozen(new)}", new
        yield table, "DELETE", _frozen(old), old
    history = Transition._meta.db_table
    yield history, "UPDATE", "TRUE", None
    yield history, "DELETE", _frozen("OLD.version_id"), None
    for event in ("UPDATE", "DELETE"):
        yield AuditEntry._meta.db_table, event, "TRUE", None
    yield from _of_editions()


def _of_editions():
    """An edition, its list of versions and its files; only the withdrawal of the files comes later, once."""
    edition, files = Edition._meta.db_table, EditionFile._meta.db_table
    later = ("files_withdrawn_at", "files_withdrawn_because")
    kept = [field.column for field in Edition._meta.concrete_fields if field.column not in later]
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept)
    yield (
        edition,
        "UPDATE",
        f"OLD.frozen_at IS NOT NULL AND ({changed} OR OLD.files_withdrawn_at IS NOT NULL)",
        None,
    )
    yield edition, "DELETE", "OLD.frozen_at IS NOT NULL", None
    for event in ("INSERT", "UPDATE", "DELETE"):
        row = "OLD" if event == "DELETE" else "NEW"
        frozen = f"EXISTS (SELECT 1 FROM {edition} WHERE id = {row}.edition_id AND frozen_at IS NOT NULL)"
        yield Edition.versions.through._meta.db_table, event, frozen, None
    # The bundle's row is the last to come: after it there are no more.
    complete = f"EXISTS (SELECT 1 FROM {files} WHERE edition_id = NEW.edition_id AND name = '{BUNDLE}')"
    yield files, "INSERT", complete, None
    for event in ("UPDATE", "DELETE"):
        yield files, event, "TRUE", None


def _name(table, event):
    return f"frozen_{table}_{event.lower()}"


def install(connection) -> None:
    """Create every trigger anew on `connection`'s database."""
    remove(connection)
    with connection.cursor() as cursor:
        for table, event, refused, version in _rules():
            name = _name(table, event)
            if connection.vendor == "sqlite":
                # SQLite says IS NOT where the standard says IS DISTINCT FROM (before 3.39).
                refused = refused.replace("IS DISTINCT FROM", "IS NOT")
                cursor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused} "
                    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
                )
            else:
                # A part written while its version is being published waits for the outcome, then looks.
                wait = f"PERFORM 1 FROM {_VERSION} WHERE id = {version} FOR SHARE; " if version else ""
                row = "OLD" if event == "DELETE" else "NEW"
                cursor.execute(
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {wait}"
                    f"IF {refused} THEN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'check_violation'; "
                    f"END IF; RETURN {row}; END $$"
                )
                cursor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
                )


def remove(connection) -> None:
    """Drop every trigger of ours, whatever models it was made from."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 7) = 'frozen_'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute(
                "SELECT proname FROM pg_proc WHERE left(proname, 7) = 'frozen_'"
                " AND pronamespace = current_schema()::regnamespace"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP FUNCTION "{name}"() CASCADE')
