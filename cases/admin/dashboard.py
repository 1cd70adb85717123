"""The admin's first page: what waits for whom."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localtime

from .. import enquiries
from ..models import CaseVersion, Transition
from ..text import full_date

MOST = 10
Status = CaseVersion.Status


@dataclass(frozen=True)
class Entry:
    """A version on the desk: what is to be known of it, in words; `own`: whoever looks has written it."""

    version: CaseVersion
    note: str
    own: bool


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
    """The lists for `user` → {"desks": list[Desk]}; at most ten queries, however many cases there are."""
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
    writers = CaseVersion.writers.through.objects.filter(caseversion=OuterRef("pk"), user=user.pk)
    last = Transition.objects.filter(version=OuterRef("pk")).order_by("-at", "-pk")
    return versions.select_related("case__municipality", "field", "created_by").annotate(
        own=Exists(writers),
        moved_at=Subquery(last.values("at")[:1]),
        moved_by=Subquery(last.values("by__username")[:1]),
        reason_given=Subquery(last.values("reason")[:1]),
    )


def _desk(key, title, versions, note: Callable[[CaseVersion], str], empty):
    found = list(versions[: MOST + 1])
    count = versions.count() if len(found) > MOST else len(found)
    return Desk(key, title, count, [Entry(one, note(one), one.own) for one in found[:MOST]], empty)


def _day(moment):
    return full_date(localtime(moment).date())


def _returned(version):
    return f"{_day(version.moved_at)}、{version.moved_by or '—'} さんから：{version.reason_given}"


def _begun(version):
    return f"{_day(version.created_at)}に作成"


def _submitted(version):
    return f"{_day(version.moved_at)}、{version.moved_by or '—'} さんが提出"


def _published(version):
    return f"{_day(version.published_at)}に公開"
