"""現況確認: the yearly round of asking a municipality "is this still so?"."""

import secrets
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.timezone import localdate

from .case import Case, CaseVersion


def _number():
    return secrets.token_hex(4)


class Enquiry(models.Model):
    """One question to one municipality about one published version, and what came back.

    No name, telephone or address of a person is kept: the letter goes to the 担当課.
    """

    class State(models.TextChoices):
        AWAITED = "awaited", "回答待ち"
        RETURNED = "returned", "回答あり"
        CLOSED = "closed", "終わり"

    case = models.ForeignKey(Case, models.PROTECT, related_name="enquiries", verbose_name="事例")
    version = models.ForeignKey(
        CaseVersion, models.PROTECT, related_name="+", verbose_name="尋ねた版", editable=False
    )
    number = models.CharField("照会番号", max_length=8, unique=True, default=_number, editable=False)
    state = models.CharField(
        "状態", max_length=10, choices=State.choices, default=State.AWAITED, editable=False
    )
    asked_on = models.DateField("照会した日", editable=False)
    reply_by = models.DateField("回答の期限", help_text="依頼文に書く日。")
    returned_on = models.DateField("回答を取り込んだ日", null=True, editable=False)
    answered_on = models.DateField("回答日", null=True, editable=False)
    # What the municipality wrote, row by row, and what of it a person is to decide: the reply's only copy.
    answers = models.JSONField("回答", default=list, editable=False)
    to_check = models.JSONField("確かめること", default=list, editable=False)
    draft = models.ForeignKey(
        CaseVersion, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name="回答の下書き"
    )
    closed_because = models.CharField("終わりにした理由", max_length=200, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="照会した人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "現況確認"
        ordering = ["-asked_on", "case"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="awaited"), name="one_awaited_enquiry"
            )
        ]

    def __str__(self):
        return f"{self.version.title} の現況確認（{self.number}）"

    @property
    def is_overdue(self) -> bool:
        """Whether the day to reply by has passed without a reply."""
        return self.state == self.State.AWAITED and self.reply_by < localdate()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do: closed, or the reply's draft has been published."""
        return self.state == self.State.CLOSED or bool(self.draft and self.draft.is_frozen)

    @property
    def may_receive(self) -> bool:
        """Whether a reply can still be taken in: it's awaited, or its draft was thrown away."""
        return self.state == self.State.AWAITED or (self.state == self.State.RETURNED and not self.draft_id)

    @classmethod
    @transaction.atomic
    def ask(cls, version: CaseVersion, *, by, reply_by: date) -> "Enquiry":
        """A new awaited enquiry about the public `version`; ValidationError where it can't be asked."""
        Case.objects.select_for_update().get(pk=version.case_id)  # a second one waits, then is refused
        if not CaseVersion.objects.published().filter(pk=version.pk).exists():
            raise ValidationError(f"{version}は公開中ではないので、照会できません。", code="wrong_state")
        if reply_by < localdate():
            raise ValidationError("回答の期限には、今日からあとの日を書いてください。", code="reply_by")
        if awaited := cls.objects.filter(case=version.case_id, state=cls.State.AWAITED).first():
            raise ValidationError(
                f"{version.title}は、照会番号 {awaited.number} の回答を待っています。", code="awaited"
            )
        return cls.objects.create(
            case=version.case, version=version, asked_by=by, asked_on=localdate(), reply_by=reply_by
        )

    @transaction.atomic
    def receive(self, *, by, answered_on: date, answers: list[dict], to_check: list[dict]) -> CaseVersion:
        """回答待ち → 回答あり: keep the reply, and return a new draft that is a copy of the version asked about.

        ValidationError, in words that say what to do, when it isn't awaited any more, when a later
        version has been published since, or when the case has an open version already.
        """
        self._lock()
        if not self.may_receive:
            raise ValidationError(self._not_awaited(), code="wrong_state")
        self._refuse_if_outdated()
        reason = f"現況確認（照会番号 {self.number}）の回答による"
        draft = self.version.revise(by=by, reason=reason)
        draft.written(by=by)
        self.state, self.draft = self.State.RETURNED, draft
        self.returned_on, self.answered_on = localdate(), answered_on
        self.answers, self.to_check = answers, to_check
        self.save()
        return draft

    @transaction.atomic
    def close(self, *, by, reason: str) -> None:
        """回答待ち or 回答あり → 終わり, with a reason. What the casebook says stays as it is."""
        self._lock()
        if self.state == self.State.CLOSED:
            raise ValidationError("この照会は、もう終わりにしてあります。", code="wrong_state")
        if not reason.strip():
            raise ValidationError("終わりにする理由を書いてください。", code="reason")
        self.state, self.closed_because = self.State.CLOSED, reason.strip()[:200]
        self.save(update_fields=["state", "closed_because"])

    def _lock(self):
        """What is decided from here on is decided on the row as it is stored, by one at a time."""
        list(type(self).objects.select_for_update().filter(pk=self.pk).values_list("pk"))
        self.refresh_from_db()

    def _not_awaited(self):
        if self.state == self.State.CLOSED:
            return "この照会は終わりにしてあるので、回答を取り込めません。新しく照会してください。"
        return (
            f"照会番号 {self.number} の回答は、{self.returned_on:%Y-%m-%d}に取り込み済みです。"
            f"{self.draft}を開いて続けてください。"
        )

    def _refuse_if_outdated(self):
        public = CaseVersion.objects.published().filter(case=self.case_id).first()
        if public != self.version:
            now = f"いまは第{public.number}版が公開中です" if public else "この事例はいま公開されていません"
            raise ValidationError(
                f"照会したのは第{self.version.number}版ですが、{now}。回答をそのまま重ねると、その後の変更が"
                "失われるため、取り込みません。この照会を終わりにして、いまの版であらためて照会するか、"
                "回答票を見ながら改訂してください。",
                code="outdated",
            )
        if opened := self.case.versions.filter(status__in=CaseVersion.OPEN).first():
            raise ValidationError(
                f"この事例には、公開していない{opened}（{opened.get_status_display()}）があります。"
                "それを公開するか、下書きを削除してから、もう一度取り込んでください。",
                code="open_version",
            )
