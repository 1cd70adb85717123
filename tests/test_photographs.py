"""Uploads made by the tests themselves: sound, odd and hostile."""

import io
import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from PIL import Image, ImageCms

from cases import photographs, upkeep
from cases.models import Photo, photo
from tests.forms import change_url, sent_back
from tests.hostile_pictures import CANARY, HOSTILE, HOSTILE_NAMES, REFUSED, REWRITTEN, picture

small = partial(picture, size=(60, 40))


@pytest.mark.parametrize(("fmt", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_photograph_keeps_its_kind_and_size(fmt, ending):
    made = photographs.rewrite(small(fmt))
    assert (made.ending, made.width, made.height) == (ending, 60, 40)
    assert Image.open(io.BytesIO(made.content)).format == fmt


def test_metadata_of_every_kind_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "MAKER-CANARY"
    exif.get_ifd(0x8825)[1] = "N"
    upload = small("JPEG", exif=exif, comment=b"COMMENT-CANARY", xmp=b"<x:xmpmeta>XMP-CANARY</x:xmpmeta>")
    assert all(word in upload for word in (b"MAKER-CANARY", b"COMMENT-CANARY", b"XMP-CANARY"))
    made = photographs.rewrite(upload).content
    assert b"CANARY" not in made
    assert not Image.open(io.BytesIO(made)).getexif()


def test_a_photograph_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    made = photographs.rewrite(small("JPEG", exif=exif))
    assert (made.width, made.height) == (40, 60)


def test_what_follows_the_picture_is_not_kept():
    assert b"<script>" not in photographs.rewrite(small("PNG") + b"<script>alert(1)</script>").content


def test_transparency_is_kept():
    made = photographs.rewrite(small("PNG", mode="RGBA"))
    assert Image.open(io.BytesIO(made.content)).mode == "RGBA"


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "I;16"])
def test_odd_colour_modes_are_read(mode):
    fmt = "JPEG" if mode == "CMYK" else "PNG"
    file = io.BytesIO()
    Image.new(mode, (8, 8)).save(file, fmt)
    assert photographs.rewrite(file.getvalue()).width == 8


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_is_refused_in_words_or_kept_as_new_pixels_alone(name):
    try:
        made = photographs.rewrite(HOSTILE[name]())
    except photographs.NotAPhotograph as refused:
        assert name not in REWRITTEN
        assert re.search("選び直してください。$", str(refused))
        return
    assert name not in REFUSED
    for content in (made.content, *made.narrower.values()):
        assert CANARY not in content
        kept = Image.open(io.BytesIO(content), formats=list(photographs.FORMATS))
        kept.load()
        assert not photographs.carries_metadata(content)


def test_what_is_beyond_the_bounds_is_refused_before_it_is_decoded():
    for name in (
        "png of 900 megapixels",
        "png of 1 x 4,000,000",
        "jpeg of 65535 x 65535",
        "webp of 16383 x 16383",
    ):
        with pytest.raises(photographs.NotAPhotograph, match="画素まで"):
            photographs.rewrite(HOSTILE[name]())


def test_a_file_beyond_ten_megabytes_is_refused():
    with pytest.raises(photographs.NotAPhotograph, match="10MB"):
        photographs.rewrite(b"\xff" * (photographs.MOST_BYTES + 1))


def _opened(content):
    return Image.open(io.BytesIO(content))


def test_a_wide_photograph_is_kept_at_2400_pixels_and_at_the_narrower_widths():
    made = photographs.rewrite(picture(size=(4000, 3000)))
    assert (made.width, made.height) == (2400, 1800)
    sizes = {width: _opened(content).size for width, content in made.narrower.items()}
    assert sizes == {480: (480, 360), 960: (960, 720), 1600: (1600, 1200)}


def test_no_copy_is_wider_than_the_photograph_itself():
    assert list(photographs.rewrite(picture(size=(900, 600))).narrower) == [480]
    assert photographs.rewrite(picture(size=(480, 600))).narrower == {}


