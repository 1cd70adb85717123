"""The take-away bundle: whole, plain, true to its edition, and the same for ever."""

import hashlib
import io
import re
import zipfile
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from openpyxl import load_workbook
from pypdf import PdfReader

from cases import bundle
from cases.models import BUNDLE, CaseVersion, Edition, EditionFile
from cases.offline import offline

STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture(scope="module")
def archive(tmp_path_factory, django_db_setup, django_db_blocker):
    """The bundle of the fifteen cases, made once for this module: a ZipFile."""
    folder = tmp_path_factory.mktemp("bundle")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder / "media"), transaction.atomic():
        from django.conf import settings

        with override_settings(STORAGES={**settings.STORAGES, **STATIC}):
            edition = Edition.freeze("2026-10", "試験用の号です。", by=None)
            bundle.make(edition)
        transaction.set_rollback(True)
    return zipfile.ZipFile(io.BytesIO((folder / "editions/2026-10.zip").read_bytes()))


@pytest.fixture
def few(monkeypatch):
    """Bundles of two small files, to look at how they're kept: few(content)."""

    def make(content=b"a,b\r\n"):
        members = [
            bundle.Member("cases.csv", "試験用の表", lambda: [content], "cases.csv"),
            bundle.Member("一覧.xlsx", "試験用のExcel", lambda: [content * 2], "cases.xlsx"),
        ]
        monkeypatch.setattr(bundle, "_members", lambda *_: iter(members))

    make()
    return make


@pytest.fixture
def edition():
    return Edition.freeze("2026-10", "試験用の号です。", by=None)


# What is in it


def test_the_bundle_holds_what_the_meeting_needs(archive):
    names = set(archive.namelist())
    assert {
        "README.txt",
        "一覧.xlsx",
        "会議用.xlsx",
        "cases.csv",
        "case_tools.csv",
        "statements.csv",
        "casebook.pdf",
        "guide.pdf",
    } <= names
    assert sum(name.startswith("pdf/") for name in names) == 15
    assert {
        "html/index.html",
        "html/cases.html",
        "html/about.html",
        "html/topics.html",
        "html/tools.html",
    } <= names
    assert sum(info.compress_size for info in archive.infolist()) < 10_000_000
    assert all(info.flag_bits & 0x800 for info in archive.infolist() if not info.filename.isascii())
    assert len({info.date_time for info in archive.infolist()}) == 1
    assert not any(info.flag_bits & 1 for info in archive.infolist()), "no password"


def test_the_readme_tells_the_edition_the_items_and_true_hashes(archive):
    content = archive.read("README.txt")
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in content.replace(b"\r\n", b"")
    text = content.decode("utf-8-sig")
    assert "2026-10版" in text
    assert "団体コード（municipality_code" in text
    listed = dict(reversed(line.split("  ")) for line in re.findall(r"^[0-9a-f]{64}  \S+", text, re.M))
    sums = dict(
        reversed(line.split("  ")) for line in archive.read("html/sha256.txt").decode().split("\r\n") if line
    )
    listed |= {f"html/{path}": digest for path, digest in sums.items()}
    assert set(listed) == set(archive.namelist()) - {"README.txt"}
    for path, digest in listed.items():
        assert hashlib.sha256(archive.read(path)).hexdigest() == digest, path


def test_every_link_of_the_copy_leads_to_a_file_in_it(archive):
    names = set(archive.namelist())
    pages = {name: archive.read(name).decode() for name in names if name.endswith(".html")}
    assert len(pages) > 60
    links = 0
    for name, page in pages.items():
        for href in re.findall(r'\s(?:href|src)="([^"]*)"', page):
            path, _, fragment = href.partition("#")
            parts = list(PurePosixPath(name).parent.parts)
            for part in PurePosixPath(unquote(path)).parts if path else []:
                parts = parts[:-1] if part == ".." else [*parts, part]
            target = "/".join(parts) if path else name
            assert target in names, (name, href)
            assert not fragment or f'id="{fragment}"' in pages[target], (name, href)
            links += 1
    assert links > 1_000


def test_the_copy_asks_for_nothing(archive):
    for name in archive.namelist():
        if name.endswith(".html"):
            page = archive.read(name).decode()
            assert not re.search(
                r"<(script|form|iframe|object|input|select|base)\b|\son[a-z]+=|srcset=|javascript:", page
            ), name
            assert not re.search(r"""(?:href|src|action)=["']?(?:[a-z]+:|//)""", page), name
            assert "2026-10版" in page, name
        if name.endswith(".css"):
            assert "url(" not in archive.read(name).decode()


