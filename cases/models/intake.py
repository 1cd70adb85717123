"""An import: a table that somebody uploaded, what it would change, and whether it was saved."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

LIFETIME = timedelta(hours=24)


class Import(models.Model):
    """One uploaded table on its way into drafts; seen and confirmed by the user who uploaded it alone.

    `rows` is what was read of the file and `preview` what it would change; both are emptied when the
    import ends. `run` names the one run that may still end it; `moved_at` is that run's sign of life.
    """

    class State(models.TextChoices):
        READING = "reading", "読み取り中"
        REFUSED = "refused", "直してください"
        READY = "ready", "確認待ち"
        SAVING = "saving", "保存中"
        DONE = "done", "取り込みました"
        CANCELLED = "cancelled", "取りやめました"
        EXPIRED = "expired", "期限切れ"

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
    rows = models.JSONField(default=list, editable=False)
    preview = models.JSONField(default=dict, editable=False)
    ended_at = models.DateTimeField("終わった日時", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "表の取り込み"
        ordering = ["-created_at"]

    def __str__(self):
        return self.file_name

    @property
    def expires_at(self):
        return self.created_at + LIFETIME

    @property
    def is_expired(self) -> bool:
        return timezone.now() > self.expires_at
