"""The whole casebook into one file and back, on the database it came from or on the other."""

import json
import os
import re
import subprocess
import sys
import textwrap
import zipfile
from hashlib import sha256
from itertools import count

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from cases import backup
from cases.backup import files
from cases.backup.rows import LEFT_OUT, Tables
from cases.models import Photo
from tests.postgresql import server
from tests.served import ROOT, SETTINGS

pytestmark = pytest.mark.xdist_group("backup")  # one casebook and one server for all of them
PHRASE = "a long pass phrase"
BUNDLE = b"PK\x05\x06" + bytes(18)  # an empty zip
# What there's to lose: people, a second factor, a draft with a photograph, an edition with its files.
FILL = f"""
import io
from hashlib import sha256
from PIL import Image
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django_otp.plugins.otp_totp.models import TOTPDevice
from axes.models import AccessAttempt
from cases import bundle
from cases.models import CaseVersion, Edition, EditionFile, Photo
kanri = User.objects.create_superuser("kanri", password={PHRASE!r})
TOTPDevice.objects.create(user=kanri, name="試験", key="00" * 20)
session = SessionStore(); session["secret"] = "himitsu"; session.create()
AccessAttempt.objects.create(username="kanri", ip_address="192.0.2.7", failures_since_start=1)
draft = CaseVersion.objects.published().get(case__slug="toba-ibasho").revise(by=kanri)
picture = io.BytesIO(); Image.new("RGB", (900, 600), "teal").save(picture, "JPEG"); picture.seek(0)
Photo.objects.create(version=draft, image=ContentFile(picture.read(), "x.jpg"), alt="試験", credit="試験", licence="試験")
edition = Edition.freeze("2026-11", by=kanri)
bundle.place().mkdir(); bundle.kept(edition).write_bytes({BUNDLE!r})
EditionFile.objects.create(edition=edition, name="bundle.zip", title="試験", size=22, sha256=sha256({BUNDLE!r}).hexdigest())
"""