def test_the_copy_has_every_case_cell_topic_and_tool(archive):
    names = set(archive.namelist())
    for slug in CaseVersion.objects.published().values_list("case__slug", flat=True):
        assert f"html/cases/{slug}.html" in names
        assert f"pdf/{slug}.pdf" in names
    assert "html/lists/field.ibasho.tier.city_lt50k.html" in names
    assert {
        "html/lists/tier.prefecture.html",
        "html/lists/tool.zoom.html",
        "html/lists/pref.24.html",
    } <= names
    assert {"html/topics/remedies.html", "html/tools/zoom.html", "html/tools/sns.html"} <= names
    index = archive.read("html/index.html").decode()
    assert 'href="lists/field.ibasho.tier.city_lt50k.html"' in index
    page = archive.read("html/cases/toba-ibasho.html").decode()
    assert "https://www.pref.mie.lg.jp" in page, "an outside address is there to be read"
    assert 'href="../topics' in page or 'href="../tools' in page


def test_nothing_in_the_bundle_runs_or_leads_outside(archive):
    for name in ("一覧.xlsx", "会議用.xlsx"):
        book = load_workbook(io.BytesIO(archive.read(name)))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink], name
        parts = zipfile.ZipFile(io.BytesIO(archive.read(name))).namelist()
        assert not [part for part in parts if re.search(r"vba|external|macro", part, re.I)]
    for name in ("casebook.pdf", "guide.pdf", "pdf/toba-ibasho.pdf"):
        reader = PdfReader(io.BytesIO(archive.read(name)))
        assert not reader.is_encrypted
        for page in reader.pages:
            for note in page.get("/Annots") or []:
                assert "/URI" not in note.get_object().get("/A", {}), name
    assert not [
        name for name in archive.namelist() if name.endswith((".js", ".exe", ".xlsm", ".hta", ".vbs"))
    ]


# How it's kept


