"""Help while writing: what an editor may want to look at again in a version, each with its reason.

Hints only: nothing here stops a save, a review or a publication (what does: CaseVersion.problems).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.timezone import localdate

from . import text
from .models import CaseVersion, Item, Municipality, Silence, Wording

FRESH_FOR = timedelta(days=365)
TOLD, BLANK = "told", "blank"
# 1 to 4 persons or households, and 「数人」; not 13人, 第3人, 1人1台, 一人ひとり, 一人暮らし, 人材 …
_FEW = re.compile(
    r"(?:(?<![0-9.])[1-4]|(?<![一二三四五六七八九十百千万第人])[一二三四]|数|若干)"
    r"(?:人(?!ひとり|一人|1台|一台|あたり|当たり|につき|ずつ|暮らし|三脚|[材口事権間前員格称])|名(?![称簿前所刺])|世帯|家族)"
)
# Numbers of those who work there point to nobody who was helped.
_STAFF = re.compile(
    r"(?:職員|相談員|支援員|専門員|スタッフ|担当|保健師|福祉士|心理士|講師|コーディネーター)[^、。]{0,6}$"
)


@dataclass(frozen=True)
class Hint:
    """One thing to look at. `kind`: a heading; `about`: the field or item; `words`: what; `reason`: why."""

    kind: str
    about: str
    words: str
    reason: str


def hints(version: CaseVersion) -> list[Hint]:
    """All hints for a version from `with_content()`, kind by kind; two queries more."""
    texts = list(_texts(version))
    return [
        *_wording(texts),
        *(_few_persons(texts) if _is_small(version.case.municipality) else []),
        *_freshness(version),
        *_undated_sources(version),
        *_blank_items(version),
        *_missing_reason(version),
        *_uncaptioned(version),
    ]


def _texts(version) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that an editor wrote and the public will read."""
    yield "概要", version.summary
    for statement in version.statements.all():
        yield f"「{statement.item}」の記述", statement.text
    for silence in version.silences.all():
        yield f"「{silence.item}」の補足", silence.note
    for photo in version.photos.all():
        yield "写真の代替テキスト", photo.alt
        yield "写真の説明", photo.caption
    for link in version.links.all():
        yield "関連リンクの題名", link.title
    yield "現況の根拠", version.service_evidence
    yield "改訂の理由", version.reason


def _wording(texts):
    """Words of the list, the longest first: a shorter one inside it isn't told again."""
    wordings = sorted(Wording.objects.all(), key=lambda wording: -len(wording.word))
    folded = [(wording, text.fold(wording.word)) for wording in wordings]
    for about, written in texts:
        rest = text.fold(written)
        for wording, word in folded:
            if word in rest:
                rest = rest.replace(word, "\n")
                yield Hint("言葉づかい", about, f"「{wording.word}」→ {wording.gentler}", wording.reason)


def _is_small(municipality):
    kinds = (Municipality.Kind.TOWN, Municipality.Kind.VILLAGE)
    return municipality.kind in kinds or municipality.band == Municipality.Band.LT50K


def _few_persons(texts):
    for about, written in texts:
        plain = unicodedata.normalize("NFKC", written)
        found = [few for few in _FEW.finditer(plain) if not _STAFF.search(plain[: few.start()])]
        if found:
            yield Hint(
                "少人数の数",
                about,
                "、".join(dict.fromkeys(f"「{few.group()}」" for few in found)),
                "人口の少ないまちでは、1〜4人の数から、本人やご家族が分かってしまうことがあります。"
                "「5人未満」のようにするか、数を書かない言い方を考えてください。",
            )


def _freshness(version):
    kind, today = "情報の新しさ", localdate()
    reason = "読む人は最終確認日を見て、いまの情報かどうかを判断します。現況確認の依頼で確かめられます。"
    if version.checked_on is None:
        yield Hint(kind, "最終確認日", "まだ確認していません", reason)
    elif version.checked_on < today - FRESH_FOR:
        yield Hint(kind, "最終確認日", f"{text.full_date(version.checked_on)}から1年を過ぎています", reason)
    if version.check_due_on and version.check_due_on < today:
        yield Hint(kind, "次回確認期限", f"{text.full_date(version.check_due_on)}を過ぎています", reason)


def _undated_sources(version):
    cited = [
        citation.source for statement in version.statements.all() for citation in statement.citations.all()
    ]
    every = [version.source, *([version.service_source] if version.service_source else []), *cited]
    for source in dict.fromkeys(every):
        if not source.published and not source.read_on:
            yield Hint(
                "出典の日付",
                f"出典「{source.title}」",
                "発行日も、読んだ日もありません",
                "いつの情報かが分からないと、後から確かめられません。どちらか一方でも書いてください。",
            )


def _blank_items(version):
    blank = [item.name for _, items in coverage(version).groups for item in items if item.state == BLANK]
    if blank:
        yield Hint(
            "調査項目",
            f"未入力の{len(blank)}項目",
            "、".join(blank),
            "未入力の項目は公開ページに現れません。出典が何も述べていなければ「出典に記載なし」、"
            "尋ねて無いと分かったら「該当なし」を選ぶと、読む人に伝わります。",
        )


def _missing_reason(version):
    if version.number > 1 and not version.reason:
        yield Hint(
            "改訂の理由",
            "改訂の理由",
            "書かれていません",
            "版の履歴に「何をなぜ改めたか」が残ります。審査する人の助けにもなります。",
        )


def _uncaptioned(version):
    for number, photo in enumerate(version.photos.all(), 1):
        if not photo.caption and not photo.decorative:
            yield Hint(
                "写真",
                f"{number}枚目の写真",
                "説明がありません",
                "何の写真かを一文添えると、記述と結び付きます。",
            )


@dataclass(frozen=True)
class ItemState:
    """An item and how far it's worked on: `told`, `not_stated`, `none` or `blank`, and that in words."""

    name: str
    state: str
    words: str


@dataclass(frozen=True)
class Share:
    """One part of the bar: `count` items from the one numbered `start` (the first is 0)."""

    state: str
    words: str
    count: int
    start: int


@dataclass(frozen=True)
class Coverage:
    """The report's items in a version: how many in which state, and which, group by group."""

    groups: list[tuple[str, list[ItemState]]]

    @property
    def total(self) -> int:
        return sum(len(items) for _, items in self.groups)

    @property
    def shares(self) -> list[Share]:
        """Every state with its count, in the order of the bar; also those that no item has."""
        states = [item.state for _, items in self.groups for item in items]
        shares, start = [], 0
        for state, words in STATES.items():
            shares.append(Share(state, words, states.count(state), start))
            start += shares[-1].count
        return shares


STATES = {TOLD: "記述あり"} | dict(Silence.Kind.choices) | {BLANK: "未入力"}


def coverage(version: CaseVersion) -> Coverage:
    """Which items a version from `with_content()` tells, leaves unsaid with a word, or hasn't got to; one query."""
    states = {silence.item_id: str(silence.kind) for silence in version.silences.all()}
    states |= {statement.item_id: TOLD for statement in version.statements.all()}
    groups = {key: [] for key, _ in Item.Group.choices if key != Item.Group.BESIDE}
    for item in Item.objects.exclude(group=Item.Group.BESIDE):
        state = states.get(item.pk, BLANK)
        groups[item.group].append(ItemState(item.name, state, STATES[state]))
    return Coverage([(Item.Group(key).label, items) for key, items in groups.items()])
