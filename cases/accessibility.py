"""The criteria of JIS X 8341-3:2016 (A and AA), and what the last test run found of each.

`fixtures/accessibility.json` is written by `make accessibility`. What it doesn't hold wasn't tested.
"""

from dataclasses import dataclass
from datetime import date

from .fixtures import document
from .text import full_date

STANDARD = "JIS X 8341-3:2016"
CRITERIA = (
    ("1.1.1", "A", "非テキストコンテンツ"),
    ("1.2.1", "A", "音声だけ及び映像だけ（収録済み）"),
    ("1.2.2", "A", "キャプション（収録済み）"),
    ("1.2.3", "A", "音声解説又はメディアに対する代替コンテンツ（収録済み）"),
    ("1.2.4", "AA", "キャプション（ライブ）"),
    ("1.2.5", "AA", "音声解説（収録済み）"),
    ("1.3.1", "A", "情報及び関係性"),
    ("1.3.2", "A", "意味のある順序"),
    ("1.3.3", "A", "感覚的な特徴"),
    ("1.4.1", "A", "色の使用"),
    ("1.4.2", "A", "音声の制御"),
    ("1.4.3", "AA", "コントラスト（最低限レベル）"),
    ("1.4.4", "AA", "テキストのサイズ変更"),
    ("1.4.5", "AA", "文字画像"),
    ("2.1.1", "A", "キーボード"),
    ("2.1.2", "A", "キーボードトラップなし"),
    ("2.2.1", "A", "タイミング調整可能"),
    ("2.2.2", "A", "一時停止、停止及び非表示"),
    ("2.3.1", "A", "3回のせん（閃）光又はしきい（閾）値以下"),
    ("2.4.1", "A", "ブロックスキップ"),
    ("2.4.2", "A", "ページタイトル"),
    ("2.4.3", "A", "フォーカス順序"),
    ("2.4.4", "A", "リンクの目的（コンテキスト内）"),
    ("2.4.5", "AA", "複数の手段"),
    ("2.4.6", "AA", "見出し及びラベル"),
    ("2.4.7", "AA", "フォーカスの可視化"),
    ("3.1.1", "A", "ページの言語"),
    ("3.1.2", "AA", "一部分の言語"),
    ("3.2.1", "A", "フォーカス時"),
    ("3.2.2", "A", "入力時"),
    ("3.2.3", "AA", "一貫したナビゲーション"),
    ("3.2.4", "AA", "一貫した識別性"),
    ("3.3.1", "A", "エラーの特定"),
    ("3.3.2", "A", "ラベル又は説明"),
    ("3.3.3", "AA", "エラー修正の提案"),
    ("3.3.4", "AA", "エラー回避（法的、金融及びデータ）"),
    ("4.1.1", "A", "構文解析"),
    ("4.1.2", "A", "名前（name）、役割（role）及び値（value）"),
)


@dataclass(frozen=True)
class Result:
    """A criterion: axe's rules and our checks that looked at something and found nothing wrong; those that found
    something; rules that could not decide; what would make it apply, and no page has; when and by whom it was
    tested by hand ("" as long as nobody has).
    """

    number: str
    level: str
    name: str
    rules: list[str]
    checks: list[str]
    failures: list[str]
    unsure: list[str]
    absent: str
    hand: str

    @property
    def outcome(self) -> str:
        """In words: nothing is called tested that no machine and nobody tested."""
        if self.failures:
            return "機械の試験で問題あり"
        if self.absent:
            return "該当する内容なし"
        if self.hand:
            return "人の試験で問題なし"
        return "機械の試験の範囲で問題なし" if self.rules or self.checks else "試験していません"


@dataclass(frozen=True)
class Report:
    """A test run: when, of which version of the site, with what, on which pages (title, address), and its results."""

    tested_on: str
    version: str
    axe: str
    browser: str
    pages: list[tuple[str, str]]
    results: list[Result]

    @property
    def counts(self) -> dict[str, int]:
        """How many criteria have each outcome."""
        counts = {}
        for result in self.results:
            counts[result.outcome] = counts.get(result.outcome, 0) + 1
        return counts


def report() -> Report:
    """The last test run, as the file holds it."""
    run = document("accessibility.json")
    found = run["criteria"]
    results = [Result(*criterion, **found.get(criterion[0], _UNTESTED)) for criterion in CRITERIA]
    return Report(
        tested_on=full_date(date.fromisoformat(run["date"])),
        version=run["version"],
        axe=run["axe"],
        browser=run["browser"],
        pages=[(page["title"], page["address"]) for page in run["pages"]],
        results=results,
    )


_UNTESTED = {"rules": [], "checks": [], "failures": [], "unsure": [], "absent": "", "hand": ""}
