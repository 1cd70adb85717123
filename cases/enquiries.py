"""現況確認, the asking: which cases are due and why, the letter, the 回答票 (what comes back: replies)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import localdate

from .addresses import SITE, absolute
from .models import CaseVersion, Enquiry, Item
from .sheet import COLUMNS as FACTS
from .text import full_date
from .workbooks import Column, Sheet, workbook

AHEAD = timedelta(days=30)  # a case is due that long before its day, so that the answer comes in time
TIME_TO_REPLY = timedelta(days=30)

SHEET = "回答票"
HEADING_ROW = 7  # below six lines of what the sheet is and how to fill it in
CHOICES = ("継続", "変更", "終了")
COLUMNS = (
    Column("番号", "key", "行の番号。回答を元の記載に結び付けます。変えないでください。", 16),
    Column("項目", "item", "事例集の調査項目。", 18),
    Column("いまの記載", "today", "事例集にいま書いてあること。", 46),
    Column(
        "回答",
        "answer",
        "このままでよい＝継続、変わった＝変更、やめた＝終了。",
        8,
        choices=CHOICES,
        filled=False,
    ),
    Column("変わった内容", "text", "変わったときの、新しい内容。", 40, filled=False),
    Column("根拠", "evidence", "新しい内容が書かれているページのURLや資料の名。", 26, filled=False),
)
ANSWERED_ON, SERVICE = "reply:date", "fact:status"
MAY_CHANGE = ("status", "tool", "style", "trial")  # field and tier stay as the report prints them


def due(until: date | None = None) -> QuerySet[CaseVersion]:
    """Published versions to be checked by the day `until` (None: in 30 days), the longest waiting first.

    Those never checked come before all; those being asked now are among them (see `unasked`).
    """
    until = until or localdate() + AHEAD
    unchecked = Q(checked_on=None) | Q(check_due_on=None)
    versions = CaseVersion.objects.published().filter(unchecked | Q(check_due_on__lte=until))
    order = [
        F("checked_on").asc(nulls_first=True),
        "check_due_on",
        F("case__report_number").asc(nulls_last=True),
    ]
    return versions.select_related("case__municipality", "field").order_by(*order, "case__slug")


def named(words: str) -> QuerySet[CaseVersion]:
    """Published versions by part of the municipality's name or reading, or of the slug: due or not."""
    place = "case__municipality__"
    hit = Q(**{f"{place}name__icontains": words}) | Q(**{f"{place}reading__icontains": words})
    versions = CaseVersion.objects.published().filter(hit | Q(case__slug__icontains=words))
    return versions.select_related("case__municipality", "field").order_by("case__municipality", "case__slug")


def unasked(versions: QuerySet[CaseVersion]) -> QuerySet[CaseVersion]:
    """Those of `versions` whose case has no enquiry that is awaited, or came back and isn't settled."""
    open_draft = Q(state=Enquiry.State.RETURNED, draft__status__in=CaseVersion.OPEN)
    asked = Enquiry.objects.filter(Q(state=Enquiry.State.AWAITED) | open_draft)
    return versions.exclude(case__in=asked.values("case"))


def why(version: CaseVersion) -> str:
    """Why `version` is due, or when it will be, in words."""
    if version.checked_on is None:
        return "まだ一度も確認していません"
    if version.check_due_on is None:
        return "次回確認期限が決まっていません"
    left = version.check_due_on - localdate()
    if left < timedelta():
        return f"期限（{full_date(version.check_due_on)}）を過ぎています"
    if left <= AHEAD:
        return f"期限（{full_date(version.check_due_on)}）まであと{left.days}日です"
    return f"期限は{full_date(version.check_due_on)}です"


@transaction.atomic
def ask(versions: list[CaseVersion], *, by, reply_by: date) -> list[Enquiry]:
    """One enquiry for each of `versions`: all of them, or none with every refusal named (ValidationError)."""
    asked, refused = [], []
    for version in versions:
        try:
            asked.append(Enquiry.ask(version, by=by, reply_by=reply_by))
        except ValidationError as error:
            refused += error.messages
    if refused:
        raise ValidationError(list(dict.fromkeys(refused)))
    return asked


@dataclass(frozen=True)
class Letter:
    """The 依頼文 of one enquiry, from the date to 以上; the sender is for a person to fill in."""

    number: str
    day: str
    addressee: str
    sender: list[str]
    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    notes: list[str]

    @property
    def text(self) -> str:
        """The letter as plain text, to copy into a mail."""
        sender = [f"　{line}：" for line in self.sender]
        facts = [f"{place}　{name}\n　　{value}" for place, (name, value) in enumerate(self.facts, start=1)]
        parts = [
            f"件名：{self.subject}",
            self.addressee,
            "\n".join(["（発信者）", *sender]),
            *self.paragraphs,
            "記",
            *facts,
            "ご回答の扱い",
            "\n".join(f"・{note}" for note in self.notes),
            "以上",
        ]
        return "\n\n".join(parts)


