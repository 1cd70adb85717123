"""The site's own duties: what it says of accessibility, privacy, itself; and that what it says is so."""

import json
import re
import struct
import tomllib
from datetime import date, timedelta

import pytest
from django.conf import settings as configured

from cases import accessibility, duties, english, fixtures
from cases.catalogue import Catalogue
from cases.models import Source

ROOT = configured.BASE_DIR
RUN = fixtures.document("accessibility.json")
DUTIES = ["/accessibility/", "/accessibility/results/", "/privacy/", "/help/", "/cite/", "/glossary/", "/en/"]


@pytest.mark.parametrize("path", DUTIES)
def test_every_page_leads_to_each_duty_and_is_in_the_sitemap(path, client):
    if path != "/accessibility/results/":
        assert f'href="{path}"' in client.get("/cases/").text
    assert f"{path}</loc>" in client.get("/sitemap.xml").text


def test_titles_differ(client):
    titles = [re.search("<title>(.*?)</title>", client.get(path).text)[1] for path in [*DUTIES, "/about/"]]
    assert len(set(titles)) == len(titles)


# Accessibility


def test_the_criteria_are_the_38_of_levels_a_and_aa():
    levels = [level for _, level, _ in accessibility.CRITERIA]
    assert (levels.count("A"), levels.count("AA"), len(levels)) == (25, 13, 38)
    numbers = [[int(part) for part in number.split(".")] for number, _, _ in accessibility.CRITERIA]
    assert numbers == sorted(numbers)
    assert len({name for _, _, name in accessibility.CRITERIA}) == 38


def test_the_test_run_took_every_public_page_and_is_of_this_version():
    """Fails when a page or a version is new: run `make accessibility`."""
    source = (ROOT / "tests/browser/test_reading.py").read_text(encoding="utf-8")
    listed = re.findall(
        r'^    "[\w-]+": "(.*?)",$', source.partition("\nPAGES = {")[2].partition("\n}")[0], re.M
    )
    assert len(listed) > 30
    assert [page["address"] for page in RUN["pages"]] == listed
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert RUN["version"] == project["version"]
    assert date.fromisoformat(RUN["date"]) >= date(2026, 11, 24)


def test_the_test_run_names_no_criterion_but_those():
    assert set(RUN["criteria"]) <= {number for number, _, _ in accessibility.CRITERIA}


def test_nothing_untested_is_called_tested(client):
    page = client.get("/accessibility/results/").text
    for result in accessibility.report().results:
        row = re.search(rf"<tr><th scope=\"row\">{re.escape(result.number)} .*?</tr>", page, re.S)[0]
        assert result.name in row
        found = RUN["criteria"].get(result.number, {})
        evidence = [kind for kind in ("rules", "checks", "failures", "absent", "hand") if found.get(kind)]
        assert ("試験していません" in row) == (not evidence)
        assert ("問題なし" in row) == (bool(evidence) and not found["failures"] and not found["absent"])
        if not found.get("hand"):
            assert "まだしていません" in row
        for rule in found.get("rules", []):
            assert f"<code>{rule}</code>" in row


def test_a_failure_is_told_before_anything_else():
    result = accessibility.Result("1.1.1", "A", "名", ["r"], ["c"], ["f"], [], "無い", "2027-01-01")
    assert result.outcome == "機械の試験で問題あり"


def test_no_more_is_claimed_than_was_done(client):
    page = client.get("/accessibility/").text
    assert "適合レベルAAに<strong>配慮</strong>" in page
    assert not re.search("に(<strong>)?(一部)?準拠(</strong>|してい)", page)
    if not any(one["hand"] for one in RUN["criteria"].values()):
        assert "人の手による試験をまだしていない" in page


# Contact, security.txt


def test_without_a_contact_nothing_is_promised(client, settings):
    settings.CONTACT = ""
    for path in ("/accessibility/", "/privacy/"):
        text = client.get(path).text
        assert "連絡先をまだ設定していません" in text
        assert "5営業日" not in text
    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("contact", ["mailto:madoguchi@example.jp", "https://example.jp/madoguchi?a=1&b=2"])
