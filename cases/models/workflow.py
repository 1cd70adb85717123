"""The states of a version: draft → in review → published → superseded or withdrawn."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from .audit import AuditEntry
from .stamp import CatalogueStamp

FROZEN_MESSAGE = "公開した版は変えられません。「改訂を始める」で新しい版を作ってください。"
SECOND_MESSAGE = "公開していない版がもうあります。そちらを編集してください。"


class Workflow(models.Model):
    """A version's state, and the acts that change it.

    Each act is atomic, refuses a wrong start, and records who, when and why. `by` is the user, or
    None when the casebook itself is loaded. `owner` names the field of what it's a version of; a version
    says what stands in its way (`problems`), and how its parts are copied (`copy_content`).
    """

    owner: str

    class Status(models.TextChoices):
        DRAFT = "draft", "下書き"
        IN_REVIEW = "in_review", "審査中"
        PUBLISHED = "published", "公開中"
        SUPERSEDED = "superseded", "旧版"
        WITHDRAWN = "withdrawn", "取り下げ"

    OPEN = (Status.DRAFT, Status.IN_REVIEW)
    FROZEN = (Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN)

    status = models.CharField(
        "状態", max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    published_at = models.DateTimeField("公開日時", null=True, editable=False)
    created_at = models.DateTimeField("作成日時", auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="作成者",
    )

    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", editable=False, verbose_name="書いた人"
    )
    reason = models.CharField(
        "改訂の理由",
        max_length=200,
        blank=True,
        help_text="何をなぜ改めたか。版の履歴と、その版のページに載ります（公開されます）。",
    )

    class Meta:
        abstract = True

    @property
    def is_frozen(self) -> bool:
        return self.status in self.FROZEN

    @property
    def kept_in(self) -> list:
        """The editions that hold this version for ever."""
        return []

    def written(self, *, by) -> None:
        """Remember `by` as one who wrote this version: it's another's to approve."""
        if by is not None:
            self.writers.add(by)

    def is_own_text_of(self, user) -> bool:
        """Whether `user` wrote any of this version, so that somebody else is to decide about it."""
        return user.pk == self.created_by_id or self.writers.filter(pk=user.pk).exists()

    def may_be_published_by(self, user) -> bool:
        """Who decides what is public, but not of their own text (administrators, or a setting: also that)."""
        own_allowed = settings.SELF_APPROVAL or user.is_superuser
        return user.has_perm("cases.publish_caseversion") and (own_allowed or not self.is_own_text_of(user))

    def submit(self, *, by) -> None:
        """下書き → 審査中. ValidationError where something stands in the way."""
        self._move({self.Status.DRAFT}, self.Status.IN_REVIEW, by=by, checked=True)

    def take_back(self, *, by) -> None:
        """審査中 → 下書き, by the one who writes."""
        self._move({self.Status.IN_REVIEW}, self.Status.DRAFT, by=by)

    def return_(self, *, by, reason: str) -> None:
        """審査中 → 下書き, by the one who reviews, with a reason."""
        self._move({self.Status.IN_REVIEW}, self.Status.DRAFT, by=_publisher(by), reason=_given(reason))

    def clean(self):
        """Refuses a second open version in words; the constraint can't, its status is in no form."""
        if self._state.adding and getattr(self, f"{self.owner}_id") and self._siblings(self.OPEN).exists():
            raise ValidationError(SECOND_MESSAGE)

    def save(self, *args, **kwargs):
        """Refuses a frozen version (ValidationError); gives a new one the next number."""
        if self.pk and type(self).objects.filter(pk=self.pk, status__in=self.FROZEN).exists():
            raise ValidationError(FROZEN_MESSAGE, code="frozen")
        if self._state.adding and not self.number:
            last = self._siblings(self.Status).aggregate(last=models.Max("number"))["last"]
            self.number = (last or 0) + 1
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        if self.is_frozen:
            raise ValidationError(FROZEN_MESSAGE, code="frozen")
        return super().delete(*args, **kwargs)

    def _siblings(self, states):
        """The other versions of the same thing in one of `states`."""
        of_same = {self.owner: getattr(self, f"{self.owner}_id"), "status__in": list(states)}
        return type(self).objects.filter(**of_same).exclude(pk=self.pk)

    @transaction.atomic
    def publish(self, *, by) -> None:
        """審査中 → 公開中; the version that was public becomes 旧版. Nobody publishes their own text."""
        self._refuse_own_text(_publisher(by))
        for current in self._siblings([self.Status.PUBLISHED]):
            current._move({self.Status.PUBLISHED}, self.Status.SUPERSEDED, by=by)
        self._move(
            {self.Status.IN_REVIEW}, self.Status.PUBLISHED, by=by, checked=True, published_at=timezone.now()
        )
        AuditEntry.record(AuditEntry.Act.PUBLISH, by=by, about=self, detail=self.reason)
        CatalogueStamp.move(edition=None)

    @transaction.atomic
    def withdraw(self, *, by, reason: str) -> None:
        """公開中 or 旧版 → 取り下げ, with a reason; its address then leads nowhere. Not one's own text either."""
        self._refuse_own_text(_publisher(by))
        start = {self.Status.PUBLISHED, self.Status.SUPERSEDED}
        self._move(start, self.Status.WITHDRAWN, by=by, reason=_given(reason))
        AuditEntry.record(AuditEntry.Act.WITHDRAW, by=by, about=self, detail=reason)
        CatalogueStamp.move(edition=None)

    @transaction.atomic
    def revise(self, *, by, reason: str = "") -> "Workflow":
        """公開中, 旧版 or 取り下げ → a new draft version that is a copy of this one; returns it."""
        type(self).objects.select_for_update().get(pk=self.pk)  # a second one waits, then is refused
        if not self.is_frozen:
            raise ValidationError(f"「{self.get_status_display()}」の版からは改訂を始められません。")
        draft = type(self)(status=self.Status.DRAFT, created_by=by, reason=reason)
        own = {"id", "number", "status", "published_at", "created_at", "created_by", "reason"}
        for field in self._meta.concrete_fields:
            if field.name not in own:
                setattr(draft, field.attname, getattr(self, field.attname))
        draft.clean()
        draft.save()
        self.copy_content(draft)
        return draft

    def _refuse_own_text(self, by):
        if by is not None and not self.may_be_published_by(by):
            raise ValidationError(
                "自分が書いた版は、公開も取り下げもできません。ほかの公開担当に頼んでください。",
                code="own_text",
            )

    @transaction.atomic
    def _move(self, start, end, *, by, reason="", checked=False, **stamps):
        # The lock makes writers of the version's parts wait, so what was checked is what is moved.
        locked = type(self).objects.select_for_update().get(pk=self.pk)
        if locked.status not in start:
            raise ValidationError(
                f"この版はいま「{locked.get_status_display()}」なので、「{self.Status(end).label}」にできません。"
                "画面を開き直してください。",
                code="wrong_state",
            )
        if checked and (problems := locked.problems()):
            raise ValidationError(problems)
        type(self).objects.filter(pk=self.pk).update(status=end, **stamps)
        self.transitions.create(from_status=locked.status, to_status=end, by=by, reason=reason)
        self.refresh_from_db(fields=["status", *stamps])


def _publisher(by):
    """`by`, when that user may decide what is public (None: the casebook being loaded)."""
    if by is not None and not by.has_perm("cases.publish_caseversion"):
        raise PermissionDenied("公開・差し戻し・取り下げの権限がありません。")
    return by


def _given(reason):
    if not reason.strip():
        raise ValidationError("理由を書いてください。", code="reason")
    return reason.strip()


class Move(models.Model):
    """One state change of a version: who, when, why. Rows are only ever added."""

    from_status = models.CharField("前の状態", max_length=10, choices=Workflow.Status.choices)
    to_status = models.CharField("後の状態", max_length=10, choices=Workflow.Status.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作した人"
    )
    at = models.DateTimeField("日時", auto_now_add=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        abstract = True
        verbose_name = verbose_name_plural = "経過"
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.get_from_status_display()} → {self.get_to_status_display()}"


class Transition(Move):
    version = models.ForeignKey(
        "cases.CaseVersion", models.CASCADE, related_name="transitions", verbose_name="版"
    )

    class Meta(Move.Meta):
        abstract = False
