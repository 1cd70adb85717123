"""The guide (活用ガイド): its pages (identity and URL) and their versions (text at one time)."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from .. import markup
from .content import Part, reading_with
from .source import Source
from .stamp import Stamped
from .vocabulary import Field, Item, Style, Tier, Tool, ToolFamily
from .workflow import Move, Workflow

# What the shortcodes of a text may name.
NAMED = {
    "項目": Item, "分野": Field, "自治体区分": Tier, "手段の種類": ToolFamily, "ツール": Tool, "方式": Style,
}  # fmt: skip


class GuidePage(Stamped):
    searched = False

    slug = models.CharField(
        "URLの名",
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "半角の英小文字・数字・ハイフンで書いてください。")
        ],
        help_text="半角。例: effects。公開した後は変えられません。",
    )
    number = models.CharField(
        "章の番号",
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{2}\Z", "半角数字2桁で書いてください（例: 02）。")],
        help_text="報告書がChapterとして挙げる番号。例: 02。なければ空のまま。",
    )
    position = models.PositiveSmallIntegerField("並び順", default=100)
    field = models.ForeignKey(
        Field,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="分野",
        help_text="一つの分野についてのページのときだけ選びます。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "活用ガイドのページ"
        ordering = ["position", "slug"]

    def __str__(self):
        return f"/guide/{self.slug}/"

    @property
    def has_been_public(self) -> bool:
        return self.versions.filter(status__in=GuideVersion.FROZEN).exists()


class GuideVersionQuerySet(models.QuerySet):
    def published(self):
        """What the public may see, in the order of the pages; the only spelling of it."""
        public = self.filter(status=GuideVersion.Status.PUBLISHED)
        return public.select_related("page__field").order_by("page__position", "page__slug")

    def readable(self):
        """What has an address for ever: public now, or 旧版 of a page that is public now."""
        kept = (GuideVersion.Status.PUBLISHED, GuideVersion.Status.SUPERSEDED)
        return self.filter(status__in=kept, page__in=self.model.objects.published().order_by().values("page"))

    def with_content(self):
        """All that a page shows, in a constant number of queries."""
        return self.select_related("page__field").prefetch_related("citations")


class GuideVersion(Workflow):
    owner = "page"

    page = models.ForeignKey(
        GuidePage, models.PROTECT, related_name="versions", verbose_name="活用ガイドのページ"
    )
    number = models.PositiveIntegerField("版", editable=False)
    title = models.CharField("題名", max_length=60, help_text="一覧とページの見出しになります。")
    lead = models.TextField(
        "リード", max_length=300, help_text="このページで何が分かるか。一文か二文で、改行せずに。"
    )
    body = models.TextField(
        "本文",
        max_length=markup.MOST,
        help_text="報告書から言えることだけを、自分の言葉で。見出し・箇条書き・表は、下の「書き方」のとおりに書きます。",
    )

    objects = GuideVersionQuerySet.as_manager()

    class Meta(Workflow.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "活用ガイドの版"
        ordering = ["page", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="guide_number_once"),
            models.UniqueConstraint(
                fields=["page"], condition=Q(status="published"), name="one_published_guide"
            ),
            models.UniqueConstraint(
                fields=["page"], condition=Q(status__in=["draft", "in_review"]), name="one_open_guide"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in_review"], published_at=None)
                | Q(status__in=["published", "superseded", "withdrawn"], published_at__isnull=False),
                name="frozen_guide_has_its_date",
            ),
        ]

    def __str__(self):
        return f"活用ガイド「{self.title}」第{self.number}版"

    def clean(self):
        """Refuses in words a second open version, and a text that can't be shown as it's written."""
        super().clean()
        if wrong := self.problems_of_text():
            raise ValidationError({"body": wrong})

    def save(self, *args, **kwargs):
        """The text is kept without blank ends, so that a form sent back unchanged is unchanged."""
        self.lead, self.body = self.lead.strip(), self.body.replace("\r\n", "\n").strip()
        super().save(*args, **kwargs)

    def problems_of_text(self) -> list[str]:
        """What is wrong with the body: marks and shortcodes that mean nothing."""
        return markup.problems(self.body, known_words())

    def problems(self) -> list[str]:
        """What stands between this version and the public, in words; empty when nothing does."""
        empty = [field for field in ("title", "lead", "body") if not getattr(self, field).strip()]
        found = [f"「{self._meta.get_field(field).verbose_name}」が書かれていません。" for field in empty]
        if not self.citations.exists():
            found.append("出典がありません。どの文書のどこから言えることかを挙げてください。")
        return found + self.problems_of_text()

    def copy_content(self, draft: "GuideVersion") -> None:
        """Copy the sources of this version to `draft`."""
        for citation in self.citations.all():
            citation.copy_to(draft)


def known_words() -> dict[str, set[str]]:
    """What the shortcodes of a text may name: 項目, 分野 … → the names and keys there are."""
    return {
        kind: {word for row in model.objects.values_list("name", "key") for word in row}
        for kind, model in NAMED.items()
    }


class GuideCitation(Part):
    """What a version rests on, and the place in it."""

    version = models.ForeignKey(
        GuideVersion, models.CASCADE, related_name="citations", verbose_name="活用ガイドの版"
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="guide_citations", verbose_name="出典")
    place = models.CharField("箇所", max_length=60, blank=True, help_text="頁や見出し。例: 3-3、図表4-1")

    objects = reading_with("source")

    class Meta:
        verbose_name = verbose_name_plural = "出典の箇所"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "source", "place"],
                name="guide_cited_once",
                violation_error_message="同じ出典の同じ箇所が二度挙げられています。",
            )
        ]

    def __str__(self):
        return f"{self.source} {self.place}".strip()


class GuideTransition(Move):
    version = models.ForeignKey(
        GuideVersion, models.CASCADE, related_name="transitions", verbose_name="活用ガイドの版"
    )

    class Meta(Move.Meta):
        abstract = False
