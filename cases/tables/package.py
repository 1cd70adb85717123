"""An .xlsx is a zip of XML parts: what of it may be opened, and how far. Checked before anything is understood."""

import io
import posixpath
import re
import stat
import zipfile
import zlib
from xml.parsers import expat

from .limits import MOST_DEPTH, MOST_ELEMENTS, MOST_ENTRIES, MOST_NAMES, MOST_TOKEN, MOST_UNPACKED
from .problems import Refusal

CHUNK = (
    4 * 1024 * 1024
)  # expat looks again at an unfinished tag with each chunk: few chunks, no quadratic time

DAMAGED = "壊れているか、Excelのファイルではありません。Excelで開き、.xlsx形式で保存し直してください。"
TOO_LARGE = "開いたときの大きさが50MBを超えます。使わない表・写真・書式を消すか、分けてください。"
TOO_COMPLEX = "中身が複雑すぎて読めません。必要な表だけを新しいブックに写してください。"
UNSAFE_XML = "安全に読めない書き方（文書型宣言、UTF-8でない文字コード）のXMLが入っています。"
NOT_SOUND = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, LookupError, ValueError, TypeError,
    ArithmeticError, NotImplementedError, RuntimeError,
)  # fmt: skip


class Package:
    """A checked zip: `walk` one of its parts, or list its `elements`. Raises Refusal.

    No entry is trusted: sizes are counted while unpacking (and the checksums with them), names must stay
    inside, and every XML part must be plain UTF-8 without a document type.
    """

    def __init__(self, content: bytes):
        # Counted in the bytes: zipfile would make an object of each entry first.
        if content.count(b"PK\x01\x02") > MOST_ENTRIES:
            raise Refusal(f"中のファイルが{MOST_ENTRIES:,}個を超えます。写真などを減らしてください。")
        self.elements_left = MOST_ELEMENTS
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(content))
            self._check(self.archive.infolist())
        except Refusal:
            raise
        except NOT_SOUND as error:
            raise Refusal(DAMAGED) from error
        self.names = set(self.archive.namelist())

    def _check(self, entries):
        names = [entry.filename for entry in entries]
        if len({name.lower() for name in names}) < len(names) or not all(map(_is_inside, names)):
            raise Refusal("中のファイルの名前が正しくありません。" + DAMAGED)
        left = MOST_UNPACKED
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Refusal("パスワードが掛かっています。外して保存し直してください。")
            if stat.S_ISLNK(entry.external_attr >> 16):
                raise Refusal("ほかの場所を指すファイルが入っています。" + DAMAGED)
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Refusal(DAMAGED)
            left -= self._unpacked(entry, left)

    def _unpacked(self, entry, most):
        """How many bytes `entry` really unpacks to; stops above `most`."""
        size, unfinished = 0, b""
        is_xml = _is_xml(entry.filename)
        if entry.file_size > most:
            raise Refusal(TOO_LARGE)
        with self.archive.open(entry) as stream:
            while chunk := stream.read(CHUNK):
                if is_xml:
                    if not size and not _is_utf8(chunk):
                        raise Refusal(UNSAFE_XML)
                    unfinished = _unfinished(unfinished + chunk)
                size += len(chunk)
                if size > most:
                    raise Refusal(TOO_LARGE)
        return size

    def walk(self, part: str, start, end=None, text=None):
        """Parse `part`: start(name, attributes, parents), end(name) and text(letters) are called as it goes.

        Names come without prefix. Raises Refusal for XML that is unsound, too deep or too long.
        """
        if not _is_xml(part):
            raise Refusal(DAMAGED)
        parents = []

        def begins(name, attributes):
            name = name.rpartition(":")[2]
            self.elements_left -= 1
            if len(parents) >= MOST_DEPTH or self.elements_left < 0 or len(parser.intern) > MOST_NAMES:
                raise Refusal(TOO_COMPLEX)
            start(name, attributes, parents)
            parents.append(name)

        def ends(name):
            parents.pop()
            if end:
                end(name.rpartition(":")[2])

        def refuse_doctype(*_):
            raise Refusal(UNSAFE_XML)

        parser = expat.ParserCreate("utf-8")  # whatever the part declares
        parser.buffer_text, parser.buffer_size = True, 65_536
        parser.StartElementHandler, parser.EndElementHandler = begins, ends
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse_doctype
        try:
            with self.archive.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
        except Refusal:
            raise
        except NOT_SOUND as error:
            raise Refusal(DAMAGED) from error

    def elements(self, part: str) -> list[tuple[str, str, dict[str, str]]]:
        """The elements of a small part in order: (parent, name, attributes)."""
        found = []

        def start(name, attributes, parents):
            if len(found) >= 100_000:
                raise Refusal("書式や表の数が多すぎます。必要な表だけを新しいブックに写してください。")
            found.append((parents[-1] if parents else "", name, attributes))

        self.walk(part, start)
        return found

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """What `part` ("" is the package) points at within the package: (id, kind, part)."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", name + ".rels")
        if listed not in self.names:
            return []
        return [
            (
                attributes.get("Id", ""),
                attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:],
            )
            for _, name, attributes in self.elements(listed)
            if name == "Relationship" and attributes.get("TargetMode") != "External"
        ]


def _is_inside(name):
    return not (
        name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or "\0" in name
    )


def _is_xml(part):
    return part.lower().endswith((".xml", ".rels", ".vml"))


def _is_utf8(chunk):
    """Does an XML part begin as UTF-8? A declaration of another encoding is believed, and refused."""
    declared = re.search(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([^"']{1,40})["']""", chunk[:300])
    is_plain = b"\0" not in chunk[:300] and not chunk.startswith((b"\xff\xfe", b"\xfe\xff", b"+/v"))
    return is_plain and (not declared or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii", b"ascii"))


def _unfinished(xml):
    """Look through the bytes of an XML part → those after its last `<`, to be looked at with what follows."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Refusal(UNSAFE_XML)
    at = max(xml.find(b"<"), 0)
    while at + MOST_TOKEN < len(xml):
        following = xml.rfind(b"<", at + 1, at + MOST_TOKEN)
        if following < 0:
            raise Refusal(TOO_COMPLEX)
        at = following
    return xml[max(xml.rfind(b"<"), 0) :]
