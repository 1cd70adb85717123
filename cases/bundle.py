"""The take-away bundle (LGWAN持ち込み版) of an edition: one zip, made once, kept byte for byte.

The other files of the edition are served out of it. It's written aside, onto the disk, and put into place in
the transaction that records its files: whoever is killed in the middle leaves an edition without files, never
one with half of them. Making it may take minutes, so a command does it, in a process of its own.
"""

import fcntl
import hashlib
import logging
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localtime

from . import documents
from .addresses import absolute
from .catalogue import Catalogue
from .editions import stamp
from .exports import FILES
from .folder import Folder
from .models import BUNDLE, PAPERS, CatalogueStamp, Edition, EditionFile, GuideVersion
from .models.photo import on_disk, sync, write_aside
from .readme import NAMES, readme

COPY = "html/"
SUMS = f"{COPY}sha256.txt"
PIECE = 1 << 20
EVERY = 20  # files between two words of progress
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Member:
    """A file on its way into the bundle; without a `name` it's no file of its own on the site."""

    path: str
    title: str
    content: Callable[[], Iterable[bytes]]
    name: str = ""


def place() -> Path:
    """Where the bundles are kept; of those in a bucket (MEDIA_STORE), this machine's copies."""
    return (Path(settings.MEDIA_ROOT).parent if on_disk() else Path(settings.DATA_DIR)) / "editions"


def kept(edition: Edition) -> Path:
    return fetched(edition.label)


def fetched(label: str) -> Path:
    """The bundle as a file of this machine, fetched first if it's in the bucket alone; or where it would be."""
    path = place() / f"{label}.zip"
    if not on_disk() and not path.exists():
        with suppress(FileNotFoundError), default_storage.open(f"editions/{label}.zip") as source:
            place().mkdir(parents=True, exist_ok=True)
            write_aside(path, source, 0o440)
    return path


def put(label: str, path: Path) -> None:
    """Bring a bundle's file also to where all machines find it, if that's a bucket."""
    if not on_disk():
        with path.open("rb") as file:
            default_storage.save(f"editions/{label}.zip", File(file))


def opened(file: EditionFile) -> BinaryIO:
    """The bytes of a file of an edition, to be read and closed. FileNotFoundError where the bundle is lost."""
    if not file.path:
        return kept(file.edition).open("rb")
    with zipfile.ZipFile(kept(file.edition)) as archive:
        return archive.open(file.path)  # which keeps the archive's file open until it's closed itself


def pieces(file: EditionFile) -> Iterator[bytes]:
    """The same piece by piece. FileNotFoundError at once, not at the first piece."""
    if not kept(file.edition).exists():
        raise FileNotFoundError(kept(file.edition))
    return _read(file)


def _read(file):
    with opened(file) as source:
        while piece := source.read(PIECE):
            yield piece


# Making it


def start(edition: Edition) -> None:
    """Make the files in a process of its own: readers don't wait for it, and it outlives this one."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "build_bundle", edition.label, "--aside"]
    threading.Thread(target=_run, args=[command], daemon=True).start()


def _run(command):
    """Wait for its end, so that nothing of it is left over."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, start_new_session=True, check=False)  # noqa: S603
    if done.returncode:
        log.error("%s: %s", " ".join(command[2:]), done.returncode)


def make(edition: Edition, say: Callable[[str], None] = lambda words: None) -> bool:
    """Make the files of an edition, unless they're there: then False. `say` is told how far it has come.

    A second maker waits for the first. A lost bundle is made again only if that gives the same bytes.
    ValidationError in words where it doesn't, and where the files were withdrawn.
    """
    place().mkdir(parents=True, exist_ok=True)
    with _turn(edition) as note:
        edition.refresh_from_db()
        recorded = {file.name: file.sha256 for file in edition.files.all()}
        if edition.files_withdrawn_at:
            raise ValidationError("この号のファイルは取り下げられています。")
        if recorded and kept(edition).exists():
            return False
        for left in place().glob(f"{edition.label}-*.part"):  # by one that was killed
            left.unlink()
        handle, name = mkstemp(dir=place(), prefix=f"{edition.label}-", suffix=".part")
        aside = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                files = _write(edition, target, lambda words: (note(words), say(words)))
                target.flush()
                os.fchmod(target.fileno(), 0o440)
                os.fsync(target.fileno())
            files.append(_of_all(edition, aside))
            _keep(edition, aside, files, recorded)
        finally:
            aside.unlink(missing_ok=True)
    return True


def _keep(edition, aside, files, recorded):
    if recorded and recorded[BUNDLE] != files[-1].sha256:
        raise ValidationError(
            "失われたファイルを、元と同じ内容では作り直せませんでした。バックアップから戻してください。"
        )
    with transaction.atomic():
        if not recorded:
            EditionFile.objects.bulk_create(files)
            CatalogueStamp.move()
        # Last of all: what is in place without rows was never served, and is simply made again.
        put(edition.label, aside)
        aside.replace(place() / f"{edition.label}.zip")
        sync(place())


