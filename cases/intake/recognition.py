"""Which sheet of ours each table of a file is, told by its headings. Asks the database nothing."""

from dataclasses import asdict, dataclass

from ..resources import SHEETS, SheetResource
from ..resources.cells import plain
from ..tables import Table, Unreadable


@dataclass(frozen=True)
class Sheet:
    """A recognised table, in a form that can be kept: `rows` are (number in the file, a text per heading)."""

    name: str
    place: str
    headings: list[str]
    rows: list[tuple[int, list[str]]]

    @property
    def resource(self) -> type[SheetResource]:
        return next(resource for resource in SHEETS if resource.name == self.name)


def recognise(tables: list[Table]) -> list[Sheet]:
    """The tables that have rows, in the order in which they're read. Unreadable, with every problem, otherwise."""
    found, problems = {}, []
    for table in tables:
        resource = _fitting(table)
        headings = _headings(table, resource)
        taken = [number for number, heading in enumerate(headings) if heading not in resource.beside]
        headings = [headings[number] for number in taken]
        if problem := _problem(table, resource, headings):
            problems.append(problem)
        elif table.rows and resource.name in found:
            other = found[resource.name].place
            problems.append(
                f"{_called(table)}と「{other}」は、どちらも「{resource.name}」の表です。一つにしてください。"
            )
        elif table.rows:
            theirs = [table.headings[number] for number in taken]
            rows = [(row.number, [row.cells[heading] for heading in theirs]) for row in table.rows]
            found[resource.name] = Sheet(resource.name, table.name or resource.name, headings, rows)
    if not problems and not found:
        problems.append("取り込む行がありません。見出しの下に、一行に一つずつ書いてください。")
    if problems:
        raise Unreadable(problems)
    return [found[resource.name] for resource in SHEETS if resource.name in found]


def to_keep(sheets: list[Sheet]) -> list[dict]:
    """As JSON can hold them."""
    return [asdict(sheet) for sheet in sheets]


def kept(rows: list[dict]) -> list[Sheet]:
    """What to_keep() made, back again."""
    return [Sheet(**sheet) for sheet in rows]


def _key(heading):
    """What headings are compared by: width and spaces don't matter."""
    return "".join(plain(heading).split())


def _ours(resource):
    return {_key(column.column_name): column.column_name for column in resource().columns}


def _fitting(table):
    """The resource whose name the table has, or else most of whose headings; of equals, the first."""
    theirs = {_key(heading) for heading in table.headings}

    def likeness(resource):
        return table.name == resource.name, len(_ours(resource).keys() & theirs)

    return max(SHEETS, key=likeness)


def _headings(table, resource):
    """The table's headings, ours as we write them."""
    ours = _ours(resource) | {_key(heading): heading for heading in resource.beside}
    return [ours.get(_key(heading), heading) for heading in table.headings]


def _problem(table, resource, headings):
    sheet = resource()
    ours = [column.column_name for column in sheet.columns]
    if unknown := [heading for heading in headings if heading not in ours]:
        return (
            f"{_called(table)}に、知らない見出し「{'」「'.join(unknown)}」があります。"
            f"「{resource.name}」の表に書けるのは：{'、'.join(ours)}"
        )
    keys = [sheet.heading(name) for name in sheet._meta.import_id_fields]
    if absent := [heading for heading in keys if heading not in headings]:
        return f"{_called(table)}に、見出し「{'」「'.join(absent)}」がありません。"
    return None


def _called(table):
    return f"シート「{table.name}」" if table.name else "このファイル"
