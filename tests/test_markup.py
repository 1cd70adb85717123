"""Markdown of editors → safe HTML: what is understood, what is told as wrong, what is made harmless."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import markup

ALLOWED = markup._TAGS | {"div"}


def _html(body, drawn=lambda code: f"<i>{code.name}</i>"):
    return str(markup.html(body, drawn).html)


class _Elements(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


# What is understood


@pytest.mark.parametrize(
    "body",
    ["**「居場所」**は続く", "これは**大切（たいせつ）。**と言う", "「**相談**」と、**自立支援**、", "**○**"],
)
def test_emphasis_works_beside_japanese_punctuation(body):
    bold = re.findall(r"\*\*(.+?)\*\*", body)
    assert re.findall(r"<strong>(.+?)</strong>", _html(body)) == bold
    assert "**" not in _html(body)


def test_headings_go_from_the_second_level_down_and_have_anchors():
    marked = markup.html("# 一\n\n## 二**強**\n\n### 三\n\n###### 四", lambda code: "")
    assert "<h1" not in marked.html
    assert [heading.text for heading in marked.headings] == ["一", "二強"]
    anchors = re.findall(r'id="([^"]+)"', marked.html)
    assert len(set(anchors)) == len(anchors) == 4
    assert "<h4" in marked.html


def test_tables_scroll_in_a_named_box_and_have_heads_of_columns():
    page = _html("| 列 | 数 |\n|---|---:|\n| あ | [[件数]] |\n\n文\n\n| い |\n|---|\n| う |")
    assert re.findall(r'role="region" tabindex="0" aria-label="(.+?)"', page) == ["表1", "表2"]
    assert page.count('<th scope="col">') == 3
    assert "<td><i>件数</i></td>" in page
    assert page.count("<div") == page.count("</div>") == 2


def test_boxes_to_tick_are_list_items_without_their_letter():
    page = _html("- □ **確かめた**\n- ふつうの項目")
    assert '<li class="tick"><strong>確かめた</strong></li>' in page
    assert "□" not in page
    assert page.count("tick") == 1


def test_links_lead_to_the_site_and_out_without_handing_over_the_window():
    page = _html("[中](/cases/?field=sodan&q=1)と[外](https://example.jp/?a=1&b=2)")
    assert '<a href="/cases/?field=sodan&amp;q=1" rel="noopener">中</a>' in page
    assert '<a href="https://example.jp/?a=1&amp;b=2" rel="noopener">外</a>' in page


def test_a_shortcode_of_a_line_stands_beside_the_paragraphs_whatever_is_around():
    page = _html("前\n[[記述 効果]]\n後")
    assert "<p>前</p>\n<i>記述</i>\n<p>後</p>" in page


def test_the_same_shortcode_is_drawn_wherever_it_stands():
    asked = []
    _html("[[件数]]と[[件数 分野=相談]]", lambda code: asked.append(code) or "")
    assert [code.conditions for code in asked] == [(), (("分野", "相談"),)]


# What is told as wrong


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("# 題", "##"),
        ("## あ\n\n#### い", "段が飛んで"),
        ("<b>あ</b>", "HTML"),
        ("![絵](https://example.jp/a.png)", "画像"),
        ("[あ](javascript:alert)", "リンク先"),
        ("[あ](//example.jp/)", "リンク先"),
        ("[あ](cases/)", "リンク先"),
        ("[[謎]]", "使えるのは"),
        ("[[]]", "使えるのは"),
        ("[[記述]]", "の形で"),
        ("[[記述 効果 相談 余り]]", "の形で"),
        ("[[記述 項目=効果]]", "の形で"),
        ("[[件数 相談]]", "条件は"),
        ("[[件数 言葉=相談]]", "条件は"),
        ("[[図 絵]]", "ある図は"),
        ("文の中の[[図 段階]]", "一行に一つ"),
        ("[[件数", "対が"),
        ("あ" * (markup.MOST + 1), "文字まで"),
        ("- あ\n                    - い", "字下げ"),
    ],
)
def test_what_is_wrong_is_told_in_words(body, word):
    assert any(word in problem for problem in markup.problems(body)), markup.problems(body)


def test_a_word_that_the_vocabulary_lacks_is_told_where_it_is_known():
    words = {"項目": {"効果"}, "分野": {"相談"}}
    assert markup.problems("[[記述 効果 相談]]\n\n[[件数 分野=相談 ツール=何か]]", words) == []
    assert "分野「相談室」はありません" in markup.problems("[[記述 効果 相談室]]", words)[0]
    assert "項目「成果」はありません" in markup.problems("[[記述 成果]]", words)[0]
    assert "分野「居間」はありません" in markup.problems("[[件数 分野=居間]]", words)[0]


def test_the_manual_shows_only_what_is_right():
    for example, _ in markup.MANUAL:
        assert markup.problems(example) == []


# What is made harmless

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert)",
    "[x](&#106;avascript:alert)",
    "[x](java\tscript:alert)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](https://evil.example/x.png)",
    '![x](x" onerror="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<style>*{display:none}</style>",
    "<!-- --><iframe src=//evil.example></iframe>",
    "| <script> |\n|---|\n| <b onclick=x> |",
    "## <img src=x onerror=alert(1)>",
    "[[<script>alert(1)</script>]]",
    "[[記述 <b> \"']]",
    "[x]([[件数]])",
    "[x](https://example.jp/[[件数]])",
    "`<script>`",
    "    <script>",
    "\ue0000\ue001 \ue00099\ue001 \x00\x02amp\x03",
    "&lt;script&gt;&#60;script&#62;",
]


def _is_harmless(page):
    for tag, attrs in _Elements(page).found:
        assert tag in ALLOWED | {"i"}, (tag, page)
        assert set(attrs) <= {
            "href",
            "rel",
            "id",
            "class",
            "start",
            "scope",
            "role",
            "tabindex",
            "aria-label",
        }
        assert attrs.get("class", "tick") in ("tick", "scroll", "guide-table")
        if href := attrs.get("href"):
            assert re.match(r"(https?:|/|#|[^:]*$)", href), href
            assert "<" not in href


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_text_stays_text(body):
    _is_harmless(_html(body))
    _is_harmless(_html(f"- あ\n- {body}\n\n> {body}\n\n**{body}**"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *HOSTILE,
                "**",
                "*",
                "_",
                "[",
                "](",
                ")",
                "\n\n",
                "\n",
                "- ",
                "> ",
                "#",
                "|",
                "[[",
                "]]",
                "\\",
                "あ",
            ]
        ),
        max_size=14,
    )
)
def test_no_mixture_of_hostile_pieces_gets_through(pieces):
    body = "".join(pieces)
    _is_harmless(_html(body))
    assert isinstance(markup.problems(body), list)


@pytest.mark.parametrize(
    "body",
    [
        ">" * 20_000 + "a",
        "- " * 9_000 + "a",
        "1. " * 6_000 + "a",
        "[" * 30_000,
        "![" * 15_000,
        "[a](" * 7_000,
        "*" * 30_000,
        "*a**b" * 6_000,
        "\n".join("    " * depth + "- a" for depth in range(200)),
        "[[件数]]" * 3_000,
        "あ" * 200_000,
    ],
    ids=[
        "quotes",
        "lists",
        "numbers",
        "brackets",
        "pictures",
        "links",
        "stars",
        "emphasis",
        "indents",
        "codes",
        "long",
    ],
)
def test_what_is_nested_or_long_beyond_reason_is_still_answered(body):
    _is_harmless(_html(body))


def test_a_shortcode_in_an_address_is_never_drawn_into_it():
    page = _html("[x](/cases/[[件数]])", lambda code: '"><script>')
    assert "<script>" not in page
    assert "href" not in page


def test_what_is_malformed_is_not_drawn():
    asked = []
    page = _html("[[謎]]\n\n[[記述]]\n\n文[[図 段階]]中", lambda code: asked.append(code) or "x")
    assert asked == []
    assert "[[" not in page


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("＃＃ 見出し", "「＃」は、ただの文字になります"),
        ("・一つ目\n・二つ目", "「・」は、ただの文字になります"),
        ("文の中の［［件数］］", "「［［」は、ただの文字になります"),
        ("[文字]（/cases/）", "「]（」は、ただの文字になります"),
        ("段落です。\n- 一つ目", "「- 一つ目」：箇条書きや表の前には、空の行を一つ置いてください。"),
        ("段落です。\n| 列 | 列 |\n|---|---|", "「| 列 | 列 |」：箇条書きや表の前には"),
    ],
)
def test_marks_as_a_japanese_keyboard_gives_them_are_told(body, told):
    assert told in " ".join(markup.problems(body))


@pytest.mark.parametrize("before", ["## 見出し\n", "[[記述 効果]]\n", "段落\n\n", ""])
def test_a_list_may_follow_a_heading_a_shortcode_and_an_empty_line(before):
    body = f"{before}- 一つ目\n  続き\n- 二つ目"
    assert markup.problems(body) == []
    assert _html(body).count("<li>") == 2
