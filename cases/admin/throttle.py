"""How often one may try to sign in: ten times in five minutes per name and address, counted in the database."""

from ipaddress import IPv6Address, ip_address

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import F

from ..models import AuditEntry

Act = AuditEntry.Act
LOOPBACK = "127.0.0.1"
LOCKED = "ログインの失敗が続いたため、しばらく受け付けません。5分ほど待って、もう一度お試しください。"


def address(request) -> str:
    """The address tries are counted by. What a client claims in X-Forwarded-For is not believed.

    On an https site our own proxy stands in front, on this machine: then it's the last entry of the header,
    the one that proxy wrote. A socket file has no address. Of IPv6 the network counts: one home has all of it.
    """
    peer = _ip(request.META.get("REMOTE_ADDR")) or ip_address(LOOPBACK)
    if settings.HTTPS and peer.is_loopback:
        peer = _ip(request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()) or peer
    return str(IPv6Address(int(peer) >> 64 << 64) if peer.version == 6 else peer)


def _ip(text):
    try:
        ip = ip_address(text or "")
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip


class Throttle(AxesDatabaseHandler):
    """axes' own, but keeping only a name, an address, a count and a time, and telling the audit log."""

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request.axes_locked_out:  # refused unheard: neither counted nor written down
            return
        name = credentials["username"]
        self.clean_expired_user_attempts(request)
        with transaction.atomic():
            attempt, _ = AccessAttempt.objects.select_for_update().get_or_create(
                username=name,
                ip_address=request.axes_ip_address,
                user_agent="",
                defaults={"failures_since_start": 0},
            )
            AccessAttempt.objects.filter(pk=attempt.pk).update(
                failures_since_start=F("failures_since_start") + 1, attempt_time=request.axes_attempt_time
            )
            AuditEntry.record(Act.SIGN_IN_FAILED, by="（ログイン前）", about=name)
            failures = self.get_failures(request, credentials)
            request.axes_locked_out = failures >= settings.AXES_FAILURE_LIMIT
            if failures == settings.AXES_FAILURE_LIMIT:  # tries made at once may go beyond
                AuditEntry.record(Act.SIGN_IN_LOCKED, by="（ログイン前）", about=name)


def locked_out(request, response, credentials):
    """The answer axes gives instead of `response` to who has tried too often: the same page, with its status."""
    response.status_code = 429
    response.headers["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
