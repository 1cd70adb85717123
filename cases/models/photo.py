"""Photographs of a version: always ours, written anew, under names that nobody can guess."""

import io
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver

from .. import photographs
from .case import CaseVersion
from .content import Part

FOLDER = "photographs"
MOST_PER_VERSION = 20
MOST_IN_ALL = 2 * 1024**3  # bytes of the folder
FULL_MESSAGE = "写真の置き場所がいっぱいです。管理者に知らせてください（使わない写真を消すと空きます）。"


class PhotographField(models.FileField):
    """A file that is always a photograph of ours: written anew, under a generated name."""

    def formfield(self, **kwargs):
        return super().formfield(**{"max_length": None, **kwargs})  # the upload's own name isn't kept

    def pre_save(self, instance, add):
        file = getattr(instance, self.attname)
        if file and not file._committed:
            photograph = rewritten(file)
            instance.width, instance.height = photograph.width, photograph.height
            name = self.generate_filename(instance, f"photo.{photograph.ending}")
            _write({name: photograph.content} | {
                photographs.narrower_name(name, width): content
                for width, content in photograph.narrower.items()
            })  # fmt: skip
            setattr(instance, self.attname, name)
        return super().pre_save(instance, add)


def rewritten(file) -> photographs.Photograph:
    """What is kept of the uploaded `file`, made once for the form and the save. NotAPhotograph in words."""
    upload = file.file
    if not hasattr(upload, "rewritten"):
        upload.seek(0)
        upload.rewritten = photographs.rewrite(upload.read(photographs.MOST_BYTES + 1))
    return upload.rewritten


def check_photograph(file) -> None:
    """Refuse an upload that is no photograph, in words (ValidationError), while the form is still open."""
    if file._committed:  # a kept one is sound, and decoding it at every save would be slow
        return
    try:
        rewritten(file)
    except photographs.NotAPhotograph as error:
        raise ValidationError(str(error)) from error


def photograph_name(photo, filename: str) -> str:
    """128 random bits and the ending by decoded type; the name of the upload is not kept."""
    return f"{FOLDER}/{secrets.token_hex(16)}.{filename.rpartition('.')[2]}"


def on_disk() -> bool:
    """Whether what is kept is in a folder; otherwise it's in a bucket (MEDIA_STORE)."""
    return isinstance(default_storage, FileSystemStorage)


def folder() -> Path:
    """Where the files are; of a bucket's, the copies that somebody wanted as a file (`at_hand`)."""
    return Path(default_storage.path(FOLDER)) if on_disk() else settings.DATA_DIR / "print" / FOLDER


def at_hand(name: str) -> Path:
    """The file `name` in `folder`, to which a bucket's is copied at every call. FileNotFoundError."""
    path = folder() / name
    if not on_disk():
        with default_storage.open(f"{FOLDER}/{name}") as source:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_aside(path, source)
    return path


def bytes_kept() -> int:
    """What all photographs' files take of the disk."""
    if not on_disk() or not folder().exists():
        return 0
    with os.scandir(folder()) as files:
        return sum(file.stat().st_size for file in files)


def refuse_beyond_room(photos: int, uploads: list) -> None:
    """ValidationError in words, where a version would have too many photographs or the folder grow too big."""
    if photos > MOST_PER_VERSION:
        raise ValidationError(
            f"写真は、一つの版に{MOST_PER_VERSION}枚までです（いま{photos}枚）。", code="room"
        )
    if uploads and bytes_kept() + sum(upload.size for upload in uploads) > MOST_IN_ALL:
        raise ValidationError(FULL_MESSAGE, code="room")


def replace_file(name: str, content: bytes) -> None:
    """Put `content` in the place of a kept file: readers find the old one or the new, whole."""
    if on_disk():
        path = Path(default_storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(path, io.BytesIO(content))
    else:
        default_storage.save(name, ContentFile(content))


def write_aside(path: Path, source: BinaryIO, mode: int = 0o640) -> None:
    """What is left to read of `source`, as a file that's there whole or not at all, onto the disk."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(source, target)
            os.fchmod(target.fileno(), mode)
            target.flush()
            os.fsync(target.fileno())
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _write(files):
    """Write every file, onto the disk: a row that names them may then survive a power cut. All or none."""
    try:
        for name, content in files.items():
            default_storage.save(name, ContentFile(content))
            if on_disk():
                sync(default_storage.path(name))
        if on_disk():
            sync(folder())
    except Exception:
        _delete(files)
        raise


def sync(path) -> None:
    """Bring a file, or the list of a folder's files, onto the disk: a power cut takes nothing of it back."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _delete(names):
    for name in names:
        default_storage.delete(name)


class PhotoQuerySet(models.QuerySet):
    def of_file(self, name: str):
        """The photographs that the file `name` shows at one of its widths; versions share their files."""
        return self.filter(image=f"{FOLDER}/{photographs.original_name(name)}")


class Photo(Part):
    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="photos", verbose_name="版")
    image = PhotographField(
        "写真",
        upload_to=photograph_name,
        validators=[check_photograph],
        help_text="JPEG・PNG・WebP、1枚10MBまで、一度に2枚まで。撮影場所などの情報は保存時に消し、"
        "長い辺を2,400画素までにします。写っている人や名札に、掲載の同意があるか確かめてください。",
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

    objects = PhotoQuerySet.as_manager()

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

    @property
    def widths(self) -> list[tuple[str, int]]:
        """(file name without its folder, width in pixels) of each copy, the narrowest first, the whole last."""
        name = self.image.name.rpartition("/")[2]
        narrower = photographs.narrower_widths(self.width)
        return [(photographs.narrower_name(name, width), width) for width in narrower] + [(name, self.width)]

    @property
    def files(self) -> list[str]:
        """Every file of this photograph, as the storage names it."""
        return [f"{FOLDER}/{name}" for name, _ in self.widths]

    @property
    def content_type(self) -> str:
        return photographs.CONTENT_TYPES[self.image.name.rpartition(".")[2]]

    def read(self, name: str) -> bytes:
        """The file `name` of this photograph; the whole one where the narrower isn't there (see upkeep.py)."""
        try:
            file = default_storage.open(f"{FOLDER}/{name}")
        except FileNotFoundError:
            file = default_storage.open(f"{FOLDER}/{photographs.original_name(name)}")
        with file:
            return file.read()

    def save(self, *args, **kwargs):
        """Its files are whole before the row names them; the ones it named before go after the commit.

        Files of a transaction that is rolled back later stay without a row until `clean_photographs`.
        """
        kept = type(self).objects.filter(pk=self.pk).first() if self.pk else None
        is_upload = bool(self.image) and not self.image._committed
        try:
            super().save(*args, **kwargs)
        except BaseException:
            if is_upload and self.image._committed:
                _delete(self.files)
            raise
        if kept and kept.image != self.image:
            _delete_unnamed_after_commit(kept)


@receiver(post_delete, sender=Photo)
def _delete_unnamed_after_commit(instance, **kwargs):
    """Also where a version takes its photographs with it: that calls no delete() of theirs."""

    def delete_unnamed():
        if not Photo.objects.filter(image=instance.image.name).exists():  # versions share their files
            _delete(instance.files)

    transaction.on_commit(delete_unnamed, robust=True)  # what has been saved is saved: a failure is logged
