"""What came out of a survey: its figures, what was found, and a table of them on its way in."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from .survey import PLACE, SMALL, Part, Survey, SurveyGroup, SurveyQuestion
from .vocabulary import Theme


class SurveyFigure(Part):
    """One number: to a question, of a group, about a choice. `hidden` says why there is none."""

    class Unit(models.TextChoices):
        COUNT = "count", "件"
        PEOPLE = "people", "人"
        SHARE = "share", "%"

    class Hidden(models.TextChoices):
        SMALL = "small", "1～4のため伏せる"
        BASE = "base", "母数が1～4のため、母数とともに伏せる"
        OTHER = "other", "ほかの値から逆算されないように伏せる"

    question = models.ForeignKey(SurveyQuestion, models.PROTECT, related_name="figures", verbose_name="質問")
    group = models.ForeignKey(SurveyGroup, models.PROTECT, related_name="figures", verbose_name="グループ")
    choice = models.CharField("選択肢・内容", max_length=100, help_text="何の数か。例: 実施を検討したい")
    unit = models.CharField("単位", max_length=10, choices=Unit.choices)
    value = models.DecimalField("値", max_digits=12, decimal_places=2, null=True, blank=True)
    approximate = models.BooleanField("およその値", default=False, help_text="出典が「約」を付けているとき。")
    printed = models.CharField(
        "出典の表記", max_length=40, blank=True, help_text="出典に印刷されているとおりに。例: 約4割"
    )
    base = models.PositiveIntegerField(
        "母数", null=True, blank=True, help_text="出典に書かれていなければ空のまま。"
    )
    base_about = models.CharField(
        "母数の説明", max_length=100, blank=True, help_text="例: 取り組んでいない自治体"
    )
    computed = models.CharField(
        "計算のしかた",
        max_length=200,
        blank=True,
        help_text="出典の数から計算した値のときだけ。「計算値」と示します。",
    )
    hidden = models.CharField(
        "伏せる", max_length=10, choices=Hidden.choices, blank=True, help_text="伏せた値は保存しません。"
    )
    place = models.CharField("出典の箇所", max_length=60, help_text=PLACE)
    position = models.PositiveSmallIntegerField("並び順", default=100)

    class Meta:
        verbose_name = verbose_name_plural = "調査の数値"
        ordering = ["question__position", "question_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "group", "choice", "unit"], name="survey_figure_once"
            ),
            models.CheckConstraint(
                condition=(Q(hidden="") & Q(value__isnull=False))
                | (~Q(hidden="") & Q(value=None, printed="")),
                name="hidden_holds_no_value",
                violation_error_message="値を書くか、伏せる理由を選ぶか、どちらか一つにしてください（伏せるときは出典の表記も空に）。",
            ),
            models.CheckConstraint(
                condition=~Q(value__gt=0, value__lt=SMALL.stop, unit__in=["count", "people"]),
                name="no_small_count",
                violation_error_message="1～4は伏せてください（個人や自治体が分かるおそれがあります）。",
            ),
            models.CheckConstraint(
                condition=~Q(base__in=list(SMALL)) & ~Q(hidden="base", base__isnull=False),
                name="no_small_base",
                violation_error_message="母数が1～4のときは、値と母数を伏せてください。",
            ),
            models.CheckConstraint(
                condition=Q(value=None) | (Q(value__gte=0) & (~Q(unit="share") | Q(value__lte=100))),
                name="figure_within_bounds",
                violation_error_message="値は0以上、割合は100までです。",
            ),
        ]

    def __str__(self):
        return f"{self.choice}（{self.group}）"

    @property
    def survey(self) -> Survey:
        return self.question.survey

    @property
    def told(self) -> str:
        """As the source prints it, or the value with its unit; why not, if it's hidden."""
        if self.hidden:
            return "1～4（秘匿）" if self.hidden == self.Hidden.SMALL else "×（秘匿）"
        about = "約" if self.approximate else ""
        return self.printed or f"{about}{shortest(self.value)}{self.get_unit_display()}"

    def clean(self):
        """The two owners are of one survey; a share doesn't give away a small count."""
        if self.question_id and self.group_id and self.question.survey_id != self.group.survey_id:
            raise ValidationError({"group": "質問と同じ調査のグループを選んでください。"})
        if self.value is not None and self.base:
            if self.unit != self.Unit.SHARE and self.value > self.base:
                raise ValidationError({"value": "値が母数より大きくなっています。"})
            if self.unit == self.Unit.SHARE and is_small_share(self.value, self.base):
                raise ValidationError({"value": "割合と母数から1～4件だと分かるので、伏せてください。"})


def is_small_share(share: Decimal, base: int) -> bool:
    """Whether `share` per cent of `base` is a count of 1 to 4."""
    return round(share * base / 100) in SMALL


def shortest(value: Decimal) -> str:
    """12.50 → 12.5, 1200.00 → 1,200."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


class SurveyFinding(Part):
    """What the source says of the results in words, in ours; some lead to themes of the cases."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="findings", verbose_name="調査")
    heading = models.CharField("見出し", max_length=40)
    text = models.TextField("分かったこと", max_length=1000, help_text="出典の文を写さず、自分の言葉で。")
    themes = models.ManyToManyField(Theme, blank=True, related_name="+", verbose_name="事例の主題")
    place = models.CharField("出典の箇所", max_length=60, help_text=PLACE)
    position = models.PositiveSmallIntegerField("並び順", default=100)

    class Meta:
        verbose_name = verbose_name_plural = "分かったこと"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.heading


class SurveyImport(models.Model):
    """A table on its way into a draft survey: read and suppressed, shown to who uploaded it, not yet saved."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now=True)
    file_name = models.CharField(max_length=255)
    rows = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "調査の表の取り込み"
        constraints = [models.UniqueConstraint(fields=["survey", "by"], name="one_survey_import_each")]