@pytest.mark.parametrize(
    ("size", "kept"), [((20_000, 1), (2400, 1)), ((1, 20_000), (1, 2400)), ((4801, 2), (2400, 1))]
)
def test_even_a_line_keeps_a_pixel_of_height_and_width(size, kept):
    made = photographs.rewrite(picture("PNG", size))
    assert (made.width, made.height) == kept
    assert all(min(_opened(content).size) >= 1 for content in made.narrower.values())


@pytest.mark.parametrize("size", [(60, 40), (5200, 2600)])
def test_sixteen_bits_of_grey_stay_as_light_as_they_were(size):
    file = io.BytesIO()
    Image.new("I;16", size, 30_000).save(file, "PNG")
    assert _opened(photographs.rewrite(file.getvalue()).content).getpixel((3, 3)) == (117, 117, 117)


def _blue_for_red():
    """A profile by which a file's red means blue: sRGB's with two entries of its table of contents exchanged."""
    profile = bytearray(ImageCms.ImageCmsProfile(photographs.SRGB).tobytes())
    red, blue = profile.index(b"rXYZ") + 4, profile.index(b"bXYZ") + 4
    profile[red : red + 8], profile[blue : blue + 8] = profile[blue : blue + 8], profile[red : red + 8]
    return bytes(profile)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_of_an_embedded_profile_become_srgb(mode):
    colour = (200, 30, 30, 128)[: len(mode)]
    made = photographs.rewrite(small("PNG", mode=mode, colour=colour, icc_profile=_blue_for_red()))
    red, green, blue, *alpha = _opened(made.content).getpixel((0, 0))
    assert blue > 190 > 60 > red
    assert alpha == [*colour[3:]]


def test_a_sideways_png_larger_than_kept_is_upright_and_whole():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (5000, 2500), "black")
    image.paste("white", (0, 0, 5000, 600))  # the upper edge, which is the right one once upright
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif)
    made = photographs.rewrite(file.getvalue())
    kept = _opened(made.content)
    assert kept.size == (1200, 2400)
    assert kept.getpixel((1190, 1200)) == (255, 255, 255)
    assert kept.getpixel((10, 1200)) == (0, 0, 0)


# The files and their rows


def _upload(content=None, name="IMG_0001.JPG"):
    return SimpleUploadedFile(name, content or picture())


def _add(version, content=None, **more):
    return Photo.objects.create(
        version=version,
        image=_upload(content),
        **{"alt": "試験用の写真", "credit": "試験", "licence": "CC0"} | more,
    )


def _kept():
    return (
        {f"{photo.FOLDER}/{path.name}" for path in photo.folder().iterdir()}
        if photo.folder().exists()
        else set()
    )


def test_all_widths_are_kept_under_one_generated_name(draft):
    added = _add(draft, picture(size=(1000, 500)))
    stem = added.image.name.removesuffix(".jpg")
    assert re.fullmatch(r"photographs/[0-9a-f]{32}", stem)
    assert _kept() == set(added.files) == {f"{stem}.jpg", f"{stem}-480.jpg", f"{stem}-960.jpg"}
    assert {Path(default_storage.path(name)).stat().st_mode & 0o777 for name in added.files} == {0o640}


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_no_part_of_an_uploads_name_is_kept(name, draft, client, editor):
    client.force_login(editor)
    client.post(change_url(draft), _form(client, draft, _file(picture("PNG"), name)))
    added = draft.photos.get()
    assert re.fullmatch(r"photographs/[0-9a-f]{32}\.png", added.image.name)
    assert _kept() == set(added.files)
    assert {path.name for path in photo.folder().parent.iterdir()} == {photo.FOLDER}


def test_a_save_that_the_database_refuses_leaves_no_file(draft):
    with pytest.raises(Exception, match="photo_is_described"), transaction.atomic():
        _add(draft, alt="")
    assert _kept() == set()


