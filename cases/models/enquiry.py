"""現況確認: the yearly round of asking a municipality "is this still so?"."""

import secrets

from django.conf import settings
from django.db import models

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
    draft = models.ForeignKey(
        CaseVersion, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name="回答の下書き"
    )
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