def test_the_files_are_served_byte_for_byte_whatever_comes_later(client, few, edition, toba, editor):
    bundle.make(edition)
    paths = [f"/editions/2026-10/{file.name}" for file in edition.files.all()]
    assert len(paths) == 4

    def served():
        return {
            path: (answer := client.get(path)).headers["ETag"] + answer.getvalue().hex() for path in paths
        }

    before = served()
    draft = toba.revise(by=editor)
    draft.submit(by=None)
    draft.publish(by=None)
    few(b"something else")
    assert bundle.make(Edition.freeze("2026-11", by=None))
    assert not bundle.make(edition)
    assert served() == before
    for file in edition.files.all():
        content = client.get(f"/editions/2026-10/{file.name}").getvalue()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_a_file_says_what_it_is(client, few, edition):
    bundle.make(edition)
    answer = client.get("/editions/2026-10/cases.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="casebook-2026-10-cases.csv"'
    again = client.get("/editions/2026-10/cases.csv", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.head("/editions/2026-10/bundle.zip").headers["Content-Length"] == str(
        bundle.kept(edition).stat().st_size
    )
    page = client.get("/editions/2026-10/").text
    assert edition.files.get(name=BUNDLE).sha256 in page
    assert 'href="/editions/2026-10/bundle.zip"' in page


def test_until_they_are_made_the_page_says_so(client, few, edition):
    assert "準備中" in client.get("/editions/2026-10/").text
    assert client.get("/editions/2026-10/bundle.zip").status_code == 404
    assert bundle.making(edition) == ""


def test_withdrawn_files_are_served_no_longer(client, few, edition):
    bundle.make(edition)
    edition.withdraw_files(by=None, reason="試験用の理由")
    text = client.get("/editions/2026-10/").text
    assert "取り下げました" in text
    assert "試験用の理由" not in text
    for file in edition.files.all():
        assert client.get(f"/editions/2026-10/{file.name}").status_code == 404
    with pytest.raises(ValidationError):
        bundle.make(edition)


def test_a_making_that_fails_leaves_nothing_behind(few, edition, monkeypatch):
    def broken(*_):
        yield bundle.Member("cases.csv", "試験用の表", lambda: [b"half"], "cases.csv")
        raise OSError("試験用の故障")

    with monkeypatch.context() as patch:
        patch.setattr(bundle, "_members", broken)
        with pytest.raises(OSError, match="試験用の故障"):
            bundle.make(edition)
    assert not EditionFile.objects.exists()
    assert {path.suffix for path in bundle.place().iterdir()} == {".lock"}
    assert bundle.make(edition)


def test_what_a_killed_maker_left_is_made_anew(few, edition):
    bundle.place().mkdir(parents=True)
    half = bundle.place() / "2026-10-x.part"
    half.write_bytes(b"half")
    bundle.kept(edition).write_bytes(b"in place, but never recorded: nobody was served it")
    assert bundle.make(edition)
    assert bundle.is_whole(edition)
    assert not half.exists()
    assert bundle.kept(edition).stat().st_mode & 0o777 == 0o440


def test_a_lost_bundle_comes_back_only_the_same(few, edition, client):
    bundle.make(edition)
    before = bundle.kept(edition).read_bytes()
    bundle.kept(edition).unlink()
    assert client.get("/editions/2026-10/cases.csv").status_code == 404
    few(b"other")
    with pytest.raises(ValidationError, match="バックアップ"):
        bundle.make(edition)
    assert not bundle.kept(edition).exists()
    few()
    assert bundle.make(edition)
    assert bundle.kept(edition).read_bytes() == before


def test_a_maker_at_work_is_seen(few, edition):
    seen = []
    bundle.make(edition, lambda words: seen.append(bundle.making(edition)))
    assert seen
    assert all("個目" in words for words in seen)
    assert bundle.making(edition) == ""


def test_what_is_withdrawn_before_the_making_gets_into_no_file(edition, toba, publisher):
    toba.withdraw(by=publisher, reason="試験")
    folder = dict(bundle.Folder(edition).files())
    assert "cases/goto-sodan.html" in folder
    assert not [path for path, page in folder.items() if path.endswith(".html") and "鳥羽" in page.decode()]


def test_the_copy_is_of_the_edition_and_not_of_today(edition, toba, editor, new_case):
    draft = toba.revise(by=editor, reason="試験用の改訂")
    draft.summary = "試験用の、後から改めた概要"
    draft.save()
    draft.submit(by=None)
    draft.publish(by=None)
    new_case("shiken-later")
    folder = {
        path: content.decode() for path, content in bundle.Folder(edition).files() if path.endswith(".html")
    }
    assert toba.summary in folder["cases/toba-ibasho.html"]
    assert toba.summary in folder["cases.html"]
    assert not [path for path, page in folder.items() if "後から改めた概要" in page or "試験用の改訂" in page]
    assert "cases/shiken-later.html" not in folder


def test_the_command_makes_and_then_checks(few, edition, capsys):
    call_command("build_bundle")
    assert "できました" in capsys.readouterr().out
    call_command("build_bundle", "2026-10")
    assert "作った時のまま" in capsys.readouterr().out
    bundle.kept(edition).chmod(0o600)
    bundle.kept(edition).write_bytes(b"something else")
    with pytest.raises(CommandError, match="作った時のものと違います"):
        call_command("build_bundle", "2026-10")
    with pytest.raises(CommandError, match="ありません"):
        call_command("build_bundle", "2031-01")


# A page as a file


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("<p>a &amp; b&#12354;</p>", "<p>a &amp; b&#12354;</p>"),
        ('<form><p>x<input></p></form>y', "y"),
        ('<p class="a site-only">x<br><b>y</b></p>z', "z"),
        ('<ul class="site-only"><li>a<li>b</ul>z', "z"),
        ("<script>if (a < b) {}</script>z", "z"),
        ('<a href="#x">x</a>', '<a href="#x">x</a>'),
        ('<a class="c" href="/in/">x</a>', '<a class="c" href="in.html">x</a>'),
        ('<a class="c" href="/gone/">x</a>', '<span class="c">x</span>'),
        ('<a href="https://e.jp/?a=1&amp;b">x</a>', '<span>x</span><span class="address">（https://e.jp/?a=1&amp;b）</span>'),
        ('<link rel="canonical" href="/in/">', ""),
        ('<svg><path d="M0"/></svg>', '<svg><path d="M0"/></svg>'),
        ('<img src="/in/" srcset="/in/ 400w, /b/ 2000w" sizes="1px" alt="">', '<img src="in.html" alt="">'),
        ("<!doctype html>", "<!doctype html>"),
    ],
)  # fmt: skip
def test_a_page_is_made_plain(page, kept):
    assert offline(page, {"/in/": "in.html"}.get) == kept
