"""The way of an uploaded table into drafts: received, read into a plan, shown, confirmed, saved.

The two long steps run in a thread of their own, which gives signs of life; a server that is
killed in the middle of one leaves an import that says so and can be started again, and nothing half saved.
"""

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Callable

from django.db import IntegrityError, OperationalError, connections, transaction
from django.utils import timezone

from ..models import AuditEntry, Import, Stale, Stopped
from ..readability import check
from ..resources import SHEETS
from ..tables import read
from ..workbooks import BESIDE
from . import saving
from .plan import Plan, make_plan
from .recognition import kept, recognise, to_keep

BEAT_SECONDS = 0.5
TURN = threading.Lock()  # one at a time in each worker: two would only slow each other, and the readers
log = logging.getLogger(__name__)


def inspect(content: bytes) -> list[tuple[str, str, list[str], int]]:
    """Where an uploaded file doesn't keep the rules of machine readability: (rule, name, places, how many more)."""
    defined = {column.column_name for sheet in SHEETS for column in sheet().columns}
    found = check(content, defined=defined, skip=BESIDE)
    return [(one.rule, one.name, one.told, one.more) for one in found if one.ok is False]


def receive(content: bytes, file_name: str, *, by, findings=()) -> Import:
    """Read an uploaded file and start its preview; `findings` of inspect() stay with it.

    Unreadable, with every problem, where it can't be read.
    """
    sheets = recognise(read(content, file_name, skip=BESIDE))
    import_ = Import.objects.create(
        by=by,
        file_name=file_name[:255],
        content_hash=hashlib.sha256(content).hexdigest(),
        total=sum(len(sheet.rows) for sheet in sheets),
        findings=list(findings),
        rows=to_keep(sheets),
        run=uuid.uuid4(),
        moved_at=timezone.now(),
    )
    start(import_)
    return import_


def start(import_: Import) -> None:
    """Run what the import's state asks for, in a thread that a server told to stop waits for."""
    threading.Thread(target=_in_thread, args=[import_.pk, import_.run], daemon=False).start()


def _in_thread(pk, run):
    try:
        carry_out(pk, run)
    finally:
        connections.close_all()  # this thread's own


def carry_out(pk: int, run: uuid.UUID) -> None:
    """Preview or save the import `pk`, as its run `run`. What goes wrong is logged and told on its page."""
    import_ = Import.objects.select_related("by").get(pk=pk)
    try:
        with _Beat(import_, run) as beat:
            (_preview if import_.state == Import.State.READING else _save)(import_, run, beat)
    except Stopped:
        log.info("import %s: cancelled or taken over", pk)
    except Exception:
        log.exception("import %s failed", pk)
        _stop(import_, run)


def _preview(import_, run, beat):
    plan = make_plan(kept(import_.rows), beat)
    if plan.problems:
        import_.refuse(run, plan.preview())
    else:
        import_.show(run, plan.preview())


def _save(import_, run, beat):
    """Make the plan anew, see that it's the one that was shown, and write it."""
    plan = make_plan(kept(import_.rows), beat)
    try:
        if plan.token != import_.preview["token"]:
            raise saving.moved_on(plan.moved_since(import_.preview))
        themes = saving.gather(plan)
        beat.now()
        _write(import_, run, plan, themes)
        saving.remember(plan, by=import_.by, file_name=import_.file_name)
    except (Stale, IntegrityError) as error:  # the latter: a row came between the look and the writing
        stale = error if isinstance(error, Stale) else saving.moved_on([])
        import_.refuse(run, {"stale": stale.messages[0]})


@transaction.atomic
def _write(import_: Import, run: uuid.UUID, plan: Plan, themes):
    saving.refuse_if_moved(plan)
    saving.save(plan, themes, by=import_.by)
    AuditEntry.record(AuditEntry.Act.IMPORT, by=import_.by, about=import_.file_name, detail=plan.outcome)
    import_.finish(run, plan.outcome)


def _stop(import_, run):
    try:
        import_.stop(run)
    except (Stopped, OperationalError):  # then its silence tells it, half a minute later
        log.warning("import %s: couldn't say that it has stopped", import_.pk)


class _Beat:
    """Waits for its turn, then tells how many rows are done, at most twice a second."""

    def __init__(self, import_: Import, run: uuid.UUID):
        self.import_, self.run, self.done, self.last = import_, run, 0, 0.0

    def __enter__(self) -> Callable[[int], None]:
        while not TURN.acquire(timeout=BEAT_SECONDS):
            self.now()
        return self

    def __exit__(self, *failure):
        TURN.release()

    def __call__(self, done: int) -> None:
        self.done = done
        if time.monotonic() - self.last >= BEAT_SECONDS:
            self.now()

    def now(self):
        self.last = time.monotonic()
        try:
            self.import_.beat(self.run, self.done)
        except OperationalError:  # somebody else is writing for long: one beat less
            log.info("import %s: the database was busy", self.import_.pk)
