"""manage.py build_bundle: make the files of an edition, or see that they're still what was made."""

import os

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from cases import bundle
from cases.models import Edition


class Command(BaseCommand):
    help = (
        "号のファイル（CSV・Excel・PDF・持ち出し用の一式）を作ります。号を言わなければ、いちばん新しい号です。"
        "もうあるときは作り直さず、元のままかどうかをSHA-256で確かめます。公開中でも安全に動かせます。"
    )

    def add_arguments(self, parser):
        parser.add_argument("label", nargs="?", help="号（例: 2026-11）")
        parser.add_argument("--aside", action="store_true", help="読む人の処理を先にして、ゆっくり作る")

    def handle(self, *, label, aside, **options):
        if aside:
            os.nice(10)
        editions = Edition.objects.filter(label=label) if label else Edition.objects.all()
        edition = editions.first()
        if edition is None:
            raise CommandError(f"「{label}」という号はありません。" if label else "号がまだありません。")
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():  # nothing has been served here yet
            call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"{edition}のファイルを作ります。")
        try:
            made = bundle.make(edition, lambda words: self.stdout.write(f"  {words}"))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if not made and not bundle.is_whole(edition):
            raise CommandError(
                "ファイルはありますが、作った時のものと違います。バックアップから戻してください。"
            )
        size = edition.files.latest("pk").size
        told = "できました" if made else "もうあり、作った時のままです"
        self.stdout.write(f"{told}：{bundle.kept(edition)}（{size:,}バイト）")
