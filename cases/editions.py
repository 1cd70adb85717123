"""Editions: how they're named and cited, what one holds, and what has changed since it."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.utils.timezone import localdate

from . import gazetteer
from .addresses import absolute
from .catalogue import Catalogue
from .difference import Difference, difference
from .index import Index
from .models import BUNDLE, CaseVersion, Edition, EditionFile, Municipality
from .models.edition import KINDS
from .record import record

CHANGES_A_PAGE = 10
MOST_NAMED = 20  # cases of one address
OLDER = 5
MOST_LETTERS = 100
# 2026-11, 2026年11月, 2026/11, 2026-11-2; the signs between as they come out of Word and of an IME.
_LABEL = re.compile(
    r"(20[0-9]{2})\s*[-‐‑‒–—−ー年/.]\s*([0-9]{1,2})(?:\s*月)?(?:\s*[-‐‑‒–—−ー]\s*([1-9][0-9]?))?"
)
_BETWEEN = re.compile(r"[\s「」『』・、。,，/／()（）:：]+|第[0-9]+版")


def day(moment) -> str:
    """2026年11月23日, in Japan."""
    on = localdate(moment)
    return f"{on.year}年{on.month}月{on.day}日"


@dataclass(frozen=True)
class Standing:
    """Which edition something shows (`label`, "" if none), of what day, and the address to cite."""

    label: str
    day: str
    address: str

    @property
    def in_names(self) -> str:
        """What the name of a file says of it: `2026-11` of an edition, else the day, `20261123`."""
        return self.label or f"{localdate():%Y%m%d}"

    @property
    def words(self) -> str:
        """2026-11版（2026年11月23日）, or 2026年11月23日時点（号なし）."""
        return f"{self.label}版（{self.day}）" if self.label else f"{self.day}時点（号なし）"


def standing(index: Index) -> Standing:
    """Of an edition's index, that edition; of today's, the edition it is exactly, or the day alone."""
    if index.label:
        return _standing(index.label, index.frozen_at)
    return Standing("", day(None), absolute("entrance"))


def _standing(label, frozen_at):
    return Standing(label, day(frozen_at), absolute("edition", label))


def stamp(index: Index) -> str:
    """The same in the words that files bear."""
    return standing(index).words


# What an edition holds


def every() -> QuerySet[Edition]:
    """All editions, the newest first, with how many cases each `held`."""
    return Edition.objects.annotate(held=Count("versions")).order_by("-frozen_at", "-pk")


@dataclass(frozen=True)
class Contents:
    """The versions in an edition, in the report's order; `withdrawn` more are shown no longer."""

    versions: list[CaseVersion]
    withdrawn: int


def contents(edition: Edition) -> Contents:
    """Three queries beside the index's."""
    catalogue = Catalogue(edition=edition)
    related = catalogue.published().select_related("case__municipality", "field", "tier")
    found = related.in_bulk(catalogue.ids())
    versions = [found[pk] for pk in catalogue.ids() if pk in found]
    return Contents(versions, edition.versions.count() - len(versions))


def told(edition: Edition) -> dict:
    """The page of an edition: nothing of it tells what came later, but for what was withdrawn."""
    return {
        "contents": contents(edition),
        **_files(edition),
        "here": _standing(edition.label, edition.frozen_at),
        "older": Edition.objects.filter(frozen_at__lt=edition.frozen_at)[:OLDER],
    }


def _files(edition):
    """Its files in the order in which people want them, and the cases' own papers."""
    found = list(edition.files.all())
    kinds = list(KINDS)
    shared = [file for file in found if not file.of_a_case]
    return {
        "files": sorted(shared, key=lambda file: kinds.index(file.name.rpartition(".")[2])),
        "papers": [file for file in found if file.of_a_case],
    }


def newest_bundle() -> EditionFile | None:
    """The bundle of the newest edition that has one to give."""
    bundles = EditionFile.objects.filter(name=BUNDLE, edition__files_withdrawn_at=None).select_related(
        "edition"
    )
    return bundles.order_by("-edition__frozen_at", "-edition").first()


def book_sizes(standing: Standing) -> dict[str, int]:
    """How many bytes `casebook` and `guide` as PDFs have, those that lie ready as files of the edition."""
    files = EditionFile.objects.filter(edition__label=standing.label, edition__files_withdrawn_at=None)
    books = files.filter(name__in=["casebook.pdf", "guide.pdf"]).values_list("name", "size")
    return {name.removesuffix(".pdf"): size for name, size in books}


# What has changed


@dataclass(frozen=True)
class Change:
    """A case that isn't the same in two sets: `old` and `new` are its version in each, None where it's not in it.

    `old_withdrawn`: there was a version, which is shown no longer.
    """

    old: CaseVersion | None
    new: CaseVersion | None
    old_withdrawn: bool = False

    @property
    def version(self) -> CaseVersion:
        return self.new or self.old

    @property
    def slug(self) -> str:
        return self.version.case.slug

    @property
    def old_name(self) -> str:
        return f"第{self.old.number}版" if self.old else ""

    @property
    def new_name(self) -> str:
        return f"第{self.new.number}版" if self.new else ""


@dataclass(frozen=True)
class Changes:
    """From one edition to a later one, or to today (`new` is None); `withdrawn` cases are only counted."""

    old: Edition
    new: Edition | None
    added: list[Change]
    removed: list[Change]
    changed: list[Change]
    same: int
    withdrawn: int

    @property
    def new_name(self) -> str:
        return str(self.new) if self.new else "いま"

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.withdrawn)


