"""A chapter of the guide, edited, sent back, reviewed and published in a browser as a new editor would."""

import pytest

PASSWORD = "a long pass phrase"
CHAPTER = "導入の背景と目的"
ADDED = "\n\n## 試験用の見出し\n\n- 試験用の一つ目\n- 試験用の二つ目\n\n[[記述 効果 居場所]]\n"


@pytest.fixture(scope="module")
def people(site):
    site.manage(
        "shell", "-v", "0", "-c",
        "from django.contrib.auth.models import Group, User\n"
        "for name, group in (('annai-henshu', '編集者'), ('annai-kokai', '公開担当')):\n"
        f"    user = User.objects.create_user(name, password='{PASSWORD}', is_staff=True)\n"
        "    user.groups.add(Group.objects.get(name=group))",
    )  # fmt: skip


def _log_in(page, name):
    page.goto("/admin/")
    page.get_by_label("ユーザー名").fill(name)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()


@pytest.fixture
def faults(axe, troubles):
    """What axe finds, but for the empty heads in Django's own tables of what belongs to a row.

    To measure what is folded away axe tries an inline style of its own, and the page's CSP complains of that.
    """

    def sweep(page):
        page.wait_for_load_state()
        before = len(troubles)
        found = axe(page)
        del troubles[before:]
        return [told for told in found if not told.startswith("empty-table-header")]

    return sweep


def _said(page):
    return page.locator(".messagelist").inner_text()


def test_a_chapter_is_edited_sent_back_published_and_an_old_version_taken_up(people, new_page, faults):
    editor, publisher, reader = new_page(), new_page(), new_page()
    _log_in(editor, "annai-henshu")
    editor.get_by_role("link", name="活用ガイドのページを選ぶ").click()
    assert faults(editor) == []
    row = editor.get_by_role("row").filter(has_text=CHAPTER)
    row.get_by_role("link", name="第1版").click()
    editor.get_by_role("button", name="改訂を始める").first.click()
    assert "第2版" in _said(editor)
    assert faults(editor) == []

    body = editor.get_by_role("textbox", name="本文")
    text = body.input_value()
    body.fill(text + ADDED.replace("居場所", "居場書"))
    editor.get_by_label("改訂の理由").fill("試験用の改訂の理由")
    editor.get_by_role("button", name="保存して下見する").click()
    assert "分野「居場書」はありません。「居場所」のことですか。" in editor.locator("form").last.inner_text()
    assert "試験用の一つ目" in body.input_value()
    assert faults(editor) == []
    body.fill(text + ADDED)
    editor.get_by_role("button", name="保存して下見する").click()
    assert editor.get_by_role("heading", name="試験用の見出し").is_visible()
    assert faults(editor) == []
    editor.get_by_role("link", name="編集の画面へ戻る").click()
    editor.get_by_role("button", name="保存して審査に出す").first.click()
    assert "審査に出しました" in _said(editor)

    _log_in(publisher, "annai-kokai")
    publisher.locator(".desks").get_by_role("link", name=f"活用ガイド「{CHAPTER}」第2版").click()
    assert "試験用の一つ目" in publisher.locator("ins").nth(1).inner_text()
    assert faults(publisher) == []
    publisher.get_by_label("差し戻す理由").fill("試験用：順を入れ替えてください。")
    publisher.get_by_role("button", name="差し戻す").click()
    assert "差し戻しました" in _said(publisher)

    editor.goto("/admin/")
    assert "試験用：順を入れ替えてください。" in editor.locator(".desks").inner_text()
    editor.locator(".desks").get_by_role("link", name=f"活用ガイド「{CHAPTER}」第2版").click()
    editor.get_by_role("button", name="審査に出す").click()
    reader.goto("/guide/background/")
    assert "試験用の見出し" not in reader.content()
    publisher.reload()
    publisher.get_by_role("button", name="公開する").click()
    assert "公開しました" in _said(publisher)
    reader.reload()
    assert reader.get_by_role("heading", name="試験用の見出し").is_visible()
    assert reader.context.cookies() == []

    publisher.get_by_role("link", name="版の履歴").click()
    told = publisher.locator(".versions").inner_text()
    assert "第2版（公開中）：試験用の改訂の理由" in told
    assert "第1版（旧版）" in told
    publisher.get_by_role("button", name="選んだ二つの版をくらべる").click()
    assert faults(publisher) == []
    first = publisher.locator("li.version").filter(has_text="第1版（旧版）")
    first.get_by_role("button", name="この版の内容で下書きを作る").click()
    assert "第1版の内容で下書きを作りました" in _said(publisher)
    assert publisher.get_by_role("textbox", name="本文").input_value() == text


