"""What only the casebook's own process can tell, on $DATA_DIR and $DATABASE_URL: `inside TASK ARGUMENT…` → JSON."""

import json
import os
import random
import resource
import sys
from itertools import cycle, islice
from time import monotonic, perf_counter

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "casebook.settings"
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from cases import documents, index, search, text  # noqa: E402
from cases.catalogue import Catalogue  # noqa: E402
from cases.exports import TABLES, stream  # noqa: E402
from cases.models import Case, CaseVersion, Statement  # noqa: E402
from cases.synthetic import MARK  # noqa: E402

SCANNED = 2_000  # cases that a plain scan reads: enough to find any difference, few enough for every size
WORDS = 30  # of each length


def settle() -> None:
    """After growing: PostgreSQL's planner knows the tables, and doesn't look at them while we measure."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def queries(*paths: str) -> dict[str, int]:
    """How many database queries each page needs; of the second answer, since a process' first builds the index."""
    client, counted = Client(headers={"host": "127.0.0.1"}), {}
    for path in paths:
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(path)
        assert answer.status_code == 200, path
        counted[path] = len(asked)
    return counted


def drawn() -> dict[str, list[str]]:
    """Addresses and words to ask for: 500 slugs, and 5,000 pieces of 8 to 16 letters of some statement."""
    draw = random.Random(0)
    slugs = sorted(
        Case.objects.filter(versions__in=CaseVersion.objects.published()).values_list("slug", flat=True)
    )
    draw.shuffle(slugs)
    last = Statement.objects.order_by("-pk").values_list("pk", flat=True)[0]
    picked = {draw.randint(1, last) for _ in range(5_000)}
    texts = sorted(Statement.objects.filter(pk__in=picked).values_list("text", flat=True))
    return {"slugs": slugs[:500], "pieces": [_piece(draw, draw.choice(texts), 8, 16) for _ in range(5_000)]}


def _piece(draw, told, fewest, most):
    letters = "".join(told.removeprefix(MARK).split())
    length = draw.randint(fewest, most)
    at = draw.randrange(max(1, len(letters) - length))
    return letters[at : at + length]


def searched() -> dict:
    """Searches for words of 1, 2 and 3 to 12 letters against a plain scan of the folded text.

    → {letters: {"words", "found" (cases in all), "differing" (words whose results aren't the scan's)}}
    """
    draw = random.Random(1)
    today = index.current()
    scanned = set(draw.sample(sorted(today.ids), min(SCANNED, len(today.ids))))
    folded = {}
    for version in CaseVersion.objects.filter(pk__in=scanned).for_search().iterator(500):
        folded[version.pk] = "\n".join(text.fold(part) for _, part in search.document(version))
    texts = sorted(folded.values())
    told = {}
    for name, fewest, most in (("1", 1, 1), ("2", 2, 2), ("3+", 3, 12)):
        words = sorted({_piece(draw, draw.choice(texts), fewest, most) for _ in range(WORDS)} - {""})
        found = differing = 0
        for word in words:
            spellings = [one.spellings for one in search.words(word, today)]
            catalogue = Catalogue({"q": [word]})
            ids = set(catalogue.ids())
            plain = {
                pk
                for pk, whole in folded.items()
                if all(any(map(whole.__contains__, one)) for one in spellings)
            }
            found += len(ids)
            differing += ids & scanned != plain
        told[name] = {"words": len(words), "found": found, "differing": differing}
    return told


def papers() -> dict:
    """The casebook as PDF in all its volumes: {"volumes", "seconds", "megabytes" (of the largest press)}."""
    began = perf_counter()
    catalogue = Catalogue()
    volumes = documents.volumes(catalogue)
    for volume in range(1, volumes + 1):
        assert documents.casebook(catalogue, "性能の測定", "", volume).startswith(b"%PDF")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"volumes": volumes, "seconds": perf_counter() - began, "megabytes": most / 1024}


def sheet(rows: str) -> dict:
    """An .xlsx of so many rows of the table of cases, net of reading them: {"seconds", "megabytes" (more)}."""
    table = TABLES[0]
    read = list(table.rows(index.current().ids[:100]))
    some = stream.Sheet(
        table.name, table.headings, [20] * len(table.headings), islice(cycle(read), int(rows))
    )
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter()
    for _ in stream.workbook([some], title="性能の測定", stamp=""):
        pass
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": perf_counter() - began, "megabytes": (after - before) / 1024}


def publish(slug: str, summary: str) -> float:
    """Publish the case anew with this summary, when a line comes in → the moment of it (CLOCK_MONOTONIC)."""
    draft = CaseVersion.objects.published().get(case__slug=slug).revise(by=None)
    draft.summary = summary
    draft.save()
    draft.submit(by=None)
    print("ready", flush=True)
    sys.stdin.readline()
    draft.publish(by=None)
    return monotonic()


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
