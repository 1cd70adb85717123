"""What the report says, as a list of our own: its figures and names, each on its page with its place in the report.

A line of TRACED is the place and what it gives, all of which must stand in one section of the page. The list
was made from the report, not from the pages; a figure that the pages have beyond it is refused.
"""

import re
from html import unescape

import pytest
from django.conf import settings
from django.utils.html import strip_tags

from cases import fixtures

TRACED = {
    "/about/": """
要旨 | ひきこもり支援における効果的なオンラインの活用方法に関する調査研究事業 | 株式会社リベルタス・コンサルティング
1-1 | 新型コロナウイルス感染症 | 1-2 | 適する場面・適さない場面
1-3 | 図表1-1 | 3分野 | 集いの場・社会的居場所づくり | オンライン交流会 | Web掲示板 | オンラインフェス
図表1-1 | 相談・カウンセリング | オンライン相談 | 自立支援 | オンライン講座 | オンライン教育
図表1-1 | 情報提供・窓口周知 | オンラインセミナー | SNSを活用した周知
図表3-1 | 15件 | オンライン居場所7件 | オンライン相談7件 | オンライン自立支援1件
1-4 | 厚生労働省と協議
2-1 | 令和4年10月から11月 | 857件 | 都道府県・政令指定都市46件 | 市区町村811件 | 全国で初めて | 2種類 | Excel
2-3 | 約4割 | 母数は報告書に記載なし
3-1 | 15の自治体 | オンライン会議 | 官民双方 | 厚生労働省 社会・援護局 地域福祉課
図表4-1 | 八つ | 分野・種類 | ICTツールごとの特性 | 効用 | 予算化、契約、支援体制整備、運営方法、周知方法
図表4-1 | メリットと限界 | 効果を高める工夫 | 課題を減らす工夫 | 適する場面・適さない場面、配慮
図表3-2 | オンライン支援の内容 | 背景・目的 | 支援内容、支援対象
図表3-2 | オンライン支援の実施状況 | 実績 | 利用者の意見・満足度
図表3-2 | 支援の実施方法 | 実施体制 | 連携の有無 | 役割・活動 | 導入手順 | ICT機器の活用状況 | 個人情報保護規定
図表3-2 | 支援における課題・工夫等 | 効果・課題 | 克服方法 | オンラインとリアルの併用方法 | 成功要因・不成功要因
図表3-2 | その他 | 今後の展開の方向性 | 同様の取組を検討している自治体へのメッセージ
1-4 | 座長 長谷川 俊雄 氏 白梅学園大学子ども学部 教授
1-4 | 石崎 森人 氏 一般社団法人ひきこもりUX会議 理事／当事者発信メディア「ひきポス」編集長
1-4 | 鎌倉 賢哉 氏 埼玉県ひきこもり相談サポートセンター センター長／NPO法人越谷らるご 理事長
1-4 | 久保 亘 氏 一般社団法人Vielfalt 代表理事
1-4 | 境 泉洋 氏 NPO法人KHJ全国ひきこもり家族会連合会 副理事長／宮崎大学教育学部 教授
1-4 | オブザーバー 厚生労働省 社会・援護局 地域福祉課 | 事務局 株式会社リベルタス・コンサルティング
図表1-2 | 4回とも、オンライン会議
図表1-2 | 第1回 令和4年（2022年）8月30日（火）19時～21時 事業計画の検討 オンラインを活用した支援の事例
図表1-2 | 自治体アンケート調査実施の検討 オンライン支援導入事例ヒアリング調査実施の検討
図表1-2 | 第2回 令和4年（2022年）12月21日（水）18時～20時 自治体アンケート調査結果の検討
図表1-2 | オンライン支援導入ヒアリング調査の検討1 成果物の方向性の検討1
図表1-2 | 第3回 令和5年（2023年）2月17日（金）18時～20時 自治体アンケート調査追加分析の検討
図表1-2 | オンライン支援導入ヒアリング調査の検討2 成果物の方向性の検討2
図表1-2 | 第4回 令和5年（2023年）3月22日（水）18時30分～20時30分 自治体アンケート調査最終結果報告
図表1-2 | 自治体アンケート調査最終結果報告 事例集の検討 オンライン活用ガイドの検討
要旨 | アンケート調査報告書 | ひきこもり支援におけるオンライン活用事例集 | ひきこもり支援におけるオンライン活用ガイド
""",
    "/survey/": """
2-1 | 令和4年10月～11月 | 857件 | 厚生労働省 | 都道府県を通して | Excelの調査票 | 専用のメールアドレス
2-1 | 都道府県・政令指定都市 46件 | 市区町村 811件 | 合計 857件
2-3 | 都道府県・政令指定都市 約4割 | 市区町村 約4割 | 母数は報告書に記載なし
図表2-1 | 属性 | 担当者所属部門
図表2-1 | ひきこもり支援の取り組み状況 | ひきこもり地域支援センター | ひきこもり支援ステーション | 市区町村向けの質問だけ
図表2-1 | 対面支援、オンライン（SNS等も含む）支援の実施状況 | ひきこもり支援未実施の理由
図表2-1 | これまでの取り組み状況と中止・中断状況 | 中止・中断事例の有無とその理由
図表2-1 | 未実施理由と今後の方針 | これまで実施してこなかった理由 | 実施意向（支援内容） | 支援を行う場合の実施体制
図表2-1 | 活用媒体・ツール、事業の位置づけ、事業の類型、実施頻度、担当職員の保有資格等、周知手段、協力機関
図表2-1 | 利用状況、事業情報、ひきこもり支援をオンラインで実施するメリット・デメリット
2-3 | 一部の自治体に限られ | 市区町村ではあまり進んでいません
2-3 | 都道府県では予算 | 市区町村ではニーズ | 必然性がない | 重大な問題
2-3 | 比較的進んでいます | 「集いの場・社会的居場所づくり」と「自立支援」は、これからの分野
2-3 | Instagram | 可能性 | 一対一に対応しません | 少数
4-3 | 始まったばかり | 導入している割合は低め | オンライン相談から始まり | オンライン居場所の効果が大きい
""",
    "/guide/questions/": """
4-3 | オンライン支援とは？ | なぜ必要なのか？ | 全国の自治体はどの程度取り組んでいるのか？
4-3 | 何に、どのように取り組めばいいのか？ | 取組を進めていくための行動指針は？
4-3 | Chapter02 オンライン支援導入の背景と目的 | Chapter03 オンライン支援の導入・実施状況
4-3 | Chapter04 オンライン支援導入のポイント | Chapter05 事例に学ぶ
""",
    "/guide/background/": """
1-1 | 新型コロナウイルス感染症 | メールやSNS | アセスメント | 1-2 | 適する場面と適さない場面
4-3 | Chapter02 | ポストコロナ | つながりやすく、つながり続けやすい手段 | アウトリーチ
4-3 | どうやってつながるか | どうやってつながり続けるか | つながった後に
""",
    "/guide/situation/": """
2-1 | 857件 | 46件 | 811件
2-3 | 約4割 | 母数は報告書に記載なし | 4-3 | 始まったばかり | 低め
2-3 | 情報提供・窓口周知 比較的 | 相談・カウンセリング 比較的 | 社会的居場所づくり これからの分野 | 自立支援 これから
2-3 | Instagram | 可能性 | 一対一では対応しません | 少数
2-3 | （都道府県） 予算 | （市区町村） ニーズ | 主な原因 | オンラインでなければならない理由
2-3 | 課題が解ければ | 重大な問題 | 地域のニーズ
""",
    "/guide/points/": """
4-3 | Chapter04 | 三つの分野 | 写真 | ステップを図で
4-3 | トライアンドエラー | 支援員の努力と経験
図表4-1 | 1 予算化 | 2 契約 | 3 支援体制の整備 | 4 運営の方法 | 5 周知の方法
図表4-1 | 八つ | 分野・種類 | ツールごとの特性 | 効用 | 導入のステップと流れ | メリットと限界
図表4-1 | 効果を高める工夫 | 課題を減らす工夫 | 適する場面・適さない場面
""",
    "/guide/ibasho/": """
図表1-1 | 集いの場・社会的居場所づくり | オンライン交流会 | Web掲示板 | オンラインフェス
図表3-1 | バーチャル空間 1件 | チャットコミュニケーションツール 1件 | Web会議システム 3件 | オンラインゲーム 1件
図表3-1 | チャット型SNS 1件 | 3-3 | 一から作らない
3-3 | 申込書 | 同意書 | 偏りがち | お互いさま | 境が薄く | どちらにも根拠
""",
    "/guide/sodan/": """
図表1-1 | 相談・カウンセリング | 4-3 | オンライン相談から始まって | 2-3 | 比較的
図表3-1 | 画面越しの相談 Web会議システム 3件 | テキストベース（文章でのやりとり）の相談 SNS 4件
3-3 | 相談員 | 4-3 | つながりやすく
1-1 | メールやSNS | アセスメント
""",
    "/guide/jiritsu/": """
図表1-1 | オンライン講座 | オンライン教育 | 2-3 | これからの分野
図表3-1 | Web会議システム | 1件
3-3 | テーマ | 支援員
""",
    "/guide/joho/": """
図表1-1 | オンラインセミナー | SNSを使った周知 | 0件
2-3 | 比較的 | 3-3 | 広報 | 図表2-1 | 周知の手段
""",
    "/guide/lessons/": """
4-3 | Chapter05 | 理念 | ビジョン | 行動と見直し | 連携
4-3 | 委員会の総意 | 利用のしにくさ | 段階（ステージ）そのもの | 批評
""",
    "/guide/findings/": """
3-3 | 一から作らない | バーチャル空間、チャットコミュニケーションツール、Web会議システム、オンラインゲーム
3-3 | 相談員の対応 | 支援員によるテーマ設定や盛り上げ方 | 官民両方の人材 | 広報
3-3 | 長所と短所 | 身元を確かめて | 住んでいる場所を問わず
3-3 | 地域の資源 | ICTの機器やサービスに詳しい人 | 機器を借りたり、人の派遣 | 自治体の区分ごと
3-3 | トライアンドエラー
""",
    "/guide/remarks/": """
4-3 | 手段としてのオンライン | ニーズの把握 | 自分の活動 | つながろうとする姿勢 | 声を出せない人 | 自治体と民間 | 結果の公開
4-3 | ポストコロナ | 対面に戻る | 三つの成果物
""",
    "/guide/checklist/": """
図表4-1 | 分野・種類 | 効用 | メリットと限界 | ツールごとの特性 | 予算化 | 契約 | 支援体制 | 運営の方法 | 周知の方法
図表4-1 | 効果を高める工夫 | 課題を減らす工夫 | 適する場面・適さない場面
4-3 | 理念とビジョン | 進めながら見直す | トライアンドエラー、行動と見直し
図表3-1 | 画面越しか、テキストベースか | 1-1 | アセスメント
""",
    "/glossary/": """
図表3-1 | 都道府県、政令指定都市、特別区（30万人以上・30万人未満） | 市区町村（30万人以上、11～30万人、5～10万人、5万人未満）
図表3-1 | Zoom、ビデオトーク、LINE通話
図表3-1 | Discord
図表3-1 | マインクラフト
図表3-1 | バーチャルオフィス
図表3-1 | チャット型SNS | LINE
2-1 | 令和4年10月から11月 | 857件 | 46件 | 811件
3-1 | 15の自治体
1-4・図表1-2 | 座長1人と委員4人 | 4回
""",
    "/en/": """
report | 株式会社リベルタス・コンサルティング | 30 August 2022 | 22 March 2023 | four times | committee of five
2-1 | October to November 2022 | 857 answers | 46 of them | 811 from other
3-1 | 15 municipalities
2-3 | about 40% | doesn’t give the base
""",
}
TABLE_3_1 = """
京都府|都道府県|オンライン居場所|バーチャル空間（バーチャルオフィス）を活用した居場所
静岡県浜松市|政令指定都市|オンライン居場所|チャットコミュニケーションツール（Discord）を活用した居場所
東京都江戸川区|特別区30万人以上|オンライン居場所|Web会議システム（Zoom）を活用した居場所
富山県富山市|市区町村30万人以上|オンライン居場所|Web会議システム（Zoom）を活用した居場所
愛知県西尾市|市区町村11～30万人|オンライン居場所|オンラインゲーム（マインクラフト）を活用した居場所
東京都品川区|特別区30万人以上|オンライン居場所|チャット型SNS（LINE）を活用した居場所
三重県鳥羽市|市区町村5万人未満|オンライン居場所|Web会議システム（Zoom）を活用した電子居場所の試行
東京都豊島区|特別区30万人未満|オンライン相談|Web会議システム（ビデオトーク）を活用した“画面越し”での相談
大阪府茨木市|市区町村11～30万人|オンライン相談|Web会議システム（Zoom等）を活用した“画面越し”での相談
長崎県五島市|市区町村5万人未満|オンライン相談|Web会議システム（LINE通話）を活用した“画面越し”での相談
宮崎県|都道府県|オンライン相談|SNS（LINE）を活用した“テキストベース”の相談
神奈川県|都道府県|オンライン相談|SNS（LINE）を活用した“テキストベース”の相談
愛知県豊明市|市区町村5～10万人|オンライン相談|SNS（LINE等）を活用した“テキストベース”の相談
京都府亀岡市|市区町村5～10万人|オンライン相談|SNS（LINE）を活用した“テキストベース”の相談
埼玉県さいたま市|政令指定都市|オンライン自立支援|Web会議システム（Zoom）を活用した自立支援プログラム
"""
LINES = [(page, line) for page, lines in TRACED.items() for line in lines.strip().splitlines()]
# What the report counts, and what this site counts of its own: 7, 7 and 1 cases of 図表3-1, 21 items of 図表3-2.
FIGURES = {
    "857件", "46件", "811件", "15件", "約4割", "4回", "7件", "1件", "3分野", "2種類", "1人", "4人",
    "30万人", "10万人", "5万人",
}  # fmt: skip
DATES = {
    "令和4年", "令和5年", "2022年", "2023年", "8月30日", "12月21日", "2月17日", "3月22日", "10月", "11月", "8月", "3月",
    "18時", "19時", "20時", "21時", "18時30分", "20時30分",
}  # fmt: skip
FIGURE = re.compile(
    r"(?<!第)約?\d[\d,.]*(?:[件割回人%％]|万人|分野|種類)|(?:令和)?\d+年(?!度)|\d+月(?:\d+日)?|\d+時(?:\d+分)?"
)