@pytest.mark.parametrize("width", [1280, 375])
def test_the_pages_of_the_guide_and_the_survey_are_accessible_to_who_edits_them(
    width, people, new_page, faults
):
    page = new_page(width=width)
    _log_in(page, "annai-kokai")
    survey = "/admin/cases/survey/"
    for address in (
        "/admin/cases/guidepage/add/",
        "/admin/cases/guidepage/1/change/",
        "/admin/cases/guidepage/1/history/",
        "/admin/cases/guideversion/",
        "/admin/cases/guideversion/1/review/",
        survey,
        f"{survey}add/",
        f"{survey}1/change/",
        f"{survey}1/preview/",
        "/admin/cases/surveyfigure/",
        "/admin/cases/surveyfigure/add/",
    ):
        page.goto(address)
        assert faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_next_years_table_is_imported_and_published_by_two(people, new_page, faults):
    editor, publisher = new_page(), new_page()
    _log_in(editor, "annai-henshu")
    editor.goto("/admin/cases/survey/add/")
    for label, text in (("年度", "2030"), ("調査の名", "試験用の調査"), ("実施した時期", "試験の時期")):
        editor.get_by_label(label).fill(text)
    editor.get_by_label("調査の方法").fill("試験の方法")
    editor.get_by_label("回答の総数").fill("50")
    editor.locator("#id_source").select_option(index=1)
    editor.locator("#id_place").fill("試")
    editor.get_by_role("button", name="保存", exact=True).click()
    own = editor.url
    for rows in (
        "グループのキー,グループ,回答数,出典の箇所\ncity,市区町村,50,試",
        "質問のキー,質問項目,質問内容,出典の箇所\nq4-2,試,試験用の質問,試",
        "質問のキー,グループのキー,回答,単位,値,母数,出典の箇所\n"
        "q4-2,city,実施を検討したい,件,3,50,試\nq4-2,city,試験用の回答,件,×,50,試",
    ):
        editor.get_by_role("link", name="表を取り込む").click()
        assert faults(editor) == []
        file = {"name": "試験用.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        editor.get_by_label("表のファイル").set_input_files(file)
        editor.get_by_role("button", name="変わるところを見る").click()
        assert faults(editor) == []
        editor.get_by_role("button", name="このとおり取り込む").click()
        assert "取り込みました" in _said(editor)

    _log_in(publisher, "annai-kokai")
    publisher.goto(own)
    assert faults(publisher) == []
    editor.get_by_label("読むときの注意").fill("遅れて届いた注意")
    publisher.get_by_role("button", name="公開する").click()
    assert "公開しました" in _said(publisher)
    publisher.goto("/survey/")
    assert "1～4（秘匿）" in publisher.locator("main").inner_text()
    assert publisher.get_by_role("heading", name="前の調査と比べる").is_visible()

    publisher.goto(own)
    publisher.get_by_text("公開をやめて直す").click()
    assert faults(publisher) == []
    publisher.get_by_label("理由").fill("試験用の理由")
    publisher.get_by_role("button", name="公開をやめる").click()
    assert "下書きに戻しました" in _said(publisher)