def test_a_contact_is_named_with_its_promise(contact, client, settings):
    settings.CONTACT = contact
    for path in ("/accessibility/", "/privacy/"):
        text = client.get(path).text
        assert f'href="{contact.replace("&", "&amp;")}"' in text
        assert "5営業日以内" in text
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.strip().splitlines())
    assert fields["Contact"] == contact
    assert fields["Preferred-Languages"] == "ja, en"
    assert fields["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    assert fields["Expires"] == f"{duties.EXPIRES.isoformat()}T00:00:00Z"


def test_security_txt_holds_for_less_than_a_year_from_the_newest_release():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    year, month, day = re.search(r"^## .*（(\d+)年(\d+)月(\d+)日）", changes, re.M).groups()
    newest = date(int(year), int(month), int(day))
    assert newest <= duties.RELEASED < newest + timedelta(days=31)
    assert timedelta(days=300) < duties.EXPIRES - duties.RELEASED < timedelta(days=365)


# Privacy


def test_the_tests_that_the_privacy_page_names_exist():
    template = (ROOT / "templates/cases/privacy.html").read_text(encoding="utf-8")
    comments = " ".join(re.findall(r"{#(.*?)#}", template)[1:])
    files = re.findall(r"tests/[a-z_/]+\.py", comments)
    assert len(set(files)) >= 5
    sources = "".join((ROOT / name).read_text(encoding="utf-8") for name in set(files))
    for name in re.findall(r"\btest_[a-z_]+\b(?!\.py)", comments):
        assert f"def {name}(" in sources, name


def test_the_basket_is_the_only_thing_kept_in_the_browser():
    keeping = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.|serviceWorker")
    public = [
        path for path in (ROOT / "static").glob("*.js") if keeping.search(path.read_text(encoding="utf-8"))
    ]
    assert [path.name for path in public] == ["basket.js"]
    assert "document.cookie" not in public[0].read_text(encoding="utf-8")


def test_public_pages_have_no_form_that_sends(client):
    for path in ["/", "/cases/", "/near/", "/compare/?ids=toba-ibasho", "/editions/", *DUTIES]:
        for form in re.findall("<form[^>]*>", client.get(path).text):
            assert 'method="get"' in form or "method=" not in form


# Help, citing, English, the study


def test_the_help_shows_pictures_of_the_site_with_words_for_each(client):
    pictures = re.findall(
        r'<img src="/static/(help/[a-z]+\.webp)" alt="(.*?)" width="(\d+)" height="(\d+)"',
        client.get("/help/").text,
    )
    assert len(pictures) == 5
    assert {name for name, *_ in pictures} == {
        f"help/{path.name}" for path in (ROOT / "static/help").iterdir()
    }
    for name, alt, width, height in pictures:
        content = (ROOT / "static" / name).read_bytes()
        assert len(content) <= 60_000
        assert _size(content) == (int(width), int(height))
        assert len(alt) > 15


def _size(webp):
    """(width, height) of a lossy WebP."""
    assert webp[8:16] == b"WEBPVP8 "
    return struct.unpack("<HH", webp[26:30])


def test_an_example_of_citing_is_real_and_none_without_a_case(client, monkeypatch):
    text = client.get("/cite/").text
    address = re.search(r'例：.*?<a href="(.*?)">', text, re.S)[1]
    assert client.get(address).status_code == 200
    monkeypatch.setattr(Catalogue, "versions", lambda *_, **__: [])
    assert "例：" not in client.get("/cite/").text


def test_the_english_page_says_its_language_and_leads_to_the_japanese_and_back(client):
    text = client.get("/en/").text
    assert '<html lang="en">' in text
    assert '<header class="site-header" lang="ja">' in text
    assert '<footer class="site-footer" lang="ja">' in text
    assert '<link rel="alternate" hreflang="ja" href="/">' in text
    assert '<link rel="alternate" hreflang="en" href="/en/">' in client.get("/").text
    main = re.search("<main.*?</main>", text, re.S)[0]
    for element in re.findall(r"<(\w+)([^>]*)>([^<]*[ぁ-んァ-ヶ一-龠][^<]*)<", main):
        assert 'lang="ja"' in element[1], element


def test_the_english_numbers_are_those_of_the_catalogue(client, new_case):
    new_case("shiken-eigo")
    text, catalogue = client.get("/en/").text, Catalogue()
    assert f"holds {catalogue.total} published cases" in text
    for breakdown in english.breakdowns(catalogue):
        names = catalogue.index.names[breakdown.key]
        assert set(english.NAMES[breakdown.key]) == set(names)
        for row, value in zip(breakdown.rows, names, strict=True):
            assert row.count == Catalogue({breakdown.key: [value]}).total
            if row.count:
                assert f'href="/cases/?{row.query}">{row.count}<' in text


def test_the_page_on_the_study_says_how_this_site_differs(client):
    text = client.get("/about/").text
    assert "報告書（PDF）との違い" in text
    assert Source.objects.filter(key="report").exists()


def test_the_run_is_kept_as_plain_json():
    assert json.loads((ROOT / "fixtures/accessibility.json").read_text(encoding="utf-8")) == RUN
