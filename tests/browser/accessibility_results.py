"""`make accessibility`: try every public page with machines, and write fixtures/accessibility.json.

What's written is what was found, nothing else; what people tested ("hand") is kept from the file as it was.
"""

import json
import os
import re
import tempfile
import tomllib
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.served import ROOT, serving

from .chromium import find
from .test_reading import PAGES

FILE = ROOT / "fixtures/accessibility.json"
TAGS = ["wcag2a", "wcag2aa"]
BEYOND = {"2.1.3"}  # level AAA, which a rule for AA names as well
HALF = 640  # pixels: a window of 1,280 magnified to 200 %
CHECKS = {  # what each tells in words, under the criteria it bears on
    "reached": (["2.1.1"], "Tabキーで、すべてのリンク・ボタン・入力欄に移れる"),
    "passed": (["2.1.2"], "Tabキーで、最後まで進める"),
    "ordered": (["2.4.3"], "書かれた順に移る（順を変える指定がない）"),
    "outlined": (["2.4.7"], "移った先に、2ピクセル以上の輪郭が出る"),
    "stayed": (["3.2.1"], "Tabキーで移るだけでは、ページが変わらない"),
    "magnified": (["1.4.4"], "200％に拡大しても、横に動かさずに読める"),
    "skipped": (["2.4.1"], "「本文へ移動」で本文に移れる"),
    "titled": (["2.4.2"], "どのページにも、題がある"),
    "navigated": (["3.2.3"], "サイト共通の案内の並びが、案内のあるどのページでも同じ"),
    "identified": (["4.1.1"], "idの重なりがない"),
    "chosen": (["3.2.2"], "印を付けたり選んだりしただけでは、ページが変わらない"),
    "unhurried": (["2.2.1"], "時間がたつと変わる指定（refresh）がない"),
}
ABSENT = {  # what a page would need for a criterion to apply
    "audio, video, embed, object, iframe": (
        ["1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.4.2"],
        "音声・動画がない",
    ),
    "video, marquee, blink, img[src$='.gif'], svg animate": (
        ["2.2.2", "2.3.1"],
        "動くもの・点滅するものがない",
    ),
    "form:not([method='get' i]):is([method])": (
        ["3.3.4"],
        "送って取り消せなくなる書式がない（検索と絞り込みだけ）",
    ),
}
LOOK = """() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]')];
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  return {
    reachable: all.filter(one => one.checkVisibility({checkVisibilityCSS: true})).length,
    ordered: !document.querySelector('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])'),
    identified: new Set(ids).size === ids.length,
    unhurried: !document.querySelector('meta[http-equiv=refresh i]'),
    moving: document.getAnimations().length,
    navigation: [...document.querySelectorAll('.site-nav a')].map(one => one.textContent.trim()).join(),
  } }"""
STOP = """() => { const one = document.activeElement;
  window.stops ??= new Map(); if (!stops.has(one)) stops.set(one, stops.size);
  return [stops.get(one), one === document.body || parseFloat(getComputedStyle(one).outlineWidth) >= 2] }"""


