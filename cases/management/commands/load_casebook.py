"""manage.py load_casebook: fill an empty casebook from fixtures/."""

from django.core.management.base import BaseCommand

from cases import fixtures


class Command(BaseCommand):
    help = "事例のない casebook に、語彙・自治体・15事例を入れます。事例があれば何もしません。"

    def handle(self, **options):
        loaded = fixtures.load()
        self.stdout.write(
            f"{loaded}事例を読み込みました。" if loaded else "事例があるので、読み込みませんでした。"
        )