def changes(old: Edition, new: Edition | None, slugs: list[str] | None = None) -> Changes:
    """What has changed from an edition to another one, or to today; of these cases alone, if any are named."""
    before, after = _by_case(old), _by_case(new)
    if slugs:
        named = set(CaseVersion.objects.filter(case__slug__in=slugs).values_list("case", flat=True))
        before, after = ({case: pk for case, pk in one.items() if case in named} for one in (before, after))
    differing = [case for case in {**after, **before} if before.get(case) != after.get(case)]
    seen = _readable([one[case] for case in differing for one in (before, after) if case in one])
    found = {"added": [], "removed": [], "changed": []}
    withdrawn = 0
    for case in differing:
        a, b = seen.get(before.get(case)), seen.get(after.get(case))
        if (case in after and b is None) or (case not in after and a is None):
            withdrawn += 1
        elif case not in before:
            found["added"].append(Change(None, b))
        elif case not in after:
            found["removed"].append(Change(a, None))
        else:
            found["changed"].append(Change(a, b, old_withdrawn=a is None))
    same = sum(before.get(case) == pk for case, pk in after.items())
    return Changes(old, new, **found, same=same, withdrawn=withdrawn)


def _by_case(edition):
    """{case: its version's key} of an edition, in the report's order, or of today."""
    held = edition.versions if edition else CaseVersion.objects.published()
    return dict(held.order_by("case__report_number", "case__slug").values_list("case", "pk"))


def _readable(pks):
    readable = CaseVersion.objects.readable().filter(pk__in=pks)
    return readable.select_related("case__municipality", "field", "tier").in_bulk()


def differences(some: list[Change]) -> list[tuple[Change, Difference | None]]:
    """Changed cases, each with what differs item by item (None where the old version is shown no longer)."""
    pks = [version.pk for change in some for version in (change.old, change.new) if version]
    full = CaseVersion.objects.readable().with_content().in_bulk(pks)

    def between(change):
        if change.old_withdrawn or not {change.old.pk, change.new.pk} <= set(full):
            return None
        return difference(record(full[change.old.pk]), record(full[change.new.pk]))

    return [(change, between(change)) for change in some]


def changes_page(old: Edition, new: Edition | None, slugs: list[str], page: str) -> dict:
    """One page of what has changed (`page` as it stands in an address; nonsense is the first, too much the last)."""
    slugs = slugs[:MOST_NAMED]
    found = changes(old, new, slugs)
    pages = max(1, -(-len(found.changed) // CHANGES_A_PAGE))
    number = min(max(1, int(page)), pages) if re.fullmatch("[0-9]{1,6}", page, re.ASCII) else 1
    first = (number - 1) * CHANGES_A_PAGE
    since = [("since", old.label)] if new else []

    def query(other):
        return urlencode(since + [("case", slug) for slug in slugs] + [("page", other)])

    return {
        "changes": found,
        "shown": differences(found.changed[first : first + CHANGES_A_PAGE]),
        "at": (new or old).label,
        "since": old.label if new else "",
        "named": slugs,
        "page": number,
        "pages": pages,
        "previous": query(number - 1) if number > 1 else None,
        "next": query(number + 1) if number < pages else None,
        "today": day(None),
    }


# What a reader pastes from a paper: 2026-11版・鳥羽市


@dataclass(frozen=True)
class Asked:
    """What was pasted, as it was understood: the edition, the municipalities it can mean, their cases."""

    typed: str
    label: str
    edition: Edition | None
    places: list[Municipality]
    slugs: list[str]

    @property
    def query(self) -> str:
        """The query of the changes page for these cases."""
        return urlencode([("case", slug) for slug in self.slugs])


def asked(typed: str) -> Asked:
    """Read leniently: the label however it's written, then any part that names a municipality."""
    shown = gazetteer.legible(typed)[:MOST_LETTERS]
    text = unicodedata.normalize("NFKC", shown)
    match = _LABEL.search(text)
    label = f"{match[1]}-{int(match[2]):02}" + (f"-{match[3]}" if match[3] else "") if match else ""
    rest = text[: match.start()] + " " + text[match.end() :].lstrip("版号") if match else text
    edition = Edition.objects.filter(label=label).first() if label else None
    if label and edition is None and match[3]:  # a day, perhaps: 2026-11-23
        edition = Edition.objects.filter(label=label.rpartition("-")[0]).first()
    places = _places(rest)
    slugs = []
    if places:
        held = CaseVersion.objects.published().filter(case__municipality__in=places)
        before = CaseVersion.objects.published(edition) if edition else CaseVersion.objects.none()
        before = before.filter(case__municipality__in=places)
        slugs = sorted(
            {*held.values_list("case__slug", flat=True), *before.values_list("case__slug", flat=True)}
        )
    return Asked(shown, label, edition, places, slugs)


def _places(text):
    """The municipalities that some part of the text names; before a prefecture, what lies in one."""
    known = gazetteer.current(Catalogue().index.words)
    prefecture = []
    for part in filter(None, _BETWEEN.split(text)):
        # 三重県鳥羽市のオンライン居場所 names its municipality before の
        found = known.find(part) or known.find(part.partition("の")[0])
        if any(one.kind != Municipality.Kind.PREFECTURE for one in found):
            return found
        prefecture = prefecture or found
    return prefecture