def letter(enquiry: Enquiry) -> Letter:
    """The words of the letter for `enquiry`; its version, case and municipality are at hand."""
    version = enquiry.version
    address = absolute("version", version.case.slug, version.number)
    published = full_date(localdate(version.published_at))
    return Letter(
        number=enquiry.number,
        day=full_date(enquiry.asked_on),
        addressee=f"{version.case.municipality.full_name} ひきこもり支援ご担当者 様",
        sender=["団体名", "担当部署", "連絡先"],
        subject=f"「{SITE}」に掲載している事例の現況確認について（お願い）",
        paragraphs=[
            "日頃より、ひきこもりの方とそのご家族への支援にお力を尽くしておられることに、敬意を表します。",
            f"「{SITE}」は、都道府県と市区町村がひきこもり支援にオンラインをどう使っているかを、"
            "出典とともにまとめ、どなたでも読めるように公開している事例集です。"
            "貴自治体の取組も、下記のとおり掲載しています。",
            "掲載している内容が、いまも実際のとおりであるかを確かめております。お忙しいところ恐れ入りますが、"
            "下記によりご確認くださいますよう、お願いいたします。",
        ],
        facts=[
            ("確認をお願いする事例", f"{version.title}（第{version.number}版、{published}公開）"),
            ("掲載しているページ", address),
            (
                "お願いしたいこと",
                "同封（添付）の回答票に、いまの記載を並べています。それぞれについて「継続」「変更」「終了」から選び、"
                "変わったところは、変わった内容と、根拠になるページや資料の名をお書きください。"
                "支援を続けておられ、記載もすべてそのままでよいときは、回答票に記入せず、"
                "照会番号を添えて「このままでよい」とお知らせくださるだけで結構です。",
            ),
            ("回答の期限", full_date(enquiry.reply_by)),
            ("照会番号", enquiry.number),
        ],
        notes=[
            "いただいた回答は、下書きにして内容を確かめ、審査を経てから公開します。審査の前に公開することはありません。",
            "利用者やご家族、職員など、個人に関する情報は書かないでください。",
            "期限までに回答がないときは、支援の現況が未確認であることを記すだけです。それ以外の扱いはいたしません。",
        ],
    )


@dataclass(frozen=True)
class Line:
    """One thing to ask about. `key`: `fact:summary`, `statement:12` or `item:effects`; `today`: what is said."""

    key: str
    item: str
    today: str


def lines(version: CaseVersion) -> list[Line]:
    """All that may have changed: facts, statements (a remedy under its challenge), items without one.

    A constant number of queries.
    """
    facts = {column.key: column for column in FACTS}
    names = {"status": "支援全体の現況"}
    asked = [
        Line(f"fact:{key}", names.get(key, facts[key].name), facts[key].of(version)) for key in MAY_CHANGE
    ]
    asked.insert(1, Line("fact:summary", "概要", version.summary))
    statements = list(version.statements.all())
    silences = {silence.item_id: silence for silence in version.silences.all()}
    told = {statement.item_id for statement in statements}
    for item in Item.objects.all():
        for one in statements:
            if one.item_id == item.pk and not one.answers_id:
                asked.append(Line(f"statement:{one.pk}", item.name, one.text))
                asked += [
                    Line(f"statement:{other.pk}", f"{other.item.name}（すぐ上の{item.name}への）", other.text)
                    for other in statements
                    if other.answers_id == one.pk
                ]
        if item.pk not in told and (item.group != Item.Group.BESIDE or item.pk == "updates"):
            silence = silences.get(item.pk)
            today = silence.get_kind_display() if silence else "記載なし"
            asked.append(Line(f"item:{item.pk}", item.name, f"（{today}）"))
    return asked


def reply_sheet(enquiry: Enquiry) -> bytes:
    """The 回答票 of `enquiry`, as bytes of an .xlsx: one sheet, today's words beside empty columns."""
    version = enquiry.version
    above = (
        f"現況確認 回答票（{SITE}）",
        f"事例：{version.title}（第{version.number}版、{full_date(localdate(version.published_at))}公開）",
        f"照会番号 {enquiry.number}　　回答の期限：{full_date(enquiry.reply_by)}",
        "「回答」の列から、継続（このままでよい）・変更・終了を選んでください。分からない行は空のままで結構です。",
        "変わったところは「変わった内容」に、新しい内容だけを書いてください。「いまの記載」は書き換えないでください。",
        "「記載なし」の行は、書けることがあるときだけお書きください。個人に関する情報は書かないでください。",
    )
    rows = [
        [
            ANSWERED_ON,
            "回答日",
            "「変わった内容」の列に、回答した日を書いてください。例: 2026-12-01",
            None,
            None,
            None,
        ]
    ]
    rows += [[line.key, line.item, line.today, None, None, None] for line in lines(version)]
    return workbook([Sheet(SHEET, COLUMNS, rows, above=above)], definitions=False)