@contextmanager
def _turn(edition):
    """One maker at a time; the lock falls with its process. Gives a way to note how far it has come."""
    with (place() / f"{edition.label}.lock").open("a+b", buffering=0) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def note(words):
            lock.truncate(0)
            lock.write(words.encode())

        note("始めたところ")
        yield note


def making(edition: Edition) -> str:
    """How far the making has come, in words; "" where nobody is at it."""
    try:
        with (place() / f"{edition.label}.lock").open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return lock.read().decode() or "始めたところ"
    except FileNotFoundError:
        pass
    return ""


def is_whole(edition: Edition) -> bool:
    """Whether the kept bundle still is what was made: read and compared."""
    with kept(edition).open("rb") as file:
        return edition.files.get(name=BUNDLE).sha256 == hashlib.file_digest(file, "sha256").hexdigest()


# What goes into it


def _write(edition, target, say) -> list[EditionFile]:
    """The bundle into `target` → the rows of its files but its own."""
    files, sums = [], {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(_members(edition, say)):
            size, digest = _add(archive, edition, member)
            sums[member.path] = digest
            if member.name:
                files.append(_file(edition, member, size, digest))
            if number % EVERY == 0:
                say(f"{number + 1}個目のファイル（{member.path}）")
        copied = {path: digest for path, digest in sums.items() if path.startswith(COPY)}
        listed = "".join(f"{digest}  {path.removeprefix(COPY)}\r\n" for path, digest in copied.items())
        _, sums[SUMS] = _add(archive, edition, Member(SUMS, "", lambda: [listed.encode()]))
        own = {path: digest for path, digest in sums.items() if path not in copied}
        last = Member("README.txt", "はじめにお読みください", lambda: [readme(edition, own)], "README.txt")
        files.append(_file(edition, last, *_add(archive, edition, last)))
    return files


def _members(edition, say) -> Iterator[Member]:
    whole = Catalogue(edition=edition)
    if not whole.size:
        raise ValidationError("収めた事例がすべて取り下げられているので、ファイルを作れません。")
    words = stamp(whole.index)
    for file in FILES.values():
        path = NAMES.get(file.name, file.name)
        yield Member(path, file.title, partial(file.content, whole, words), file.name)
    say("事例集のPDF")
    address = absolute("edition", edition.label)
    volumes = documents.volumes(whole)
    for number in range(1, volumes + 1):
        one = f"（{number}／{volumes}）" if volumes > 1 else ""
        name = f"casebook-{number}.pdf" if one else "casebook.pdf"
        made = partial(_in_one, documents.casebook, whole, words, address, number)
        yield Member(name, f"事例集の冊子{one}", made, name)
    if guide := list(
        GuideVersion.objects.published().with_content()
    ):  # today's: an edition holds cases alone
        say("活用ガイドのPDF")
        made = partial(_in_one, documents.guide, guide, whole, words, address)
        yield Member("guide.pdf", "活用ガイドの冊子", made, "guide.pdf")
    say("事例ごとのPDF")
    for pk in whole.ids():
        version = whole.published().with_content().get(pk=pk)
        path = f"{PAPERS}{version.case.slug}.pdf"
        made = partial(_in_one, documents.case, version, words)
        yield Member(path, f"{version.title}（第{version.number}版）", made, path)
    say("HTMLの写し")
    for path, content in Folder(edition).files():
        yield Member(f"{COPY}{path}", "", partial(iter, [content]))


def _in_one(document, *of):
    """A PDF in one piece, its addresses as text: what is taken along leads nowhere outside. It waits for the press."""
    return [document(*of, linked=False)]


def _add(archive, edition, member) -> tuple[int, str]:
    """Write a member → its size in bytes and its SHA-256. Its date is the edition's: the same content, the same zip."""
    entry = zipfile.ZipInfo(member.path, localtime(edition.frozen_at).timetuple()[:6])
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    size, digest = 0, hashlib.sha256()
    with archive.open(entry, "w") as part:
        for piece in member.content():
            part.write(piece)
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _file(edition, member, size, digest):
    path, name = member.path, member.name
    return EditionFile(edition=edition, name=name, path=path, title=member.title, size=size, sha256=digest)


def _of_all(edition, path):
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    title = (
        "持ち出し用の一式（LGWAN持ち込み版）。下のすべてと、フォルダーから開けるHTMLの写しが入っています。"
    )
    size = path.stat().st_size
    return EditionFile(edition=edition, name=BUNDLE, title=title, size=size, sha256=digest)
