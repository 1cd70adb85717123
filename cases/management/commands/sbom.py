"""manage.py sbom: what the casebook is made of, for machines."""

import json

from django.core.management.base import BaseCommand

from cases import supply


class Command(BaseCommand):
    help = "ソフトウェア部品表（SBOM、CycloneDX 1.6のJSON）を書き出します。脆弱性の点検に使えます。"

    def add_arguments(self, parser):
        parser.add_argument(
            "lock", nargs="?", default=supply.LOCK, help="固定したパッケージの一覧（既定 requirements.txt）"
        )

    def handle(self, *, lock, **options):
        self.stdout.write(json.dumps(supply.bill(lock), ensure_ascii=False, indent=2))
