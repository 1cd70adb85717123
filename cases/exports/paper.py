"""会議用: to read and to print, with a column to write in what holds for one's own municipality. Not for programs."""

from collections.abc import Iterator

from ..addresses import SITE
from ..catalogue import Catalogue
from ..comparison import Comparison
from ..models import CaseVersion
from ..record import Claim, NumberedSource, Numbers, Record, records
from ..sheet import COLUMNS
from ..workbooks import Column, Sheet, workbook
from .terms import STUDY, citation

LABEL = "会議用（機械で読むためのものではありません）"
OWN = Column("本市の場合", "own", "自分の自治体ではどうかを書き込む欄です。", 28, filled=False)
MOST_READ = 300  # cases whose statements are written out: beyond, nobody reads them on paper
AT_ONCE = 500
LISTED = (
    "tier",
    "field",
    "tool",
    "style",
    "status",
    "surveyed",
)  # of the sheet's columns, beside the summary


def meeting(catalogue: Catalogue, stamp: str) -> Iterator[bytes]:
    """The selection on A4 across: the cases, challenges and remedies, what is told of each item, the sources."""
    chosen = "、".join(f"{chip.facet}：{chip.name}" for chip in catalogue.chips)
    about = f"{catalogue.total}件の事例" + (f"（{chosen}）" if chosen else "")
    if catalogue.total > MOST_READ:
        above = _above(
            about, stamp, f"{MOST_READ}件を超えるため、項目ごとの記述は入れていません。条件で絞ると入ります。"
        )
        rows, sources = _long_list(catalogue)
        yield _book(
            [_sheet("事例一覧", _list_columns(), rows, above, stamp), _sources(sources, above, stamp)]
        )
        return
    above = _above(about, stamp, "［ ］の数は「出典」の表の番号です。")
    found = catalogue.published().with_content().in_bulk(catalogue.ids())
    versions = [found[pk] for pk in catalogue.ids() if pk in found]
    read = records(versions)
    rows = [
        _listed(place, version, record.summary_source)
        for place, (version, record) in enumerate(zip(versions, read, strict=True), 1)
    ]
    sheets = [
        _sheet("事例一覧", _list_columns(), rows, above, stamp),
        _sheet("課題と工夫", _PAIRS, [row for record in read for row in _pairs(record)], above, stamp),
        _sheet("項目ごとの記述", _TOLD, [row for record in read for row in _told(record)], above, stamp),
        _sources(read[-1].sources if read else [], above, stamp),
    ]
    yield _book([sheet for sheet in sheets if sheet.rows or sheet.name == "事例一覧"])


def comparison(compared: Comparison, stamp: str) -> Iterator[bytes]:
    """A complete comparison on paper: items down, cases across, and one's own municipality beside them."""
    titles = [column.record.title for column in compared.columns]
    above = _above(
        "・".join(titles), stamp, "［ ］の数は「出典」の表の番号です。「—」は、まだ記述がないことを表します。"
    )
    width = 132 // (len(titles) + 1)
    columns = (
        Column("区分", "group", "", 12),
        Column("項目", "item", "", 16),
        *(Column(title, "case", "", width) for title in titles),
        OWN,
    )
    rows = [
        [group.name, row.name, *(_claims(cell.claims) or cell.silence or "—" for cell in row.cells), None]
        for group in compared.groups
        for row in group.rows
    ]
    yield _book([_sheet("比較", columns, rows, above, stamp), _sources(compared.sources, above, stamp)])


def _book(sheets):
    return workbook(sheets, definitions=False)


def _above(about, stamp, note):
    return (
        f"{SITE}　{stamp}",
        LABEL,
        about,
        note,
        f"もとになった調査研究：{STUDY}",
        f"引用の書き方：{citation(stamp)}",
    )


def _sheet(name, columns, rows, above, stamp):
    return Sheet(name, columns, rows, above=above, header=f"{LABEL}　{stamp}")


def _list_columns():
    widths = {"tier": 16, "field": 14, "tool": 16, "style": 12, "status": 12, "surveyed": 14}
    names = {column.key: column.name for column in COLUMNS}
    return (
        Column("番号", "number", "", 6),
        Column("自治体", "municipality", "", 16),
        *(Column(names[key], key, "", widths[key]) for key in LISTED),
        Column("概要", "summary", "", 34),
        OWN,
    )


def _listed(place, version: CaseVersion, source: int):
    facts = {column.key: column.of(version) for column in COLUMNS}
    name = version.case.municipality.full_name
    return [place, name, *(facts[key] for key in LISTED), f"{version.summary}［{source}］", None]


def _long_list(catalogue):
    """The rows of a long list and its sources, a piece of the versions at a time."""
    ids, numbers, rows = catalogue.ids(), Numbers(), []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found = catalogue.published().with_card().select_related("source").in_bulk(some)
        rows += [
            _listed(start + place, found[pk], numbers.of(found[pk].source, found[pk].source_place))
            for place, pk in enumerate(some, 1)
            if pk in found
        ]
    return rows, numbers.sources()


_PAIRS = (
    Column("自治体", "municipality", "", 18),
    Column("課題", "challenge", "", 50),
    Column("工夫・克服方法", "remedy", "", 50),
    OWN,
)
_TOLD = (
    Column("自治体", "municipality", "", 18),
    Column("項目", "item", "", 20),
    Column("記述", "text", "", 80),
    OWN,
)


def _pairs(record: Record):
    """Every challenge with what was done about it, and what was done without one."""
    entries = {entry.key: entry.claims for group in record.groups for entry in group.entries}
    for claim in entries.get("challenges", []):
        yield [record.municipality, _claim(claim), _claims(claim.remedies) or None, None]
    for claim in entries.get("remedies", []):
        yield [record.municipality, None, _claim(claim), None]


def _told(record: Record):
    for group in (*record.groups, record.beside):
        for entry in group.told:
            yield [record.municipality, entry.name, _claims(entry.claims), None]


def _claims(claims: list[Claim]):
    return "\n".join(
        "\n".join([_claim(claim), *(f"→ 工夫：{_claim(remedy)}" for remedy in claim.remedies)])
        for claim in claims
    )


def _claim(claim):
    return claim.text + "".join(f"［{number}］" for number in claim.sources)


def _sources(sources: list[NumberedSource], above, stamp):
    columns = (
        Column("番号", "number", "", 6),
        Column("題名", "title", "", 50),
        Column("箇所", "places", "", 22),
        Column("発行", "published", "", 16),
        Column("読んだ日", "read_on", "", 26),
        Column("アドレス", "url", "", 48),
    )
    rows = [
        [
            one.number,
            one.title,
            "、".join(one.places) or None,
            one.published or None,
            one.read_on or None,
            one.url or None,
        ]
        for one in sources
    ]
    return _sheet("出典", columns, rows, above, stamp)
