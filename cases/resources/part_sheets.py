"""ツール, 記述, 記述のない項目: what a case holds, one row each. No row of a file removes one."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db.models import F

from ..models import Citation, Item, Silence, Source, Statement, Tool, ToolFamily, ToolUse
from .cells import Cell, ChoiceCell, Column, FlagCell, NumberCell, SourceCell, TermCell, column_of
from .dossiers import cite
from .reading import KEY_OF_CASE, SLUG, SheetResource

CHALLENGES, REMEDIES = "challenges", "remedies"
CITED_TWICE = next(rule for rule in Citation._meta.constraints if rule.name == "cited_once")
ONLY_REMEDIES = next(rule for rule in Statement._meta.constraints if rule.name == "only_a_remedy_answers")


class PartSheet(SheetResource):
    """A sheet whose rows are parts of a case's version."""

    needed = ()  # columns without which no new part can be made
    beside = frozenset({"団体コード", "都道府県", "自治体", "項目の区分"})

    @classmethod
    def rows_of(cls, versions):
        case = (F("version__case__report_number").asc(nulls_last=True), "version__case__slug")
        mine = cls.model.objects.filter(version__in=versions).select_related("version__case")
        return mine.order_by(*case, *cls.model._meta.ordering)

    def key_of(self, part) -> tuple:
        """What, beside the case, tells a part from the others."""
        raise NotImplementedError

    def before_import(self, dataset, **kwargs):
        self.parts_by_key = defaultdict(list)
        for slug, dossier in self.reading.dossiers.items():
            for part in dossier.of(self.model):
                self.parts_by_key[(slug, *self.key_of(part))].append(part)

    def find(self):
        parts, times = self.parts_by_key[self.key], len(self.rows_by_key[self.key])
        return parts[times - 1] if times <= len(parts) else None

    def make(self, row):
        if absent := [name for name in self.needed if self.heading(name) not in row]:
            reason = f"新しい{self.name}には、この列が要ります。"
            raise ValidationError({self.heading(name): reason for name in absent})
        part = self.model(version=self.dossier.version)
        for name, value in zip(self._meta.import_id_fields[1:], self.key[1:], strict=True):
            setattr(part, name, value)
        return part

    def keep(self, part, is_create):
        if is_create:
            self.dossier.of(self.model).append(part)
            self.parts_by_key[self.key].append(part)
        about = " ".join(str(word) for word in self.key[1:])
        return f"{self.name}（{about}）を{'追加' if is_create else '変更'}", []


class ToolSheet(PartSheet):
    model = ToolUse
    name = "ツール"
    needed = ("family",)

    class Meta:
        import_id_fields = ("slug", "tool")

    slug = Column(
        "version__case__slug", SLUG, Cell(required=True), readonly=True, width=22, meaning=KEY_OF_CASE
    )
    tool = column_of(ToolUse, "tool", TermCell(Tool, required=True), readonly=True)
    family = column_of(ToolUse, "family", TermCell(ToolFamily, required=True), width=28)
    main = column_of(ToolUse, "main", FlagCell(), width=8)
    open_ended = column_of(ToolUse, "open_ended", FlagCell(), width=12)

    def key_of(self, use):
        return (use.tool,)

    def settle(self):
        for dossier in self.reading.dossiers.values():
            mains = [use for use in dossier.of(ToolUse) if use.main]
            for use in mains[: len(mains) if len(mains) > 1 else 0]:
                if hasattr(use, "read_from"):
                    others = "、".join(str(other.tool) for other in mains if other is not use)
                    self.refuse(
                        use.read_from,
                        self.heading("main"),
                        f"主に使うツールは一つです（{others}も「主」です）。",
                    )


