"""What /downloads/ offers: every file of the whole catalogue, how large it is, and how it keeps the rules."""

from dataclasses import dataclass

from .catalogue import Catalogue
from .exports import DEFINED, FILES, File, definitions
from .readability import RULES, Finding, check

MOST_MEASURED = 100  # cases: of a larger catalogue the first ones stand for all
ONLY = {"csv": "CSVのファイルで確かめました。", "xlsx": "Excelのファイルで確かめました。"}
BY_US = {"L3-07": "列の名とキーは変えません。列を増やすときは項目定義に、版の改訂は変更履歴に書きます。"}


@dataclass(frozen=True)
class Offer:
    """A file, what was found in it, and its size in bytes: about that or 0, where not every case was measured."""

    file: File
    size: int
    findings: list[Finding]


@dataclass(frozen=True)
class Judgement:
    """One rule over all files for programs: `sign` ○, × or ―, and `words` where that needs some."""

    rule: str
    name: str
    sign: str
    words: str


@dataclass(frozen=True)
class Offers:
    """`is_whole`: whether every case was measured."""

    files: list[Offer]
    is_whole: bool

    @property
    def judgements(self) -> list[Judgement]:
        """The rules in their order."""
        checked = [(offer.file.name, offer.findings) for offer in self.files if offer.findings]
        return [
            _judgement(rule, [(name, findings[number]) for name, findings in checked])
            for number, rule in enumerate(RULES)
        ]


def _judgement(rule, found):
    broken = [f"{name} {place}" for name, finding in found for place in finding.told]
    if broken:
        return Judgement(rule, RULES[rule], "×", "、".join(broken[:3]))
    judged = [name for name, finding in found if finding.ok]
    if not judged:
        return Judgement(rule, RULES[rule], "―", BY_US.get(rule, found[0][1].words))
    kinds = {name.rpartition(".")[2] for name in judged}
    return Judgement(rule, RULES[rule], "○", ONLY[kinds.pop()] if len(kinds) == 1 else "")


def headings() -> list[str]:
    """Every heading that the definitions beside the files explain."""
    at = list(DEFINED).index("項目名")
    return [row[at] for row in definitions()]


_kept: tuple = (None, None)


def offers(stamp: str) -> Offers:
    """Every file of what is public now, under `stamp`. Made once for each state of the catalogue."""
    global _kept
    catalogue = Catalogue()
    key = catalogue.index.stamp, stamp
    kept, found = _kept
    if kept != key:
        found = _measured(catalogue, stamp)
        _kept = key, found
    return found


def _measured(whole, stamp):
    some = whole if whole.total <= MOST_MEASURED else whole.only(whole.ids(most=MOST_MEASURED))
    share = max(whole.total, 1) / max(some.total, 1)
    defined = headings()
    files = []
    for file in FILES.values():
        content = b"".join(file.content(some, stamp))
        findings = check(content, defined=defined) if file.for_programs else []
        is_known = some is whole or file.for_programs  # a paper of many cases has other parts
        files.append(Offer(file, round(len(content) * share) if is_known else 0, findings))
    return Offers(files, some is whole)
