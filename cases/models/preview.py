"""Preview links: how somebody outside the admin may look at one version before it's public."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from .audit import AuditEntry
from .case import CaseVersion

MOST_DAYS = 7
_signer = signing.Signer(salt="cases.preview")


def _key():
    return secrets.token_hex(16)


class PreviewLinkQuerySet(models.QuerySet):
    def valid(self):
        """Links that open today: not revoked, not expired, of a version that isn't public yet."""
        open_versions = Q(version__status__in=CaseVersion.OPEN)
        return self.filter(open_versions, revoked_at=None, expires_at__gt=timezone.now())

    def opened_by(self, token: str):
        """The valid link whose address holds `token`, or None, whatever is wrong with it."""
        try:
            key = _signer.unsign(token)
        except signing.BadSignature:
            return None
        return self.valid().filter(key=key).select_related("version").first()


class PreviewLink(models.Model):
    """One link to one version: 128 random bits, signed, at most seven days, revocable."""

    version = models.ForeignKey(CaseVersion, models.CASCADE, related_name="preview_links", verbose_name="版")
    key = models.CharField(max_length=32, unique=True, default=_key, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="作成者"
    )
    created_at = models.DateTimeField("作成日時", auto_now_add=True)
    expires_at = models.DateTimeField("期限", editable=False)
    revoked_at = models.DateTimeField("取り消した日時", null=True, editable=False)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "下見のリンク"
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.version} の下見のリンク"

    @property
    def token(self) -> str:
        """What stands in the address: the key and its signature."""
        return _signer.sign(self.key)

    @classmethod
    @transaction.atomic
    def make(cls, version: CaseVersion, *, by, days: int = MOST_DAYS) -> "PreviewLink":
        """A link to the draft `version` for `days` days; ValidationError for more than seven."""
        if not 1 <= days <= MOST_DAYS:
            raise ValidationError(f"下見のリンクの期限は1〜{MOST_DAYS}日です。", code="days")
        if version.is_frozen:
            raise ValidationError("公開した版に下見のリンクは要りません。", code="wrong_state")
        expires_at = timezone.now() + timedelta(days=days)
        link = cls.objects.create(version=version, created_by=by, expires_at=expires_at)
        AuditEntry.record(AuditEntry.Act.PREVIEW, by=by, about=version, detail=f"{days}日間のリンクを作成")
        return link

    @transaction.atomic
    def revoke(self, *, by) -> None:
        """From now on the link leads nowhere."""
        if type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now()):
            AuditEntry.record(AuditEntry.Act.PREVIEW, by=by, about=self.version, detail="リンクを取り消し")
        self.refresh_from_db(fields=["revoked_at"])