class StatementSheet(PartSheet):
    """A statement with its first source; further sources and the themes stay as they are."""

    model = Statement
    name = "記述"
    needed = ("text", "source")

    class Meta:
        import_id_fields = ("slug", "item", "position")

    slug = Column(
        "version__case__slug", SLUG, Cell(required=True), readonly=True, width=22, meaning=KEY_OF_CASE
    )
    item = column_of(Statement, "item", TermCell(Item, required=True), readonly=True, width=22)
    position = column_of(
        Statement, "position", NumberCell(required=True), readonly=True, width=8,
        meaning="同じ事例・同じ項目の、どの記述かを示す数（0から）。登録済みの数なら、その記述を変えます。",
    )  # fmt: skip
    text = column_of(Statement, "text", Cell(required=True), width=60)
    source = column_of(Citation, "source", SourceCell(Source, required=True), attribute="cited__source",
                       meaning="出典のキー。二つ目からの出典と主題は、画面で加えます。")  # fmt: skip
    place = column_of(Citation, "place", attribute="cited__place")
    answers = column_of(Statement, "answers", NumberCell(), attribute="answers_at", width=14,
                        meaning="「工夫・克服方法」のときだけ。同じ事例の「課題」の並び順を書きます。")  # fmt: skip

    def key_of(self, statement):
        return (statement.item, statement.position)

    def may_repeat(self, times):
        """Editors may have given two statements one 並び順: then the rows stand for them in their order."""
        return times < len(self.parts_by_key[self.key])

    def make(self, row):
        statement = super().make(row)
        cite(statement, [])
        return statement

    def wrong_together(self, statement):
        if statement.answers_at is not None and statement.item_id != REMEDIES:
            return {"answers_at": ONLY_REMEDIES.violation_error_message}
        cited = statement.cited
        try:
            cited.clean_fields(exclude=["statement", "source"])
        except ValidationError as error:
            return {"cited__place": " ".join(error.messages)}
        others = [row for row in statement.citations_read if row is not cited]
        if (cited.source, cited.place) in [(row.source, row.place) for row in others]:
            return {"cited__source": CITED_TWICE.violation_error_message}
        return {}

    def keep(self, statement, is_create):
        """What is told is no longer a silence (Statement.save)."""
        what, more = super().keep(statement, is_create)
        for silence in [row for row in self.dossier.of(Silence) if row.item_id == statement.item_id]:
            self.dossier.of(Silence).remove(silence)
            self.dossier.ended_silences.append(silence)
            more.append((Silence._meta.verbose_name, silence.get_kind_display(), ""))
        return what, more

    def settle(self):
        for dossier in self.reading.dossiers.values():
            statements = dossier.of(Statement)
            challenges = {row.position: row for row in reversed(statements) if row.item_id == CHALLENGES}
            for statement in statements:
                if hasattr(statement, "read_from"):
                    self.link(statement, challenges)

    def link(self, remedy, challenges):
        """Point a remedy to the challenge that its row names."""
        position = remedy.answers_at
        if position is None:
            remedy.answers = None
        elif position in challenges:
            if not remedy.answers or remedy.answers.position != position:
                remedy.answers = challenges[position]
        else:
            reason = f"この事例に、並び順が{position}の「課題」はありません。"
            self.refuse(remedy.read_from, self.heading("answers"), reason)

    @classmethod
    def rows_of(cls, versions):
        return super().rows_of(versions).select_related("answers").prefetch_related("citations")

    @classmethod
    def shown(cls, statement):
        cite(statement, list(statement.citations.all()))
        return statement


class SilenceSheet(PartSheet):
    model = Silence
    name = "記述のない項目"
    needed = ("kind",)

    class Meta:
        import_id_fields = ("slug", "item")

    slug = Column(
        "version__case__slug", SLUG, Cell(required=True), readonly=True, width=22, meaning=KEY_OF_CASE
    )
    item = column_of(Silence, "item", TermCell(Item, required=True), readonly=True, width=22)
    kind = column_of(Silence, "kind", ChoiceCell(Silence.Kind, required=True))
    note = column_of(Silence, "note", width=32)

    def key_of(self, silence):
        return (silence.item,)

    def settle(self):
        for dossier in self.reading.dossiers.values():
            told = {statement.item_id for statement in dossier.of(Statement)}
            for silence in dossier.of(Silence):
                if silence.item_id in told and hasattr(silence, "read_from"):
                    reason = "この項目には記述があります。この行を消すか、先に画面で記述を消してください。"
                    self.refuse(silence.read_from, self.heading("item"), reason)
