"""An import: a table that somebody uploaded, what it would change, and whether it was saved."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

LIFETIME = timedelta(hours=24)
SILENT_FOR = timedelta(seconds=30)  # a run that gave no sign of life for so long has died


class Stopped(Exception):
    """This run may not go on: the import was cancelled, or another run has taken it over."""


class ImportQuerySet(models.QuerySet):
    def sweep(self) -> int:
        """End every import older than 24 hours and empty it; returns how many."""
        old = self.filter(ended_at=None, created_at__lte=timezone.now() - LIFETIME)
        return old.update(**_ended(Import.State.EXPIRED))


class Import(models.Model):
    """One uploaded table on its way into drafts; seen and confirmed by the user who uploaded it alone.

    `rows` is what was read of the file, `findings` what is to mend in it and `preview` what it would change; all
    are emptied when the import ends. `run` names the one run that may still end it; `moved_at` is that run's sign of life.
    """

    class State(models.TextChoices):
        READING = "reading", "確かめています"
        REFUSED = "refused", "直してください"
        READY = "ready", "確認待ち"
        SAVING = "saving", "保存しています"
        DONE = "done", "取り込みました"
        CANCELLED = "cancelled", "取りやめました"
        EXPIRED = "expired", "期限切れ"

    RUNNING = (State.READING, State.SAVING)

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="取り込む人"
    )
    created_at = models.DateTimeField("受け取った日時", auto_now_add=True)
    file_name = models.CharField("ファイル", max_length=255, editable=False)
    content_hash = models.CharField("内容のハッシュ", max_length=64, editable=False)
    state = models.CharField(
        "状態", max_length=10, choices=State.choices, default=State.READING, editable=False
    )
    run = models.UUIDField(null=True, editable=False)
    moved_at = models.DateTimeField(null=True, editable=False)
    done = models.PositiveIntegerField("済んだ行", default=0, editable=False)
    total = models.PositiveIntegerField("全体の行", default=0, editable=False)
    outcome = models.CharField("結果", max_length=200, blank=True, editable=False)
    ended_at = models.DateTimeField("終わった日時", null=True, editable=False)
    # How the file keeps the rules of machine readability: (rule, name, places in words, further ones) where it doesn't.
    findings = models.JSONField("点検の結果", default=list, editable=False)
    # Big, so last: a sign of life then leaves them where they are.
    rows = models.JSONField(default=list, editable=False)
    preview = models.JSONField(default=dict, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表の取り込み"
        ordering = ["-created_at"]

    def __str__(self):
        return self.file_name

    @property
    def expires_at(self):
        return self.created_at + LIFETIME

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def is_stuck(self) -> bool:
        """Whether its run has died: the server was stopped, or something failed that nobody foresaw."""
        silent_since = timezone.now() - SILENT_FOR
        return self.is_running and (self.moved_at is None or self.moved_at < silent_since)

    @property
    def may_be_cancelled(self) -> bool:
        return self.ended_at is None

    # What the one who uploaded it does. Each is one conditional UPDATE: of two, one wins.

    def confirm(self, token: str, *, by) -> None:
        """確認待ち → 保存中, once, if `token` is that of the preview that was shown. ValidationError otherwise."""
        fits = token and token == self.preview.get("token")
        if not fits or not self._begin(self.State.SAVING, by, Q(state=self.State.READY)):
            raise ValidationError("この取り込みは、もう確認待ちではありません。", code="wrong_state")

    def again(self, *, by) -> None:
        """Give a run that died to a new one, from what was read. ValidationError where none has died."""
        silent = Q(moved_at=None) | Q(moved_at__lt=timezone.now() - SILENT_FOR)
        if not self._begin(self.state, by, Q(silent, state=self.state, state__in=self.RUNNING)):
            raise ValidationError("この取り込みは止まっていません。", code="wrong_state")

    def cancel(self, *, by) -> None:
        """Any open state → 取りやめ; a run under way saves nothing any more. ValidationError if it had ended."""
        if not self._mine(by).filter(ended_at=None).update(**_ended(self.State.CANCELLED)):
            raise ValidationError("この取り込みは、もう終わっています。", code="wrong_state")
        self.refresh_from_db()

    # What its run does. Each raises Stopped where the run is no longer the one that may.

    def beat(self, run: uuid.UUID, done: int) -> None:
        """A sign of life: `done` rows of it."""
        self._as_run(run, done=done, moved_at=timezone.now())

    def show(self, run: uuid.UUID, preview: dict) -> None:
        """読み取り中 → 確認待ち, with what it would change."""
        self._as_run(run, state=self.State.READY, preview=preview, done=self.total, run=None)

    def refuse(self, run: uuid.UUID, preview: dict) -> None:
        """→ 直してください, with what is wrong; nothing of it is saved."""
        self._as_run(run, state=self.State.REFUSED, preview=preview, rows=[], run=None)

    def stop(self, run: uuid.UUID) -> None:
        """The run has failed: who uploaded it may start another at once."""
        self._as_run(run, moved_at=None)

    def finish(self, run: uuid.UUID, outcome: str) -> None:
        """保存中 → 取り込みました; call it in the transaction that saves the rows."""
        self._as_run(run, **_ended(self.State.DONE), outcome=outcome, done=self.total)

    def _begin(self, state, by, start):
        run = {"state": state, "run": uuid.uuid4(), "moved_at": timezone.now(), "done": 0}
        begun = self._mine(by).filter(start, created_at__gt=timezone.now() - LIFETIME).update(**run)
        self.refresh_from_db()
        return begun

    def _mine(self, by):
        return type(self).objects.filter(pk=self.pk, by=by)

    def _as_run(self, its_run, **values):
        running = type(self).objects.filter(pk=self.pk, run=its_run, state__in=self.RUNNING)
        if not running.update(**values):
            raise Stopped


def _ended(state):
    return {
        "state": state,
        "run": None,
        "findings": [],
        "rows": [],
        "preview": {},
        "ended_at": timezone.now(),
    }
