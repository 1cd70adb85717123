"""The files that the rows name: photographs, and the editions' bundles. A part of the archive ↔ its place here."""

import hashlib
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage

from .. import bundle
from ..models import BUNDLE, Photo, photo
from .rows import Tables

MEDIA = "media/"
EDITIONS = "editions/"
# Every name that such a part can have: one step below its folder, so it leads nowhere else.
NAME = rf"{MEDIA}{photo.FOLDER}/[A-Za-z0-9][A-Za-z0-9_.-]{{0,100}}|{EDITIONS}[0-9-]{{7,10}}\.zip"


def named(tables: Tables) -> dict[str, bool]:
    """Every part that the rows name → whether it's a loss if the file isn't there.

    A narrower copy of a photograph can be made again, and a withdrawn bundle may have been removed.
    """
    parts = {}
    if (photos := tables.of("cases.photo")) is not None:
        for image, width in photos.values_list("image", "width"):
            for name in Photo(image=image, width=width).files:
                parts[MEDIA + name] = name == image
    if (files := tables.of("cases.editionfile")) is not None:
        bundles = files.filter(name=BUNDLE)
        for label, withdrawn in bundles.values_list("edition__label", "edition__files_withdrawn_at"):
            parts[f"{EDITIONS}{label}.zip"] = withdrawn is None
    return dict(sorted(parts.items()))


def opened(part: str) -> BinaryIO:
    """The file of a part, to be read and closed. FileNotFoundError."""
    if part.startswith(EDITIONS) and photo.on_disk():
        return _bundle(part).open("rb")
    return default_storage.open(part.removeprefix(MEDIA))


def is_same(part: str, sha256: str) -> bool | None:
    """Whether the file that's there is the one meant; None where there is none."""
    try:
        with opened(part) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return None


def keep(part: str, source: BinaryIO) -> None:
    """Bring a file into its place, whole and onto the disk, where there was none."""
    if part.startswith(MEDIA):
        photo.replace_file(part.removeprefix(MEDIA), source.read())
    elif photo.on_disk():
        bundle.place().mkdir(parents=True, exist_ok=True)
        photo.write_aside(_bundle(part), source, 0o440)
    else:
        default_storage.save(part, File(source))
    if photo.on_disk():
        photo.sync(photo.folder() if part.startswith(MEDIA) else bundle.place())


def _bundle(part):
    return bundle.place() / part.removeprefix(EDITIONS)
