"""Photographs of a version: always ours, written anew, under names that nobody can guess."""

import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.db.models import Q

from .. import photographs
from .case import CaseVersion
from .content import Part


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
        "利用条件", max_length=100, help_text="例: CC BY 4.0、提供した団体の許諾による"
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
