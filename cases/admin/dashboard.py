"""The admin's first page: what waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localtime

from .. import enquiries
from ..models import CaseVersion, GuideTransition, GuideVersion, Transition
from ..models.workflow import Workflow
from ..text import full_date
from .writing import page_of

MOST = 10
Status = CaseVersion.Status


@dataclass(frozen=True)
class Entry:
    """A version on the desk: what is to be known of it, in words; `own`: whoever looks has written it."""

    version: Workflow
    note: str
    own: bool
    address: str


@dataclass(frozen=True)
class Desk:
    """One list: its heading, how many versions there are in all, the first of them, what is said of none."""

    key: str
    title: str
    count: int
    entries: list[Entry]
    empty: str

    @property
    def more(self) -> int:
        return self.count - len(self.entries)


def dashboard(user) -> dict:
    """The lists for `user` → {"desks": list[Desk]}; at most a dozen queries, however many cases there are."""
    versions = _told(CaseVersion.objects.all(), user)
    mine = versions.filter(Q(created_by=user) | Q(own=True)).order_by("-moved_at", "-created_at")
    drafts = mine.filter(status=Status.DRAFT)
    is_returned = ~Q(reason_given="") & Q(
        reason_given__isnull=False
    )  # only 差し戻す gives a reason on this way
    waiting = versions if user.has_perm("cases.publish_caseversion") else mine
    public = versions.filter(status=Status.PUBLISHED)
    return {
        "desks": [
            _desk("returned", "差し戻されたもの", drafts.filter(is_returned), _returned, "差し戻されたものはありません。"),
            _desk("drafts", "自分の下書き", drafts.exclude(is_returned), _begun, "書きかけの下書きはありません。"),
            _desk(
                "review",
                "審査待ち",
                waiting.filter(status=Status.IN_REVIEW).order_by("moved_at", "pk"),
                _submitted,
                "審査を待っているものはありません。",
            ),
            _desk(
                "guide",
                "活用ガイドの下書きと審査待ち",
                _guide(user),
                _open,
                "下書きも、審査を待っているものもありません。",
            ),
            _desk(
                "due",
                "確認の時期が来た事例",
                _told(enquiries.unasked(enquiries.due()), user),
                enquiries.why,
                "いま照会する事例はありません。",
            ),
            _desk("recent", "最近公開した事例", public.order_by("-published_at", "-pk"), _published, "公開中の事例はありません。"),
        ]
    }  # fmt: skip


def _told(versions: QuerySet, user) -> QuerySet:
    """`versions` with what the lists tell of it: whether it's `user`'s own, and its last change of state."""
    moves = Transition.objects.filter(version=OuterRef("pk"))
    related = versions.select_related("case__municipality", "field", "created_by")
    return _moved(related, moves, user)


def _guide(user):
    """What of the guide `user` has begun or waits for review, what waits first."""
    moves = GuideTransition.objects.filter(version=OuterRef("pk"))
    versions = _moved(GuideVersion.objects.select_related("created_by"), moves, user)
    is_own = Q(created_by=user) | Q(own=True)
    waits = Q(status=Status.IN_REVIEW)
    if not user.has_perm("cases.publish_caseversion"):
        waits &= is_own
    return versions.filter(waits | (Q(status=Status.DRAFT) & is_own)).order_by("-status", "moved_at", "pk")


def _moved(versions, moves, user):
    through = versions.model.writers.through
    writers = through.objects.filter(**{versions.model._meta.model_name: OuterRef("pk"), "user": user.pk})
    last = moves.order_by("-at", "-pk")
    return versions.annotate(
        own=Exists(writers),
        moved_at=Subquery(last.values("at")[:1]),
        moved_by=Subquery(last.values("by__username")[:1]),
        reason_given=Subquery(last.values("reason")[:1]),
    )


def _desk(key, title, versions, note: Callable[[Workflow], str], empty):
    found = list(versions[: MOST + 1])
    count = versions.count() if len(found) > MOST else len(found)
    page = "review" if key in ("review", "guide") else "change"
    entries = [Entry(one, note(one), one.own, page_of(one, page)) for one in found[:MOST]]
    return Desk(key, title, count, entries, empty)


def _day(moment):
    return full_date(localtime(moment).date())


def _returned(version):
    return f"{_day(version.moved_at)}、{version.moved_by or '—'} さんから：{version.reason_given}"


def _begun(version):
    return f"{_day(version.created_at)}に作成"


def _submitted(version):
    return f"{_day(version.moved_at)}、{version.moved_by or '—'} さんが提出"


def _open(version):
    if version.status == Status.IN_REVIEW:
        return f"審査待ち。{_submitted(version)}"
    return f"差し戻し。{_returned(version)}" if version.reason_given else f"下書き。{_begun(version)}"


def _published(version):
    return f"{_day(version.published_at)}に公開"
