"""A document or page that statements rest on."""

from django.db import models

from .stamp import Stamped


class Source(Stamped):
    searched = False

    class Reading(models.TextChoices):
        DOCUMENT = "document", "文書の本文を確認"
        LIVE = "live", "公開中のページを確認"
        STORED = "stored", "保存された写しを確認（現在のページとは未照合）"

    key = models.SlugField("キー", max_length=30, unique=True, help_text="半角の短い名。例: s11")
    title = models.CharField(
        "題名", max_length=200, help_text="発行者と題名。例: 三重県 報道発表「電子居場所」の開設"
    )
    url = models.URLField("URL", max_length=500, blank=True)
    published = models.CharField(
        "発行日",
        max_length=60,
        blank=True,
        help_text="出典にあるとおりの精度で。例: 2024-07-03、2022年度。書かれていなければ空のまま。",
    )
    read_on = models.DateField("読んだ日", null=True, blank=True)
    reading = models.CharField("読み方", max_length=10, choices=Reading.choices, default=Reading.LIVE)

    class Meta:
        verbose_name = verbose_name_plural = "出典"
        ordering = ["key"]

    def __str__(self):
        return self.title
