"""A case (identity and URL) and its versions (content at one time)."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from .municipality import Municipality
from .source import Source
from .stamp import CatalogueStamp
from .vocabulary import Field, Item, Style, Tier
from .workflow import Workflow


class Case(models.Model):
    slug = models.CharField(
        "URLの名",
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "半角の英小文字・数字・ハイフンで書いてください。")
        ],
        help_text="半角。例: toba-ibasho。公開した後は変えられません。",
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, verbose_name="自治体", help_text="公開した後は変えられません。"
    )
    report_number = models.PositiveSmallIntegerField(
        "報告書での順",
        null=True,
        blank=True,
        unique=True,
        help_text="図表3-1に並ぶ順。報告書にない事例では空のまま。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "事例"
        ordering = [models.F("report_number").asc(nulls_last=True), "slug"]

    def __str__(self):
        return f"{self.municipality}（{self.slug}）"

    def save(self, *args, **kwargs):
        """Moves the stamp: where a public case stands in the report may be corrected at any time."""
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if not is_new:
            CatalogueStamp.move()


class CaseVersionQuerySet(models.QuerySet):
    def published(self, edition=None):
        """What the public may see; the only spelling of it.

        Of an edition: what it holds and nobody has withdrawn since.
        """
        if edition is not None:
            return self.readable().filter(editions=edition)
        return self.filter(status=CaseVersion.Status.PUBLISHED)

    def readable(self):
        """What has an address for ever: public now, or 旧版 of a case that is public now."""
        kept = (CaseVersion.Status.PUBLISHED, CaseVersion.Status.SUPERSEDED)
        return self.filter(status__in=kept, case__in=self.model.objects.published().values("case"))

    def publish_unchecked(self) -> int:
        """Drafts → 公開中 in one statement, with no check and no record of it: for synthetic cases alone."""
        drafts = self.filter(status=CaseVersion.Status.DRAFT)
        return drafts.update(status=CaseVersion.Status.PUBLISHED, published_at=timezone.now())

    def with_card(self):
        """What a list shows of each, in a constant number of queries; adds `items_filled`."""
        statements = self.model._meta.get_field("statements").related_model.objects
        told = statements.filter(version=OuterRef("pk")).exclude(item__group=Item.Group.BESIDE)
        counted = told.order_by().values("version").annotate(items=Count("item", distinct=True))
        filled = Coalesce(Subquery(counted.values("items")), 0)  # a join would group by every column
        related = self.select_related("case__municipality", "field", "tier", "style")
        return related.annotate(items_filled=filled).prefetch_related("tool_uses")

    def for_search(self):
        """All that search reads, in a constant number of queries."""
        return self.with_card().prefetch_related("statements")

    def with_content(self):
        """All that a record shows, in a constant number of queries."""
        sources = self.select_related("source", "service_source")
        parts = ["statements__citations", "statements__themes", "silences", "photos", "links"]
        return sources.with_card().prefetch_related(*parts)


class CaseVersion(Workflow):
    owner = "case"

    class ServiceStatus(models.TextChoices):
        CONTINUING = "continuing", "継続"
        CHANGED = "changed", "変更"
        ENDED = "ended", "終了"
        UNCONFIRMED = "unconfirmed", "未確認"

    class Precision(models.TextChoices):
        DAY = "day", "日まで分かる"
        MONTH = "month", "月まで分かる"
        YEAR = "year", "年まで分かる"
        FISCAL_YEAR = "fiscal_year", "年度まで分かる"

    case = models.ForeignKey(Case, models.PROTECT, related_name="versions", verbose_name="事例")
    number = models.PositiveIntegerField("版", editable=False)
    field = models.ForeignKey(Field, models.PROTECT, verbose_name="分野")
    tier = models.ForeignKey(
        Tier,
        models.PROTECT,
        verbose_name="自治体区分",
        help_text="報告書に印刷されたとおりに選びます。人口から計算し直しません（例: 豊島区は「特別区30万人未満」）。",
    )
    style = models.ForeignKey(
        Style,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="方式",
        help_text="出典に書かれているときだけ選びます。",
    )
    summary = models.CharField(
        "概要",
        max_length=200,
        help_text="主たるオンライン支援の概要。報告書の事例では図表3-1の文字のまま。",
    )
    trial = models.BooleanField("試行", default=False, help_text="出典が試行としているとき。")
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        related_name="+",
        verbose_name="概要の出典",
        help_text="概要・分野・区分・ツールがどこに書かれているか。",
    )
    source_place = models.CharField("概要の出典の箇所", max_length=60, blank=True, help_text="例: 図表3-1")

    service_status = models.CharField(
        "支援の現況", max_length=20, choices=ServiceStatus.choices, default=ServiceStatus.UNCONFIRMED
    )
    service_evidence = models.CharField(
        "現況の根拠",
        max_length=200,
        blank=True,
        help_text="「未確認」以外にするときは必ず書きます。例: （年月）の照会への回答",
    )
    service_source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="現況の出典"
    )

    surveyed_on = models.DateField(
        "調査時点",
        null=True,
        blank=True,
        help_text="分かる期間の最初の日。令和4年度とだけ分かるなら 2022-04-01 とし、下で「年度まで」を選びます。",
    )
    surveyed_precision = models.CharField(
        "調査時点の精度", max_length=20, choices=Precision.choices, blank=True
    )
    checked_on = models.DateField(
        "最終確認日",
        null=True,
        blank=True,
        help_text="人が公開中のページや照会への回答で確かめた日。確かめるまで空のまま。",
    )
    check_due_on = models.DateField("次回確認期限", null=True, blank=True)

    objects = CaseVersionQuerySet.as_manager()

    class Meta(Workflow.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "版"
        ordering = ["case", "-number"]
        permissions = [("publish_caseversion", "版を公開・差し戻し・取り下げできる")]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="published"), name="one_published_version"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status__in=["draft", "in_review"]),
                name="one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in_review"], published_at=None)
                | Q(status__in=["published", "superseded", "withdrawn"], published_at__isnull=False),
                name="frozen_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(service_status="unconfirmed") | ~Q(service_evidence=""),
                name="service_status_has_evidence",
                violation_error_message="支援の現況を「未確認」以外にするときは、現況の根拠を書いてください。",
            ),
            models.CheckConstraint(
                condition=Q(surveyed_on=None, surveyed_precision="")
                | (Q(surveyed_on__isnull=False) & ~Q(surveyed_precision="")),
                name="survey_date_has_precision",
                violation_error_message="調査時点とその精度は、両方書くか、両方空にしてください。",
            ),
        ]

    def __str__(self):
        return f"{self.title} 第{self.number}版"

    @property
    def title(self) -> str:
        """三重県鳥羽市のオンライン居場所"""
        return f"{self.case.municipality.full_name}のオンライン{self.field.name}"

    @property
    def kept_in(self) -> list:
        """The editions that hold this version for ever."""
        return list(self.editions.all())

    def problems(self) -> list[str]:
        """What stands between this version and the public, in words; empty when nothing does."""
        found = []
        statements = list(self.statements.select_related("item", "answers").prefetch_related("citations"))
        for statement in statements:
            if not statement.citations.all():
                found.append(f"「{statement.item}」の記述に出典がありません：{statement}")
            if statement.answers and statement.answers.version_id != self.pk:
                found.append(f"工夫が、別の版の課題に結び付いています：{statement}")
            if statement.answers and statement.answers.item_id != "challenges":
                found.append(f"工夫が、課題でない記述に結び付いています：{statement}")
        told = {statement.item_id for statement in statements}
        for silence in self.silences.select_related("item").filter(item__in=told):
            found.append(
                f"「{silence.item}」には記述があるのに「{silence.get_kind_display()}」とされています。"
            )
        return found

    def copy_content(self, draft: "CaseVersion") -> None:
        """Copy every part of this version to `draft`; remedies answer the copied challenges."""
        copies = {statement.pk: statement.copy_to(draft) for statement in self.statements.all()}
        for statement in copies.values():
            if statement.answers_id:
                statement.answers = copies[statement.answers_id]
                statement.save()
        for parts in (self.silences, self.tool_uses, self.photos, self.links):
            for part in parts.all():
                part.copy_to(draft)
