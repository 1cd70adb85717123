"""backup: a casebook → one file, while the site goes on."""

import os
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.timezone import localtime

from ..models import photo
from . import files
from .archive import Archive, Manifest, Refused, Writer
from .rows import Tables, one_moment

ASIDE = ".casebook-part-"
DAY = 24 * 60 * 60  # seconds


@dataclass(frozen=True)
class Made:
    """A backup that was made and read again; `lost` are files that a row names and that aren't there."""

    path: Path
    manifest: Manifest
    lost: list[str]


def make(to: Path | None = None, *, using: str = DEFAULT_DB_ALIAS) -> Made:
    """Back up into `to`, a folder or a new file (DATA_DIR/backups if it isn't said). Refused in words.

    All rows are of one moment. Then come the files that those rows name: what is published never changes, and
    a draft's photograph that is removed meanwhile is simply not there any more.
    """
    path = _path(to)
    manifest = Manifest(
        casebook=_release(),
        made_at=localtime().isoformat(timespec="seconds"),
        engine=connections[using].vendor,
        migrations=[],
    )

    with _aside(path) as target:
        with closing(Writer(target, manifest)) as writer:
            with one_moment(using):
                tables = Tables(using)
                _refuse_unknown(tables)
                manifest.migrations = tables.migrations
                for label in sorted(tables.models):
                    writer.add_table(tables, label)
                parts = files.named(tables)
            for part in parts:
                try:
                    writer.add_file(part)
                except FileNotFoundError:
                    manifest.absent.append(part)
            writer.add_manifest()
        Archive(target).close()  # what can't be read again is no backup
    return Made(path, manifest, list(_lost(manifest.absent, using)))


@contextmanager
def _aside(path):
    """A new file for its owner only, brought onto the disk and renamed at the end: it's there whole or not at all."""
    for left in path.parent.glob(f"{ASIDE}*"):  # by one that was killed
        if left.stat().st_mtime < time.time() - DAY:
            left.unlink(missing_ok=True)
    handle, name = mkstemp(dir=path.parent, prefix=ASIDE)  # mode 0600
    try:
        with os.fdopen(handle, "w+b") as target:
            yield target
            os.fsync(target.fileno())
        Path(name).replace(path)
        photo.sync(path.parent)
    except OSError as error:
        raise Refused(f"書き込めません（{error}）。") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _path(to):
    if to is None:
        to = Path(settings.DATA_DIR) / "backups"
        to.mkdir(mode=0o700, exist_ok=True)
    to = to.resolve()
    path = to / f"casebook-{localtime():%Y-%m-%d-%H%M%S}.zip" if to.is_dir() else to
    if not path.parent.is_dir():
        raise Refused(f"フォルダーがありません（{path.parent}）。")
    if path.exists():
        raise Refused(f"もうあるファイルには書きません（{path}）。")
    served = [settings.STATIC_ROOT, settings.MEDIA_ROOT, *settings.STATICFILES_DIRS]
    if any(path.is_relative_to(Path(folder).resolve()) for folder in served if folder):
        raise Refused(f"読む人に渡すファイルの置き場所には書きません（{path.parent}）。")
    return path


def _refuse_unknown(tables):
    if not tables.migrations:
        raise Refused("データベースに casebook がありません。")
    if tables.unknown:
        raise Refused("データベースは、より新しい casebook のものです。その casebook で動かしてください。")


def _lost(absent, using) -> Iterator[str]:
    """Of the files that weren't there: those that a row still names, and that nothing can make again."""
    if absent:
        with one_moment(using):
            named = files.named(Tables(using))
        yield from (part for part in absent if named.get(part))


def _release():
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["version"]
