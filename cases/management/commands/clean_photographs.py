"""manage.py clean_photographs: put the folder of photographs in order."""

from django.core.management.base import BaseCommand

from cases import upkeep


class Command(BaseCommand):
    help = (
        "写真の置き場所を整えます。どの版も使っていない古いファイル（24時間以上）を消し、"
        "足りない大きさの写真を作り、撮影情報の残る写真を書き直します。公開中でも安全に動かせます。"
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="何も変えずに、することだけを示す")

    def handle(self, *, dry_run, **options):
        told = 0
        for line in upkeep.tidy(dry_run=dry_run):
            self.stdout.write(line)
            told += 1
        if not told:
            self.stdout.write("整っています。することはありませんでした。")
        elif dry_run:
            self.stdout.write(f"以上{told}件は、することの一覧です。まだ何も変えていません。")
