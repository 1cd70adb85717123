"""manage.py sweep_imports: empty imports that nobody confirmed within 24 hours."""

from django.core.management.base import BaseCommand

from cases.models import Import


class Command(BaseCommand):
    help = "24時間たっても確定されなかった取り込みの中身を消します（新しい取り込みのときにも消えます）。"

    def handle(self, **options):
        Import.objects.sweep()
