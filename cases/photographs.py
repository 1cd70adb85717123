"""Photographs: what was uploaded → sound pixels without metadata. Pure: bytes in, bytes out."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_SIDE = 20_000
FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


class NotAPhotograph(ValueError):
    """Refused; the message says why in Japanese."""


@dataclass(frozen=True)
class Photograph:
    """A photograph written anew: its bytes, its file ending by decoded type, its size in pixels."""

    content: bytes
    ending: str
    width: int
    height: int


def rewrite(upload: bytes) -> Photograph:
    """Decode `upload` within bounds and write its first frame anew, upright, with no metadata at all.

    Raises NotAPhotograph in words. The formats are a fixed list, else Pillow would try every decoder
    it knows; the bounds are checked on the header, before a pixel is decoded.
    """
    if len(upload) > MOST_BYTES:
        raise NotAPhotograph("写真は10MBまでです。小さくしてから選び直してください。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # bounded here, more tightly
            image = Image.open(io.BytesIO(upload), formats=list(FORMATS))
        if image.width * image.height > MOST_PIXELS or max(image.size) > MOST_SIDE:
            raise Image.DecompressionBombError
        decoded_format = image.format
        upright = ImageOps.exif_transpose(image)
        pixels = upright.convert("RGBA" if _is_transparent(upright, decoded_format) else "RGB")
        pixels.info.clear()  # Pillow would write JPEG comments and profiles again
        written = io.BytesIO()
        pixels.save(written, decoded_format, quality=85)
    except Image.DecompressionBombError:
        raise NotAPhotograph(
            "写真は4,000万画素、一辺20,000画素までです。小さくしてから選び直してください。"
        ) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise NotAPhotograph(
            "写真として読み取れません。JPEG・PNG・WebPの壊れていないファイルを選び直してください。"
        ) from error
    return Photograph(written.getvalue(), FORMATS[decoded_format], pixels.width, pixels.height)


def _is_transparent(image, decoded_format):
    return decoded_format != "JPEG" and ("A" in image.mode or "transparency" in image.info)
