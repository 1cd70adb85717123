"""A survey (アンケート調査): how it was done, who answered, what was asked (what came out: survey_result.py).

It's written as a draft and published whole; what is public doesn't change (frozen.py) until it's taken back.
"""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from .audit import AuditEntry
from .source import Source
from .stamp import CatalogueStamp

SMALL = range(1, 5)  # counts that could tell who was meant
PUBLIC_MESSAGE = "公開中の調査は変えられません。公開をやめてから直してください。"
KEY = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "半角の英小文字・数字・- で書いてください。")
KEPT_KEY = "半角の短い名。次の年も同じ名にすると、年を並べて比べられます。"
PLACE = "出典のどこか。例: 2-3、図表2-1"


class SurveyQuerySet(models.QuerySet):
    def published(self):
        """What the public may see, the latest year first."""
        return self.exclude(published_at=None)


class Survey(models.Model):
    """One year's survey. `published_at` says whether it's public; `writers` wrote it since it last was."""

    year = models.PositiveSmallIntegerField(
        "年度",
        unique=True,
        validators=[MinValueValidator(2000)],
        help_text="西暦4桁。令和4年度なら 2022。ページのアドレスになります。",
    )
    title = models.CharField("調査の名", max_length=100)
    period = models.CharField("実施した時期", max_length=60, help_text="出典にあるとおりに。")
    purpose = models.TextField("目的", max_length=2000, blank=True)
    method = models.TextField("調査の方法", max_length=3000, help_text="空の行で段落を分けます。")
    answers = models.PositiveIntegerField(
        "回答の総数", help_text="出典に書かれている数。グループの回答数の合計と同じでないと公開できません。"
    )
    note = models.TextField("読むときの注意", max_length=2000, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name="出典")
    place = models.CharField("出典の箇所", max_length=60, help_text=PLACE)
    published_at = models.DateTimeField("公開した日時", null=True, editable=False)
    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", editable=False, verbose_name="書いた人"
    )

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "アンケート調査"
        ordering = ["-year"]

    def __str__(self):
        return f"{self.title}（{self.year}年度）"

    @property
    def is_public(self) -> bool:
        return self.published_at is not None

    def hold(self) -> "Survey":
        """Lock it as a draft that may be written, inside a transaction. ValidationError if it's public."""
        held = type(self).objects.select_for_update().get(pk=self.pk)
        if held.is_public:
            raise ValidationError(PUBLIC_MESSAGE, code="public")
        return held

    @transaction.atomic
    def delete(self, *args, **kwargs):
        """A draft goes with all its parts; its questions and groups hold on to the figures, so those go first."""
        self.hold()
        for question in self.questions.all():
            question.figures.all().delete()
        return super().delete(*args, **kwargs)

    def written(self, *, by) -> None:
        """Remember `by` as one who wrote this: it's another's to publish."""
        if by is not None:
            self.writers.add(by)

    def may_be_published_by(self, user) -> bool:
        """Who decides what is public, but not of their own text (administrators, or a setting: also that)."""
        own_allowed = settings.SELF_APPROVAL or user.is_superuser
        is_own = self.writers.filter(pk=user.pk).exists()
        return user.has_perm("cases.publish_caseversion") and (own_allowed or not is_own)

    def problems(self) -> list[str]:
        """What stands in the way of publishing it, in words."""
        answers = list(self.groups.values_list("answers", flat=True))
        problems = [] if answers else ["グループがありません。"]
        if answers and sum(answers) != self.answers:
            problems.append(
                f"グループの回答数の合計（{sum(answers):,}）が、回答の総数（{self.answers:,}）と合いません。"
            )
        if not self.questions.exists():
            problems.append("質問がありません。")
        return problems

    @transaction.atomic
    def publish(self, *, by) -> None:
        """下書き → 公開中. ValidationError in words where something stands in the way."""
        self._refuse_unless_publisher(by)
        held = self.hold()
        if by is not None and not held.may_be_published_by(by):
            raise ValidationError(
                "自分が書いた調査は公開できません。ほかの公開担当に頼んでください。", code="own_text"
            )
        if problems := held.problems():
            raise ValidationError(problems)
        self.writers.clear()
        self._set_public(timezone.now(), AuditEntry.Act.PUBLISH, by)

    @transaction.atomic
    def take_back(self, *, by, reason: str) -> None:
        """公開中 → 下書き, with a reason; its page leads nowhere until it's published again."""
        self._refuse_unless_publisher(by)
        if not reason.strip():
            raise ValidationError("理由を書いてください。", code="reason")
        held = type(self).objects.select_for_update().get(pk=self.pk)
        if not held.is_public:
            raise ValidationError(
                "この調査は公開していません。画面を開き直してください。", code="wrong_state"
            )
        self._set_public(None, AuditEntry.Act.WITHDRAW, by, reason.strip())

    def _set_public(self, moment, act, by, detail=""):
        type(self).objects.filter(pk=self.pk).update(published_at=moment)
        self.refresh_from_db(fields=["published_at"])
        AuditEntry.record(act, by=by, about=self, detail=detail)
        CatalogueStamp.move()

    @staticmethod
    def _refuse_unless_publisher(by):
        if by is not None and not by.has_perm("cases.publish_caseversion"):
            raise PermissionDenied("公開を決める権限がありません。")


