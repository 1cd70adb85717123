"""The one app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "事例集"

    def ready(self):
        pre_migrate.connect(_thaw, sender=self)
        post_migrate.connect(_freeze, sender=self)


def _thaw(using, **kwargs):
    from django.db import connections

    from .models import frozen

    frozen.remove(connections[using])


def _freeze(using, **kwargs):
    from django.db import connections

    from .models import frozen

    if "cases_caseversion" in connections[using].introspection.table_names():
        frozen.install(connections[using])
