"""What the API answers: one dataclass per thing. What isn't known is null; nothing is left out."""

from dataclasses import dataclass
from datetime import date

from ..models import CaseVersion, Silence
from .schemas import said

URL = {"format": "uri"}


@dataclass(frozen=True)
class Term:
    """決まった値。"""

    key: str = said("キー。条件に書く値で、変わりません")
    name: str = said("名称")


@dataclass(frozen=True)
class Place:
    """自治体。"""

    code: str = said("全国地方公共団体コード（6桁）", pattern="^[0-9]{6}$")
    name: str = said("都道府県名からの名称")
    reading: str = said("名称の読み（都道府県名を除く）")
    prefecture: Term = said("都道府県。キーは2桁")
    kind: Term = said("種別")
    band: Term | None = said("令和2年国勢調査による人口段階。都道府県ではnull")


@dataclass(frozen=True)
class PlaceWithTiers(Place):
    """自治体と、種別と人口段階からありうる自治体区分。"""

    tiers: list[Term] = said(
        "ありうる自治体区分。報告書の区分は10～11万人が空いているため、二つのことがあります"
    )
    url: str = said("この自治体に近い事例のページ", **URL)


@dataclass(frozen=True)
class Tool:
    """使っているツール。"""

    key: str = said("キー")
    name: str = said("名称")
    family: Term = said("出典での手段の種類")
    main: bool = said("主に使うもの")
    open_ended: bool = said("出典が「Zoom等」のように書いているとき、true")


@dataclass(frozen=True)
class Status:
    """支援の現況。"""

    key: str = said("キー", enum=CaseVersion.ServiceStatus.values)
    name: str = said("名称")
    evidence: str | None = said("根拠")


@dataclass(frozen=True)
class Survey:
    """調査時点。"""

    on: date = said("分かる期間の最初の日")
    precision: str = said("どこまで分かるか", enum=CaseVersion.Precision.values)
    words: str = said("西暦と和暦で書いたもの")


@dataclass(frozen=True)
class Summary:
    """一覧での事例。"""

    slug: str = said("事例の名。変わりません")
    title: str = said("題名")
    version: int = said("いまの版")
    published_on: date = said("この版の公開日")
    municipality: Place = said("自治体")
    summary: str = said("概要")
    field: Term = said("分野")
    tier: Term = said("自治体区分。報告書に書かれたとおり")
    style: Term | None = said("方式。出典に記載がなければnull")
    trial: bool = said("出典が試行としているとき、true")
    service_status: Status = said("支援の現況")
    tools: list[Tool] = said("ツール。主に使うものが先")
    surveyed: Survey | None = said("調査時点")
    checked_on: date | None = said("最終確認日。人が公開中のページなどで確かめるまでnull")
    check_due_on: date | None = said("次回確認期限")
    items_filled: int = said("記述のある項目の数")
    url: str = said("事例のページ", **URL)
    permanent_url: str = said("この版の、変わらないページ", **URL)
    api_url: str = said("この事例の全体（JSON）", **URL)


@dataclass(frozen=True)
class Fact:
    """事例のページの表の一行。"""

    key: str = said("キー")
    name: str = said("項目")
    value: str = said("値。出典が述べていなければ「出典に記載なし」")
    source: int | None = said("出典の番号")


@dataclass(frozen=True)
class Claim:
    """記述。"""

    text: str = said("文")
    sources: list[int] = said("出典の番号")
    themes: list[Term] = said("主題")
    remedies: list["Claim"] = said("この課題への工夫")


@dataclass(frozen=True)
class Silent:
    """記述のない項目の理由。"""

    kind: str = said(
        "not_stated＝出典に記載なし（出典が述べていない）、none＝該当なし（尋ねて、無いと分かった）",
        enum=Silence.Kind.values,
    )
    words: str = said("補足を添えた言葉")


@dataclass(frozen=True)
class Item:
    """調査項目。未入力のものは載せません。"""

    key: str = said("キー")
    name: str = said("名称")
    claims: list[Claim] = said("記述")
    silence: Silent | None = said("記述がないとき、その理由")


@dataclass(frozen=True)
class Group:
    """調査項目の区分。"""

    key: str = said("キー")
    name: str = said("名称")
    items: list[Item] = said("調査項目")


