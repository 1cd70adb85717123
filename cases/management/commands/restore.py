"""manage.py restore: a backup into an empty casebook."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases import backup


class Command(BaseCommand):
    help = (
        "バックアップを、空の casebook（DATA_DIR と DATABASE_URL）に戻します。読み通して確かめてから始め、"
        "途中で止まれば空のままです。古い casebook のバックアップは、いまの形に移します。"
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="manage.py backup が作ったファイル")

    def handle(self, *, file, **options):
        try:
            manifest = backup.restore(file, self.stdout.write)
        except backup.Refused as refused:
            raise CommandError(f"戻していません。{refused}") from None
        if manifest.absent:
            self.stdout.write(f"バックアップした時になかったファイル：{'、'.join(manifest.absent)}")
        self.stdout.write(
            f"戻しました：{manifest.made_at} の casebook {manifest.casebook}"
            f"（{manifest.rows:,}行、{len(manifest.files):,}個のファイル）"
        )
