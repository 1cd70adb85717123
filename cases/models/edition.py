"""An edition (号): the published versions of one day under a label, for ever; and the files made of them."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localdate

from .audit import AuditEntry
from .case import CaseVersion
from .stamp import CatalogueStamp

LABEL = r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-[1-9][0-9]?)?"
AT_ONCE = 2_000  # rows of one INSERT
BUNDLE = "bundle.zip"  # the one file that is kept: all the others lie in it
PAPERS = "pdf/"  # the folder of the cases' own PDFs
# In the order in which people look for them.
KINDS = {
    "zip": ("ZIP", "application/zip"),
    "txt": ("テキスト", "text/plain; charset=utf-8"),
    "pdf": ("PDF", "application/pdf"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("CSV", "text/csv; charset=utf-8"),
}


class Edition(models.Model):
    """A frozen set of published versions. Triggers refuse every later change (frozen.py).

    Its files are made afterwards, once; a publisher may withdraw them, never change them.
    """

    label = models.CharField(
        "号",
        max_length=10,
        unique=True,
        validators=[
            RegexValidator(
                rf"^{LABEL}\Z", "「2026-11」か、同じ月の二つ目なら「2026-11-2」の形で書いてください。"
            )
        ],
        help_text="西暦4桁-月2桁（例: 2026-11）。同じ月の二つ目からは 2026-11-2 のように続けます。後から変えられません。",
    )
    note = models.TextField(
        "この号について",
        max_length=1000,
        blank=True,
        help_text="前の号から何が変わったかなど。号のページに載ります（公開されます）。後から変えられません。",
    )
    # Empty only inside the transaction that freezes: what has no date yet may still be filled.
    frozen_at = models.DateTimeField("固めた日時", null=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="固めた人",
    )
    versions = models.ManyToManyField(
        CaseVersion, related_name="editions", editable=False, verbose_name="収めた版"
    )
    files_withdrawn_at = models.DateTimeField("ファイルを取り下げた日時", null=True, editable=False)
    files_withdrawn_because = models.CharField(
        "ファイルを取り下げた理由", max_length=200, blank=True, editable=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "号"
        ordering = ["-frozen_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(files_withdrawn_at=None, files_withdrawn_because="")
                | (Q(files_withdrawn_at__isnull=False) & ~Q(files_withdrawn_because="")),
                name="files_withdrawn_with_a_reason",
            )
        ]

    def __str__(self):
        return f"{self.label}版"

    @property
    def frozen_on(self):
        """The day it was frozen, in Japan."""
        return localdate(self.frozen_at)

    @property
    def has_files(self) -> bool:
        """Whether its files have been made and not withdrawn."""
        return self.files_withdrawn_at is None and self.files.exists()

    @classmethod
    def next_label(cls) -> str:
        """A label for an edition frozen now: this month's, or the month's next."""
        month = f"{localdate():%Y-%m}"
        taken = set(cls.objects.filter(label__startswith=month).values_list("label", flat=True))
        labels = [month, *(f"{month}-{number}" for number in range(2, 100))]
        return next(label for label in labels if label not in taken)

    @classmethod
    @transaction.atomic
    def freeze(cls, label: str, note: str = "", *, by) -> "Edition":
        """Freeze what is public now under `label` → the edition, its files not yet made.

        PermissionDenied for who may not publish (None is the system itself); ValidationError in words for
        a label that is malformed or taken, and where nothing is published.
        """
        _refuse_unless_publisher(by)
        # The stamp's row is held, so nothing is published, withdrawn or frozen while the list is taken down.
        CatalogueStamp.move()
        edition = cls(label=label.strip(), note=note.strip(), by=by)
        edition.full_clean()
        versions = list(CaseVersion.objects.published().order_by("case_id").values_list("pk", flat=True))
        if not versions:
            raise ValidationError("公開中の事例がないので、号を作れません。", code="empty")
        edition.save()
        line = cls.versions.through
        lines = [line(edition=edition, caseversion_id=pk) for pk in versions]
        line.objects.bulk_create(lines, batch_size=AT_ONCE)
        edition.frozen_at = timezone.now()
        edition.save(update_fields=["frozen_at"])
        CatalogueStamp.move(edition=edition)
        AuditEntry.record(
            AuditEntry.Act.EDITION, by=by, about=edition, detail=f"{len(versions)}件の事例を収めて固めた"
        )
        return edition

    @transaction.atomic
    def withdraw_files(self, *, by, reason: str) -> None:
        """Serve its files no longer, on purpose and with a reason; the list of its cases stays.

        PermissionDenied for who may not publish; ValidationError without a reason, or a second time.
        """
        _refuse_unless_publisher(by)
        if not reason.strip():
            raise ValidationError("理由を書いてください。", code="reason")
        withdrawn = {"files_withdrawn_at": timezone.now(), "files_withdrawn_because": reason.strip()[:200]}
        if not type(self).objects.filter(pk=self.pk, files_withdrawn_at=None).update(**withdrawn):
            raise ValidationError("この号のファイルは、もう取り下げられています。", code="wrong_state")
        self.refresh_from_db()
        AuditEntry.record(AuditEntry.Act.EDITION, by=by, about=self, detail=f"ファイルの取り下げ：{reason}")
        CatalogueStamp.move()


def _refuse_unless_publisher(by):
    if by is not None and not by.has_perm("cases.publish_caseversion"):
        raise PermissionDenied("号を作る権限がありません。")


class EditionFile(models.Model):
    """A file of an edition: what it's called, how large it is, and what its bytes hash to.

    `path` is where it lies in the bundle; the bundle's own is empty. Rows come once, all together.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="files", verbose_name="号")
    name = models.CharField("ファイル", max_length=80)
    path = models.CharField("束の中での名", max_length=80, blank=True)
    title = models.CharField("内容", max_length=200)
    size = models.PositiveBigIntegerField("大きさ")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "号のファイル"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["edition", "name"], name="edition_file_once")]

    def __str__(self):
        return f"{self.edition} {self.name}"

    @property
    def kind(self) -> str:
        """PDF, CSV, Excel …"""
        return KINDS[self.name.rpartition(".")[2]][0]

    @property
    def media_type(self) -> str:
        return KINDS[self.name.rpartition(".")[2]][1]

    @property
    def of_a_case(self) -> bool:
        """Whether it's one case's paper."""
        return self.name.startswith(PAPERS)
