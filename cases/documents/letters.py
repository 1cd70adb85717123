"""What the font can show. PDF/UA takes no letter that would be printed as an empty box, so none is sent."""

import re
import struct
from functools import cache
from pathlib import Path

from noto_cjk_sans_jp_regular import FONT_PATH

FONT = Path(str(FONT_PATH))
UNKNOWN = "〓"  # what Japanese printers have always set for a letter that they lack
# Invisible, and nothing's meaning hangs on them: controls, byte order mark, directions.
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
)
UNSEEN += "\U000e0000-\U000e007f"
# Invisible as well, but they join, part or vary the letters beside them; the typesetter takes them as they are.
WITHOUT_A_SHAPE = (
    (0x0A, 0x0A),
    (0xAD, 0xAD),
    (0x200B, 0x200D),
    (0x2060, 0x2064),
    (0xFE00, 0xFE0F),
    (0xE0100, 0xE01EF),
)


def legible(text: str) -> str:
    """A text as the font can show it: line breaks as `\\n`, 〓 for each letter that it lacks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _lacking().sub(UNKNOWN, _unseen().sub("", text))


@cache
def _unseen():
    return re.compile(f"[{UNSEEN}]")


@cache
def _lacking():
    """One letter that the font has no shape for."""
    known = sorted([*_ranges(FONT.read_bytes()), *WITHOUT_A_SHAPE])
    gaps, last = [], -1
    for first, end in known:
        if first > last + 1:
            gaps.append((last + 1, first - 1))
        last = max(last, end)
    gaps.append((last + 1, 0x10FFFF))
    return re.compile("[" + "".join(f"\\U{first:08x}-\\U{end:08x}" for first, end in gaps) + "]")


def _ranges(font):
    """The code points an OpenType font maps (its `cmap` of format 12), as (first, last)."""
    tables = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * 40, 16)
    }
    cmap = tables[b"cmap"]
    for number in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", font, cmap + 4 + 8 * number + 4)[0]
        if struct.unpack_from(">H", font, at)[0] == 12:
            groups = struct.unpack_from(">I", font, at + 12)[0]
            return [struct.unpack_from(">II", font, at + 16 + 12 * group) for group in range(groups)]
    raise ValueError("the font maps no letters beyond the first 65,536")