def _plain(html):
    """What is read of it, without readings over names and without white space."""
    return re.sub(r"\s", "", unescape(strip_tags(re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>", "", html))))


def _sections(html):
    """The parts of a page from one heading (in the glossary: from one term) to the next."""
    main = html[html.index("<main") : html.index("</main>")]
    return [_plain(part) for part in re.split(r'<h2|<div id="', main)]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_what_the_report_says_stands_with_its_place_in_one_section(page, line, client):
    wanted = [_plain(words) for words in line.split("|")]
    assert any(all(words in part for words in wanted) for part in _sections(client.get(page).text)), line


def test_the_fifteen_rows_of_the_table_stand_in_its_order(client):
    text = client.get("/cases/").text
    cards = [_plain(card) for card in re.findall(r'<article class="card">.*?</article>', text, re.S)]
    rows = TABLE_3_1.strip().splitlines()
    assert len(cards) == len(rows) == 15
    for card, row in zip(cards, rows, strict=True):
        assert all(words in card for words in row.split("|")), row


def test_every_page_of_the_guide_is_traced():
    slugs = {row["slug"] for row in fixtures.rows("guide.csv")}
    assert {f"/guide/{slug}/" for slug in slugs} <= set(TRACED)


def test_there_are_ten_questions_five_members_four_meetings_and_seven_remarks(client):
    assert len(fixtures.rows("survey_questions.csv")) == 10
    committee = next(part for part in _sections(client.get("/about/").text) if "長谷川" in part)
    assert committee.count("氏") - committee.count("氏名") == 5
    assert re.findall("第.回", committee) == ["第1回", "第2回", "第3回", "第4回"]
    assert client.get("/guide/remarks/").text.count("<tr>") == 1 + 7, "a head and seven remarks"


def _texts():
    """Our words about the report: the fixtures' and the templates'."""
    paths = [*(fixtures.FOLDER / "guide").glob("*.md"), fixtures.FOLDER / "guide.csv"]
    paths += [fixtures.FOLDER / name for name in ("glossary.csv", "survey_findings.csv", "survey.csv")]
    paths += [*(settings.BASE_DIR / "templates/components").glob("about-*.html")]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_no_figure_is_told_that_the_report_does_not_give():
    for name, text in _texts().items():
        beyond = set(FIGURE.findall(_plain(re.sub(r"{[{%#].*?[}%#]}|\[\[.*?\]\]", "", text))))
        assert beyond <= FIGURES | DATES, (name, beyond - FIGURES - DATES)


def test_figures_of_the_report_are_found_where_they_stand_wrong():
    """The pattern sees what it's for."""
    assert FIGURE.findall("858件、約5割、8月31日、令和6年、19時30分、12%") == [
        "858件", "約5割", "8月31日", "令和6年", "19時30分", "12%",
    ]  # fmt: skip