def test_a_disk_that_fails_in_the_middle_leaves_no_file_and_no_row(draft, monkeypatch):
    calls = []

    def failing(path):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(photo, "sync", failing)
    with pytest.raises(OSError, match="No space"), transaction.atomic():
        _add(draft)
    assert _kept() == set()
    assert not draft.photos.exists()


def test_a_replaced_file_goes_after_the_commit_and_not_before(draft, django_capture_on_commit_callbacks):
    added = _add(draft)
    old = set(added.files)
    with django_capture_on_commit_callbacks() as callbacks:
        added.image = _upload(picture("PNG", size=(60, 40)))
        added.save()
    assert old < _kept()
    for callback in callbacks:
        callback()
    assert _kept() == set(added.files)
    assert not old & _kept()


def test_a_replacement_that_is_rolled_back_leaves_the_old_file(draft, django_capture_on_commit_callbacks):
    added = _add(draft)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(KeyError), transaction.atomic():
        added.image = _upload(picture("PNG"))
        added.save()
        raise KeyError
    added = Photo.objects.get(pk=added.pk)
    assert set(added.files) <= _kept()


@pytest.mark.parametrize("remove", [lambda draft: draft.photos.get().delete(), lambda draft: draft.photos.all().delete(),
                                    lambda draft: draft.delete()], ids=["one", "a query", "its draft"])  # fmt: skip
def test_files_go_with_the_last_row_that_names_them(remove, draft, django_capture_on_commit_callbacks):
    _add(draft)
    assert _kept()
    with django_capture_on_commit_callbacks(execute=True):
        remove(draft)
    assert _kept() == set()


def test_files_that_a_published_version_shares_stay(draft, administrator, django_capture_on_commit_callbacks):
    files = set(_add(draft).files)
    draft.submit(by=administrator)
    draft.publish(by=administrator)
    copy = draft.revise(by=administrator)
    assert copy.photos.get().files == draft.photos.get().files
    with django_capture_on_commit_callbacks(execute=True):
        copy.delete()
    assert _kept() == files


def test_a_save_of_other_fields_does_not_touch_the_files(draft):
    added = _add(draft)
    before = {name: Path(default_storage.path(name)).stat().st_mtime_ns for name in added.files}
    added = Photo.objects.get(pk=added.pk)
    added.caption = "試験用の説明"
    added.full_clean()
    added.save()
    assert {name: Path(default_storage.path(name)).stat().st_mtime_ns for name in added.files} == before


def test_an_upload_is_decoded_once_for_the_form_and_the_save(draft, monkeypatch):
    decoded = []
    whole = photographs.rewrite
    monkeypatch.setattr(
        photographs, "rewrite", lambda *args, **more: decoded.append(1) or whole(*args, **more)
    )
    added = Photo(version=draft, image=_upload(), alt="試験用の写真", credit="試験", licence="CC0")
    added.full_clean(exclude=["width", "height"])
    added.save()
    assert decoded == [1]


# The form


def _file(content, name="IMG_0001.JPG"):
    file = io.BytesIO(content)
    file.name = name
    return file


def _form(client, version, *files, **more):
    data = sent_back(client, version) | {"photos-TOTAL_FORMS": str(len(files)), "_save": "1"}
    for number, file in enumerate(files):
        row = {"image": file, "alt": "試験用の写真", "credit": "試験", "licence": "CC0", "position": "0"}
        data |= {f"photos-{number}-{field}": value for field, value in row.items()}
    return data | more


def test_a_save_that_fails_elsewhere_asks_for_the_picture_again(draft, client, editor):
    client.force_login(editor)
    page = client.post(change_url(draft), _form(client, draft, _file(picture()), summary=""))
    assert page.status_code == 200
    assert "写真はまだ保存していません。もう一度選んでください。" in page.text
    assert 'value="試験用の写真"' in page.text
    assert _kept() == set()
    assert "もう一度選んでください" not in client.get(change_url(draft)).text


