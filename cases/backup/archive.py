"""The file of a backup: a zip of tables and files with a manifest, written once and believed only when read whole."""

import hashlib
import json
import re
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from . import files
from .rows import Content, Tables

FORMAT, VERSION = "casebook-backup", 1
MANIFEST = "manifest.json"
PIECE = 1 << 20
MOST_MANIFEST = 64 << 20  # bytes; a photograph takes about 150 of them
MOST_LINE = 256 << 20  # bytes of one row: an import that waits for its user is the largest
# What the zip module raises where a file is not what it says.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, KeyError)


class Refused(Exception):
    """Why not, in words for the administrator."""


@dataclass(frozen=True)
class Table:
    columns: list[str]
    rows: int
    content: str  # Content.digest


@dataclass(frozen=True)
class Part:
    size: int  # bytes
    sha256: str


@dataclass
class Manifest:
    """What an archive says of itself."""

    casebook: str  # the release that wrote it
    made_at: str  # ISO 8601
    engine: str  # of the database: for the reader, the rows are the same
    migrations: list[tuple[str, str]]  # (app, name): the state of the tables
    tables: dict[str, Table] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)  # parts that the rows name and that weren't there
    format: str = FORMAT
    version: int = VERSION

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def files(self) -> list[str]:
        return [part for part in self.parts if re.fullmatch(files.NAME, part)]

    @property
    def size(self) -> int:
        """Bytes of all parts, unpacked."""
        return sum(part.size for part in self.parts.values())


class Writer:
    """Fills the zip part by part and takes down what went into it; the manifest comes last. To be closed."""

    def __init__(self, target: BinaryIO, manifest: Manifest):
        self.manifest = manifest
        self._zip = zipfile.ZipFile(target, "w")

    def add_table(self, tables: Tables, label: str) -> None:
        content = Content()
        self._add(_part(label), map(content.add, tables.lines(label)), zipfile.ZIP_DEFLATED)
        self.manifest.tables[label] = Table(tables.columns(label), content.rows, content.digest)

    def add_file(self, part: str) -> str:
        """A file as it is (photographs and zips don't get smaller) → its SHA-256. FileNotFoundError."""
        with files.opened(part) as source:
            self._add(part, iter(partial(source.read, PIECE), b""), zipfile.ZIP_STORED)
        return self.manifest.parts[part].sha256

    def add_manifest(self) -> None:
        self._zip.writestr(MANIFEST, json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1))

    def close(self) -> None:
        self._zip.close()

    def _add(self, name, pieces, compression):
        size, digest = 0, hashlib.sha256()
        entry = zipfile.ZipInfo(name, time.localtime()[:6])
        entry.compress_type, entry.external_attr = compression, 0o600 << 16
        with self._zip.open(entry, "w", force_zip64=True) as part:
            for piece in pieces:
                size += part.write(piece)
                digest.update(piece)
        self.manifest.parts[name] = Part(size, digest.hexdigest())


class Archive:
    """A backup to read, after all of it has been checked; nothing is unpacked for that. To be closed.

    Refused in words where it's none of ours, of a newer form, damaged, or more than `room` bytes unpacked.
    """

    def __init__(self, source: Path | BinaryIO, *, room: int | None = None):
        try:
            self._zip = zipfile.ZipFile(source)
            self.manifest = _manifest(self._zip)
            _check_parts(self._zip, self.manifest)
            if room is not None and self.manifest.size > room:
                raise Refused(
                    f"戻すと{self.manifest.size:,}バイトになりますが、空きは{room:,}バイトしかありません。"
                )
            for name, part in self.manifest.parts.items():
                if self._sha256(name) != part.sha256:
                    raise Refused(f"壊れています（{name} の内容が、作った時と違います）。")
        except BROKEN as error:
            raise Refused(f"壊れているか、casebook のバックアップではありません（{error}）。") from error
        except OSError as error:
            raise Refused(f"読めません（{error.strerror or error}）。") from error

    def close(self) -> None:
        self._zip.close()

    def open(self, part: str) -> BinaryIO:
        return self._zip.open(part)

    def lines(self, label: str) -> Iterator[bytes]:
        """The rows of a table as Tables.fill takes them."""
        with self.open(_part(label)) as part:
            while line := part.readline(MOST_LINE):
                yield line

    def _sha256(self, name):
        with self.open(name) as part:  # never gives more than the size that was compared with the manifest's
            return hashlib.file_digest(part, "sha256").hexdigest()


def _part(label):
    return f"tables/{label}.jsonl"


def _manifest(kept):
    """The manifest, in its shape. Refused; or one of BROKEN where it's of another."""
    with kept.open(MANIFEST) as part:
        data = part.read(MOST_MANIFEST + 1)
    if len(data) > MOST_MANIFEST:
        raise Refused("目録が大きすぎます。")
    told = json.loads(data)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Refused("casebook のバックアップではありません。")
    if told.get("version") != VERSION:
        raise Refused(
            f"この casebook の知らない形（{told.get('version')}）です。"
            f"作った casebook（{told.get('casebook')}）か、より新しいもので戻してください。"
        )
    try:
        tables = {label: Table(**table) for label, table in told.pop("tables").items()}
        parts = {name: Part(**part) for name, part in told.pop("parts").items()}
        manifest = Manifest(**told, tables=tables, parts=parts)
        sizes = [part.size for part in parts.values()] + [table.rows for table in tables.values()]
        if not all(isinstance(size, int) and size >= 0 for size in sizes):
            raise TypeError("size")
        manifest.migrations = [(app, name) for app, name in manifest.migrations]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{MANIFEST}: {error}") from error
    return manifest


def _check_parts(kept, manifest):
    """The zip holds exactly the parts of the manifest, under names and in sizes that are a backup's. Refused."""
    entries = {entry.filename: entry for entry in kept.infolist()}
    if len(entries) != len(kept.infolist()) or set(entries) != {MANIFEST, *manifest.parts}:
        raise Refused("目録と中身が合いません。")
    if {*manifest.parts} != {*map(_part, manifest.tables), *manifest.files}:
        raise Refused("バックアップにないはずの名前のファイルが入っています。")
    for name, part in manifest.parts.items():
        entry = entries[name]
        if entry.file_size != part.size or stat.S_ISLNK(entry.external_attr >> 16):
            raise Refused(f"目録と中身が合いません（{name}）。")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(f"この casebook の知らない圧縮です（{name}）。")
