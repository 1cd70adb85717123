"""The report's words for sorting cases: field, tier, tool and its family, style, item.

Keys stand in URLs and files and never change once published.
"""

from django.core.validators import RegexValidator
from django.db import models

from .stamp import Stamped


class Term(Stamped):
    key = models.CharField(
        "キー",
        primary_key=True,
        max_length=30,
        validators=[
            RegexValidator(r"^[a-z0-9]+([_-][a-z0-9]+)*$", "半角の英小文字・数字・-・_ で書いてください。")
        ],
        help_text="URLとデータに使う半角の短い名。公開後は変えられません。",
    )
    name = models.CharField("名称", max_length=40, unique=True)
    position = models.PositiveSmallIntegerField("並び順", default=100)

    class Meta:
        abstract = True
        ordering = ["position", "key"]

    def __str__(self):
        return self.name


class Field(Term):
    in_table = models.BooleanField(
        "集計表に出す",
        default=False,
        help_text="入口の「分野×自治体区分」の表に、事例がなくても行を設けます。",
    )

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "分野"


class Tier(Term):
    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "自治体区分"


class ToolFamily(Term):
    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "手段の種類"


class Tool(Term):
    """A named tool. Its family belongs to each use: the report calls LINE a チャット型SNS once, else an SNS."""

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "ツール"


class Style(Term):
    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "方式"


class Theme(Term):
    """What a statement is about, across items: 広報, 人材, 予算 …"""

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "主題"


class Synonym(Stamped):
    """Another spelling of a word, for search alone: whoever asks for one finds both."""

    searched = False  # read with each question, not with the cases

    word = models.CharField("別の言い方", max_length=30, help_text="例: マイクラ")
    means = models.CharField("事例での言い方", max_length=30, help_text="例: マインクラフト")
    instead = models.BooleanField(
        "言い換えだけで探す",
        default=False,
        help_text="元の言い方が、関係のない言葉の一部に当たるとき。例: ライン（「オンライン」に当たる）、京都（「東京都」に当たる）",
    )

    class Meta:
        verbose_name = verbose_name_plural = "検索の別の言い方"
        ordering = ["word", "means"]
        constraints = [models.UniqueConstraint(fields=["word", "means"], name="synonym_once")]

    def __str__(self):
        return f"{self.word} → {self.means}"


class Item(Term):
    """One hearing item of 図表3-2, in one of its five groups; two more stand beside them."""

    class Group(models.TextChoices):
        CONTENT = "content", "内容"
        STATE = "state", "実施状況"
        METHOD = "method", "実施方法"
        LESSONS = "lessons", "効果・課題と工夫"
        OUTLOOK = "outlook", "今後の展開"
        BESIDE = "beside", "報告書のほかに分かったこと"

    group = models.CharField("区分", max_length=10, choices=Group.choices)

    class Meta(Term.Meta):
        verbose_name = verbose_name_plural = "調査項目"