class Run:
    """What was found so far, page by page."""

    def __init__(self):
        self.rules = {kind: defaultdict(set) for kind in ("passes", "violations", "incomplete")}
        self.failed = defaultdict(list)  # check → addresses
        self.present = set()  # selectors of ABSENT that some page has
        self.pages, self.navigations, self.axe = [], set(), ""

    def look(self, page, address):
        page.goto(address)
        self.pages.append({"title": page.title().partition("｜")[0], "address": address})
        found = page.evaluate(LOOK)
        self.navigations |= {found["navigation"]} - {""}  # an error page has none
        self.present |= {selector for selector in ABSENT if page.query_selector(selector)}
        if found["moving"]:
            self.present.add(next(one for one in ABSENT if "marquee" in one))
        self._axe(page)
        results = {name: found[name] for name in ("ordered", "identified", "unhurried")}
        results |= (
            self._magnify(page) | self._choose(page, address) | self._skip(page) | self._tab(page, found)
        )
        for name, held in results.items():
            if not held:
                self.failed[name].append(address)

    def _axe(self, page):
        found = Axe().run(page, options={"runOnly": TAGS}).response
        self.axe = found["testEngine"]["version"]
        for kind, rules in self.rules.items():
            for rule in found[kind]:
                for tag in rule["tags"]:
                    if number := re.fullmatch(r"wcag(\d)(\d)(\d+)", tag):
                        rules[".".join(number.groups())].add(rule["id"])

    def _magnify(self, page):
        page.set_viewport_size({"width": HALF, "height": 450})
        fits = page.evaluate("document.documentElement.scrollWidth") <= HALF
        page.set_viewport_size({"width": 1280, "height": 900})
        return {"magnified": fits}

    def _choose(self, page, address):
        before = page.url
        for box in page.locator("main input[type=checkbox]:visible").all()[:3]:
            box.click()
        for one in page.locator("main select:visible").all()[:3]:
            one.select_option(index=one.locator("option").count() - 1)
        stayed = page.url == before
        page.goto(address)
        return {"chosen": stayed}

    def _skip(self, page):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        reached = page.evaluate("document.activeElement.id") == "main"
        page.goto(page.url.partition("#")[0])
        return {"skipped": reached}

    def _tab(self, page, found):
        before, stops, outlined = page.url, [], True
        for _ in range(found["reachable"] + 2):
            page.keyboard.press("Tab")
            number, has_outline = page.evaluate(STOP)
            stops.append(number)
            outlined = outlined and has_outline
        repeated = any(one == other for one, other in zip(stops, stops[1:], strict=False))
        return {
            "reached": len(set(stops)) >= found["reachable"],
            "passed": not repeated,
            "outlined": outlined,
            "stayed": page.url == before,
        }

    def document(self, browser, hand):
        """The file: criteria by their numbers, each with what was found of it."""
        if not all(page["title"] for page in self.pages):
            self.failed["titled"].append("")
        if len(self.navigations) > 1:
            self.failed["navigated"].append("")
        criteria = defaultdict(
            lambda: {"rules": [], "checks": [], "failures": [], "unsure": [], "absent": ""}
        )
        for kind, key in (("passes", "rules"), ("violations", "failures"), ("incomplete", "unsure")):
            for number in self.rules[kind].keys() - BEYOND:
                rules = self.rules[kind][number]
                criteria[number][key] += sorted(rules)
        for one in criteria.values():
            one["rules"] = [rule for rule in one["rules"] if rule not in one["failures"]]
        for name, (numbers, words) in CHECKS.items():
            for number in numbers:
                criteria[number]["failures" if self.failed[name] else "checks"].append(words)
        for selector, (numbers, words) in ABSENT.items():
            for number in numbers:
                criteria[number]["absent"] = "" if selector in self.present else words
        return {
            "date": datetime.now(ZoneInfo("Asia/Tokyo")).date().isoformat(),
            "version": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
            "axe": self.axe,
            "browser": browser,
            "pages": self.pages,
            "criteria": {
                number: {**criteria[number], "hand": hand.get(number, "")}
                for number in sorted(criteria, key=lambda one: [int(part) for part in one.split(".")])
            },
        }


def main():
    run, program = Run(), find()
    before = json.loads(FILE.read_text(encoding="utf-8"))["criteria"] if FILE.exists() else {}
    hand = {number: one["hand"] for number, one in before.items()}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=program.executable, args=program.args, env={**os.environ, **program.env}
        )
        page = chromium.new_context(
            base_url=site.url, locale="ja-JP", viewport={"width": 1280, "height": 900}
        ).new_page()
        for address in PAGES.values():
            run.look(page, address)
        found = run.document(f"Chromium {chromium.version}", hand)
        chromium.close()
    FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    failures = [
        f"{number}: {one['failures']}" for number, one in found["criteria"].items() if one["failures"]
    ]
    print(
        "\n".join(
            [*failures, *(f"{name}: {where}" for name, where in run.failed.items() if where)] or ["問題なし"]
        )
    )


if __name__ == "__main__":
    main()
