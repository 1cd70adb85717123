"""The migrations from an old release's database to today's are killed half way: run again, they end, and nothing is lost."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing

import psycopg
import pytest

from tests.postgresql import server
from tests.served import ROOT, SETTINGS

KILLS = 8
LONGEST = 120  # seconds
MUNICIPALITIES = 300
# A database of release 0.1.0 (migration 0004), written by its own models.
OLD = f"""
import django; django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
executor.migrate([("cases", "0004_statement_by_item"), ("auth", "0012_alter_user_first_name_max_length")])
old = executor.loader.project_state([("cases", "0004_statement_by_item")]).apps.get_model
for number in range({MUNICIPALITIES}):
    old("cases", "Municipality").objects.create(
        code=f"9{{number:05}}", prefecture="試験県", name=f"試験{{number}}市", reading="しけんし", kind="city", band="")
    old("cases", "Case").objects.create(slug=f"mukashi-{{number}}", municipality_id=f"9{{number:05}}")
"""
LOOK = """
import django; django.setup()
from cases.models import Case
print(*sorted(f"{case.slug}={case.municipality.name}" for case in Case.objects.select_related("municipality")))
"""


def _env(data, url):
    return {one: value for one, value in os.environ.items() if one not in SETTINGS} | {
        "DATA_DIR": str(data), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "casebook.settings", "SECRET_KEY": "x" * 50,
    }  # fmt: skip


def _run(env, *command):
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=LONGEST
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(params=["sqlite", "postgresql"])
def anew(request, tmp_path):
    """A function: a copy of the old database → the environment in which it's the casebook's."""
    if request.param == "sqlite":
        _run(_env(tmp_path / "old", ""), "-c", OLD)
        yield lambda name: _env(shutil.copytree(tmp_path / "old", tmp_path / name), "")
    else:
        with server() as url:
            beside = url.removesuffix("/casebook")
            _run(_env(tmp_path / "old", url), "-c", OLD)

            def copy(name):
                with closing(psycopg.connect(f"{beside}/postgres", autocommit=True)) as control:
                    control.execute(f"CREATE DATABASE {name} TEMPLATE casebook")
                return _env(tmp_path / name, f"{beside}/{name}")

            yield copy


def test_killed_migrations_run_again_and_nothing_is_lost(anew, chance, measured):
    undisturbed = anew("undisturbed")
    began = time.monotonic()
    _run(undisturbed, "manage.py", "migrate", "-v0")
    usual, right, killed = time.monotonic() - began, _run(undisturbed, "-c", LOOK), 0
    assert right.count("mukashi") == MUNICIPALITIES
    for number in range(5 * KILLS):
        env = anew(f"killed{number}")
        process = subprocess.Popen([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env)
        time.sleep(chance.uniform(usual / 5, 0.8 * usual))  # its first part is Python's own start
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        _run(env, "manage.py", "migrate", "-v0")
        _run(env, "manage.py", "migrate", "--check")
        assert _run(env, "-c", LOOK) == right
        if killed == KILLS:
            break
    assert killed == KILLS
    measured(f"{killed} killed within {usual:.1f} s, all ended when run again")
