"""The folder of photographs kept in order: files without a row, files that should be there, old metadata."""

import time
from collections.abc import Iterator
from pathlib import Path

from . import photographs
from .models import Photo, photo

ORPHAN_AGE = 24 * 60 * 60  # seconds; a younger file may belong to a save that isn't committed yet


def tidy(*, dry_run: bool = False, now: float | None = None) -> Iterator[str]:
    """Put the folder in order, and tell each thing done (or, in a dry run, to be done) in a line of Japanese.

    Files that no photograph names and that are a day old go; photographs' files that carry metadata are
    written anew with the same size in pixels, whatever the state of their version; missing widths are made.
    """
    kept = {row.image.name: row for row in Photo.objects.all()}
    wanted = {name for row in kept.values() for name in row.files}
    yield from _remove_orphans(wanted, (now or time.time()) - ORPHAN_AGE, dry_run)
    for name, row in kept.items():
        path = _path(name)
        if not path.exists():
            yield f"ありません（元の写真）：{name}"
            continue
        try:
            yield from _clean(row, path, dry_run)
            yield from _complete(row, path, dry_run)
        except Exception as error:  # one bad file, however bad, must not keep the rest from its turn
            yield f"処理できませんでした：{name}（{error}）"


def _path(name):
    return photo.folder() / Path(name).name


def _remove_orphans(wanted, before, dry_run):
    if not photo.folder().exists():
        return
    for path in sorted(photo.folder().iterdir()):
        if f"{photo.FOLDER}/{path.name}" not in wanted and path.is_file() and path.stat().st_mtime < before:
            if not dry_run:
                path.unlink()
            yield f"消去（どの版も使っていない）：{photo.FOLDER}/{path.name}"


def _clean(row, path, dry_run):
    """The photograph and its narrower copies, where they carry metadata."""
    for name in row.files:
        path = _path(name)
        if path.exists() and photographs.carries_metadata(content := path.read_bytes()):
            if not dry_run:
                photo.replace_file(name, photographs.rewrite(content, longest=photographs.MOST_SIDE).content)
            yield f"書き直し（情報が残っていた）：{name}"


def _complete(row, path, dry_run):
    """The narrower copies that aren't there yet."""
    missing = [name for name in row.files if not _path(name).exists()]
    if not missing:
        return
    made = photographs.rewrite(path.read_bytes(), longest=photographs.MOST_SIDE)
    for width, content in made.narrower.items():
        name = photographs.narrower_name(row.image.name, width)
        if name in missing:
            if not dry_run:
                photo.replace_file(name, content)
            yield f"作成（幅{width}）：{name}"
