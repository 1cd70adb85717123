"""現況確認, what comes back: a filled-in 回答票 → a draft, and a list of what a person is to decide."""

import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import date

from django.db import transaction
from django.utils.timezone import localdate

from .dates import read_day
from .enquiries import ANSWERED_ON, CHOICES, COLUMNS, HEADING_ROW, SERVICE, SHEET, Line, lines
from .escapes import restored
from .models import AuditEntry, CaseVersion, Citation, Enquiry, Source, Statement
from .tables import Row, Table, Unreadable, read
from .tables.headings import heading_row

CONTINUING, CHANGED, ENDED = CHOICES
HEADINGS = [column.heading for column in COLUMNS]
KEY, ITEM, TODAY, ANSWER, TEXT, EVIDENCE = HEADINGS
MOST_LETTERS = 2000  # of one new text: a statement says one thing
STATUS = {
    CONTINUING: CaseVersion.ServiceStatus.CONTINUING,
    CHANGED: CaseVersion.ServiceStatus.CHANGED,
    ENDED: CaseVersion.ServiceStatus.ENDED,
}


@dataclass(frozen=True)
class Answer:
    """What a reply says about one line of the sheet; `row` is where it stands in the returned file."""

    key: str
    row: int
    item: str
    answer: str
    text: str
    evidence: str


@dataclass(frozen=True)
class Reply:
    """A reply that was read without a problem. `document` is what it's called as a source.

    `to_check` holds what no machine may decide: `{"item", "row", "why", "written"}`.
    """

    answered_on: date
    document: str
    service: str
    answers: list[Answer]
    to_check: list[dict]


def as_it_is(enquiry: Enquiry, answered_on: date) -> Reply:
    """The reply without a sheet: 「このままでよい」, which the letter defines as 継続 of everything.

    Unreadable when the day can't be.
    """
    problems = []
    _check_day(answered_on, enquiry, "", problems)
    if problems:
        raise Unreadable(problems)
    return Reply(answered_on, "現況確認への回答", CONTINUING, [], [])


def read_reply(enquiry: Enquiry, content: bytes, file_name: str, answered_on: date | None = None) -> Reply:
    """The returned sheet of `enquiry` → what it says; `answered_on` is used where the sheet has no 回答日.

    Unreadable, with every problem named in words (row, column, reason), when it isn't this enquiry's
    sheet or has something that can't be understood. Saves nothing.
    """
    table = _table(content, file_name)
    problems = _wrong_number(table, enquiry)
    known = {line.key: line for line in lines(enquiry.version)}
    rows = _rows(table, known, problems)
    answered_on = _answered_on(rows.pop(ANSWERED_ON, None), answered_on, enquiry, problems)
    answers = [_answer(row, known[key], problems) for key, row in rows.items()]
    given = [answer for answer in answers if answer.answer or answer.text or answer.evidence]
    strays = [row for row in table.rows if not row.cells[KEY].strip() and _is_filled(row)]
    if not given and not strays and not problems:
        problems.append(
            "回答が一つも書かれていません。「このままでよい」という知らせなら、その欄から取り込んでください。"
        )
    if problems:
        raise Unreadable(sorted(problems, key=_row_of))
    service = next((answer.answer for answer in given if answer.key == SERVICE), "")
    rewritten = [
        _check(known[key].item, row.number, "「いまの記載」が書き換えられています", row.cells[TODAY])
        for key, row in rows.items()
        if _squeezed(row.cells[TODAY]) != _squeezed(known[key].today)
    ]
    unnumbered = [
        _check(row.cells[ITEM], row.number, "番号のない行です", " ".join(filter(None, row.cells.values())))
        for row in strays
    ]
    to_check = [check for answer in given for check in _checks(answer)] + rewritten + unnumbered
    return Reply(answered_on, "回答票", service, given, to_check)


@transaction.atomic
def take(enquiry: Enquiry, reply: Reply, *, by, file_name: str = "") -> CaseVersion:
    """Keep `reply` and apply to a new draft what is plain in it; returns the draft.

    Applied: a new text of a statement, a text where there was none, 支援の現況, the two dates. All else is
    in the enquiry's `to_check`. ValidationError where the enquiry refuses it (Enquiry.receive).
    """
    answers = [asdict(answer) for answer in reply.answers]
    draft = enquiry.receive(by=by, answered_on=reply.answered_on, answers=answers, to_check=reply.to_check)
    source = _source(enquiry, reply)
    copies = dict(
        zip((f"statement:{pk}" for pk in _keys(enquiry.version)), draft.statements.all(), strict=True)
    )
    changed = 0
    for answer in reply.answers:
        if _is_new_text(answer):
            _write(answer, draft, copies.get(answer.key), source)
            changed += 1
    if reply.service:
        draft.service_status, draft.service_source = STATUS[reply.service], source
        draft.service_evidence = f"{_day(reply.answered_on)}の{reply.document}による"
    draft.checked_on, draft.check_due_on = reply.answered_on, _a_year_after(reply.answered_on)
    draft.save()
    detail = (
        f"照会番号 {enquiry.number}：記述の変更{changed}件、確かめること{len(reply.to_check)}件 {file_name}"
    )
    AuditEntry.record(AuditEntry.Act.IMPORT, by=by, about=draft, detail=detail)
    return draft


# Reading


def _table(content, file_name):
    """The table of the sheet, wherever in the first rows its headings have come to stand."""
    row = heading_row(content, HEADINGS, sheet=SHEET)
    (table,) = read(content, file_name, heading_row=row or HEADING_ROW, sheets=[SHEET])
    if row is None:
        raise Unreadable([f"表「{SHEET}」に、見出し（{'・'.join(HEADINGS)}）の行が見つかりません。"])
    rows = [
        replace(row, cells={heading: restored(text) for heading, text in row.cells.items()})
        for row in table.rows
    ]
    return replace(table, rows=rows)