@dataclass(frozen=True)
class Source:
    """出典。"""

    number: int = said("この事例での番号")
    key: str = said("キー。どの事例でも同じ")
    title: str = said("題名")
    url: str | None = said("URL")
    published: str | None = said("発行日。出典にあるとおりの精度")
    read_on: date | None = said("読んだ日")
    reading: str = said("読み方")
    places: list[str] = said("引いた箇所")


@dataclass(frozen=True)
class File:
    """写真の大きさ違い。"""

    url: str = said("URL", **URL)
    width: int = said("幅（画素）")


@dataclass(frozen=True)
class Photograph:
    """写真。"""

    url: str = said("URL", **URL)
    width: int = said("幅（画素）")
    height: int = said("高さ（画素）")
    alt: str = said("代替テキスト。装飾なら空")
    caption: str | None = said("説明")
    credit: str = said("提供")
    licence: str = said("利用条件")
    files: list[File] = said("幅の狭い順のファイル")


@dataclass(frozen=True)
class Link:
    """関連リンク。"""

    title: str = said("題名")
    url: str = said("URL")


@dataclass(frozen=True)
class Terms:
    """利用条件。"""

    text: str = said("要点")
    url: str = said("全文", **URL)


@dataclass(frozen=True)
class Case(Summary):
    """事例の全体。"""

    reason: str | None = said("改訂の理由")
    summary_source: int = said("概要の出典の番号")
    facts: list[Fact] = said("ページの表にある事実と、その出典")
    groups: list[Group] = said("報告書の五つの区分")
    beside: Group = said("報告書のほかに分かったこと")
    sources: list[Source] = said("出典")
    photographs: list[Photograph] = said("写真")
    links: list[Link] = said("関連リンク")
    items: int = said("調査項目の数")
    edition: str | None = said("公開している内容のすべてが、ある号と同じなら、その号")
    citation: str = said("引用するときの書き方")
    terms: Terms = said("利用条件")


@dataclass(frozen=True)
class Paged:
    """ページに分けた一覧。"""

    total: int = said("見つかった数")
    page: int = said("このページ")
    pages: int = said("ページの数")
    per_page: int = said("一ページの件数")
    next: str | None = said("次のページ", **URL)
    previous: str | None = said("前のページ", **URL)


@dataclass(frozen=True)
class Cases(Paged):
    """事例の一覧。"""

    stamp: str = said("公開している内容の印。何かが変わると変わります", format="uuid")
    edition: str | None = said("公開している内容のすべてが、ある号と同じなら、その号")
    terms: Terms = said("利用条件")
    cases: list[Summary] = said("事例")


@dataclass(frozen=True)
class FacetValue:
    """絞り込みの値。"""

    key: str = said("条件に書く値")
    name: str = said("名称")
    count: int = said("この値を選ぶと見つかる数。同じ条件の中での選択は数に入れません")
    selected: bool = said("選ばれているとき、true")


@dataclass(frozen=True)
class Facet:
    """絞り込みの条件。"""

    key: str = said("条件の名")
    name: str = said("名称")
    values: list[FacetValue] = said("値。都道府県は、事例のあるもの")


@dataclass(frozen=True)
class Facets:
    """絞り込みの条件と件数。"""

    total: int = said("見つかった事例の数")
    stamp: str = said("公開している内容の印", format="uuid")
    facets: list[Facet] = said("条件")


@dataclass(frozen=True)
class Places(Paged):
    """自治体の一覧。"""

    municipalities: list[PlaceWithTiers] = said("自治体。団体コード順")


@dataclass(frozen=True)
class Edition:
    """号。その日に公開していた版の集まりを、変わらないように固めたもの。"""

    label: str = said("号")
    note: str | None = said("前の号から何が変わったかなど")
    frozen_on: date = said("固めた日")
    cases: int = said("事例の数")
    url: str = said("号のページ", **URL)


@dataclass(frozen=True)
class Editions:
    """号の一覧。"""

    editions: list[Edition] = said("号。新しいものが先")


@dataclass(frozen=True)
class Wrong:
    """誤りの一つ。"""

    parameter: str = said("誤りのある条件。アドレスそのものの誤りなら空")
    message: str = said("誤りの説明（日本語）")


@dataclass(frozen=True)
class Errors:
    """答えられないときの説明。"""

    errors: list[Wrong] = said("誤り。すべてを一度に示します")
