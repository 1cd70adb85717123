"""A print template and its data → a PDF: set in type by the press, kept for the next who asks for the same.

Templates read `data.json` and show its strings as text, never as markup. What they can open is the print
templates and the photographs.
"""

import fcntl
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from datetime import time as clock
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings

from ..models.photo import folder
from .letters import FONT, legible

TEMPLATES = settings.BASE_DIR / "templates/print"
PRESS = Path(__file__).with_name("press.py")
LONGEST = 25  # seconds a document may take on request: gunicorn ends a worker after 30
MOST_WAITING = 2  # threads of this process: the others go on serving pages
WAIT = 10  # seconds for the press, which prints one document at a time on this machine
MOST_KEPT, LONGEST_KEPT = 200 * 1024**2, 24 * 60 * 60  # bytes, seconds
DIGEST = sha256().digest_size  # bytes of a kept document's own hash, behind it

_waiting = BoundedSemaphore(MOST_WAITING)


class Busy(Exception):
    """The press has too much to do; in a while it will take the document."""


def printed(
    template: str, data: dict, day: date | None, *, patient: bool = False, keep: bool = True
) -> bytes:
    """Print `templates/print/<template>.typ`; the same data and `day` (that of its content) give the same bytes.

    Who is `patient` waits for the press and the document however long they take, and keeps the copy himself.
    What isn't to `keep` holds words that a reader typed: those are to be in nobody's files.
    Raises Busy to others where either takes too long, and RuntimeError with typst's words for what can't be printed.
    """
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.glob("*.typ"))}
    files["main.typ"] = files.pop(f"{template}.typ")
    files["data.json"] = json.dumps(_legible(data), ensure_ascii=False)
    job = {
        "files": files,
        "root": str(folder() if folder().is_dir() else TEMPLATES),
        "fonts": str(FONT.parent),
        "timestamp": int(datetime.combine(day or date(2000, 1, 1), clock(), UTC).timestamp()),
    }
    job = json.dumps(job, ensure_ascii=False).encode()
    kept = settings.DATA_DIR / "print" / f"{sha256(job).hexdigest()}.pdf"
    kept.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        return _taken(kept)
    with _turn(kept.with_name("press"), patient):
        with suppress(FileNotFoundError):
            return _taken(kept)  # somebody else's was the same
        pdf = _press(job, None if patient else LONGEST)
        if keep and not patient:
            with suppress(OSError):  # a full disk keeps nothing
                _keep(kept, pdf)
    return pdf


def _press(job, longest):
    command = [sys.executable, "-I", str(PRESS)]
    few = os.environ | {
        "RAYON_NUM_THREADS": "4",
        "MALLOC_ARENA_MAX": "4",
    }  # each thread more asks for addresses
    try:
        done = subprocess.run(command, input=job, env=few, capture_output=True, timeout=longest, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Busy from None
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


@contextmanager
def _turn(path, patient):
    """The press for oneself; Busy where others keep it for too long."""
    if not _waiting.acquire(blocking=patient):
        raise Busy
    try:
        with path.open("a") as file:
            until = math.inf if patient else time.monotonic() + WAIT
            while not _locked(file):
                if time.monotonic() > until:
                    raise Busy
                time.sleep(0.05)
            yield
    finally:
        _waiting.release()


def _locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _taken(kept):
    """A kept document. FileNotFoundError where there is none, or what's there isn't what was kept."""
    content = kept.read_bytes()
    pdf, digest = content[:-DIGEST], content[-DIGEST:]
    if sha256(pdf).digest() != digest:
        raise FileNotFoundError(kept)
    with suppress(OSError):
        os.utime(kept)
    return pdf


def _keep(kept, pdf):
    """Keep a document, and of the others those that were wanted last, as many as have room."""
    handle, aside = tempfile.mkstemp(dir=kept.parent, suffix=".new")
    with os.fdopen(handle, "wb") as file:
        file.write(pdf + sha256(pdf).digest())
    Path(aside).replace(kept)
    others = sorted(kept.parent.glob("*.pdf"), key=lambda path: path.stat().st_mtime, reverse=True)
    room, oldest = MOST_KEPT, time.time() - LONGEST_KEPT
    for path in others:
        room -= path.stat().st_size
        if room < 0 or path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _legible(value):
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {key: _legible(one) for key, one in value.items()}
    return [_legible(one) for one in value] if isinstance(value, list | tuple) else value