def manage(data, *arguments, url="", fails=False, python=""):
    """`manage.py …` on a casebook of its own (or the program `python` there) → what it printed, errors too."""
    command = [sys.executable, *(["-c", textwrap.dedent(python)] if python else ["manage.py"]), *arguments]
    env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    env |= {"DATA_DIR": str(data), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "casebook.settings"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def backed_up(data, to, **where):
    manage(data, "backup", "--to", str(to), **where)
    return to


def told(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("manifest.json"))


def everything(path):
    """All that a backup holds but the stamp, which a restored casebook has anew."""
    manifest = told(path)
    manifest["tables"].pop("cases.cataloguestamp")
    kept = {name: part for name, part in manifest["parts"].items() if not name.startswith("tables/")}
    return manifest["tables"], kept, manifest["migrations"]


@pytest.fixture(scope="module")
def casebook(tmp_path_factory):
    data = tmp_path_factory.mktemp("casebook") / "data"
    for command in (["migrate", "-v0"], ["load_casebook"], ["shell", "-v0", "-c", FILL]):
        manage(data, *command)
    return data


@pytest.fixture(scope="module")
def kept(casebook):
    return backed_up(casebook, casebook.parent / "kept.zip")


@pytest.fixture(scope="module")
def postgresql():
    """Make empty databases on one server: postgresql() → a DATABASE_URL."""
    with server() as url, psycopg.connect(url, autocommit=True) as connection:
        names = (f"empty_{number}" for number in count())

        def make():
            connection.execute(f"CREATE DATABASE {(name := next(names))}")
            return f"{url.rpartition('/')[0]}/{name}"

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """(DATA_DIR, DATABASE_URL) of a place where nothing is yet."""
    url = request.getfixturevalue("postgresql")() if request.param == "postgresql" else ""
    return tmp_path / "empty", url


# What's in it


def test_a_backup_is_its_owners_only_and_lies_in_a_folder_of_its_own(casebook):
    manage(casebook, "backup")
    (path,) = (casebook / "backups").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_it_holds_no_session_no_address_and_no_secret_key(casebook, kept):
    with zipfile.ZipFile(kept) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    key = (casebook / "secret_key").read_bytes()
    assert not [secret for secret in (key, b"himitsu", b"192.0.2.7") if secret in content]
    assert b"kanri" in content


def test_every_table_is_in_it_but_who_is_signed_in_and_who_tried():
    every = {
        model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
    }
    assert every - Tables().models.keys() == LEFT_OUT


def test_it_names_release_engine_and_migrations_and_a_hash_of_every_part(kept):
    manifest = told(kept)
    assert (manifest["format"], manifest["version"], manifest["engine"]) == ("casebook-backup", 1, "sqlite")
    assert ["cases", "0001_initial"] in manifest["migrations"]
    assert manifest["tables"]["cases.case"]["rows"] == 15
    with zipfile.ZipFile(kept) as archive:
        for name, part in manifest["parts"].items():
            data = archive.read(name)
            assert part == {"size": len(data), "sha256": sha256(data).hexdigest()}


@pytest.mark.parametrize("folder", ["STATIC_ROOT", "MEDIA_ROOT"])
def test_what_is_served_is_no_place_for_it(folder, settings, tmp_path):
    setattr(settings, folder, tmp_path / "served")
    (tmp_path / "served" / "in").mkdir(parents=True)
    for to in (tmp_path / "served", tmp_path / "served" / "in", tmp_path / "x" / ".." / "served" / "x.zip"):
        with pytest.raises(CommandError, match="読む人に渡すファイル"):
            call_command("backup", to=to)
    assert not list((tmp_path / "served").rglob("*.zip"))


def test_nothing_is_written_over_and_nothing_half_is_left(tmp_path, monkeypatch):
    (tmp_path / "x.zip").write_text("kept")
    with pytest.raises(CommandError, match="もうあるファイル"):
        call_command("backup", to=tmp_path / "x.zip")
    with pytest.raises(CommandError, match="フォルダーがありません"):
        call_command("backup", to=tmp_path / "none" / "y.zip")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cases.backup.archive.Writer.add_manifest", fail)
    with pytest.raises(CommandError, match="書き込めません"):
        call_command("backup", to=tmp_path / "y.zip")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.zip"]
    assert (tmp_path / "x.zip").read_text() == "kept"


# While the site runs

PAIR = """
    import os, django; django.setup()
    from django.db import connections
    from django.contrib.auth.models import Group
    from cases.backup import make, rows
    from cases.models import Wording
    # Somebody else writes a group and a synonym, together, before every table that is read.
    connections.settings["other"] = connections.settings["default"]
    read, pairs = rows.Tables.lines, iter(range(1000))
    def lines(tables, label):
        with django.db.transaction.atomic("other"):
            name = f"対{next(pairs)}"
            Group.objects.using("other").bulk_create([Group(name=name)])
            Wording.objects.using("other").bulk_create([Wording(word=name, gentler="試験", reason="試験")])
        yield from read(tables, label)
    rows.Tables.lines = lines
    print(make().path)
"""


def test_all_rows_are_of_one_moment_and_writers_never_wait(empty, kept):
    data, url = empty
    manage(data, "restore", str(kept), url=url)
    made = manage(data, url=url, python=PAIR).strip()
    rows = {
        label: [
            line
            for line in zipfile.ZipFile(made).read(f"tables/{label}.jsonl").decode().splitlines()
            if re.search(r'"対\d+"', line)
        ]
        for label in ("auth.group", "cases.wording")
    }
    assert len(rows["auth.group"]) == len(rows["cases.wording"])
    assert (
        manage(
            data,
            "shell",
            "-v0",
            "-c",
            "from django.contrib.auth.models import Group as G; print(G.objects.count())",
            url=url,
        ).strip()
        > "50"
    )


def test_a_photograph_removed_meanwhile_is_no_loss(tmp_path, monkeypatch):
    gone = "media/photographs/gone.png"
    answers = iter([{gone: True}, {}])
    monkeypatch.setattr(files, "named", lambda tables: next(answers))
    made = backup.make(tmp_path)
    assert (made.manifest.absent, made.lost) == ([gone], [])


def test_a_photograph_that_is_lost_is_told_and_the_rest_is_kept(draft, tmp_path):
    Photo.objects.bulk_create(
        [Photo(version=draft, image="photographs/gone.png", width=900, height=600, alt="試験")]
    )
    with pytest.raises(CommandError, match=r"1個.*photographs/gone\.png"):
        call_command("backup", to=tmp_path / "x.zip")
    assert told(tmp_path / "x.zip")["absent"] == [
        "media/photographs/gone-480.png", "media/photographs/gone.png"
    ]  # fmt: skip


# Back again

FACTS = f"""
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django_otp.plugins.otp_totp.models import TOTPDevice
from cases.models import CaseVersion, Edition, Photo, Synonym
from cases import bundle
from django.contrib.auth.models import User
assert User.objects.get(username="kanri").check_password({PHRASE!r})
assert TOTPDevice.objects.get().key == "00" * 20
assert CaseVersion.objects.published().count() == 15
photo = Photo.objects.get(); photo.read(photo.image.name.removeprefix("photographs/"))
assert bundle.is_whole(Edition.objects.get())
try:
    with transaction.atomic():
        CaseVersion.objects.published().update(summary="試験")
    raise SystemExit("published is not frozen")
except IntegrityError:
    pass
Synonym.objects.create(word="試験", means="試験").delete()
print("all there")
"""


def test_a_restored_casebook_is_the_same_on_either_database(empty, kept, casebook):
    data, url = empty
    said = manage(data, "restore", str(kept), url=url)
    assert said.splitlines()[-1].startswith("戻しました：")
    assert "all there" in manage(data, "shell", "-v0", "-c", FACTS, url=url)
    assert everything(backed_up(data, data.parent / "again.zip", url=url)) == everything(kept)
    for path in casebook.rglob("media/photographs/*"):
        again = data / path.relative_to(casebook)
        assert again.read_bytes() == path.read_bytes()
        assert again.stat().st_mode & 0o777 == 0o640
    assert "空ではありません" in manage(data, "restore", str(kept), url=url, fails=True)
    manage(data, "migrate", "--check", url=url)


def test_the_search_file_of_another_day_is_not_believed(tmp_path, kept):
    """A version that was published after the backup had the number of one to come."""
    before = told(kept)["tables"]["cases.cataloguestamp"]["content"]
    manage(tmp_path, "restore", str(kept))
    again = told(backed_up(tmp_path, tmp_path / "again.zip"))
    assert again["tables"]["cases.cataloguestamp"]["content"] != before


REFUSALS = """
    import sys, django; django.setup()
    from pathlib import Path
    from cases import backup
    for path in sys.argv[1:]:
        try:
            backup.restore(Path(path))
        except backup.Refused as refused:
            print(refused)
"""


def changed(kept, path, table=None, row=b"", **manifest):
    """The backup with a row more in a table, and a manifest that vouches for it."""
    with zipfile.ZipFile(kept) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    new = json.loads(parts.pop("manifest.json")) | manifest
    if table:
        name = f"tables/{table}.jsonl"
        parts[name] += row
        new["parts"][name] = {"size": len(parts[name]), "sha256": sha256(parts[name]).hexdigest()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, "manifest.json": json.dumps(new)}.items():
            archive.writestr(name, content)


def test_what_is_not_right_changes_nothing_and_the_right_one_goes_in_afterwards(empty, kept, tmp_path):
    data, url = empty
    manage(data, "migrate", "-v0", url=url)  # a casebook that migrations have made is empty
    paths = [tmp_path / f"{number}.zip" for number in range(7)]
    tomorrow = [*told(kept)["migrations"], ["cases", "9999_of_tomorrow"]]
    changed(kept, paths[0], "auth.group", b'["x"]\n')
    changed(kept, paths[1], "auth.group", b"[" * 5000 + b"\n")
    changed(kept, paths[2], "cases.case", b'[1,"a",1,"b"]\n')
    changed(kept, paths[3], "cases.citation", b'[900,900,"report","",0]\n')
    changed(kept, paths[4], migrations=tomorrow)
    paths[5].write_bytes(kept.read_bytes()[:-200])
    paths[6] = kept
    said = manage(data, *paths[:-1], url=url, python=REFUSALS)
    photograph = next(name for name in told(kept)["parts"] if name.endswith(".jpg"))
    other = data / photograph
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_bytes(b"somebody else's")
    said += manage(data, paths[-1], url=url, python=REFUSALS)
    for line, words in zip(
        said.splitlines(),
        [
            "入りません（auth.group",
            "入りません（auth.group",
            "入りません（cases.case",
            "cases.citation",
            "より新しい casebook",
            "壊れているか",
            "内容の違うファイル",
        ],
        strict=True,
    ):
        assert words in line
    assert other.read_bytes() == b"somebody else's"
    other.unlink()
    manage(data, "restore", str(kept), url=url)
    assert "all there" in manage(data, "shell", "-v0", "-c", FACTS, url=url)


KILLED = """
    import os, signal, sys, django; django.setup()
    from pathlib import Path
    from cases import backup
    from cases.backup import files, rows
    from cases.models import CatalogueStamp
    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)
    {}
    backup.restore(Path({!r}))
"""
MOMENTS = {
    "in the rows": "rows.Tables.reset_sequences = die",
    "in a file": "files.photo.sync = die",
    "before the commit": "CatalogueStamp.move = die",
}


@pytest.mark.parametrize(
    ("moment", "on_postgresql"), [*((moment, False) for moment in MOMENTS), ("before the commit", True)]
)
def test_killed_on_the_way_it_leaves_an_empty_place_and_the_next_run_goes_on(
    moment, on_postgresql, kept, postgresql, tmp_path
):
    data, url = tmp_path / "data", postgresql() if on_postgresql else ""
    manage(data, url=url, python=KILLED.format(MOMENTS[moment], str(kept)), fails=True)
    assert "データベースに casebook がありません" in manage(data, "backup", url=url, fails=True)
    manage(data, "restore", str(kept), url=url)
    assert "all there" in manage(data, "shell", "-v0", "-c", FACTS, url=url)


# From another age, and to another database

OLD = """
    import django; django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    executor = MigrationExecutor(connection)
    executor.migrate([("cases", "0004_statement_by_item"), ("auth", "0012_alter_user_first_name_max_length")])
    old = executor.loader.project_state([("cases", "0004_statement_by_item")]).apps.get_model
    old("auth", "User").objects.create(username="mukashi", password="!")
    old("cases", "Municipality").objects.create(
        code="012025", prefecture="北海道", name="試験市", reading="しけんし", kind="city", band="")
    old("cases", "Case").objects.create(slug="mukashi", municipality_id="012025")
"""


def test_the_backup_of_an_old_release_is_brought_to_today(empty, tmp_path):
    old = tmp_path / "old"
    manage(old, python=OLD)
    path = backed_up(old, tmp_path / "old.zip")
    assert "cases.edition" not in told(path)["tables"]
    data, url = empty
    manage(data, "restore", str(path), url=url)
    manage(data, "migrate", "--check", url=url)
    asked = (
        "from cases.models import *; from django.contrib.auth.models import *; from django.db import connection;"
        "print(Case.objects.get().slug, Edition.objects.count(), User.objects.get().username,"
        " Group.objects.filter(permissions__codename='add_glossaryterm').count(),"
        " 'cases_caseversion' in str(connection.introspection.table_names()))"
    )
    assert manage(data, "shell", "-v0", "-c", asked, url=url).strip() == "mukashi 0 mukashi 1 True"


def test_a_casebook_moves_to_postgresql_and_back_and_is_the_same(casebook, kept, postgresql, tmp_path):
    former = f"sqlite:///{casebook / 'casebook.sqlite3'}"
    url = postgresql()
    said = manage(casebook, "move_casebook", "--from", former, url=url)
    assert said.splitlines()[-1].endswith("の表すべてが、元と同じです。")
    assert "cases.caseversion " in said
    assert "3個のファイルが" in said
    assert "all there" in manage(casebook, "shell", "-v0", "-c", FACTS, url=url)
    assert "空ではありません" in manage(casebook, "move_casebook", "--from", former, url=url, fails=True)
    back = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    manage(casebook, "move_casebook", "--from", url, url=back)
    assert everything(backed_up(casebook, tmp_path / "back.zip", url=back)) == everything(kept)


@pytest.mark.parametrize(
    ("former", "words"),
    [
        ("nonsense:himitsu", "形で書いてください"),
        ("sqlite:////nonesuch/casebook.sqlite3", "移す元のファイルがありません"),
        ("postgres://casebook:himitsu@127.0.0.1:1/casebook", "データベースにつながりません"),
    ],
)
def test_a_wrong_former_database_is_refused_in_words(former, words, tmp_path):
    said = manage(tmp_path, "move_casebook", "--from", former, fails=True)
    assert words in said
    assert "Traceback" not in said
    assert "himitsu" not in said