def test_a_kept_photograph_is_shown_in_its_form(draft, client, editor):
    added = _add(draft, picture(size=(1000, 500)))
    client.force_login(editor)
    page = client.get(change_url(draft))
    address = f"/admin/cases/caseversion/{draft.pk}/photographs/{added.widths[0][0]}"
    assert f'src="{address}"' in page.text
    assert client.get(address).content == Path(default_storage.path(added.files[0])).read_bytes()
    page = client.post(change_url(draft), sent_back(client, draft) | {"_save": "1"}, follow=True)
    assert page.redirect_chain
    assert draft.photos.get().image == added.image


def test_a_version_has_room_for_twenty_photographs(draft, client, editor):
    for _ in range(photo.MOST_PER_VERSION):
        Photo.objects.bulk_create(
            [
                Photo(
                    version=draft,
                    image=f"photographs/{0:032x}.png",
                    width=1,
                    height=1,
                    alt="試験",
                    credit="試験",
                    licence="CC0",
                )
            ]
        )
    client.force_login(editor)
    data = _form(client, draft)
    total = photo.MOST_PER_VERSION
    row = {
        "image": _file(picture()),
        "alt": "試験用の写真",
        "credit": "試験",
        "licence": "CC0",
        "position": "0",
    }
    data |= {f"photos-{total}-{field}": value for field, value in row.items()} | {
        "photos-TOTAL_FORMS": str(total + 1)
    }
    page = client.post(change_url(draft), data)
    assert "写真は、一つの版に20枚までです（いま21枚）" in page.text
    assert draft.photos.count() == total


def test_a_full_folder_is_told_in_words(draft, client, editor, monkeypatch):
    monkeypatch.setattr(photo, "MOST_IN_ALL", 100)
    client.force_login(editor)
    page = client.post(change_url(draft), _form(client, draft, _file(picture())))
    assert photo.FULL_MESSAGE in page.text
    assert not draft.photos.exists()
    with pytest.raises(ValidationError):
        photo.refuse_beyond_room(1, [_upload()])


@pytest.mark.parametrize("length", [2 * 1024**3, 25 * 1024**2 + 1, "x"])
def test_more_than_25_megabytes_are_refused_before_they_are_read(length, client, administrator):
    client.force_login(administrator)

    class Unread:
        def read(self, *args):
            raise AssertionError("the body was read")

        readline = read

    more = {"CONTENT_LENGTH": str(length), "wsgi.input": Unread()}
    answer = client.generic("POST", "/admin/cases/wording/add/", **more)
    assert answer.status_code == 413
    assert "合わせて25MBまで" in answer.text


# The public page and its pictures


@pytest.fixture
def public(draft, administrator):
    """A published photograph in three widths."""
    added = _add(draft, picture(size=(1000, 500)), caption="試験用の説明")
    draft.submit(by=administrator)
    draft.publish(by=administrator)
    return added


def test_the_page_offers_every_width(public, client):
    page = client.get("/cases/toba-ibasho/").text
    stem = f"/{public.image.name.removesuffix('.jpg')}"
    assert f'src="{stem}.jpg" srcset="{stem}-480.jpg 480w, {stem}-960.jpg 960w, {stem}.jpg 1000w"' in page
    assert 'width="1000" height="500" alt="試験用の写真" loading="lazy" decoding="async"' in page


def test_every_width_is_public_with_its_version_and_never_before_or_after(
    public, draft, client, administrator
):
    addresses = [f"/{name}" for name in public.files]
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.content == Path(default_storage.path(address[1:])).read_bytes()
    revised = draft.revise(by=administrator)
    assert client.get(addresses[0]).status_code == 200, "rows that share a file are no error"
    revised.delete()
    draft.withdraw(by=administrator, reason="試験")
    assert {client.get(address).status_code for address in addresses} == {404}


def test_a_width_that_was_never_made_is_answered_with_the_whole(public, client):
    default_storage.delete(public.files[0])
    assert (
        client.get(f"/{public.files[0]}").content
        == Path(default_storage.path(public.image.name)).read_bytes()
    )
    for name in public.files:
        default_storage.delete(name)
    assert client.get(f"/{public.files[0]}").status_code == 404


