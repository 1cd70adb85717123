"""The same facts on a real PostgreSQL."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.postgresql import server

# Everything that touches rows; the browser and the settings are the same on either database.
FILES = [
    "municipality",
    "fixtures",
    "workflow",
    "catalogue",
    "search",
    "likeness",
    "compare",
    "topics",
    "figures",
    "sheet",
    "admin",
    "stale",
    "enquiries",
    "audit",
    "sign_in",
    "resources",
    "intake",
    "views",
    "api",
    "exports",
    "downloads",
    "documents",
    "editions",
    "bundle",
    "history",
    "guide",
    "guide_workflow",
    "glossary",
    "survey",
    "kept",
    "media_store",
    "parameters_any",
    "parts_kept",
]


@pytest.mark.parametrize("half", [0, 1])
def test_what_holds_on_sqlite_holds_on_postgresql(half, tmp_path):
    with server() as url:
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                *(f"tests/test_{name}.py" for name in FILES[half::2]),
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
