"""What was measured, as tables in Markdown; and against floor and goal (speed's targets), as far as a run tells."""

from tests.bench.rounds import KEPT, Size

SHORT = "**falls short**"
BENCHED = 1_788


def table(at: Size) -> str:
    """The pages of one size on one database."""
    lines = [
        f"\n### {at.size:,} cases, {at.database}",
        f"First answer {at.start:.1f} s after the start; memory {at.memory[0]:.0f} MB, {at.memory[1]:.0f} of it no files.",
        "",
        "| page | KB | queries | requests/s | p50 ms | p99 ms |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, page in at.pages.items():
        queries = "" if page.queries is None else page.queries
        lines.append(
            f"| {name} | {page.octets / 1024:.0f} | {queries} | {page.rate:,.0f} "
            f"| {page.percentile(0.5):.2f} | {page.percentile(0.99):.2f} |"
        )
    return "\n".join(lines)


class Targets:
    """The table of targets of one database, line by line."""

    def __init__(self, sizes: list[Size], facts: dict):
        self.at = {one.size: one.pages for one in sizes}
        self.lines = [
            f"\n### Targets, {sizes[0].database}",
            "| | measured | floor | goal | |",
            "|---|--:|--:|--:|---|",
        ]
        self._kept()
        self._computed(sizes)
        self._searched(facts.get("searched", {}))
        self._queries()
        self._rest(sizes, facts)

    def __str__(self):
        return "\n".join(self.lines)

    def _line(self, what, value, floor, goal, unit="", *, more=False):
        """`more`: the larger the better."""
        reached = [value >= one if more else value <= one for one in (floor, goal)]
        verdict = "goal" if reached[1] else "floor" if reached[0] else SHORT
        sign = "≥" if more else "≤"
        self.lines.append(
            f"| {what} | {_shown(value)}{unit} | {sign} {floor}{unit} | {sign} {goal}{unit} | {verdict} |"
        )

    def _usual(self):
        return self.at.get(BENCHED, {})

    def _kept(self):
        for size, pages in self.at.items():
            for name in KEPT:
                share = 100 * pages[name].times(pages[name.replace("kept", "bare")])
                self._line(f"{name}, of bare WSGI, at {size:,}", share, 60, 85, " %", more=True)

    def _computed(self, sizes):
        if usual := self._usual():
            share = 100 * usual["list"].times(usual["plain Django, like the list"])
            self._line("computed list, of plain Django, at 1,788", share, 25, 60, " %", more=True)
            if "naive list" in usual:
                times = usual["list"].times(usual["naive list"])
                self._line("the same × naive django-filter", times, 35, 100, more=True)
        self._between(100_000, 15, "list", 4, 2)

    def _between(self, larger, smaller, name, floor, goal):
        if larger in self.at and smaller in self.at:
            of = [self.at[size][name].percentile(0.99) for size in (larger, smaller)]
            self._line(f"{name}, p99: {larger:,} ÷ {smaller:,}", of[0] / of[1], floor, goal)

    def _searched(self, searched):
        names = ("two-letter search", "long search")
        if usual := self._usual():
            for name in names:
                ratio = usual[name].percentile(0.99) / usual["list"].percentile(0.99)
                self._line(f"{name}, p99 at 1,788 ÷ the list's", ratio, 4, 2)
        for name in names:
            self._between(100_000, BENCHED, name, 40, 10)
        for size, lengths in searched.items():
            for letters, told in lengths.items():
                verdict = SHORT if told["differing"] else "goal"
                words = f"{told['words']} words, {told['found']:,} cases"
                what = f"search of {letters} letters is a plain scan's, at {size:,}"
                self.lines.append(f"| {what} | {words} | identical | identical | {verdict} |")

    def _queries(self):
        for name in next(iter(self.at.values())):
            counts = {pages[name].queries for pages in self.at.values() if name in pages} - {None}
            if not counts:
                continue
            self._line(f"queries, {name}", max(counts), 10, 3)
            if len(counts) > 1:
                self.lines.append(f"| queries, {name}, differ by size | {sorted(counts)} | | | {SHORT} |")

    def _rest(self, sizes, facts):
        for one in sizes:
            if one.size == BENCHED:
                self._line("memory, 1,788", one.memory[0], 200, 120, " MB")
                self._line("start to first answer, 1,788", one.start, 3, 1, " s")
        for size, (seconds, again) in facts.get("fresh", {}).items():
            self._line(f"publish → every page new, at {size:,}", seconds, 1, 0.2, " s")
            self._line(f"old answers after that, at {size:,}", again, 0, 0)
        for size, told in facts.get("papers", {}).items():
            volumes = f"{told['volumes']} volumes" if told["volumes"] > 1 else "one volume"
            floor, goal = (2, 0.5) if size == 15 else (60, 30)
            self._line(f"casebook PDF, {size:,} cases, {volumes}", told["seconds"], floor, goal, " s")
            self._line("its press' memory", told["megabytes"], 1024, 1024, " MB")
        if sheet := facts.get("sheet"):
            self._line("xlsx, 100,000 rows, net of reading", sheet["seconds"], 10, 3, " s")
            self._line("its memory", sheet["megabytes"], 60, 20, " MB")


def _shown(value):
    return f"{value:.2f}" if 0 < value < 1 else f"{value:,.1f}".removesuffix(".0")
