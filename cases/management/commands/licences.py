"""manage.py licences: the licence of everything that the casebook is made of."""

from django.core.management.base import BaseCommand

from cases import supply


class Command(BaseCommand):
    help = (
        "この事例集を動かすもの（固定したパッケージと、同梱しているほかの人のファイル）の名前・版・利用条件を、"
        "一覧にします。利用条件の表示がないものは、そう書きます。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "lock", nargs="?", default=supply.LOCK,
            help="固定したパッケージの一覧（既定 requirements.txt。試験だけに使うものも見るには requirements-test.txt）",
        )  # fmt: skip

    def handle(self, *, lock, **options):
        packages = supply.packages(lock)
        self._table(f"パッケージ（{lock}、{len(packages)}件）", packages)
        self._table("リポジトリに含む、ほかの人のもの", supply.files())
        self.stdout.write("\n## パッケージが中に含む、さらにほかの人のもの\n")
        for name, path in supply.bundled(lock):
            self.stdout.write(f"- {name}: {path}")
        self.stdout.write("\nそのほかは、この事例集のものです（LICENSE、MIT）。")

    def _table(self, heading, parts):
        self.stdout.write(f"\n## {heading}\n\n| 名前 | 版 | 利用条件 | 条件の文書 |\n|---|---|---|---|")
        for part in parts:
            papers = "、".join(part.papers) or "なし"
            self.stdout.write(f"| {part.name} | {part.version or '—'} | {_licence(part)} | {papers} |")


def _licence(part):
    if part.is_here:
        return part.licence or (supply.WITHOUT if not part.is_package else "表示なし")
    return f"この環境には入りません（{part.where}）" if part.where else "この版は入っていません"
