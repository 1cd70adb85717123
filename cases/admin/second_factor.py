"""The second factor: six digits from a telephone, or a recovery code. Everybody's own choice."""

from base64 import b32encode
from dataclasses import dataclass
from unicodedata import normalize

import django_otp
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode import QRCode

from ..models import AuditEntry
from .throttle import LOCKED

CODES = 10
WRONG_CODE = (
    "確認コードが正しくありません。端末の時刻が合っているか確かめ、いま出ているコードを入れてください。"
)


def is_set_up(user) -> bool:
    """Whether `user` must give a code as well."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def is_given(user) -> bool:
    """Whether `user`, of a request, has given all the factors that are asked of them."""
    return bool(getattr(user, "otp_device", None)) or not is_set_up(user)


def passed(user, code: str):
    """The device of `user` that accepts `code`, as typed; or None. A code is good once."""
    code = normalize("NFKC", code).replace("-", "").replace(" ", "").lower()
    if not code:
        return None  # forgotten, not guessed: the recovery codes aren't slowed down for it
    model = TOTPDevice if len(code) == 6 and code.isdecimal() else StaticDevice
    with transaction.atomic():  # two at once with one code: the second waits, and is refused
        devices = model.objects.select_for_update().filter(user=user, confirmed=True)
        return next((device for device in devices if device.verify_token(code)), None)


def name_of(device) -> str:
    return "回復コードで" if isinstance(device, StaticDevice) else "確認コードで"


def begin(user) -> None:
    """Make the secret that the QR code shows; it counts for nothing until a code confirms it."""
    if is_set_up(user):
        raise ValidationError("二段階認証は、もう設定してあります。")
    TOTPDevice.objects.filter(user=user).delete()
    TOTPDevice.objects.create(user=user, name="authenticator", confirmed=False)


@transaction.atomic
def confirm(user, code: str) -> TOTPDevice:
    """Set up what `begin` made, when `code` is of it: ValidationError in words, or the device."""
    device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
    if not device or not device.verify_token(normalize("NFKC", code).replace(" ", "")):
        raise ValidationError(WRONG_CODE)
    device.confirmed = True
    device.save()
    AuditEntry.record(AuditEntry.Act.SECOND_FACTOR, by=user, about=user, detail="設定した")
    return device


@transaction.atomic
def new_codes(user) -> list[str]:
    """Ten new recovery codes; the old ones are good no more. Nobody can read them again later."""
    if not is_set_up(user):
        raise ValidationError("先に二段階認証を設定してください。")
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery"})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    AuditEntry.record(AuditEntry.Act.SECOND_FACTOR, by=user, about=user, detail="回復コードを作った")
    return codes


@transaction.atomic
def remove(user, *, by) -> bool:
    """Take the second factor of `user` away, its codes too; whether there was one."""
    was = is_set_up(user)
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).delete()
    if was:
        AuditEntry.record(AuditEntry.Act.SECOND_FACTOR, by=by, about=user, detail="外した")
    return was


@dataclass(frozen=True)
class Enrolment:
    """What to put into the telephone: a picture (the dark squares as an SVG path, on a square) and text."""

    path: str
    size: int
    secret: str


def _enrolment(user):
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    if not device:
        return None
    code = QRCode()
    code.add_data(device.config_url)
    matrix = code.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark)
    secret = b32encode(device.bin_key).decode()
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Enrolment("".join(dark), len(matrix), spaced)


def page(request, site):
    """One's own second factor: GET shows it, POST changes it. New codes are in the answer, and only there."""
    codes = []
    if request.method == "POST":
        try:
            codes = _change(request)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            if not codes:
                return HttpResponseRedirect(reverse("admin:second_factor"))
    user = request.user
    context = {
        "title": "二段階認証",
        "is_set_up": is_set_up(user),
        "enrolment": _enrolment(user),
        "left": StaticToken.objects.filter(device__user=user).count(),
        "codes": codes,
    }
    return TemplateResponse(request, "admin/second-factor.html", {**site.each_context(request), **context})


def _change(request):
    """Do what the pressed button says, with the password or, in setting up, the code; new codes, if any."""
    user, act = request.user, request.POST.get("_act")
    if act == "confirm":
        django_otp.login(request, confirm(user, request.POST.get("code", "")))
        return new_codes(user)
    # Wrong ones count as tries of signing in: a session left open is no way to guess at the password.
    if not authenticate(request, username=user.get_username(), password=request.POST.get("password", "")):
        raise ValidationError(LOCKED if request.axes_locked_out else "パスワードが正しくありません。")
    if act == "begin":
        begin(user)
    elif act == "codes":
        return new_codes(user)
    elif act == "remove" and remove(user, by=user):
        messages.success(request, "二段階認証をやめました。")
    return []
