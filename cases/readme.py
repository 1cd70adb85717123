"""README.txt of the bundle: what is in it, how to open it, what the items mean, what the files hash to."""

from itertools import groupby

from .addresses import SITE, absolute
from .editions import day
from .exports import FILES, STUDY, TERMS, definitions
from .models import Edition

BOM = "\ufeff"
OTHERS = {
    "casebook.pdf": "事例集の冊子。画面でも紙でも読めます（A4）。事例が多いときは casebook-1.pdf から順に分かれます。",
    "guide.pdf": "活用ガイドの冊子（A4）。終わりのチェックリストは、分野ごとに一枚ずつ配れます。",
    "pdf/": "事例ごとのPDF。一つの事例だけを配るときに使います。",
    "html/": "サイトの写し。html/index.html を開くと、ブラウザーだけで読めます。",
    "README.txt": "この文書。",
}
# What people open has a Japanese name in the bundle; the rest is ASCII, which every program unpacks.
NAMES = {"cases.xlsx": "一覧.xlsx", "meeting.xlsx": "会議用.xlsx"}


def readme(edition: Edition, sums: dict[str, str]) -> bytes:
    """UTF-8 with BOM and CRLF, for the plainest editor. `sums`: path → SHA-256 of every file but this one."""
    lines = [
        f"{SITE}　{edition}（{day(edition.frozen_at)}）",
        "持ち出し用の一式（LGWAN持ち込み版）",
        "",
        "■ これは何か",
        f"{SITE}のうち、{day(edition.frozen_at)}に公開していた内容を、そのまま収めたものです。",
        "インターネットにつながらない端末に、このまま持ち込めます。",
        "マクロ、数式、外部へのリンク、スクリプト、パスワードは入っていません。",
        "",
        "■ 開きかた",
        "1. zipファイルを、フォルダーごと展開します（zipの中から直接開くと、ページのあいだを移れません）。",
        "2. 読むときは html フォルダーの index.html を、会議に出すときは 会議用.xlsx か casebook.pdf を開きます。",
        "",
        "■ 入っているもの",
        *(f"{NAMES.get(file.name, file.name)}　{file.description}" for file in FILES.values()),
        *(f"{path}　{words}" for path, words in OTHERS.items()),
        "",
        "■ 引用のしかた",
        f"「{SITE}」{edition}（{day(edition.frozen_at)}）、{absolute('edition', edition.label)}",
        "",
        "■ 出典と利用条件",
        f"もとにした報告書：{STUDY}",
        *(f"{what}：{terms}" for what, terms in TERMS),
        "",
        *(["■ この号について", *edition.note.splitlines(), ""] if edition.note else []),
        "■ 項目の定義（CSVとExcelの列）",
        "CSVはUTF-8（BOM付き）、区切りは半角のコンマ、行の終わりはCRLFです。",
        *_definitions(),
        "■ SHA-256（受け取ったファイルが元のままかどうかを確かめる値）",
        "html フォルダーの中のファイルのものは、html/sha256.txt にあります。",
        *(f"{digest}  {path}" for path, digest in sums.items()),
    ]
    return (BOM + "\r\n".join(lines) + "\r\n").encode()


def _definitions():
    for table, rows in groupby(definitions(), key=lambda row: row[0]):
        yield f"［{table}］"
        for _, _, heading, key, kind, meaning, *_ in rows:
            yield f"{heading}（{key}、{kind}）：{meaning}"
        yield ""
