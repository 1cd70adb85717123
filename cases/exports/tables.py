"""The five public tables, column by column: an allow-list that tests hold against sheet.PUBLIC."""

from django.db.models import Count, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from ..addresses import absolute
from ..dates import read_period
from ..escapes import NEWLINE
from ..models import CaseVersion, Citation, Item, Municipality, Silence, Source, Statement, ToolUse
from ..sheet import NOT_STATED
from ..workbooks import CITED
from .columns import Column, Table, era, iso, yes

ISO = "日付（西暦）"
ERA = "日付（和暦）"
COUNT = "数値"
NOT_ON_THE_WEB = "ウェブのアドレスがありません"


def _label(choices):
    return dict(choices.choices).get


def _stated(value):
    return value or NOT_STATED


def _period(day, precision):
    """A date as exactly as it's known, as the import reads it: `2022年度`, `2022-10`."""
    if day is None:
        return NOT_STATED
    return day.strftime(
        {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y年", "fiscal_year": "%Y年度"}[precision]
    )


def _case(prefix):
    """The columns that say which case a row of another table belongs to."""
    return (
        Column("URLの名", "slug", "事例を見分ける半角の名。どの表でも同じで、変わりません。",
               (f"{prefix}case__slug",), width=22),
        Column("団体コード", "municipality_code", "全国地方公共団体コード6桁の文字列。6桁目は検査数字です。",
               (f"{prefix}case__municipality",), width=12),
        Column("都道府県", "prefecture", "都道府県の正式な名称。", (f"{prefix}case__municipality__prefecture",)),
        Column("自治体", "municipality", "自治体の正式な名称。市区町村では都道府県名を付けません。",
               (f"{prefix}case__municipality__name",)),
    )  # fmt: skip


def _published(words):
    """What a source says of its date, in the Western calendar where it's a date at all."""
    try:
        return _period(*read_period(words)) if words else NOT_STATED
    except ValueError:
        return words


def _item(prefix=""):
    return (
        Column("調査項目", "item", "聞き取りの項目の名称（図表3-2）。", (f"{prefix}item__name",), codes="調査項目", width=22),
        Column("項目の区分", "item_group", "調査項目の属する区分。", (f"{prefix}item__group",),
               _label(Item.Group), codes="項目の区分", width=22),
    )  # fmt: skip


def _cases():
    told = Statement.objects.filter(version=OuterRef("pk")).exclude(item__group=Item.Group.BESIDE)
    counted = told.order_by().values("version").annotate(count=Count("item", distinct=True)).values("count")
    return CaseVersion.objects.annotate(
        main_use=FilteredRelation("tool_uses", condition=Q(tool_uses__main=True)),
        items_filled=Coalesce(Subquery(counted), 0),
    )


CASES = Table(
    "事例", "cases", "一つの事例が一行です。", _cases, "pk", (
        *_case(""),
        Column("自治体の読み", "reading", "自治体の名称の読み。", ("case__municipality__reading",)),
        Column("自治体の種別", "municipality_kind", "自治体の種別。", ("case__municipality__kind",),
               _label(Municipality.Kind), codes="自治体の種別"),
        Column("分野", "field", "支援の分野。", ("field__name",), codes="分野"),
        Column("自治体区分", "tier", "報告書に書かれた区分。人口から計算し直していません。", ("tier__name",),
               codes="自治体区分", width=22),
        Column("概要", "summary", "主たるオンライン支援の概要。報告書の事例では図表3-1の文字のままです。", ("summary",), width=48),
        Column("方式", "style", f"やりとりの方式。出典が述べていないときは「{NOT_STATED}」。", ("style__name",), _stated,
               codes="方式"),
        Column("試行", "trial", "出典が試行としているとき「はい」。「いいえ」は、試行との記載がないことです。", ("trial",), yes,
               codes="はい・いいえ", width=8),
        Column("主なツール", "main_tool", f"主に使うツール。全部のツールは「ツール」の表にあります。出典から決められないときは「{NOT_STATED}」。",
               ("main_use__tool__name",), _stated, codes="ツール"),
        Column("概要の出典", "source", "概要・分野・区分・ツールの出典のキー。", ("source__key",)),
        Column("概要の出典の箇所", "source_place", "出典のなかの箇所。", ("source_place",),
               empty="箇所を示していません", width=18),
        Column("概要の出典の題名", "source_title", "発行者と題名。", ("source__title",), width=48),
        Column("概要の出典のURL", "source_url", "公開されているページのアドレス。", ("source__url",), empty=NOT_ON_THE_WEB),
        Column("支援の現況", "service_status", "確かめたときの、支援の現況。", ("service_status",),
               _label(CaseVersion.ServiceStatus), codes="支援の現況"),
        Column("現況の根拠", "service_evidence", "現況を何で確かめたか。", ("service_evidence",),
               empty="現況が未確認です", width=32),
        Column("現況の出典", "service_source", "現況の出典のキー。", ("service_source__key",),
               empty="現況の出典がありません"),
        Column("現況の出典の題名", "service_source_title", "発行者と題名。", ("service_source__title",),
               empty="現況の出典がありません"),
        Column("調査時点", "surveyed", "聞き取りなどの時点を、分かる細かさで。年度は4月から翌年3月です。",
               ("surveyed_on", "surveyed_precision"), _period),
        Column("調査時点の初日", "surveyed_on", "調査時点として分かっている期間の最初の日。", ("surveyed_on",), iso,
               empty=NOT_STATED, kind=ISO),
        Column("調査時点の初日（和暦）", "surveyed_on_era", "同じ日の和暦（JIS X 0301の略記）。", ("surveyed_on",), era,
               empty=NOT_STATED, kind=ERA, width=22),
        Column("最終確認日", "checked_on", "人が公開中のページや照会への回答で確かめた日。", ("checked_on",), iso,
               empty="まだ確認していません", kind=ISO),
        Column("最終確認日（和暦）", "checked_on_era", "同じ日の和暦（JIS X 0301の略記）。", ("checked_on",), era,
               empty="まだ確認していません", kind=ERA, width=18),
        Column("次回確認期限", "check_due_on", "次に現況を確かめる期限の日。", ("check_due_on",), iso,
               empty="まだ決まっていません", kind=ISO),
        Column("記述のある項目数", "items_filled", "聞き取りの項目のうち、記述のある項目の数（件）。", ("items_filled",),
               kind=COUNT, width=18),
        Column("版の番号", "version", "この事例の何番目の版か。公開した版の中身は変わりません。", ("number",), kind=COUNT, width=10),
        Column("公開日", "published_on", "この版を公開した日。", ("published_at",), iso, kind=ISO),
        Column("公開日（和暦）", "published_on_era", "同じ日の和暦（JIS X 0301の略記）。", ("published_at",), era, kind=ERA),
        Column("改訂の理由", "reason", "前の版から改めた理由。", ("reason",),
               empty="最初の版か、理由を書いていません", width=32),
        Column("ページ", "url", "この版のページのアドレス。いつまでも同じ内容を示します。", ("case__slug", "number"),
               lambda slug, number: absolute("version", slug, number), width=48),
    ),
)  # fmt: skip

TOOLS = Table(
    "ツール", "case_tools", "一つの事例が使う一つのツールが一行です。", ToolUse.objects.all, "version", (
        *_case("version__"),
        Column("ツール", "tool", "使っているツール。", ("tool__name",), codes="ツール"),
        Column("手段の種類", "family", "出典の呼び方による、手段の種類。", ("family__name",), codes="手段の種類", width=28),
        Column("主", "main", "主に使うツールのとき「はい」。", ("main",), yes, codes="はい・いいえ", width=8),
        Column("「等」あり", "open_ended", "出典が「Zoom等」のように、ほかにもあると書いているとき「はい」。",
               ("open_ended",), yes, codes="はい・いいえ", width=12),
    ), ("-main", "tool__position", "tool"),
)  # fmt: skip


def _statements():
    cited = Citation.objects.filter(statement=OuterRef("pk")).order_by("pk")
    return Statement.objects.annotate(
        first=Subquery(cited.values("source__key")[:1]), at=Subquery(cited.values("place")[:1])
    )


STATEMENTS = Table(
    "記述", "statements", "一つの記述が一行です。", _statements, "version", (
        *_case("version__"), *_item(),
        Column("並び順", "position", "同じ事例・同じ調査項目のなかで、どの記述かを示す数（0から）。", ("position",), kind=COUNT, width=8),
        Column("記述", "text", f"出典から言えることを一つ。記述のなかの改行は「{NEWLINE}」にしています。", ("text",), width=60),
        Column("出典", "source", "一つ目の出典のキー。すべての出典と題名は「出典」の表にあります。", ("first",)),
        Column("箇所", "source_place", "一つ目の出典のなかの箇所。", ("at",), empty="箇所を示していません"),
        Column("対応する課題", "answers", "工夫・克服方法のとき、同じ事例の「課題」の並び順（番号）。", ("answers__position",),
               empty="課題と組になっていません", kind=COUNT, width=14),
    ), ("item__position", "position", "pk"),
)  # fmt: skip

SILENCES = Table(
    "記述のない項目", "silences",
    "確かめたうえで記述のない項目が一行です。どの表にもない項目は未入力です（まだ確かめていません）。", Silence.objects.all, "version", (
        *_case("version__"), *_item(),
        Column("書かない理由", "kind", "出典に記載なし＝出典が何も述べていません。該当なし＝尋ねて無いと分かっています。", ("kind",),
               _label(Silence.Kind), codes="書かない理由"),
        Column("補足", "note", "書かない理由の補足。", ("note",), empty="補足はありません", width=32),
    ), ("item__position",),
)  # fmt: skip


CITATIONS = Table(
    CITED, "citations", "一つの記述が拠る一つの出典が一行です。", Citation.objects.all, "statement__version", (
        *_case("statement__version__"), *_item("statement__"),
        Column("並び順", "position", "「記述」の表の並び順。", ("statement__position",), kind=COUNT, width=8),
        Column("出典", "source", "出典のキー。", ("source__key",)),
        Column("箇所", "source_place", "出典のなかの箇所。", ("place",), empty="箇所を示していません"),
        Column("出典の題名", "title", "発行者と題名。", ("source__title",), width=48),
        Column("出典のURL", "url", "公開されているページのアドレス。", ("source__url",),
               empty=NOT_ON_THE_WEB, width=48),
        Column("出典の発行", "published", "出典に書かれた発行の時期。", ("source__published",), _published),
        Column("出典を読んだ日", "read_on", "このサイトが出典を読んだ日。", ("source__read_on",), iso,
               empty="記録がありません", kind=ISO),
        Column("出典の読み方", "reading", "何で確かめたか。", ("source__reading",), _label(Source.Reading),
               codes="出典の読み方", width=32),
    ), ("statement__item__position", "statement__position", "statement", "pk"),
)  # fmt: skip

TABLES = (CASES, TOOLS, STATEMENTS, SILENCES, CITATIONS)
