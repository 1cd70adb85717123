"""A plan → drafts, all or nothing, in one short transaction."""

from itertools import chain

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from ..models import Case, CaseVersion, Citation, Silence, Stale, Statement
from ..resources import Dossier, load_parts, seen
from ..resources.dossiers import PARTS
from .plan import Plan

NAMED = 5


def gather(plan: Plan) -> dict[int, list]:
    """Before the transaction: what else a revision copies. → old statement's key → its themes' keys.

    The versions it's read from are frozen, so it can't change before it's used.
    """
    revised = [dossier for dossier in plan.changed if dossier.base]
    load_parts(revised, PARTS)
    olds = [statement.pk for dossier in revised for statement in dossier.of(Statement) if statement.pk]
    themes = {}
    for start in range(0, len(olds), 1_000):
        rows = Statement.themes.through.objects.filter(statement__in=olds[start : start + 1_000])
        for statement, theme in rows.values_list("statement", "theme"):
            themes.setdefault(statement, []).append(theme)
    return themes


def refuse_if_moved(plan: Plan) -> None:
    """Stale, naming the cases, where the casebook isn't what the plan was made from.

    Locks their versions: call it in a transaction.
    """
    slugs = [dossier.case.slug for dossier in plan.changed]
    for start in range(0, len(slugs), 1_000):
        mine = CaseVersion.objects.filter(case__slug__in=slugs[start : start + 1_000])
        list(mine.order_by("pk").select_for_update().values_list("pk"))
    now = seen(slugs)
    if moved := [dossier for dossier in plan.changed if dossier.seen != now[dossier.case.slug]]:
        raise moved_on(moved)


def moved_on(dossiers: list[Dossier]) -> Stale:
    """What to tell where these cases have changed since they were shown."""
    names = "」「".join(str(dossier.case) for dossier in dossiers[:NAMED])
    more = f"ほか{len(dossiers) - NAMED}件" if len(dossiers) > NAMED else ""
    what = f"「{names}」{more}" if dossiers else "語彙・出典・自治体など"
    return Stale(
        f"確認した後で、だれかが{what}を変えました。何も保存していません。"
        "もう一度ファイルを選んで、違いを確かめてください。",
        code="stale",
    )


def save(plan: Plan, themes: dict[int, list], *, by) -> None:
    """Write every changed dossier in the caller's transaction, a few statements for each table."""
    changed = plan.changed
    made = [dossier for dossier in changed if dossier.version.pk is None]
    kept = [dossier for dossier in changed if dossier.version.pk is not None]
    for dossier in made:
        dossier.version.created_by = by
    Case.objects.bulk_create(dossier.case for dossier in made if dossier.case.pk is None)
    CaseVersion.objects.bulk_create(dossier.version for dossier in made)
    _update(CaseVersion, [dossier.version for dossier in kept if hasattr(dossier.version, "read_from")])
    Silence.objects.filter(pk__in=[row.pk for dossier in kept for row in dossier.ended_silences]).delete()
    _save_parts(made, kept, themes)
    writers = CaseVersion.writers.through  # for 自分の書いた版
    written = (writers(caseversion=dossier.version, user=by) for dossier in changed)
    writers.objects.bulk_create(written, ignore_conflicts=True)


def _save_parts(made, kept, themes):
    for model in PARTS:
        if model is Statement:
            _save_statements(made, kept, themes)
            continue
        new = [_new(row) for dossier in made for row in dossier.of(model)]
        new += [row for dossier in kept for row in dossier.of(model) if row.pk is None]
        old = [row for dossier in kept for row in dossier.of(model) if row.pk and hasattr(row, "read_from")]
        # A tool that is no longer the main one goes first: there is never more than one.
        _update(model, sorted(old, key=lambda row: getattr(row, "main", False)))
        model.objects.bulk_create(new)


def _save_statements(made, kept, themes):
    copied = [row for dossier in made for row in dossier.of(Statement)]
    themes_of = [(row, themes.get(row.pk, [])) for row in copied]
    new = [_new(row) for row in copied]
    written = [row for dossier in kept for row in dossier.of(Statement) if hasattr(row, "read_from")]
    new += [row for row in written if row.pk is None]
    challenges = [(row, row.answers) for row in new if row.answers]
    for row, _ in challenges:
        row.answers = None  # whom it answers may have no key yet
    old = [row for row in written if row.pk]
    Statement.objects.bulk_create(new)
    for row, challenge in challenges:
        row.answers = challenge
    for row in old:
        row.answers = row.answers  # takes the key that its challenge has now
    _update(Statement, old + [row for row, _ in challenges])
    citations = chain.from_iterable(_citations(row) for row in new)
    Citation.objects.bulk_create(_new(citation) for citation in citations)
    _save_cited(old)
    through = Statement.themes.through
    through.objects.bulk_create(
        through(statement=row, theme_id=theme) for row, its_themes in themes_of for theme in its_themes
    )


def _citations(statement):
    """What it cites: what its row says first, then what was there."""
    for citation in [statement.cited, *statement.citations_read[1:]]:
        if citation.source_id:
            citation.statement = statement
            yield citation


def _save_cited(statements):
    cited = [statement.cited for statement in statements if statement.cited.source_id]
    _update(Citation, [citation for citation in cited if citation.pk])
    Citation.objects.bulk_create(citation for citation in cited if citation.pk is None)


def _new(row):
    """The same row, to be inserted as another one."""
    row.pk, row._state.adding = None, True
    if hasattr(row, "version"):
        row.version = row.version  # takes the key that the version has now
    return row


def _update(model, rows):
    """Write every field of the rows, one prepared statement for all: bulk_update() would build a CASE for each cell."""
    if not rows:
        return
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    cells = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    # The names are the models' own, never a file's.
    sql = f"UPDATE {quote(model._meta.db_table)} SET {cells} WHERE {quote(model._meta.pk.column)} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            sql,
            [
                [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
                + [row.pk]
                for row in rows
            ],
        )


@transaction.atomic
def remember(plan: Plan, *, by, file_name: str) -> None:
    """Write into the admin's log who changed each version: it names them to whoever's page is stale now.

    After the commit: it would keep the other editors waiting half as long again.
    """
    kind = ContentType.objects.get_for_model(CaseVersion)
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            content_type=kind,
            object_id=str(dossier.version.pk),
            object_repr=str(dossier.version)[:200],
            action_flag=CHANGE,
            change_message=f"表「{file_name}」の取り込み",
        )
        for dossier in plan.changed
    )
