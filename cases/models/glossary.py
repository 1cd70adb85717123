"""The words of the report and of this site, explained: what /glossary/ shows and pages link to."""

from django.core.validators import RegexValidator
from django.db import models

from .stamp import Stamped


class GlossaryTerm(Stamped):
    searched = False  # read by its own page, not with the cases

    key = models.CharField(
        "キー",
        primary_key=True,
        max_length=30,
        validators=[
            RegexValidator(r"^[a-z0-9]+([_-][a-z0-9]+)*$", "半角の英小文字・数字・-・_ で書いてください。")
        ],
        help_text="「/glossary/#…」の…に使う半角の短い名。後から変えられません。",
    )
    name = models.CharField("用語", max_length=40, unique=True)
    reading = models.CharField(
        "読み",
        max_length=60,
        validators=[RegexValidator(r"^[ぁ-ゖー]+\Z", "ひらがなと「ー」で書いてください。")],
        help_text="ひらがな。五十音順に並べるのに使います。英字の語も、読み方をひらがなで書きます。",
    )
    definition = models.TextField(
        "説明",
        max_length=400,
        help_text="やさしい言葉で、一つか二つの文で。報告書の文は写さず、書かれていないことは補いません。",
    )
    place = models.CharField(
        "報告書での箇所",
        max_length=40,
        blank=True,
        help_text="例: 図表1-1。報告書の語でなく、このサイトの語のときは空けておきます。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "用語"
        ordering = ["reading", "key"]

    def __str__(self):
        return self.name