def _wrong_number(table: Table, enquiry) -> list[str]:
    above = unicodedata.normalize("NFKC", " ".join(table.above)).lower()
    numbers = re.findall(r"照会番号\W*([0-9a-f]{8})(?![0-9a-z])", above)
    if enquiry.number in numbers:
        return []
    if numbers:
        return [
            f"別の照会の回答票です：この照会の番号は {enquiry.number} ですが、表の上には {numbers[0]} とあります。"
        ]
    return [
        f"表の上に照会番号が見つかりません。「照会番号 {enquiry.number}」と書かれた回答票を選んでください。"
    ]


def _rows(table, known, problems):
    """The rows by their key; those with a key that isn't of this sheet, or twice, become problems."""
    rows: dict[str, Row] = {}
    for row in table.rows:
        key = _plain(row.cells[KEY])
        if not key:
            continue
        if key not in known and key != ANSWERED_ON:
            problems.append(f"{row.number}行目「{KEY}」：「{key[:40]}」は、この照会の回答票にない番号です。")
        elif key in rows:
            problems.append(f"{row.number}行目「{KEY}」：「{key}」が{rows[key].number}行目にもあります。")
        else:
            rows[key] = row
    return rows


def _answered_on(row, given, enquiry, problems):
    written = _plain(row.cells[TEXT] or row.cells[ANSWER]) if row else ""
    place = f"{row.number}行目「{TEXT}」：" if row else ""
    day = given
    if written:
        try:
            day = read_day(written)
        except ValueError as error:
            problems.append(f"{place}{error}")
            return None
    if day is None:
        problems.append(f"{place}回答日がありません。回答票に書くか、下の「回答日」に入れてください。")
    else:
        _check_day(day, enquiry, place, problems)
    return day


def _check_day(day, enquiry, place, problems):
    if not enquiry.asked_on <= day <= localdate():
        problems.append(
            f"{place}回答日（{_day(day)}）は、照会した日（{_day(enquiry.asked_on)}）から今日までの日にしてください。"
        )


def _answer(row: Row, line: Line, problems) -> Answer:
    answer, text, evidence = (row.cells[heading].strip() for heading in (ANSWER, TEXT, EVIDENCE))
    answer = _plain(answer)
    if answer and answer not in CHOICES:
        problems.append(
            f"{row.number}行目「{ANSWER}」：「{answer[:40]}」は選べません。{'・'.join(CHOICES)}から選ぶか、空のままにします。"
        )
    for heading, written in ((TEXT, text), (EVIDENCE, evidence)):
        if len(written) > MOST_LETTERS:
            problems.append(
                f"{row.number}行目「{heading}」：{len(written)}文字あります。{MOST_LETTERS}文字までにしてください。"
            )
    return Answer(line.key, row.number, line.item, answer, text, evidence)


def _row_of(problem):
    return int(re.match("[0-9]*", problem)[0] or 0)


def _is_filled(row):
    return any(cell.strip() for cell in row.cells.values())


def _plain(text):
    return unicodedata.normalize("NFKC", text).strip()


def _squeezed(text):
    """Without any white space: a cell that Excel has wrapped is still the same text."""
    return re.sub(r"\s", "", text)


# Deciding


def _is_new_text(answer):
    """Whether the machine may write it: a text for a statement or an item, and nothing that contradicts it."""
    return not answer.key.startswith("fact:") and bool(answer.text) and answer.answer in ("", CHANGED)


def _checks(answer):
    """What of one answer a person is to decide."""
    about = (answer.item, answer.row)
    is_fact, is_service = answer.key.startswith("fact:"), answer.key == SERVICE
    if answer.answer == ENDED and not is_service:
        yield _check(
            *about, "終了との回答です。記述を残すか、消すか、書き直すかを決めてください", answer.text
        )
    elif answer.text and (is_fact or not _is_new_text(answer)):
        yield _check(
            *about, f"回答は「{answer.answer or '空'}」です。手で直すか、残すかを決めてください", answer.text
        )
    elif answer.answer == CHANGED and not answer.text:
        yield _check(*about, "変更との回答ですが、変わった内容が書かれていません", "")
    if answer.evidence:
        yield _check(*about, "根拠が挙げられています。出典に加えるかを確かめてください", answer.evidence)


def _check(item, row, why, written):
    return {"item": item, "row": row, "why": f"{why}。", "written": written}


# Writing


def _keys(version):
    return version.statements.values_list("pk", flat=True)


def _write(answer, draft, statement, source):
    """The new text in place of the old, or where there was none; it rests on the reply alone."""
    if statement is None:
        item = answer.key.removeprefix("item:")
        statement = Statement.objects.create(version=draft, item_id=item, text=answer.text)
    else:
        statement.text = answer.text
        statement.save()
        statement.citations.all().delete()
    Citation.objects.create(
        statement=statement, source=source, place=f"{answer.row}行目「{answer.item}」"[:60]
    )


def _source(enquiry, reply):
    """The reply itself as a source: a document that the editors have, without an address."""
    municipality = enquiry.version.case.municipality.full_name
    title = f"{municipality} {reply.document}（{_day(reply.answered_on)}）"
    told = {
        "title": title,
        "published": reply.answered_on.isoformat(),
        "read_on": localdate(),
        "reading": Source.Reading.DOCUMENT,
    }
    return Source.objects.update_or_create(key=f"reply-{enquiry.number}", defaults=told)[0]


def _day(day):
    return f"{day.year}年{day.month}月{day.day}日"


def _a_year_after(day):
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
