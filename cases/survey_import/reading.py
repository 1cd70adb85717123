"""The bytes of a table → rows of values, small counts suppressed at once: their numbers go no further than here."""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

from ..escapes import restored
from ..models import SMALL, SurveyFigure, is_small_share
from ..tables import Unreadable, read
from ..workbooks import BESIDE
from .columns import FIGURES, KINDS, UNITS, YES

MOST_ROWS = 2_000
NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?")
HIDDEN = {"×": "other", "✕": "other", "x": "other", "1~4": "small", "1-4": "small", "1〜4": "small"}
Hidden = SurveyFigure.Hidden


@dataclass
class Read:
    """Sound rows by the name of their table, each [its number, {key: value}]; problems as (where, column, reason)."""

    rows: dict[str, list] = field(default_factory=dict)
    problems: list[tuple[str, str, str]] = field(default_factory=list)


class Fault(ValueError):
    """What is wrong with one cell, in words."""


def read_rows(content: bytes, file_name: str) -> Read:
    """An uploaded file → its rows, or all that is wrong with it. Never holds a count of 1 to 4."""
    made = Read()
    try:
        tables = read(content, file_name, skip=BESIDE)
    except Unreadable as unreadable:
        made.problems = [("", "", problem) for problem in unreadable.problems]
        return made
    if sum(len(table.rows) for table in tables) > MOST_ROWS:
        made.problems.append(("", "", f"全部で{MOST_ROWS:,}行までです。分けてください。"))
        return made
    for table in tables:
        kind = next((kind for kind in KINDS if kind.named(table.headings)), None)
        where = f"表「{table.name}」" if table.name else "この表"
        if kind is None or kind.name in made.rows:
            why = "同じ種類の表が二つあります。" if kind else "見出しが、取り込める表のどれとも合いません。"
            made.problems.append((where, "", f"{why}ひな形の見出しを使ってください。"))
            continue
        _take(made, kind, table)
    return made


def _take(made, kind, table):
    known = {column.heading: column for column in kind.columns}
    where = f"表「{kind.name}」"
    for heading in table.headings:
        if heading not in known:
            made.problems.append(
                (f"{where}1行目", heading, "この見出しの項目はありません。列を消してください。")
            )
    made.rows[kind.name] = []
    required = [column.heading for column in kind.columns if column.required]
    if missing := [heading for heading in required if heading not in table.headings]:
        made.problems += [(f"{where}1行目", heading, "必ず書く列がありません。") for heading in missing]
        return
    for row in table.rows:
        values, faults = {}, len(made.problems)
        for heading in table.headings:
            if column := known.get(heading):
                try:
                    values[column.key] = _value(column, restored(row.cells[heading]).strip())
                except Fault as fault:
                    made.problems.append((f"{where}{row.number}行目", heading, str(fault)))
        if kind is FIGURES and {"value", "unit"} <= values.keys():
            try:
                suppress(values)
            except Fault as fault:
                made.problems.append((f"{where}{row.number}行目", "値", str(fault)))
        if len(made.problems) == faults:
            made.rows[kind.name].append([row.number, values])


def _value(column, text):
    if column.required and not text:
        raise Fault("必ず書いてください。")
    if column.key in ("answers", "surveyed"):
        return _whole(text)
    if column.key == "base":
        return "hidden" if _folded(text) in HIDDEN else _whole(text)
    if column.key == "unit":
        if (label := _folded(text)) not in UNITS:
            raise Fault(f"{'・'.join(UNITS)}のどれかを書いてください。")
        return UNITS[label]
    if column.key == "approximate":
        if text not in ("", YES):
            raise Fault(f"「{YES}」と書くか、空にしてください。")
        return bool(text)
    return text


def _folded(text):
    return unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").lower()


def _whole(text):
    if not text:
        return None
    folded = _folded(text)
    if not NUMBER.fullmatch(folded) or "." in folded:
        raise Fault("0以上の整数を書いてください。")
    return int(folded)


def suppress(values: dict) -> None:
    """The value of a figure as a number in text, or hidden with all that would tell it; raises Fault."""
    text, unit, base = _folded(values["value"]), values["unit"], values.get("base")
    values["hidden"], values["value"] = "", None
    if base == "hidden" or base in SMALL:
        values |= {"hidden": Hidden.BASE.value, "base": None}
    elif text in HIDDEN:
        values["hidden"] = HIDDEN[text]
    else:
        value = _number(text, unit)
        if unit != SurveyFigure.Unit.SHARE and base is not None and value > base:
            raise Fault("値が母数より大きくなっています。")
        is_share = unit == SurveyFigure.Unit.SHARE
        if (is_small_share(value, base) if base else False) if is_share else value in SMALL:
            values["hidden"] = Hidden.SMALL.value
        else:
            values["value"] = str(value)
    if values["hidden"]:
        # Whatever else could say the number.
        values |= {"printed": "", "computed": "", "approximate": False}


def _number(text, unit):
    is_share = unit == SurveyFigure.Unit.SHARE
    text = text.removesuffix("%") if is_share else text
    if not NUMBER.fullmatch(text) or (not is_share and "." in text):
        raise Fault(
            "0から100までの数を書いてください（小数は2桁まで）。"
            if is_share
            else "0以上の整数を書いてください。"
        )
    value = Decimal(text)
    if is_share and value > 100:
        raise Fault("割合は100までです。")
    return value
