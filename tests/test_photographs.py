"""Uploads made by the tests themselves: sound, odd and hostile."""

import io
import struct
import zlib

import pytest
from PIL import Image

from cases import photographs


def _file(fmt, size=(60, 40), mode="RGB", **how):
    file = io.BytesIO()
    Image.new(mode, size, "teal").save(file, fmt, **how)
    return file.getvalue()


def _png_of(width, height):
    """A PNG whose header promises that size, and little more."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("fmt", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_photograph_keeps_its_kind_and_size(fmt, ending):
    made = photographs.rewrite(_file(fmt))
    assert (made.ending, made.width, made.height) == (ending, 60, 40)
    assert Image.open(io.BytesIO(made.content)).format == fmt


def test_metadata_of_every_kind_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "MAKER-CANARY"
    exif.get_ifd(0x8825)[1] = "N"
    upload = _file("JPEG", exif=exif, comment=b"COMMENT-CANARY", xmp=b"<x:xmpmeta>XMP-CANARY</x:xmpmeta>")
    assert all(word in upload for word in (b"MAKER-CANARY", b"COMMENT-CANARY", b"XMP-CANARY"))
    made = photographs.rewrite(upload).content
    assert b"CANARY" not in made
    assert not Image.open(io.BytesIO(made)).getexif()


def test_a_photograph_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    made = photographs.rewrite(_file("JPEG", exif=exif))
    assert (made.width, made.height) == (40, 60)


def test_what_follows_the_picture_is_not_kept():
    assert b"<script>" not in photographs.rewrite(_file("PNG") + b"<script>alert(1)</script>").content


def test_transparency_is_kept():
    made = photographs.rewrite(_file("PNG", mode="RGBA"))
    assert Image.open(io.BytesIO(made.content)).mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "I;16"])
def test_odd_colour_modes_are_read(mode):
    fmt = "JPEG" if mode == "CMYK" else "PNG"
    file = io.BytesIO()
    Image.new(mode, (8, 8)).save(file, fmt)
    assert photographs.rewrite(file.getvalue()).width == 8


@pytest.mark.parametrize(
    "upload",
    [
        b"", b"text", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0",
        _file("GIF"), _file("BMP"), _file("TIFF"), _file("ICO"), _file("JPEG")[:200], _file("PNG")[:60],
        _png_of(1, 1),
    ],
    ids=["empty", "text", "svg", "pdf", "eps", "gif", "bmp", "tiff", "ico", "cut jpeg", "cut png", "no pixels"],
)  # fmt: skip
def test_what_is_no_sound_photograph_is_refused_in_words(upload):
    with pytest.raises(photographs.NotAPhotograph, match="写真として読み取れません"):
        photographs.rewrite(upload)


@pytest.mark.parametrize(
    ("width", "height"), [(30_000, 30_000), (12_000, 12_000), (20_001, 1), (1, 4_000_000)]
)
def test_a_size_beyond_the_bounds_is_refused_before_it_is_decoded(width, height):
    with pytest.raises(photographs.NotAPhotograph, match="画素"):
        photographs.rewrite(_png_of(width, height))


def test_a_file_beyond_ten_megabytes_is_refused():
    with pytest.raises(photographs.NotAPhotograph, match="10MB"):
        photographs.rewrite(b"\xff" * (photographs.MOST_BYTES + 1))
