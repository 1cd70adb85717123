"""manage.py make_synthetic: fill a casebook made for measuring with synthetic cases."""

from django.core.management.base import BaseCommand, CommandError

from cases import synthetic


class Command(BaseCommand):
    help = (
        "性能を測るためだけの casebook を、合成データで指定の件数まで満たします。"
        "入れたものは公開され、消せません。読む人のいる casebook では使わないでください。"
    )

    def add_arguments(self, parser):
        parser.add_argument("size", type=int, help="公開中の事例を何件にするか")
        parser.add_argument(
            "--yes-this-is-a-benchmark",
            action="store_true",
            dest="sure",
            help="測定専用の casebook であることの確認（必須）",
        )

    def handle(self, *, size, sure, **options):
        if not sure:
            raise CommandError(
                "合成データは公開され、消せません。測定専用の casebook であれば、"
                "--yes-this-is-a-benchmark を付けてください。"
            )
        try:
            added = synthetic.fill(size)
        except synthetic.Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"合成データを{added}件加えました。")