def test_head_conditional_and_range_requests_do_no_harm(public, client):
    address = f"/{public.image.name}"
    whole = client.get(address)
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["Content-Type"]) == (200, b"", "image/jpeg")
    again = client.get(address, headers={"if-none-match": whole.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    part = client.get(address, headers={"range": "bytes=0-5,-99999999999"})
    assert (part.status_code, part.content) == (200, whole.content)
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    "address",
    ["/photographs/", "/photographs/../casebook.sqlite3", "/photographs/x.jpg", "/media/photographs/"],
)
def test_there_is_no_listing_and_no_way_out_of_the_folder(address, public, client):
    assert client.get(address).status_code == 404


# The clean-up command


def _clean(**how):
    told = io.StringIO()
    call_command("clean_photographs", stdout=told, **how)
    return told.getvalue()


def _place(name, content, *, age=timedelta()):
    path = photo.folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    then = path.stat().st_mtime - age.total_seconds()
    os.utime(path, (then, then))
    return path


def test_clean_up_removes_what_no_photograph_names_once_it_is_a_day_old(public):
    day = timedelta(hours=25)
    old = [
        _place(name, b"x", age=day) for name in (f"{1:032x}.jpg", f"{1:032x}-480.jpg", f"{2:032x}.jpg.new")
    ]
    young = _place(f"{3:032x}.jpg", b"x", age=timedelta(hours=23))
    for name in public.files:
        path = photo.folder() / Path(name).name
        _place(path.name, path.read_bytes(), age=day)
    assert _clean(dry_run=True).count("消去（") == 3
    assert all(path.exists() for path in old)
    assert _clean().count("消去（") == 3
    assert _kept() == {*public.files, f"photographs/{young.name}"}


def test_clean_up_makes_the_widths_that_are_missing(public):
    for name in public.files[:2]:
        default_storage.delete(name)
    assert "作成（幅480）" in _clean(dry_run=True)
    assert set(public.files) > _kept()
    told = _clean()
    assert ("作成（幅480）" in told, "作成（幅960）" in told) == (True, True)
    assert _kept() == set(public.files)
    assert _opened(public.read(public.widths[0][0])).size == (480, 240)
    assert "整っています" in _clean()


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_clean_up_writes_anew_what_still_carries_metadata_even_when_published(fmt, draft, administrator):
    exif = Image.Exif()
    exif[0x010F] = CANARY.decode()
    added = _add(draft, picture(fmt, size=(3000, 100)))
    Photo.objects.filter(pk=added.pk).update(
        width=3000, height=100
    )  # as it was kept before there was a bound
    path = _place(Path(added.image.name).name, picture(fmt, size=(3000, 100), exif=exif))
    draft.submit(by=administrator)
    draft.publish(by=administrator)
    assert CANARY in path.read_bytes()
    assert "書き直し（" in _clean(dry_run=True)
    assert CANARY in path.read_bytes()
    assert "書き直し（" in _clean()
    assert CANARY not in path.read_bytes()
    assert _opened(path.read_bytes()).size == (3000, 100)
    assert path.stat().st_mode & 0o777 == 0o640
    assert "整っています" in _clean()


def test_clean_up_goes_on_past_a_file_it_cannot_read(public):
    _place(Path(public.image.name).name, b"broken")
    default_storage.delete(public.files[0])
    assert "処理できませんでした" in _clean()


def test_clean_up_tells_of_a_photograph_that_is_lost(public):
    default_storage.delete(public.image.name)
    assert f"ありません（元の写真）：{public.image.name}" in _clean()


def test_a_file_of_a_running_save_is_left_alone(draft):
    name = default_storage.save(f"photographs/{9:032x}.jpg", ContentFile(picture()))
    assert list(upkeep.tidy()) == []
    assert default_storage.exists(name)
