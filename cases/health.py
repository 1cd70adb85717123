"""What a monitor asks: does the process answer (/healthz), can it serve readers (/readyz)? Public HTTP, no data."""

import logging
from functools import cache

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse

from . import index, replica
from .unavailable import RETRY_SECONDS

log = logging.getLogger(__name__)


def alive(request):
    """The process answers. Nothing else is asked: a database that's away is no reason to start it anew."""
    return _plain("ok", 200)


def ready(request):
    """The database that readers' pages come from answers, is of this release, and its catalogue can be read.

    503 otherwise; why, only the log says.
    """
    try:
        recorder = MigrationRecorder(connections[replica.of_readers()])
        if missing := _migrations() - recorder.applied_migrations().keys():
            raise LookupError(f"{len(missing)} migrations are to be applied")
        index.current()
    except Exception as error:  # whatever it is, this place can't serve
        log.error("readyz: %s: %s", type(error).__name__, error)
        answer = _plain("not ready", 503)
        answer.headers["Retry-After"] = RETRY_SECONDS
        return answer
    return _plain("ready", 200)


@cache
def _migrations():
    """Every migration of this release, as (app, name)."""
    return set(MigrationLoader(None).disk_migrations)


def _plain(word, status):
    answer = HttpResponse(f"{word}\n", status=status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
