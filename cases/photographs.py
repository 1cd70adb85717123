"""Photographs: what was uploaded → sound pixels without metadata, in several widths. Pure: bytes in, bytes out."""

import io
import re
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_PIXELS_WEBP = 16_000_000  # its decoder holds four bytes a pixel four times over
MOST_SIDE = 20_000
MOST_SCANS = (
    64  # a progressive JPEG may go over all its pixels again and again; cameras do so about ten times
)
MOST_PROFILE = 2 * 1024 * 1024
LONGEST = 2400  # pixels of the long side as kept: sharp on any screen, and no print-size original is public
WIDTHS = (480, 960, 1600)  # the narrower copies beside it, for phones and for columns
FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
BAND = 512  # rows
SRGB = ImageCms.createProfile("sRGB")
# What a decoder tells of a file that has no metadata: the rest of `info` came along with the picture.
_PLAIN = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "progressive", "progression", "adobe",
          "adobe_transform", "transparency", "loop", "background", "timestamp", "duration"}  # fmt: skip
_PLAIN_SEGMENTS = {"APP0", "APP14"}

_one_at_a_time = threading.Lock()  # four threads of a worker decoding at once would need 1 GB


class NotAPhotograph(ValueError):
    """Refused; the message says why in Japanese."""


@dataclass(frozen=True)
class Photograph:
    """A photograph written anew: its bytes, its file ending by decoded type, its size in pixels.

    `narrower` holds the same picture at those of WIDTHS that are smaller than it: width → bytes.
    """

    content: bytes
    ending: str
    width: int
    height: int
    narrower: dict[int, bytes]


def rewrite(upload: bytes, longest: int = LONGEST) -> Photograph:
    """Decode `upload` within bounds and write its first frame anew, upright, with no metadata at all.

    Its long side is brought to `longest` pixels at most. Raises NotAPhotograph in words.
    """
    if len(upload) > MOST_BYTES:
        raise NotAPhotograph("写真は10MBまでです。小さくしてから選び直してください。")
    with _one_at_a_time:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # Pillow's about size and odd metadata: bounded and dropped here
                decoded_format, pixels = _decode(upload, longest)
        except (Image.DecompressionBombError, MemoryError):
            raise NotAPhotograph(
                "写真は4,000万画素（WebPは1,600万画素）、一辺20,000画素までです。小さくしてから選び直してください。"
            ) from None
        except Exception as error:  # what a decoder raises on hostile bytes is no fixed list
            raise NotAPhotograph(
                "写真として読み取れません。JPEG・PNG・WebPの壊れていないファイルを選び直してください。"
            ) from error
        width, height = pixels.size
        return Photograph(
            _encode(pixels, decoded_format),
            FORMATS[decoded_format],
            width,
            height,
            {narrow: _encode(_resized(pixels, narrow), decoded_format) for narrow in narrower_widths(width)},
        )


def narrower_name(name: str, width: int) -> str:
    """The file of the narrower copy: `….jpg` at 480 → `…-480.jpg`."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{width}.{ending}"


def original_name(name: str) -> str:
    """`…-480.jpg` → `….jpg`; the original's own name stays."""
    return re.sub(r"-\d+(?=\.)", "", name)


def narrower_widths(width: int) -> list[int]:
    """Which narrower copies a photograph of that width has."""
    return [narrow for narrow in WIDTHS if narrow < width]


def is_sound(content: bytes) -> bool:
    """Is this file a picture that another program could show?"""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.verify()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def carries_metadata(content: bytes) -> bool:
    """Whether a kept file holds more than its pixels: written before there was rewrite(), or put there by hand."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(content), formats=list(FORMATS))
        _refuse_beyond_bounds(image)
        image.load()  # a PNG may hold text after its pixels
        segments = {segment for segment, _ in getattr(image, "applist", [])}
        private = getattr(image, "private_chunks", [])
    return bool(set(image.info) - _PLAIN or segments - _PLAIN_SEGMENTS or private)


def _decode(upload, longest):
    """Bytes → (format, upright sRGB pixels without `info`, their long side at most `longest`).

    The formats are a fixed list, else Pillow would try every decoder it knows; the bounds are checked on
    the header, before a pixel is decoded.
    """
    image = Image.open(io.BytesIO(upload), formats=list(FORMATS))
    _refuse_beyond_bounds(image)
    if image.format not in ("PNG", "WEBP") and upload.count(b"\xff\xda") > MOST_SCANS:
        raise ValueError("too many scans")
    # A camera's JPEG with a second picture behind it (MPO) is its first picture.
    decoded_format = image.format if image.format in FORMATS else "JPEG"
    image.draft(
        None, (longest, longest)
    )  # a JPEG is decoded at a half, a quarter, an eighth, where that's enough
    image.load()
    pixels = _in_srgb(_reduced(image, longest), image.info.get("icc_profile"))
    pixels.info = dict(image.info)  # for the orientation, wherever the format keeps it
    ImageOps.exif_transpose(pixels, in_place=True)
    pixels.info.clear()  # Pillow would write JPEG comments and profiles again
    pixels.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return decoded_format, pixels


def _refuse_beyond_bounds(image):
    most = MOST_PIXELS_WEBP if image.format == "WEBP" else MOST_PIXELS
    if image.width * image.height > most or max(image.size) > MOST_SIDE:
        raise Image.DecompressionBombError


def _reduced(image, longest):
    """`image` in a plain mode, brought near `longest` by a whole factor.

    In bands: a converted copy of the whole would double the 160 MB that 40 megapixels take.
    """
    mode = "CMYK" if image.mode == "CMYK" else "RGBA" if image.has_transparency_data else "RGB"
    width, height = image.size
    factor = max(1, max(image.size) // longest)
    reduced = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, BAND * factor):
        band = image.crop((0, top, width, min(height, top + BAND * factor)))
        if band.mode == "I;16":  # convert() would cut 16 bits of grey off at 255
            band = band.point(lambda level: level / 256)
        band = band.convert(mode)
        reduced.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return reduced


def _in_srgb(image, profile):
    """The colours that `profile` gives the image's numbers, in sRGB: the profile itself isn't kept.

    One that can't be read counts as none, as it does for browsers.
    """
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile and len(profile) <= MOST_PROFILE:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return ImageCms.profileToProfile(image, io.BytesIO(profile), SRGB, outputMode=mode)
    return image.convert(mode)


def _resized(image, width):
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _encode(image, written_format):
    written = io.BytesIO()
    image.save(written, written_format, quality=85, progressive=True)
    return written.getvalue()
