"""The folder of photographs kept in order: files without a row, files that should be there, old metadata."""

import time
from collections.abc import Iterator

from django.core.files.storage import default_storage

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
    there, yesterday = _there(), (now or time.time()) - ORPHAN_AGE
    yield from _remove_orphans(there - wanted, yesterday, dry_run)
    for name, row in kept.items():
        if name not in there:
            yield f"ありません（元の写真）：{name}"
            continue
        try:
            yield from _clean(row, there, dry_run)
            yield from _complete(row, there, dry_run)
        except Exception as error:  # one bad file, however bad, must not keep the rest from its turn
            yield f"処理できませんでした：{name}（{error}）"
    if not dry_run:
        _remove_copies(yesterday)


def _there():
    """The names of all files."""
    try:
        _, names = default_storage.listdir(photo.FOLDER)
    except FileNotFoundError:
        return set()
    return {f"{photo.FOLDER}/{name}" for name in names}


def _read(name):
    with default_storage.open(name) as file:
        return file.read()


def _remove_orphans(orphans, before, dry_run):
    for name in sorted(orphans):
        if default_storage.get_modified_time(name).timestamp() < before:
            if not dry_run:
                default_storage.delete(name)
            yield f"消去（どの版も使っていない）：{name}"


def _remove_copies(before):
    """Those of a bucket's files that were made to be printed."""
    if not photo.on_disk() and photo.folder().exists():
        for path in photo.folder().iterdir():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def _clean(row, there, dry_run):
    """The photograph and its narrower copies, where they carry metadata."""
    for name in row.files:
        if name in there and photographs.carries_metadata(content := _read(name)):
            if not dry_run:
                photo.replace_file(name, photographs.rewrite(content, longest=photographs.MOST_SIDE).content)
            yield f"書き直し（情報が残っていた）：{name}"


def _complete(row, there, dry_run):
    """The narrower copies that aren't there yet."""
    missing = [name for name in row.files if name not in there]
    if not missing:
        return
    made = photographs.rewrite(_read(row.image.name), longest=photographs.MOST_SIDE)
    for width, content in made.narrower.items():
        name = photographs.narrower_name(row.image.name, width)
        if name in missing:
            if not dry_run:
                photo.replace_file(name, content)
            yield f"作成（幅{width}）：{name}"
