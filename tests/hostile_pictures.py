"""Pictures that mean harm, made cheaply on the spot: HOSTILE[name]() → bytes; HOSTILE_NAMES for the files.

Whatever in them is not a pixel holds CANARY, so that a test can look for it in what was kept.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

from PIL import Image, ImageCms

CANARY = b"CANARY-7f3a"
SCRIPT = b"<script>" + CANARY + b"</script>"


def picture(fmt: str = "JPEG", size=(900, 600), mode: str = "RGB", **how) -> bytes:
    """A sound picture in one colour."""
    file = io.BytesIO()
    Image.new(mode, size, how.pop("colour", "teal")).save(file, fmt, **how)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG, its checksum right."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *extra: bytes, rows: bytes = b"", after: bytes = b"") -> bytes:
    """A PNG whose header promises that size (8-bit grey), holding the compressed `rows`."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows, 9)) + after
        + chunk(b"IEND", b"")
    )  # fmt: skip


def _grey(width, height, *extra, after=b""):
    return png(width, height, *extra, rows=bytes(width + 1) * height, after=after)


def _segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def _jpeg_with(*segments):
    plain = picture()
    return plain[:2] + b"".join(segments) + plain[2:]


def _exif():
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = CANARY.decode(), CANARY.decode()  # maker, author
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[0x1B] = "N", (34.0, 28.0, 52.0), CANARY
    return exif


def _profile():
    """A sound sRGB profile with something of ours behind it."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY


def _zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.html", SCRIPT)
    return file.getvalue()


def _flipped(whole, every):
    return bytes(byte ^ 0x55 if at > 100 and at % every == 0 else byte for at, byte in enumerate(whole))


def _bomb_text(kind):
    return chunk(kind, b"Comment\0\0" + zlib.compress(CANARY + bytes(80_000_000), 9))


def _huge_jpeg():
    return (
        b"\xff\xd8" + _segment(0xC0, struct.pack(">BHHB", 8, 65535, 65535, 1) + b"\x01\x11\0") + b"\xff\xd9"
    )


def _huge_webp():
    size = (16382).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _frames(fmt, count):
    frames = [Image.new("P", (2, 2), number % 2) for number in range(count)]
    file = io.BytesIO()
    frames[0].save(
        file, fmt, save_all=True, append_images=frames[1:], duration=[1 + n % 2 for n in range(count)]
    )
    return file.getvalue()


def _many_frames_png():
    """8,000 frames behind one picture."""
    control = [struct.pack(">IIIIIHHBB", 2 * n + 1, 2, 2, 0, 0, 1, 1, 0, 0) for n in range(8000)]
    data = [struct.pack(">I", 2 * n + 2) + zlib.compress(bytes(6)) for n in range(8000)]
    pairs = zip(control, data, strict=True)
    frames = b"".join(chunk(b"fcTL", one) + chunk(b"fdAT", two) for one, two in pairs)
    first = chunk(b"acTL", struct.pack(">II", 8001, 0)) + chunk(
        b"fcTL", struct.pack(">IIIIIHHBB", 0, 2, 2, 0, 0, 1, 1, 0, 0)
    )
    return _grey(2, 2, first, after=frames)


def _many_scans():
    """A progressive JPEG of 36 megapixels whose last scan comes again and again: each is read over all of it."""
    whole = picture(size=(6000, 6000), mode="L", colour=7, progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 20_000 + b"\xff\xd9"


def _two_pictures():
    """A camera's JPEG with a second picture behind the first (MPO), the second one carrying its place."""
    first, second = Image.new("RGB", (900, 600), "teal"), Image.new("RGB", (900, 600), "red")
    second.info["comment"] = CANARY
    file = io.BytesIO()
    first.save(file, "MPO", save_all=True, append_images=[second], comment=CANARY)
    return file.getvalue()


