"""The PDFs: read again by another program, fed with hostile text, asked for with wrong words."""

import fcntl
import io
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localdate
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from cases import documents, fixtures, guide, index
from cases.catalogue import Catalogue
from cases.comparison import Comparison
from cases.documents import book, chapters, printing
from cases.documents.letters import UNKNOWN, legible
from cases.models import CaseVersion, GuidePage, GuideVersion, Item, Link, Photo, Statement
from cases.models.photo import folder
from cases.topics import read_item

STAMP = "試験の日時点"
CHAPTERS = ["目次", "この事例集の読み方", "分野と自治体区分でみる15件", "索引", "奥付"]
HOSTILE = [
    '#read("/etc/passwd")', "$x^2$ と @ref と <label>", "*太字* _斜体_ `code` = 見出し", '"] #panic("x")', "\\u{41}",
    "//注釈 /* と */", "<script>alert(1)</script>", "絵文字😀と𠮷と葛󠄀", "か\u3099と\u202e逆さ\u202c", "{{ x }}{% y %}",
]  # fmt: skip


def _reader(pdf, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "document.pdf"
    path.write_bytes(pdf)
    return PdfReader(path)


@pytest.fixture(scope="module")
def papers(django_db_setup, django_db_blocker, tmp_path_factory):
    """Every kind of document of the fifteen cases, as readers of PDF see it."""
    with django_db_blocker.unblock(), override_settings(DATA_DIR=tmp_path_factory.mktemp("data")):
        toba = CaseVersion.objects.published().with_content().get(case__slug="toba-ibasho")
        compared = Comparison(MultiValueDict({"ids": ["toba-ibasho,toshima-sodan"], "own": ["1"]}))
        related = read_item(Item.objects.get(key="related"), MultiValueDict())
        made = {
            "casebook": documents.casebook(Catalogue(), STAMP),
            "case": documents.case(toba, STAMP),
            "comparison": documents.comparison(compared, STAMP),
            "topic": documents.topic(related, STAMP),
            "guide": documents.guide(_guide(), Catalogue(), STAMP),
            "guide_page": documents.guide_page(_guide("lessons")[0], Catalogue(), STAMP),
            "checklist": documents.guide_page(_guide("checklist")[0], Catalogue(), STAMP),
        }
    return {name: _reader(pdf, tmp_path_factory) for name, pdf in made.items()}


KINDS = pytest.mark.parametrize("kind", ["casebook", "case", "comparison", "topic", "guide", "guide_page", "checklist"])  # fmt: skip


def _guide(*slugs):
    """The public pages of the guide, or some of them."""
    found = GuideVersion.objects.published().with_content()
    return list(found.filter(page__slug__in=slugs) if slugs else found)


def _text(reader):
    """All text without spaces: a PDF puts some between Latin and Japanese letters."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))


def _elements(reader):
    """Every structure element with its role, depth first."""
    todo = [reader.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while todo:
        one = todo.pop(0)
        one = one.get_object() if isinstance(one, IndirectObject) else one
        if isinstance(one, list):
            todo = [*one, *todo]
        elif hasattr(one, "get") and "/S" in one:
            yield one
            todo = [one.get("/K", []), *todo]


def _within(element, role):
    """The elements of a role inside an element."""
    reader = type("Part", (), {"trailer": {"/Root": {"/StructTreeRoot": {"/K": element}}}})
    return [one for one in _elements(reader) if one["/S"] == role]


def _titles(outline):
    return [one.title for one in outline if not isinstance(one, list)]


# What every document is


@KINDS
def test_a_document_says_that_it_is_pdf_ua_in_japanese_with_its_title_shown(kind, papers):
    root = papers[kind].trailer["/Root"]
    assert root["/Lang"] == "ja-JP"
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert papers[kind].metadata.title.endswith(f"（{STAMP}）")
    assert papers[kind].metadata.title.partition("（")[0] in xmp


@KINDS
def test_every_font_is_embedded(kind, papers):
    fonts = [font for page in papers[kind].pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert "/FontFile3" in descriptor or "/FontFile2" in descriptor
        assert "/ToUnicode" in font


@KINDS
def test_every_page_is_tagged_and_tabbed_in_the_order_of_its_structure(kind, papers):
    for page in papers[kind].pages:
        assert "/StructParents" in page
        assert page.get("/Tabs", "/S") == "/S"


@KINDS
def test_every_table_has_header_cells_over_its_columns(kind, papers):
    tables = [one for one in _elements(papers[kind]) if one["/S"] == "/Table"]
    assert tables or kind in ("topic", "checklist")
    for table in tables:
        (rows,) = [_within(head, "/TR") for head in _within(table, "/THead")][:1]
        first, body = _within(rows[0], "/TH"), _within(table, "/TBody")
        assert len(first) > 1
        assert all(cell["/A"]["/Scope"] == "/Column" for cell in first if isinstance(cell.get("/A"), dict))
        assert body


@KINDS
def test_headings_skip_no_level(kind, papers):
    levels = [int(one["/S"][2:]) for one in _elements(papers[kind]) if re.fullmatch("/H[1-6]", one["/S"])]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


@KINDS
def test_every_link_has_words_and_leads_somewhere(kind, papers):
    reader = papers[kind]
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert links
    for link in links:
        assert link["/Contents"]
        assert "/StructParent" in link
        if "/A" in link:
            assert re.match("https?://", link["/A"]["/URI"])
        elif isinstance(link["/Dest"], str):
            assert link["/Dest"] in reader.named_destinations
        else:
            assert link["/Dest"][0].get_object()["/Type"] == "/Page"


@KINDS
def test_every_document_names_its_stamp_and_its_address(kind, papers, settings):
    assert STAMP in _text(papers[kind])
    addresses = [
        note.get_object()["/A"]["/URI"]
        for page in papers[kind].pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    ]
    assert any(address.startswith(settings.SITE_URL) for address in addresses)


# The book


def test_the_bookmarks_are_the_chapters_and_one_for_each_case(papers):
    titles = _titles(papers["casebook"].outline)
    cases = [version.title for version in Catalogue().versions()]
    assert titles == [*CHAPTERS[:3], *cases, *CHAPTERS[3:]]


def test_the_contents_give_the_page_on_which_each_case_begins(papers):
    reader = papers["casebook"]
    contents = re.sub(r"[ .　]", "", reader.pages[1].extract_text())
    for entry in reader.outline[1:]:
        page = reader.get_destination_page_number(entry) + 1
        assert re.search(
            re.escape(re.sub(r"[ 　]", "", entry.title)) + rf"\D.*?{page}$", contents + "\n", re.M
        ) or re.search(re.escape(re.sub(r"[ 　]", "", entry.title)) + rf"{page}$", contents, re.M)


def test_the_index_leads_to_every_case_by_tier_tool_field_and_name(papers):
    reader = papers["casebook"]
    start = next(
        reader.get_destination_page_number(entry) for entry in reader.outline if entry.title == "索引"
    )
    text = "".join(page.extract_text() for page in reader.pages[start:])
    for words in ("自治体区分から引く", "ツールから引く", "分野から引く", "自治体名から引く"):
        assert words in text
    led = [
        note.get_object().get("/Dest") for page in reader.pages[start:] for note in page.get("/Annots", [])
    ]
    for version in Catalogue().versions():
        assert led.count(f"case-{version.case.slug}") >= 4


def test_a_case_is_read_in_its_order_title_facts_statements_silences_sources(papers):
    text = _text(papers["case"])
    places = [
        text.index(words)
        for words in (
            "三重県鳥羽市のオンライン居場所",
            "Web会議システム（Zoom）を活用した電子居場所の試行",
            "市区町村5万人未満",
            "居場所に出向くことが難しい人に",
            "実施体制",
            "記述のない項目",
            "出典に記載なし",
            "図表3-1",
            "三重県報道発表「電子居場所」の開設",
        )
    ]
    assert places[:5] == sorted(places[:5])
    assert text.index("記述のない項目") > text.index("居場所に出向くことが難しい人に")
    assert text.rindex("三重県報道発表「電子居場所」の開設") > text.index("記述のない項目")


def test_the_book_explains_the_three_silences_and_how_to_cite_it(papers):
    text = _text(papers["casebook"])
    for words in ("三つの「書いていない」", "未入力", "引用のしかた", "NotoSansCJKJP"):
        assert words in text


def test_a_comparison_lies_across_with_a_blank_column_for_ones_own_case(papers):
    page = papers["comparison"].pages[0]
    assert page.mediabox.width > page.mediabox.height
    assert "本市の場合" in _text(papers["comparison"])


def test_the_numbers_of_a_case_lead_to_its_sources(papers):
    """They're the links within it: to a page of itself, one of its last."""
    reader = papers["case"]
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    led = [note["/Dest"][0].idnum for note in notes if "/Dest" in note]
    assert len(led) == len(
        re.findall(r"[^\s]\[[0-9]\]", "".join(page.extract_text() for page in reader.pages))
    )
    assert set(led) <= {
        page.indirect_reference.idnum for page in reader.pages if "読んだ日" in page.extract_text()
    }


def test_a_photograph_comes_with_its_description_and_a_broken_one_with_its_words_alone(
    draft, tmp_path_factory
):
    content = io.BytesIO()
    Image.new("RGB", (1200, 800), "teal").save(content, "JPEG")
    for alt in ("試験用の写真の説明", "壊れた写真の説明"):
        upload = SimpleUploadedFile("x.jpg", content.getvalue(), "image/jpeg")
        Photo.objects.create(
            version=draft, image=upload, alt=alt, caption=f"{alt}の題", credit="試験", licence="CC0"
        )
    broken = draft.photos.last()
    for name, _ in broken.widths:
        (folder() / name).write_bytes(b"\xff\xd8\xff")
    draft.submit(by=None)
    draft.publish(by=None)
    version = CaseVersion.objects.with_content().get(pk=draft.pk)
    reader = _reader(documents.case(version, STAMP), tmp_path_factory)
    figures = [one for one in _elements(reader) if one["/S"] == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == ["試験用の写真の説明"]
    assert "壊れた写真の説明の題" in _text(reader)
    assert "提供：試験" in _text(reader)


# The guide


def test_the_guide_has_each_page_as_a_chapter_with_all_of_its_words(papers):
    reader, versions = papers["guide"], _guide()
    assert _titles(reader.outline) == ["目次", *(version.title for version in versions)]
    text = _text(reader)
    for version in versions:
        (reading,) = guide.reads([version], Catalogue(), lambda part: "<i></i>")
        words = re.findall(r">([^<]+)<", f">{version.title}<>{version.lead}<{reading.drawn.html}")
        words = [re.sub(r"\s", "", unescape(one)) for one in words]
        assert len(words) > 10
        for one in filter(None, words):  # at either end: in between, a page may turn
            assert one[:9] in text, one
            assert one[-9:] in text, one
        if version.page.number:
            assert f"別添ガイドのChapter{version.page.number}に当たる内容" in text


def test_the_guides_contents_tell_what_each_chapter_is_about_and_where_it_begins(papers):
    reader = papers["guide"]
    opening = re.sub(r"\s|[.]", "", reader.pages[0].extract_text())
    for entry, version in zip(reader.outline[1:], _guide(), strict=True):
        page = reader.get_destination_page_number(entry) + 1
        assert re.search(rf"{version.title}{page}\D", opening), version.title
        assert re.sub(r"\s", "", version.lead) in opening


def test_the_guide_says_what_the_cases_say_with_their_places_and_sources(papers):
    text = _text(papers["guide"])
    drawn = Statement.objects.filter(version__in=CaseVersion.objects.published(), item="introduction")
    assert drawn
    for statement in drawn:
        assert re.sub(r"\s", "", statement.text) in text
        assert statement.version.case.municipality.full_name in text
        for citation in statement.citations.all():
            assert re.sub(r"\s", "", citation.source.title) in text
    assert "公開中の事例は7件です" in text
    assert "効果公開中の事例（オンライン居場所）には、まだ記述がありません。" in text
    for row in fixtures.rows("guide.csv"):
        assert f"（箇所：{row['sources']}）" in text


def test_the_guide_draws_from_the_catalogue_it_is_given(new_case, draft, state):
    state(draft, "effects", "試験用の効果")
    draft.submit(by=None)
    draft.publish(by=None)
    new_case("shiken")

    def told(catalogue):
        data, _ = chapters.data(_guide("ibasho"), catalogue)
        return str(data)

    assert "試験用の効果" in told(Catalogue())
    assert "'count': 8" in told(Catalogue())
    assert "試験用の効果" not in told(Catalogue({"field": ["sodan"]}))


def test_the_figure_of_the_stages_is_drawn_in_lines_and_said_in_words(papers):
    for kind in ("guide", "guide_page"):
        (figure,) = (one for one in _elements(papers[kind]) if one["/S"] == "/Figure")
        assert figure["/Alt"] == f"{guide.STAGES.title}。{guide.STAGES.description}"
        forms = [
            form for page in papers[kind].pages for form in page["/Resources"].get("/XObject", {}).values()
        ]
        assert not [form for form in forms if form["/Subtype"] == "/Image"]
        for cell in (*guide.STAGES.heads, *guide.STAGES.rows[0]):
            assert cell in _text(papers[kind])


def test_the_checklist_is_a_sheet_for_each_field_with_room_to_write(papers):
    body = _guide("checklist")[0].body
    parts = [part for part in re.split(r"^## ", body, flags=re.M) if part]
    fields = parts[2:]
    pages = [page.extract_text() for page in papers["checklist"].pages]
    assert len(pages) == 1 + len(fields) == 5
    for page, part in zip(pages[1:], fields, strict=True):
        assert part.splitlines()[0] in page
        assert page.count("□") == part.count("- □") > 0
    assert pages[0].count("□") == sum(part.count("- □") for part in parts[:2])
    assert all("書き込み欄" in page for page in pages)
    assert all(
        page.mediabox[2:] == pytest.approx([595.3, 841.9], abs=0.1) for page in papers["checklist"].pages
    )


def test_links_of_the_guide_lead_within_it_or_to_the_site(papers, settings):
    notes = [note.get_object() for page in papers["guide"].pages for note in page.get("/Annots", [])]
    within = {note["/Dest"] for note in notes if isinstance(note.get("/Dest"), str)}
    assert {f"guide-{version.page.slug}" for version in _guide()} <= within
    outside = {note["/A"]["/URI"] for note in notes if "/A" in note}
    assert f"{settings.SITE_URL}/cases/?field=ibasho" in outside
    assert f"{settings.SITE_URL}/cases/toba-ibasho/#introduction" in outside
    assert not [address for address in outside if "/guide/" in address.removesuffix("/guide/")]
    alone = [note.get_object() for page in papers["checklist"].pages for note in page.get("/Annots", [])]
    assert f"{settings.SITE_URL}/downloads/" in {note["/A"]["/URI"] for note in alone if "/A" in note}


def test_whatever_markdown_gives_is_printed(tmp_path_factory):
    body = "\n\n".join([
        *HOSTILE, "## \n\n> ##### 深い見出し\n\n- ## 項目の見出し\n\n題\n===", "- " * 300 + "奥", "1. " * 200 + "底", ">" * 300 + "末",
        "[一](http://[) [二](//example.jp/) [三](#part-1) [四](#nonesuch) [五](https://example.jp/" + "a" * 9000 + ")",
        "| |\n|---|\n| |", "| 長い |\n|---|\n| " + "あ" * 4000 + " |", "99999999999999999999. 番号", "- □\n- 点\n- □ **印** [[件数]]",
        "- [[記述 導入手順]]\n\n> [[図 段階]]\n\n## [[件数]]\n\n一行目\n二行目",
    ])  # fmt: skip
    page = GuidePage.objects.create(slug="shiken")
    version = GuideVersion.objects.create(page=page, title="試験", lead="試験", body=body)
    GuideVersion.objects.filter(pk=version.pk).update(status="published", published_at=timezone.now())
    text = _text(_reader(documents.guide(_guide("shiken"), Catalogue(), STAMP), tmp_path_factory))
    for words in (
        "深い見出し",
        "項目の見出し",
        "奥",
        "底",
        "末",
        "一二",
        "三四五",
        "番号",
        "印15件",
        "一行目二行目",
    ):
        assert words in text, words
    assert "あ" * 30 in text
    assert "root:" not in text


def test_no_draft_of_the_guide_is_ever_printed(client, tmp_path_factory):
    hidden = GuidePage.objects.create(slug="himitsu").versions.create(
        title="未公開", lead="未公開", body="未公開"
    )
    GuidePage.objects.create(slug="shinsa").versions.create(
        title="未公開", lead="未公開", body="未公開", status=GuideVersion.Status.IN_REVIEW
    )
    revised = _guide("sodan")[0].revise(by=None)
    revised.body = "まだ公開していない試験の言葉"
    revised.save()
    for slug in ("himitsu", "shinsa", "nonesuch"):
        assert client.get(f"/guide/{slug}.pdf").status_code == 404
    text = _text(_reader(client.get("/guide.pdf").content, tmp_path_factory))
    assert "まだ公開していない" not in text
    assert "未公開" not in text
    assert hidden.title not in client.get("/guide/").text


def test_without_a_page_there_is_no_guide_to_print(client):
    for version in _guide():
        version.withdraw(by=None, reason="試験")
    assert client.get("/guide.pdf").status_code == 404
    assert client.get("/guide/sodan.pdf").status_code == 404


def test_the_guide_asks_the_database_as_often_however_many_its_pages(django_assert_max_num_queries):
    index.current()
    for versions in (_guide("sodan"), _guide()):
        with django_assert_max_num_queries(8):
            chapters.data(versions, Catalogue())


def test_the_newest_page_or_case_dates_the_guide():
    _, day = chapters.data(_guide(), Catalogue())
    published = [one.published_at for one in (*CaseVersion.objects.published(), *_guide())]
    assert day == localdate(max(published))


# Text is text


def test_no_text_is_ever_taken_for_markup(new_case, state, tmp_path_factory):
    version = new_case("hostile", publish=False, summary=HOSTILE[0])
    for position, words in enumerate(HOSTILE):
        state(version, "effects", words, position=position)
    state(version, "challenges", "一行目\n二行目\r\n" + "a" * 300, position=50)
    Link.objects.create(version=version, title=HOSTILE[1], url="https://example.jp/" + "b" * 150, position=1)
    version.submit(by=None)
    version.publish(by=None)
    whole = CaseVersion.objects.published().with_content().get(pk=version.pk)
    reader = _reader(documents.case(whole, f"{STAMP}{HOSTILE[3]}"), tmp_path_factory)
    text = _text(reader)
    for words in HOSTILE:
        shown = re.sub(r"\s", "", legible(words))
        assert shown in text or shown.replace("か\u3099", "が") in text, words
    assert "root:" not in text


def test_what_the_font_lacks_is_replaced_and_what_nobody_sees_is_dropped():
    assert legible("絵文字😀") == f"絵文字{UNKNOWN}"
    assert legible("a\x00b\x07c\ufeffd\u202ee") == "abcde"
    assert legible("一\r\n二\r三\t四") == "一\n二\n三 四"
    assert legible("𠮷野家　髙﨑　葛󠄀　①㈱") == "𠮷野家　髙﨑　葛󠄀　①㈱"


def test_every_letter_there_is_can_be_printed(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    letters = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    letters += [chr(code) for code in range(0xE0000, 0xE01F0)]
    texts = ["".join(letters[start : start + 500]) for start in range(0, len(letters), 500)]
    texts = [text for text in texts if set(legible(text)) != {UNKNOWN}]
    data = {
        "title": "試験", "site": "試験", "stamp": STAMP, "address": "https://example.jp/", "terms": [], "study": "", "name": "試験", "group": "試験",
        "beside": False, "chosen": texts, "total": 1, "shown": 1, "told": 1, "size": 1, "fields": [], "sources": [],
    }  # fmt: skip
    assert printing.printed("topic", data, None).startswith(b"%PDF")


def test_a_template_can_open_nothing_beyond_the_photographs_and_itself(tmp_path, settings, monkeypatch):
    templates = tmp_path / "print"
    templates.mkdir()
    (tmp_path / "secret_key").write_text("geheim")
    monkeypatch.setattr(printing, "TEMPLATES", templates)
    settings.DATA_DIR = tmp_path
    for path in ("/etc/passwd", "../secret_key", "../../../etc/passwd"):
        (templates / "case.typ").write_text(f'#read("{path}")')
        with pytest.raises(RuntimeError):
            printing.printed("case", {}, None)


# The same again


def test_the_same_content_under_the_same_stamp_gives_the_same_bytes(toba, settings, tmp_path):
    version = CaseVersion.objects.with_content().get(pk=toba.pk)
    made = []
    for name in ("one", "two"):
        settings.DATA_DIR = tmp_path / name
        settings.DATA_DIR.mkdir()
        made.append((documents.case(version, STAMP), documents.guide(_guide(), Catalogue(), STAMP)))
    assert made[0] == made[1]
    assert documents.case(version, "別の日時点") != made[0][0]


def test_what_was_printed_is_kept_for_the_next_who_asks(client, monkeypatch):
    first = client.get("/cases/toba-ibasho.pdf")
    monkeypatch.setattr(printing, "PRESS", printing.PRESS.with_name("nonesuch.py"))
    assert client.get("/cases/toba-ibasho.pdf").content == first.content
    with pytest.raises(RuntimeError):
        client.get("/cases/goto-sodan.pdf")


def test_a_kept_paper_that_was_spoilt_is_printed_again(client, settings):
    first = client.get("/cases/toba-ibasho.pdf")
    (kept,) = (settings.DATA_DIR / "print").glob("*.pdf")
    for spoilt in (b"", kept.read_bytes()[:-40], b"x" + kept.read_bytes()[1:]):
        kept.write_bytes(spoilt)
        assert client.get("/cases/toba-ibasho.pdf").content == first.content


def test_of_a_search_no_paper_is_kept(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert client.get("/casebook.pdf?q=himitsu").status_code == 200
    assert not list((tmp_path / "print").glob("*.pdf"))


def test_what_is_kept_has_an_end(settings, tmp_path, monkeypatch, toba):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(printing, "MOST_KEPT", 100_000)
    version = CaseVersion.objects.with_content().get(pk=toba.pk)
    for number in range(3):
        documents.case(version, f"{STAMP}{number}")
    assert len(list((tmp_path / "print").glob("*.pdf"))) == 1


def test_while_the_press_is_taken_a_reader_is_told_to_come_again(client, settings, monkeypatch):
    monkeypatch.setattr(printing, "WAIT", 0)
    folder = settings.DATA_DIR / "print"
    folder.mkdir()
    with (folder / "press").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        answer = client.get("/cases/toba-ibasho.pdf")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "もう一度お試しください" in answer.content.decode()
    assert client.get("/cases/toba-ibasho.pdf").status_code == 200


# At the door


@pytest.mark.parametrize(
    "path",
    ["/casebook.pdf?field=ibasho", "/cases/toba-ibasho.pdf", "/compare.pdf?ids=toba-ibasho,goto-sodan", "/topics/related.pdf?field=ibasho", "/guide.pdf", "/guide/checklist.pdf"],
)  # fmt: skip
def test_a_paper_is_a_pdf_named_for_its_day_to_be_read_at_once(path, client):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert re.fullmatch(r'inline; filename="[a-z-]+_[0-9]{8}\.pdf"', answer.headers["Content-Disposition"])
    assert answer.content.startswith(b"%PDF-1.7")
    assert not answer.cookies


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/casebook.pdf?tier=atlantis", "atlantis"),
        ("/casebook.pdf?tire=city", "tire"),
        ("/casebook.pdf?volume=2", "分冊"),
        ("/casebook.pdf?volume=x", "分冊"),
        ("/casebook.pdf?ids=nonesuch", "nonesuch"),
        ("/compare.pdf", "2件から4件"),
        ("/compare.pdf?ids=toba-ibasho,nonesuch", "nonesuch"),
        ("/topics/related.pdf?field=atlantis", "atlantis"),
        ("/topics/related.pdf?fiel=ibasho", "fiel"),
    ],
)
def test_a_wrong_parameter_is_refused_in_words(path, words, client):
    answer = client.get(path)
    assert answer.status_code == 400
    assert words in answer.content.decode()


@pytest.mark.parametrize("path", ["/cases/nonesuch.pdf", "/topics/nonesuch.pdf"])
def test_of_what_there_is_not_there_is_no_paper(path, client):
    assert client.get(path).status_code == 404


def test_nothing_unpublished_is_ever_printed(draft, new_case, state, client, tmp_path_factory):
    state(draft, "effects", "まだ公開していない試験の言葉")
    new_case("unseen", publish=False, summary="まだ公開していない試験の概要")
    assert client.get("/cases/unseen.pdf").status_code == 404
    for path in ("/casebook.pdf?field=ibasho", "/cases/toba-ibasho.pdf"):
        text = _text(_reader(client.get(path).content, tmp_path_factory))
        assert "まだ公開していない" not in text
        assert "三重県鳥羽市" in text


def test_a_selection_without_a_case_is_a_thin_book(client, tmp_path_factory):
    reader = _reader(client.get("/casebook.pdf?q=どこにもない言葉").content, tmp_path_factory)
    assert "0件の事例" in _text(reader)


def test_what_is_too_much_for_one_book_comes_in_volumes(client, monkeypatch, tmp_path_factory):
    monkeypatch.setattr(book, "MOST_CASES", 6)
    listed = client.get("/casebook.pdf?sort=code")
    assert listed.status_code == 300
    assert "/casebook.pdf?sort=code&amp;volume=3" in listed.content.decode()
    assert client.get("/casebook.pdf?sort=code&volume=4").status_code == 400
    third = _reader(client.get("/casebook.pdf?sort=code&volume=3").content, tmp_path_factory)
    last = Catalogue({"sort": ["code"]}).versions()[12:]
    assert _titles(third.outline)[3:-2] == [version.title for version in last]
    assert "第3分冊（全3分冊）" in _text(third)
    assert "事例13" in _text(third)


def test_pages_lead_to_their_papers(client):
    for page, paper in {
        "/cases/?field=ibasho": "/casebook.pdf?field=ibasho",
        "/cases/toba-ibasho/": "/cases/toba-ibasho.pdf",
        "/compare/?ids=toba-ibasho,goto-sodan": "/compare.pdf?ids=toba-ibasho,goto-sodan",
        "/topics/related/?field=ibasho": "/topics/related.pdf?field=ibasho",
        "/guide/": "/guide.pdf",
        "/guide/checklist/": "/guide/checklist.pdf",
        "/guide/sodan/": "/guide.pdf",
        "/downloads/": "/guide.pdf",
    }.items():
        assert f'href="{paper}"' in client.get(page).content.decode()


def test_a_book_asks_the_database_as_often_whatever_its_size(client, django_assert_max_num_queries):
    index.current()
    for query in ("", "field=jiritsu"):
        catalogue = Catalogue(MultiValueDict({"field": ["jiritsu"]}) if query else None)
        with django_assert_max_num_queries(25):
            book.data(catalogue)


def test_the_newest_case_dates_the_book(toba):
    _, day = book.data(Catalogue())
    assert day == max(localdate(one.published_at) for one in CaseVersion.objects.published())
