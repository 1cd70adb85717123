"""Words that may hurt, and what to write instead: hints for editors, never a wall."""

from django.db import models


class Wording(models.Model):
    word = models.CharField("気になる言い方", max_length=30, unique=True)
    gentler = models.CharField(
        "言い換え", max_length=60, help_text="代わりに使える言い方。無ければ「（使わない）」と書きます。"
    )
    reason = models.CharField("理由", max_length=200, help_text="なぜ言い換えるか。書く人に示します。")

    class Meta:
        verbose_name = verbose_name_plural = "言葉づかい"
        ordering = ["word"]

    def __str__(self):
        return f"{self.word} → {self.gentler}"
