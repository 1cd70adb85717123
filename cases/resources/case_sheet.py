"""事例: one row a version. An unknown URLの名 makes a new case."""

from django.core.exceptions import ValidationError
from django.db.models import F

from ..models import Case, CaseVersion, Field, Municipality, Source, Style, Tier, check_code
from .cells import (
    Cell,
    ChoiceCell,
    Column,
    DayCell,
    FlagCell,
    PeriodCell,
    SourceCell,
    TermCell,
    column_of,
    plain,
)
from .dossiers import Dossier
from .reading import SLUG, SheetResource

BY_KEY = "出典のキー。出典は、先に管理画面で加えておきます。"
Status = CaseVersion.ServiceStatus
BY_CASE = (F("case__report_number").asc(nulls_last=True), "case__slug")


def _name(model, field):
    return str(model._meta.get_field(field).verbose_name)


class PeriodColumn(Column):
    """調査時点: one cell for the date and its precision."""

    def get_value(self, version):
        return (version.surveyed_on, version.surveyed_precision) if version.surveyed_on else None

    def save(self, version, row, is_m2m=False, **kwargs):
        period = self.clean(row)
        if self.widget.render(period) != self.export(version):
            version.surveyed_on, version.surveyed_precision = period or (None, "")


class CaseSheet(SheetResource):
    model = CaseVersion
    name = "事例"
    beside = frozenset({
        "都道府県", "自治体の読み", "自治体の種別", "主なツール", "概要の出典の題名", "概要の出典のURL", "現況の出典の題名",
        "調査時点の初日", "調査時点の初日（和暦）", "最終確認日（和暦）", "記述のある項目数", "版の番号", "公開日", "公開日（和暦）",
        "ページ",
    })  # fmt: skip

    slug = Column("case__slug", SLUG, Cell(required=True), readonly=True, width=22,
                  meaning="事例を見分ける半角の名。登録済みならその下書きを変え、なければ新しい事例を作ります。")  # fmt: skip
    code = Column("case__municipality__code", _name(Municipality, "code"), readonly=True, width=12,
                  meaning="全国地方公共団体コード6桁（先頭の0も）。新しい事例では必ず書きます。")  # fmt: skip
    municipality = Column("case__municipality__full_name", _name(Case, "municipality"), readonly=True,
                          meaning="確認のため。団体コードと食い違う行は取り込みません。空でもかまいません。")  # fmt: skip
    field = column_of(CaseVersion, "field", TermCell(Field, required=True))
    tier = column_of(CaseVersion, "tier", TermCell(Tier, required=True), width=22,
                     meaning="報告書に印刷されたとおり。人口から計算し直しません。")  # fmt: skip
    summary = column_of(CaseVersion, "summary", Cell(required=True), width=48)
    style = column_of(CaseVersion, "style", TermCell(Style))
    trial = column_of(CaseVersion, "trial", FlagCell(), width=8)
    source = column_of(CaseVersion, "source", SourceCell(Source, required=True), meaning=BY_KEY)
    source_place = column_of(CaseVersion, "source_place", width=18)
    service_status = column_of(CaseVersion, "service_status", ChoiceCell(Status, empty=Status.UNCONFIRMED),
                               meaning="空なら「未確認」です。")  # fmt: skip
    service_evidence = column_of(CaseVersion, "service_evidence", width=32)
    service_source = column_of(CaseVersion, "service_source", SourceCell(Source), meaning=BY_KEY)
    surveyed = PeriodColumn("surveyed_on", _name(CaseVersion, "surveyed_on"), PeriodCell(),
                            meaning="分かる細かさで。例: 2022年度、令和4年10月、2022-10-01")  # fmt: skip
    checked_on = column_of(CaseVersion, "checked_on", DayCell())
    check_due_on = column_of(CaseVersion, "check_due_on", DayCell(), meaning="次に現況を確かめる日。")
    reason = column_of(CaseVersion, "reason", width=32)

    def before_import(self, dataset, **kwargs):
        self.municipalities = Municipality.objects.in_bulk()

    def find_dossier(self, row):
        dossier, errors = self.reading.dossiers.get(self.key[0]), {}
        try:
            municipality = self.read_municipality(row, dossier and dossier.case.municipality)
        except ValidationError as error:
            municipality, errors = None, error.update_error_dict(errors)
        case = dossier.case if dossier else Case(slug=self.key[0], municipality=municipality)
        if not dossier and (wrong := self.wrong_with_new(case, row)):
            errors[SLUG] = wrong
        if errors:
            raise ValidationError(errors)
        made = Dossier(case, CaseVersion(case=case, number=1))
        return dossier or self.reading.dossiers.setdefault(case.slug, made)

    def wrong_with_new(self, case, row) -> list[str]:
        """Why no new case can be made of this row."""
        try:
            case.clean_fields(exclude=["municipality", "report_number"])
        except ValidationError as error:
            return error.messages
        needed = [self.heading(name) for name in ("field", "tier", "summary", "source")]
        absent = [heading for heading in needed if heading not in row]
        return [f"新しい事例には、列「{'」「'.join(absent)}」も要ります。"] if absent else []

    def read_municipality(self, row, registered):
        """The row's municipality; ValidationError where it isn't the `registered` one, or is named otherwise."""
        heading, code = self.heading("code"), plain(row.get(self.heading("code"), ""))
        if not code and registered is None:
            raise ValidationError({heading: "新しい事例では必ず書きます。"})
        municipality = self.find_municipality(code) if code else registered
        if registered and municipality != registered:
            raise ValidationError({heading: f"この事例は{registered}のもので、表からは変えられません。"})
        heading = self.heading("municipality")
        written = "".join(plain(row.get(heading, "")).split())
        if written and written not in (plain(municipality.name), plain(municipality.full_name)):
            reason = f"「{row[heading]}」は、団体コードの自治体（{municipality}）と違います。"
            raise ValidationError({heading: reason})
        return municipality

    def find_municipality(self, code):
        heading = self.heading("code")
        whole = code.zfill(6) if len(code) == 5 else code
        try:
            check_code(whole)
            municipality = self.municipalities[whole]
        except ValidationError as error:
            raise ValidationError({heading: f"「{code}」：{' '.join(error.messages)}"}) from None
        except KeyError:
            raise ValidationError({heading: f"「{whole}」という団体コードの自治体はありません。"}) from None
        if whole != code:
            self.reading.notes.append(
                f"{self.place} {self.number}行目「{heading}」：「{code}」は先頭の0が落ちたものとして、"
                f"{whole}（{municipality}）と読みました。"
            )
        return municipality

    def find(self):
        return None if self.dossier.is_new else self.dossier.version

    def make(self, row):
        return self.dossier.version

    def wrong_together(self, version):
        if version.service_status != Status.UNCONFIRMED and not version.service_evidence:
            rules = {rule.name: rule.violation_error_message for rule in self.model._meta.constraints}
            return {"service_evidence": rules["service_status_has_evidence"]}
        return {}

    def skip_row(self, version, original, row, import_validation_errors=None):
        """As ever; and a reason alone is nothing to revise a public version for."""
        if import_validation_errors or self.before is None:
            return False
        after = self.cells(version, row)
        changed = {heading for heading, text in after.items() if text != self.before[heading]}
        return not changed or (bool(self.dossier.base) and changed == {self.heading("reason")})

    def keep(self, version, is_create):
        if is_create:
            return "新しい事例", []
        return "公開した版を改訂" if self.dossier.base else "下書きを変更", []

    @classmethod
    def rows_of(cls, versions):
        related = ("case__municipality", "field", "tier", "style", "source", "service_source")
        return versions.select_related(*related).order_by(*BY_CASE)
