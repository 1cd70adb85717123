"""A damaged, foreign or hostile archive is refused in words before anything is touched."""

import json
import zipfile
from contextlib import closing

import pytest

from cases import backup
from cases.backup.archive import Archive

TABLE = "tables/cases.synonym.jsonl"
PHOTOGRAPH = "media/photographs/0123456789abcdef0123456789abcdef.png"


@pytest.fixture(scope="module")
def whole(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return backup.make(tmp_path_factory.mktemp("whole")).path


@pytest.fixture
def rewritten(whole, tmp_path):
    """The backup written anew: rewritten(parts=…, manifest=…), each a function that changes a dict in place."""

    def write(parts=lambda parts: None, manifest=lambda told: None, **options):
        with zipfile.ZipFile(whole) as kept:
            content = {name: kept.read(name) for name in kept.namelist()}
        told = json.loads(content.pop("manifest.json"))
        manifest(told)
        content["manifest.json"] = json.dumps(told)
        parts(content)
        with zipfile.ZipFile(tmp_path / "changed.zip", "w", **options) as changed:
            for name, data in content.items():
                changed.writestr(name, data)
        return tmp_path / "changed.zip"

    return write


def _refused(path, words, **options):
    with pytest.raises(backup.Refused, match=words):
        Archive(path, **options)


def test_a_whole_one_is_read(rewritten):
    with closing(Archive(rewritten())) as archive:
        assert sum(1 for _ in archive.lines("cases.case")) == archive.manifest.tables["cases.case"].rows == 15


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"<!doctype html>", "試験".encode(), b"\x1f\x8b" + bytes(100), bytes(100_000)]
)
def test_what_is_no_zip_is_refused(content, tmp_path):
    (tmp_path / "x.zip").write_bytes(content)
    _refused(tmp_path / "x.zip", "casebook のバックアップではありません")


def test_what_is_not_there_is_refused(tmp_path):
    _refused(tmp_path / "nonesuch.zip", "読めません")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_one_is_refused(kept, whole, tmp_path):
    content = whole.read_bytes()
    (tmp_path / "x.zip").write_bytes(content[: int(len(content) * kept)])
    _refused(tmp_path / "x.zip", "壊れている")


@pytest.mark.parametrize("part", [TABLE, "tables/cases.caseversion.jsonl", "manifest.json"])
def test_one_flipped_byte_of_a_part_is_enough(part, whole, tmp_path):
    content = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as kept:
        entry = kept.getinfo(part)
    content[entry.header_offset + 30 + len(part) + entry.compress_size // 2] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(content)
    _refused(tmp_path / "x.zip", "壊れて")


def test_another_row_under_the_old_hash_is_refused(rewritten):
    _refused(rewritten(lambda parts: parts.update({TABLE: parts[TABLE].upper()})), TABLE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other"}, "casebook のバックアップではありません"),
        ({"version": 2, "casebook": "9.0"}, "9.0"),
        ({"version": None}, "知らない形"),
        ({"tables": []}, "壊れているか"),
        ({"tables": {"cases.case": {}}}, "壊れているか"),
        ({"parts": {TABLE: {"size": -1, "sha256": ""}}}, "壊れているか"),
        ({"parts": {TABLE: {"size": "1", "sha256": ""}}}, "壊れているか"),
        ({"parts": {}}, "目録と中身が合いません"),
        ({"migrations": [["cases"]]}, "壊れているか"),
        ({"migrations": 5}, "壊れているか"),
        ({"more": 1}, "壊れているか"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(change, words, rewritten):
    _refused(rewritten(manifest=lambda told: told.update(change)), words)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "null", "{", "[" * 100_000, '{"format": "casebook-backup"}', "\ud800"]
)
def test_a_manifest_that_is_none_is_refused(manifest, rewritten):
    content = manifest.encode("utf-8", "surrogatepass")
    _refused(rewritten(lambda parts: parts.update({"manifest.json": content})), "casebook|知らない形|壊れて")


def test_an_archive_without_a_manifest_is_refused(rewritten):
    _refused(rewritten(lambda parts: parts.pop("manifest.json")), "casebook のバックアップではありません")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x",
        "/etc/cron.d/x",
        "media/photographs/../../settings.py",
        "media/photographs/.htaccess",
        "media/photographs/a/b.png",
        "media\\photographs\\x.png",
        "media/other/x.png",
        "editions/x.zip",
        "editions/2026-11.html",
        "casebook.sqlite3",
        "secret_key",
        "tables/cases.nonesuch.jsonl",
        "media/photographs/",
    ],
)
def test_a_name_that_no_backup_has_is_refused(name, rewritten):
    """Also where the manifest vouches for it."""
    part = {"size": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
    path = rewritten(
        lambda parts: parts.update({name: b"x"}), lambda told: told["parts"].update({name: part})
    )
    _refused(path, "ないはずの名前")


def test_a_part_that_the_manifest_does_not_name_is_refused(rewritten):
    _refused(rewritten(lambda parts: parts.update({PHOTOGRAPH: b"x"})), "目録と中身が合いません")


def test_a_part_that_is_missing_is_refused(rewritten):
    _refused(rewritten(lambda parts: parts.pop(TABLE)), "目録と中身が合いません")


def test_a_name_that_comes_twice_is_refused(whole, tmp_path):
    path = tmp_path / "twice.zip"
    path.write_bytes(whole.read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as changed:
        changed.writestr(TABLE, b"")
    _refused(path, "目録と中身が合いません")


def test_a_symbolic_link_is_refused(rewritten, tmp_path):
    link = zipfile.ZipInfo(PHOTOGRAPH)
    link.external_attr = 0o120777 << 16
    path = rewritten(
        manifest=lambda told: told["parts"].update({PHOTOGRAPH: {"size": 11, "sha256": "0" * 64}})
    )
    with zipfile.ZipFile(path, "a") as changed:
        changed.writestr(link, b"/etc/passwd")
    _refused(path, "目録と中身が合いません")


def test_an_unusual_compression_is_refused(rewritten):
    _refused(rewritten(compression=zipfile.ZIP_LZMA), "知らない圧縮|壊れて")


def test_what_is_larger_than_the_room_is_refused_before_it_is_read(rewritten):
    """A bomb must say how large it is: the sizes of the zip and of the manifest are compared first."""
    bomb = bytes(50 << 20)

    def vouched(told):
        told["parts"][PHOTOGRAPH] = {"size": len(bomb), "sha256": "0" * 64}

    path = rewritten(
        lambda parts: parts.update({PHOTOGRAPH: bomb}), vouched, compression=zipfile.ZIP_DEFLATED
    )
    assert path.stat().st_size < 1 << 20
    _refused(path, "空きは", room=10 << 20)


def test_a_part_that_unpacks_to_more_than_it_says_is_refused(rewritten):
    _refused(
        rewritten(manifest=lambda told: told["parts"][TABLE].update(size=1)),
        "目録と中身が合いません",
    )