class Part(models.Model):
    """What belongs to a survey: written only while that is a draft, whose publishing waits for the writer."""

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args, **kwargs):
        self.survey.hold()
        super().save(*args, **kwargs)

    @transaction.atomic
    def delete(self, *args, **kwargs):
        self.survey.hold()
        return super().delete(*args, **kwargs)


class SurveyGroup(Part):
    """Who was asked in one of the questionnaires, and how many answered."""

    class Counted(models.TextChoices):
        PREFECTURES = "prefectures", "都道府県・政令指定都市"
        MUNICIPALITIES = "municipalities", "市区町村（政令指定都市を除く）"

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="groups", verbose_name="調査")
    key = models.CharField("キー", max_length=30, validators=[KEY], help_text=KEPT_KEY)
    name = models.CharField("グループ", max_length=40)
    answers = models.PositiveIntegerField("回答数", help_text="単位は件。")
    surveyed = models.PositiveIntegerField(
        "対象の数", null=True, blank=True, help_text="出典に書かれていなければ空のまま。"
    )
    counted = models.CharField(
        "対象の数がないときに数えるもの",
        max_length=20,
        choices=Counted.choices,
        blank=True,
        help_text="選ぶと、このサイトの自治体一覧で数えた数を母数にした回答の割合を「計算値」として示します。",
    )
    place = models.CharField("出典の箇所", max_length=60, help_text=PLACE)
    position = models.PositiveSmallIntegerField("並び順", default=100)

    class Meta:
        verbose_name = verbose_name_plural = "グループ"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "key"], name="survey_group_once"),
            models.CheckConstraint(
                condition=~Q(answers__in=list(SMALL)),
                name="no_small_group",
                violation_error_message="回答数が1～4のグループは載せられません。ほかのグループにまとめてください。",
            ),
            models.CheckConstraint(
                condition=Q(surveyed=None) | Q(surveyed__gte=F("answers")),
                name="no_more_answers_than_surveyed",
                violation_error_message="回答数が、対象の数より多くなっています。",
            ),
        ]

    def __str__(self):
        return self.name


class SurveyQuestion(Part):
    """One thing that was asked (図表2-1: 質問項目 and 質問内容)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name="調査")
    key = models.CharField("キー", max_length=30, validators=[KEY], help_text=KEPT_KEY)
    heading = models.CharField("質問項目", max_length=100, help_text="同じ質問項目の質問は、続けて並べます。")
    text = models.CharField("質問内容", max_length=300)
    note = models.CharField(
        "ただし書き", max_length=200, blank=True, help_text="一部のグループだけにたずねたことなど。"
    )
    place = models.CharField("出典の箇所", max_length=60, help_text=PLACE)
    position = models.PositiveSmallIntegerField("並び順", default=100)

    class Meta:
        verbose_name = verbose_name_plural = "質問"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["survey", "key"], name="survey_question_once")]

    def __str__(self):
        return f"{self.survey.year} {self.text}"
