"""Photographs and editions' files in a bucket (MEDIA_STORE=s3://…): as on the disk, and found by every machine."""

import io
import socket
import time
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from PIL import Image
from pypdf import PdfReader

from casebook import environment
from cases import bundle, documents, upkeep
from cases.models import CaseVersion, Edition, Photo, photo
from cases.unavailable import unavailable
from tests.forms import change_url, sent_back
from tests.hostile_pictures import CANARY, picture
from tests.s3 import store

FOLDER = "casebook/media/photographs/"
DAY = 25 * 60 * 60


@pytest.fixture
def bucket(settings, monkeypatch):
    """The objects of the store that keeps the media of this test."""
    with store() as (address, objects):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "shiken")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "shiken")
        _keep_in(settings, address)
        yield objects


def _keep_in(settings, address):
    url = f"s3://casebook/media?endpoint={address}&region=jp"
    settings.MEDIA_ROOT, default = environment.media_store(url, settings.DATA_DIR)
    settings.STORAGES = settings.STORAGES | {"default": default}


def _add(version, content=None, **more):
    upload = SimpleUploadedFile("IMG_0001.JPG", content or picture(size=(1000, 500)))
    facts = {"alt": "試験用の写真", "credit": "試験", "licence": "CC0"}
    return Photo.objects.create(version=version, image=upload, **facts | more)


@pytest.fixture
def public(bucket, draft):
    """A published photograph in three widths."""
    added = _add(draft)
    draft.submit(by=None)
    draft.publish(by=None)
    return added


def _photographs(bucket):
    return {name.removeprefix("casebook/media/") for name in bucket if name.startswith(FOLDER)}


def test_what_an_editor_sends_lies_in_the_bucket_and_nowhere_else(bucket, as_editor, draft, tmp_path):
    file = io.BytesIO(picture(size=(1000, 500)))
    file.name = "IMG_0001.JPG"
    row = {"image": file, "alt": "試験用の写真", "credit": "試験", "licence": "CC0", "position": "0"}
    sent = sent_back(as_editor, draft) | {"photos-TOTAL_FORMS": "1", "_save": "1"}
    sent |= {f"photos-0-{field}": value for field, value in row.items()}
    assert as_editor.post(change_url(draft), sent).status_code == 302
    added = draft.photos.get()
    assert _photographs(bucket) == set(added.files)
    assert len(added.files) == 3
    assert not list(tmp_path.rglob("*.jpg"))
    shown = as_editor.get(f"/admin/cases/caseversion/{draft.pk}/photographs/{added.widths[0][0]}")
    assert shown.content == bucket[f"casebook/media/{added.files[0]}"]


def test_every_width_is_served_while_its_version_is_public(public, bucket, client, draft):
    for name in public.files:
        answer = client.get(f"/{name}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.content == bucket[f"casebook/media/{name}"]
    del bucket[f"casebook/media/{public.files[0]}"]
    assert client.get(f"/{public.files[0]}").content == bucket[f"casebook/media/{public.image.name}"]
    bucket.clear()
    assert client.get(f"/{public.files[0]}").status_code == 404


def test_a_replaced_file_goes_after_the_commit(bucket, draft, django_capture_on_commit_callbacks):
    added = _add(draft)
    old = set(added.files)
    with django_capture_on_commit_callbacks() as callbacks:
        added.image = SimpleUploadedFile("x.png", picture("PNG", size=(60, 40)))
        added.save()
    assert old < _photographs(bucket)
    for callback in callbacks:
        callback()
    assert _photographs(bucket) == set(added.files)


def test_a_save_that_the_database_refuses_leaves_nothing_in_the_bucket(bucket, draft):
    with pytest.raises(Exception, match="photo_is_described"), transaction.atomic():
        _add(draft, alt="")
    assert not bucket


def test_the_clean_up_puts_the_bucket_in_order(public, bucket):
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()
    whole = f"casebook/media/{public.image.name}"
    bucket[whole] = picture(size=(1000, 500), exif=exif)
    del bucket[f"casebook/media/{public.files[0]}"]
    orphan = f"{FOLDER}{1:032x}.jpg"
    bucket[orphan] = b"x"
    before = dict(bucket)
    tomorrow = partial(upkeep.tidy, now=time.time() + DAY)
    assert len(list(tomorrow(dry_run=True))) == 3
    assert bucket == before
    assert [line.partition("（")[0] for line in tomorrow()] == ["消去", "書き直し", "作成"]
    assert _photographs(bucket) == set(public.files)
    assert CANARY not in bucket[whole]
    assert list(tomorrow()) == []
    bucket[orphan] = b"x"
    call_command("clean_photographs", stdout=io.StringIO())
    assert orphan in bucket, "it may belong to a save that is still running"


def test_a_photograph_is_printed_and_its_copy_goes_with_the_clean_up(public, bucket, draft):
    version = CaseVersion.objects.with_content().get(pk=draft.pk)
    pdf = PdfReader(io.BytesIO(documents.case(version, "試験の日時点")))
    assert sum(len(page.images) for page in pdf.pages) == 1
    assert [path.name for path in photo.folder().iterdir()] == [public.widths[-1][0]]
    list(upkeep.tidy(now=time.time() + DAY))
    assert not list(photo.folder().iterdir())


def test_an_editions_bundle_is_found_by_a_machine_that_did_not_make_it(
    bucket, client, settings, tmp_path, monkeypatch
):
    content = b"a,b\r\n" * 2_000_000  # zipped it's small, but its parts aren't
    member = bundle.Member("cases.csv", "試験用の表", lambda: [content], "cases.csv")
    monkeypatch.setattr(bundle, "_members", lambda *_: iter([member]))
    edition = Edition.freeze("2026-10", "試験用の号です。", by=None)
    assert bundle.make(edition)
    made = bucket["casebook/media/editions/2026-10.zip"]
    settings.DATA_DIR = tmp_path / "other"
    settings.DATA_DIR.mkdir()
    assert bundle.is_whole(edition)
    assert not bundle.make(edition)
    assert client.get("/editions/2026-10/bundle.zip").getvalue() == made
    assert client.get("/editions/2026-10/cases.csv").getvalue() == content
    assert [path.stat().st_mode & 0o777 for path in bundle.place().glob("*.zip")] == [0o440]


def test_a_large_file_goes_and_comes_in_parts(bucket, settings, tmp_path):
    bundle.place().mkdir(parents=True)
    path = tmp_path / "large.zip"
    path.write_bytes(bytes(range(256)) * 80_000)  # 20 MB
    bundle.put("2026-09", path)
    assert bundle.fetched("2026-09").read_bytes() == path.read_bytes()


def test_while_the_bucket_is_away_pages_are_read_and_the_rest_is_told(public, client, draft, settings):
    client.raise_request_exception = False
    with socket.socket() as nobody:  # bound, but nobody listens
        nobody.bind(("127.0.0.1", 0))
        _keep_in(settings, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        assert client.get("/cases/toba-ibasho/").status_code == 200
        answer = client.get(f"/{public.files[0]}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert "写真などの置き場所につながりません" in answer.text
        revised, before = draft.revise(by=None), Photo.objects.count()
        with pytest.raises(Exception, match="Could not connect") as refused, transaction.atomic():
            _add(revised)
    assert unavailable(refused.value).status == 503
    assert Photo.objects.count() == before
