"""What a version holds: statements with their sources, silences, tools, links (photographs: photo.py)."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from .case import CaseVersion
from .source import Source
from .vocabulary import Item, Theme, Tool, ToolFamily
from .workflow import FROZEN_MESSAGE


def reading_with(*terms: str) -> models.Manager:
    """Reads each row with the terms that it's always told with: `reading_with("item")`.

    The terms live in the class, not the instance: Django makes related managers (`version.statements`)
    anew from the class, without arguments.
    """

    class WithTerms(models.Manager):
        def get_queryset(self):
            return super().get_queryset().select_related(*terms)

    return WithTerms()


class Part(models.Model):
    """A row that belongs to a version and is frozen with it."""

    class Meta:
        abstract = True

    def _refuse_if_frozen(self):
        versions = self._meta.get_field("version").related_model
        if versions.objects.filter(pk=self.version_id, status__in=versions.FROZEN).exists():
            raise ValidationError(FROZEN_MESSAGE, code="frozen")

    def save(self, *args, **kwargs):
        self._refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._refuse_if_frozen()
        return super().delete(*args, **kwargs)

    def copy_to(self, version) -> "Part":
        """A copy of this part in the draft `version`."""
        copy = type(self).objects.get(pk=self.pk)
        copy._state.adding, copy.pk, copy.version = True, None, version
        copy.save(force_insert=True)
        return copy


class Statement(Part):
    """One claim under an item. A remedy may answer a challenge: that pair is the casebook's best."""

    class Confidence(models.TextChoices):
        HIGH = "high", "高い"
        MEDIUM = "medium", "中くらい"

    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="statements", verbose_name="版")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="調査項目")
    text = models.TextField(
        "記述",
        help_text="出典から言えることだけを、自分の言葉で、一つの記述に一つ。少人数（1〜4人）の数は、"
        "小さなまちでは本人が分かってしまうことがあります。",
    )
    answers = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="remedies",
        verbose_name="対応する課題",
        help_text="「工夫・克服方法」のときだけ。課題を先に保存すると選べます。",
    )
    themes = models.ManyToManyField(
        Theme, blank=True, related_name="+", verbose_name="主題", help_text="何についての記述か。いくつでも。"
    )
    position = models.PositiveSmallIntegerField("並び順", default=0)
    confidence = models.CharField(
        "確からしさ",
        max_length=10,
        choices=Confidence.choices,
        blank=True,
        help_text="編集者の見立て。公開されません。",
    )

    objects = reading_with("item")

    class Meta:
        verbose_name = verbose_name_plural = "記述"
        ordering = ["item__position", "position", "pk"]
        # Some items of a page's cases: without this, SQLite reads every statement of those items.
        indexes = [models.Index(fields=["version", "item"], name="statement_by_item")]
        constraints = [
            models.CheckConstraint(
                condition=Q(answers=None) | Q(item="remedies"),
                name="only_a_remedy_answers",
                violation_error_message="「対応する課題」を選べるのは「工夫・克服方法」の記述だけです。",
            )
        ]

    def __str__(self):
        return self.text if len(self.text) <= 30 else self.text[:29] + "…"

    def save(self, *args, **kwargs):
        """Also ends the silence of its item: what is told is no longer 出典に記載なし."""
        super().save(*args, **kwargs)
        Silence.objects.filter(version=self.version_id, item=self.item_id).delete()

    def copy_to(self, version):
        """Its sources and themes come along; whom it answers, only the caller knows."""
        copy = super().copy_to(version)
        copy.themes.set(self.themes.all())
        for citation in self.citations.all():
            Citation.objects.create(statement=copy, source=citation.source, place=citation.place)
        return copy


class Citation(models.Model):
    """A statement's source, and the place in it."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="citations", verbose_name="記述")
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations", verbose_name="出典")
    place = models.CharField("箇所", max_length=60, blank=True, help_text="頁や見出し。例: 図表3-1、8頁")

    objects = reading_with("source")

    class Meta:
        verbose_name = verbose_name_plural = "出典の箇所"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "source", "place"],
                name="cited_once",
                violation_error_message="同じ出典の同じ箇所が二度挙げられています。",
            )
        ]

    def __str__(self):
        return f"{self.source} {self.place}".strip()

    def save(self, *args, **kwargs):
        self.statement._refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self.statement._refuse_if_frozen()
        return super().delete(*args, **kwargs)


class Silence(Part):
    """Why an item has no statement. No row and no statement means 未入力: not yet worked on."""

    class Kind(models.TextChoices):
        NOT_STATED = "not_stated", "出典に記載なし"
        NONE = "none", "該当なし"

    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="silences", verbose_name="版")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="調査項目")
    kind = models.CharField(
        "書かない理由",
        max_length=20,
        choices=Kind.choices,
        help_text="出典に記載なし＝出典が何も述べていない。該当なし＝尋ねて、無いと分かった。",
    )
    note = models.CharField("補足", max_length=60, blank=True, help_text="例: 図表3-1の概要を除く")

    objects = reading_with("item")

    class Meta:
        verbose_name = verbose_name_plural = "記述のない項目"
        ordering = ["item__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "item"],
                name="one_silence_per_item",
                violation_error_message="同じ項目が二度挙げられています。",
            )
        ]

    def __str__(self):
        return f"{self.item}：{self.get_kind_display()}"


class ToolUse(Part):
    """A tool used in a case, in the family the source puts it in."""

    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="tool_uses", verbose_name="版")
    tool = models.ForeignKey(Tool, models.PROTECT, related_name="uses", verbose_name="ツール")
    family = models.ForeignKey(
        ToolFamily,
        models.PROTECT,
        related_name="uses",
        verbose_name="手段の種類",
        help_text="出典の呼び方に合わせます（LINEは事例によりチャット型SNS、SNS）。",
    )
    main = models.BooleanField("主", default=False, help_text="主に使うもの一つ。")
    open_ended = models.BooleanField(
        "「等」あり", default=False, help_text="出典が「Zoom等」のように書いているとき。"
    )

    objects = reading_with("tool", "family")

    class Meta:
        verbose_name = verbose_name_plural = "使っているツール"
        ordering = ["-main", "tool__position", "tool"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "tool"],
                name="tool_once_per_version",
                violation_error_message="同じツールが二度挙げられています。",
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(main=True),
                name="one_main_tool",
            ),
        ]

    def __str__(self):
        return f"{self.tool}{'等' if self.open_ended else ''}"


class Link(Part):
    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="links", verbose_name="版")
    title = models.CharField(
        "題名", max_length=100, help_text="行き先が分かる題名。例: ○○市「（ページの題名）」"
    )
    url = models.URLField("URL", max_length=500)
    position = models.PositiveSmallIntegerField("並び順", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "関連リンク"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title
