"""Published is frozen, by the database itself: triggers on SQLite and PostgreSQL.

They're made from today's models after every migration and dropped before it (see apps.py), because
SQLite rebuilds a table to alter it and loses the table's triggers on the way.
"""

from .audit import AuditEntry
from .case import Case, CaseVersion
from .content import Citation, Link, Silence, Statement, ToolUse
from .edition import BUNDLE, Edition, EditionFile
from .guide import GuideCitation, GuidePage, GuideTransition, GuideVersion
from .photo import Photo
from .survey import Survey, SurveyGroup, SurveyQuestion
from .survey_result import SurveyFigure, SurveyFinding
from .workflow import Transition

PARTS = (Statement, Silence, ToolUse, Link, Photo)
_STATUSES = ", ".join(f"'{status}'" for status in CaseVersion.FROZEN)
_MESSAGE = "published is frozen"


def _frozen(table, version_id):
    """SQL: is that version, a row of `table`, frozen?"""
    return f"EXISTS (SELECT 1 FROM {table} WHERE id = {version_id} AND status IN ({_STATUSES}))"


def _rules():
    """(table, event, SQL that refuses it, SQL for the version's row it belongs to) for every frozen thing."""
    statement = "(SELECT version_id FROM cases_statement WHERE id = {}.statement_id)"
    owners = [(part._meta.db_table, "{}.version_id") for part in PARTS]
    owners.append((Citation._meta.db_table, statement))
    owners.append((Statement.themes.through._meta.db_table, statement))
    yield from _of_versions(CaseVersion, Transition, Case, ("slug", "municipality_id"), owners)
    owners = [(GuideCitation._meta.db_table, "{}.version_id")]
    yield from _of_versions(GuideVersion, GuideTransition, GuidePage, ("slug",), owners)
    for event in ("UPDATE", "DELETE"):
        yield AuditEntry._meta.db_table, event, "TRUE", None
    yield from _of_editions()
    yield from _of_surveys()


def _of_versions(version, history, thing, identity, owners):
    """Versions with their parts (`owners`: table, SQL for its version) and history, and what names the thing."""
    table, history = version._meta.db_table, history._meta.db_table
    kept = [field.column for field in version._meta.concrete_fields if field.column != "status"]
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept)
    onward = (
        "(OLD.status = 'published' AND NEW.status IN ('superseded', 'withdrawn'))"
        " OR (OLD.status = 'superseded' AND NEW.status = 'withdrawn')"
    )
    yield table, "UPDATE", f"OLD.status IN ({_STATUSES}) AND (({changed}) OR NOT ({onward}))", None
    yield table, "DELETE", f"OLD.status IN ({_STATUSES})", None
    renamed = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in identity)
    has_been_public = (
        f"EXISTS (SELECT 1 FROM {table} WHERE {version.owner}_id = OLD.id AND status IN ({_STATUSES}))"
    )
    yield thing._meta.db_table, "UPDATE", f"({renamed}) AND {has_been_public}", None
    for part, owner in owners:
        old, new = owner.format("OLD"), owner.format("NEW")
        yield part, "INSERT", _frozen(table, new), (table, new)
        yield part, "UPDATE", f"{_frozen(table, old)} OR {_frozen(table, new)}", (table, new)
        yield part, "DELETE", _frozen(table, old), (table, old)
    yield history, "UPDATE", "TRUE", None
    yield history, "DELETE", _frozen(table, "OLD.version_id"), None


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


def _of_surveys():
    """A public survey and its parts; all that may happen to it is to be taken back as a draft."""
    survey, question = Survey._meta.db_table, SurveyQuestion._meta.db_table
    kept = [field.column for field in Survey._meta.concrete_fields if field.column != "published_at"]
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in kept)
    again = "NEW.published_at IS NOT NULL"
    yield survey, "UPDATE", f"OLD.published_at IS NOT NULL AND ({changed} OR {again})", None
    yield survey, "DELETE", "OLD.published_at IS NOT NULL", None
    finding = f"(SELECT survey_id FROM {SurveyFinding._meta.db_table} WHERE id = {{}}.surveyfinding_id)"
    owners = [(part._meta.db_table, "{}.survey_id") for part in (SurveyGroup, SurveyQuestion, SurveyFinding)]
    owners.append(
        (SurveyFigure._meta.db_table, f"(SELECT survey_id FROM {question} WHERE id = {{}}.question_id)")
    )
    owners.append((SurveyFinding.themes.through._meta.db_table, finding))
    for table, owner in owners:
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            yield table, event, " OR ".join(_public_survey(owner.format(row)) for row in rows), None


def _public_survey(survey_id):
    """SQL: is that survey public?"""
    table = Survey._meta.db_table
    return f"EXISTS (SELECT 1 FROM {table} WHERE id = {survey_id} AND published_at IS NOT NULL)"


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
                wait = ""
                if version:
                    wait = "PERFORM 1 FROM {} WHERE id = {} FOR SHARE; ".format(*version)
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
