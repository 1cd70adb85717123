"""What a version holds: statements with citations, silences, tools, photographs, links."""

import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.db.models import Q

from .. import photographs
from .case import CaseVersion
from .source import Source
from .vocabulary import Item, Theme, Tool, ToolFamily
from .workflow import FROZEN_MESSAGE


class Part(models.Model):
    """A row that belongs to a version and is frozen with it."""

    class Meta:
        abstract = True

    def _refuse_if_frozen(self):
        if CaseVersion.objects.filter(pk=self.version_id, status__in=CaseVersion.FROZEN).exists():
            raise ValidationError(FROZEN_MESSAGE, code="frozen")

    def save(self, *args, **kwargs):
        self._refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        self._refuse_if_frozen()
        return super().delete(*args, **kwargs)


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

    class Meta:
        verbose_name = verbose_name_plural = "記述"
        ordering = ["item__position", "position", "pk"]
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


class Citation(models.Model):
    """A statement's source, and the place in it."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="citations", verbose_name="記述")
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations", verbose_name="出典")
    place = models.CharField("箇所", max_length=60, blank=True, help_text="頁や見出し。例: 図表3-1、8頁")

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


class PhotographField(models.FileField):
    """A file that is always a photograph of ours: written anew, under a generated name."""

    def pre_save(self, instance, add):
        file = getattr(instance, self.attname)
        if file and not file._committed:
            file.seek(0)
            photograph = photographs.rewrite(file.read())
            instance.width, instance.height = photograph.width, photograph.height
            file.save(f"photo.{photograph.ending}", ContentFile(photograph.content), save=False)
        return super().pre_save(instance, add)


def check_photograph(file) -> None:
    """Refuse an upload that is no photograph, in words (ValidationError), while the form is still open."""
    file.seek(0)
    try:
        photographs.rewrite(file.read(photographs.MOST_BYTES + 1))
    except photographs.NotAPhotograph as error:
        raise ValidationError(str(error)) from error


def photograph_name(photo, filename: str) -> str:
    """128 random bits and the ending by decoded type; the name of the upload is not kept."""
    return f"photographs/{secrets.token_hex(16)}.{filename.rpartition('.')[2]}"


class Photo(Part):
    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="photos", verbose_name="版")
    image = PhotographField(
        "写真",
        upload_to=photograph_name,
        validators=[check_photograph],
        help_text="JPEG・PNG・WebP、10MBまで。撮影場所などの情報は保存時に消します。",
    )
    width = models.PositiveIntegerField("幅", editable=False)
    height = models.PositiveIntegerField("高さ", editable=False)
    alt = models.CharField(
        "代替テキスト",
        max_length=200,
        blank=True,
        help_text="見えない人に写真の中身を伝える文。飾りなら空にして「装飾」を選びます。",
    )
    decorative = models.BooleanField("装飾", default=False)
    caption = models.CharField("説明", max_length=200, blank=True)
    credit = models.CharField("提供", max_length=100, help_text="撮影・提供した人や団体。")
    licence = models.CharField(
        "利用条件", max_length=100, help_text="例: CC BY 4.0、鳥羽市の許諾による（2026年11月）"
    )
    position = models.PositiveSmallIntegerField("並び順", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "写真"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decorative=True) | ~Q(alt=""),
                name="photo_is_described",
                violation_error_message="代替テキストを書くか、「装飾」を選んでください。",
            )
        ]

    def __str__(self):
        return self.caption or self.alt or "写真"


class Link(Part):
    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="links", verbose_name="版")
    title = models.CharField(
        "題名", max_length=100, help_text="行き先が分かる題名。例: 鳥羽市「ひきこもり支援」"
    )
    url = models.URLField("URL", max_length=500)
    position = models.PositiveSmallIntegerField("並び順", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "関連リンク"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.title


PARTS = (Statement, Silence, ToolUse, Photo, Link)


def copy_content(old: CaseVersion, new: CaseVersion) -> None:
    """Copy every part of `old` to the draft `new`; remedies answer the copied challenges."""
    copies, themes_of = {}, {}
    for model in PARTS:
        for part in model.objects.filter(version=old).order_by("pk"):
            was = part.pk
            if model is Statement:
                themes_of[was] = list(part.themes.values_list("pk", flat=True))
            part._state.adding, part.pk, part.version = True, None, new
            part.save(force_insert=True)
            if model is Statement:
                copies[was] = part
    for was, statement in copies.items():
        if statement.answers_id:
            statement.answers = copies[statement.answers_id]
            statement.save()
        statement.themes.set(Theme.objects.filter(pk__in=themes_of[was]))
        for citation in Citation.objects.filter(statement=was):
            citation._state.adding, citation.pk, citation.statement = True, None, statement
            citation.save(force_insert=True)