REFUSED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: CANARY,
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>",
    "html": lambda: b"<!doctype html>" + SCRIPT,
    "pdf": lambda: b"%PDF-1.7\n" + CANARY,
    "eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + CANARY + b") run\n",
    "mvg": lambda: b"push graphic-context\nimage over 0,0 0,0 '|id'\n" + CANARY,
    "php": lambda: b"<?php system('id'); // " + CANARY,
    "exe": lambda: b"MZ\x90\0" + CANARY * 20,
    "elf": lambda: b"\x7fELF\x02\x01\x01" + CANARY * 20,
    "zip": _zip,
    "gif": partial(picture, "GIF"),
    "gif with javascript": lambda: b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert('" + CANARY + b"')",
    "gif of 65535 x 65535": lambda: b"GIF89a" + struct.pack("<HH", 65535, 65535) + picture("GIF")[10:],
    "gif of 8,000 frames": partial(_frames, "GIF", 8000),
    "bmp": partial(picture, "BMP"),
    "tiff": partial(picture, "TIFF"),
    "ico": partial(picture, "ICO", (32, 32)),
    "jpeg 2000": partial(picture, "JPEG2000"),
    "cut jpeg": lambda: picture()[:400],
    "cut png": lambda: picture("PNG")[:80],
    "cut webp": lambda: picture("WEBP", mode="RGBA")[:60],
    "png with a wrong checksum": lambda: picture("PNG").replace(b"IDATx", b"IDATy", 1),
    "png without pixels": lambda: png(9, 9),
    "png of 900 megapixels": lambda: png(30_000, 30_000, rows=bytes(1_000_000)),
    "png of 144 megapixels": lambda: _grey(12_000, 12_000),
    "png of 1 x 4,000,000": lambda: _grey(1, 4_000_000),
    "jpeg of 65535 x 65535": _huge_jpeg,
    "webp of 16383 x 16383": _huge_webp,
    "jpeg of 20,000 scans": _many_scans,
    "png with 80 MB of profile": lambda: _grey(9, 9, _bomb_text(b"iCCP")),
    "png with 80 MB of text": lambda: _grey(9, 9, _bomb_text(b"zTXt")),
    "png with 80 MB of text behind": lambda: _grey(9, 9, after=_bomb_text(b"zTXt")),
}
REWRITTEN: dict[str, Callable[[], bytes]] = {
    "png and html": lambda: picture("PNG") + SCRIPT,
    "png and zip": lambda: picture("PNG") + _zip(),
    "png with text": lambda: _grey(900, 600, chunk(b"tEXt", b"Comment\0" + SCRIPT), chunk(b"eXIf", _exif().tobytes()[6:])),
    "png with a chunk of its own": lambda: _grey(900, 600, chunk(b"caNy", CANARY)),
    "png with a bad profile": lambda: _grey(900, 600, chunk(b"iCCP", b"x\0\0" + zlib.compress(CANARY))),
    "png of 8,000 frames": _many_frames_png,
    "jpeg with php in a comment": lambda: _jpeg_with(_segment(0xFE, b"<?php " + CANARY)),
    "jpeg with javascript in its header": lambda: _jpeg_with(_segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0/*" + CANARY)),
    "jpeg with unknown segments": lambda: _jpeg_with(*(_segment(0xE0 + n, CANARY) for n in range(3, 14))),
    "jpeg and html": lambda: picture() + SCRIPT,
    "jpeg with place, maker and author": lambda: picture(exif=_exif(), comment=CANARY, xmp=b"<x:xmpmeta>" + CANARY),
    "jpeg with a profile": lambda: picture(icc_profile=_profile()),
    "jpeg with a second picture": _two_pictures,
    "webp with place and maker": lambda: picture("WEBP", exif=_exif(), xmp=CANARY, icc_profile=_profile()),
    "webp and html": lambda: picture("WEBP") + SCRIPT,
    "webp of 100 frames": partial(_frames, "WEBP", 100),
}  # fmt: skip
# Sound or not, as the flipped bits fall.
EITHER: dict[str, Callable[[], bytes]] = {
    "jpeg with flipped bits": lambda: _flipped(picture(exif=_exif()), 97),
    "png with flipped bits": lambda: _flipped(picture("PNG"), 97),
    "webp with flipped bits": lambda: _flipped(picture("WEBP", exif=_exif()), 97),
    "jpeg with a hostile exif": lambda: picture(exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + CANARY * 40),
}
HOSTILE = REFUSED | REWRITTEN | EITHER

HOSTILE_NAMES = [
    "../../settings.py", "..\\..\\settings.py", "/etc/passwd", "C:\\boot.ini", "....//x.jpg", "x.jpg\0.html", "x.jpg\r\nSet-Cookie: a=b",
    "\u202egpj.exe", "あ" * 300 + ".jpg", "x" * 300, ".htaccess", "x.html", "x.svg", "x.php.jpg", "x.jpg.php", "web.config",
    "settings.py", "con.jpg", "-rf.jpg", "%2e%2e%2fx.jpg", "<script>.jpg", "'\";drop table.jpg",
]  # fmt: skip
