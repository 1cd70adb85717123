"""The power is cut while a casebook on SQLite writes: 200 pictures of what the disk may hold."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.served import ROOT

CUTS, TRANSACTIONS, ROWS = 200, 20, 500
HEADER, FRAME = 32, 24  # octets before the frames of a WAL, and before the page in each
# With the site's own settings: WAL, synchronous=FULL, BEGIN IMMEDIATE. A line for each that is committed.
WRITE = f"""
from django.db import transaction
from cases.models import Synonym
for number in range({TRANSACTIONS}):
    with transaction.atomic():
        Synonym.objects.bulk_create(
            [Synonym(word=f"試験{{number}}の{{row}}", means="試験" * 40) for row in range({ROWS})], batch_size=50
        )
    print(number + 1, flush=True)
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A casebook's folder, and the environment to write into a copy of it."""
    data = tmp_path_factory.mktemp("prepared")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=os.environ | _own(data), check=True
    )
    return data


def _own(data):
    return {"DATA_DIR": str(data), "DATABASE_URL": "", "SECRET_KEY": "x" * 50}


def test_no_committed_row_is_lost_and_none_stands_alone(prepared, tmp_path, chance, measured):
    cuts = torn = ahead = 0
    while cuts < CUTS:
        data = shutil.copytree(prepared, tmp_path / f"run{cuts}")
        for acknowledged in _pictures(data, tmp_path / "picture", chance):
            whole = _transactions(
                shutil.copytree(tmp_path / "picture", tmp_path / "look", dirs_exist_ok=True)
            )
            assert whole in (acknowledged, acknowledged + 1)  # the last may be done, its line unwritten
            ahead += whole > acknowledged
            torn += _tear(tmp_path / "picture", whole == acknowledged, chance)
            assert _transactions(tmp_path / "picture") in (acknowledged, acknowledged + 1)
            shutil.rmtree(tmp_path / "look")
            cuts += 1
            if cuts == CUTS:
                break
        shutil.rmtree(data)
    assert torn > CUTS / 4
    measured(
        f"{cuts} of {CUTS} opened, {torn} with a torn WAL, {ahead} one transaction ahead of its line, 0 lost"
    )


def _pictures(data, picture, chance):
    """Stop the writer at random moments and copy its files → how many transactions it had told as committed."""
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", WRITE],
        cwd=ROOT, env=os.environ | _own(data), stdout=subprocess.PIPE,
    )  # fmt: skip
    os.set_blocking(writer.stdout.fileno(), False)
    told = b""
    try:
        while not told:
            told = writer.stdout.read() or b""
            time.sleep(0.005)
        while writer.poll() is None:
            time.sleep(chance.uniform(0, 0.03))
            os.kill(writer.pid, signal.SIGSTOP)
            _await_stop(writer.pid)
            told += writer.stdout.read() or b""
            shutil.rmtree(picture, ignore_errors=True)
            picture.mkdir()
            for name in ("casebook.sqlite3", "casebook.sqlite3-wal"):
                if (data / name).exists():  # the last connection takes the WAL away
                    shutil.copyfile(data / name, picture / name)
            os.kill(writer.pid, signal.SIGCONT)
            yield told.count(b"\n")
    finally:
        if writer.poll() is None:
            writer.kill()
        writer.wait()
        writer.stdout.close()


def _await_stop(pid):
    while True:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TZ":
            return
        time.sleep(0.0005)


def _transactions(folder):
    """How many whole transactions a new connection finds; the file is sound, and none is there in part."""
    with closing(sqlite3.connect(folder / "casebook.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        counts = database.execute(
            "SELECT count(*) FROM cases_synonym WHERE word LIKE '試験%の%' GROUP BY substr(word, 1, instr(word, 'の'))"
        ).fetchall()
    assert {count for (count,) in counts} <= {ROWS}
    return len(counts)


def _tear(folder, is_last_told, chance):
    """Spoil what follows the last commit of the WAL that was told as done: cut, blank or garble it. Whether there was any.

    synchronous=FULL has had all before it written through; of the rest a disk may hold anything.
    """
    path = folder / "casebook.sqlite3-wal"
    content = bytearray(path.read_bytes()) if path.exists() else b""
    if len(content) <= HEADER:
        return False
    commits = _commits(content)
    kept = commits[: None if is_last_told else -1]
    safe = kept[-1] if kept else HEADER
    end = len(content)
    if safe >= end:  # nothing had begun: it begins, with garbage
        path.write_bytes(content + chance.randbytes(chance.randrange(1, 9000)))
        return True
    at = chance.randrange(safe, end)
    way = chance.choice(["cut", "blank", "garble"])
    if way == "cut":
        content = content[:at]
    elif way == "blank":
        content[at:end] = bytes(end - at)
    else:
        length = min(end - at, chance.randrange(1, 5000))
        content[at : at + length] = chance.randbytes(length)
    path.write_bytes(content)
    return True


def _commits(content):
    """Where each commit of the WAL's present generation ends (https://www.sqlite.org/fileformat2.html#walformat)."""
    size, salts, ends = int.from_bytes(content[8:12]), content[16:24], []
    for start in range(HEADER, len(content) - FRAME - size + 1, FRAME + size):
        if content[start + 8 : start + 16] != salts:
            break
        if int.from_bytes(content[start + 4 : start + 8]):
            ends.append(start + FRAME + size)
    return ends
