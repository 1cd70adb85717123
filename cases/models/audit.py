"""The audit log: sign-ins, what became public, imports, rights. Rows are only ever added."""

from django.db import models


class AuditEntry(models.Model):
    """One thing that happened: when, who, what. Triggers refuse every change of a row (frozen.py).

    `who` is the user's name as it was, not a key: an account that goes takes nothing with it.
    """

    class Act(models.TextChoices):
        SIGN_IN = "sign_in", "ログイン"
        SIGN_IN_FAILED = "sign_in_failed", "ログインの失敗"
        SIGN_IN_LOCKED = "sign_in_locked", "ログインの制限"
        SIGN_OUT = "sign_out", "ログアウト"
        SECOND_FACTOR = "second_factor", "二段階認証の変更"
        PUBLISH = "publish", "公開"
        WITHDRAW = "withdraw", "取り下げ"
        PREVIEW = "preview", "下見のリンク"
        IMPORT = "import", "取り込み"
        EXPORT = "export", "書き出し"
        RIGHTS = "rights", "利用者と権限"
        EDITION = "edition", "号"

    at = models.DateTimeField("日時", auto_now_add=True)
    who = models.CharField("だれが", max_length=150)
    act = models.CharField("何を", max_length=20, choices=Act.choices)
    about = models.CharField("対象", max_length=200, blank=True)
    detail = models.CharField("詳細", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "監査記録"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["act", "-at"], name="audit_by_act")]

    def __str__(self):
        return f"{self.get_act_display()} {self.about}".strip()

    @classmethod
    def record(cls, act: str, *, by, about="", detail="") -> "AuditEntry":
        """Write down what `by` did (a user, a typed name, or None for the system itself)."""
        who = by if isinstance(by, str) else by.get_username() if by else "（システム）"
        return cls.objects.create(who=who[:150], act=act, about=str(about)[:200], detail=str(detail)[:500])
