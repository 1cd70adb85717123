"""manage.py backup: the whole casebook into one file, while it's served."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases import backup


class Command(BaseCommand):
    help = (
        "事例集のすべて（データベース・写真・号のファイル）を、一つのファイルにバックアップします。公開中でも安全に動かせます。"
        "パスワードのハッシュと二段階認証の鍵が入るので、サーバーと同じように守ってください。"
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, help="フォルダーか、新しいファイル（既定 DATA_DIR/backups）")

    def handle(self, *, to, **options):
        try:
            made = backup.make(to)
        except backup.Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(
            f"バックアップを作り、読み直して確かめました：{made.path}"
            f"（{made.manifest.rows:,}行、{len(made.manifest.files):,}個のファイル、{made.path.stat().st_size:,}バイト）"
        )
        if made.lost:
            raise CommandError(
                f"置き場所にないファイルが{len(made.lost)}個あります。前のバックアップから戻してください："
                + "、".join(made.lost)
            )
