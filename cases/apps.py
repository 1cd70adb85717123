"""The one app."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate, pre_migrate


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "事例集"

    def ready(self):
        from . import audit

        audit.watch()
        pre_migrate.connect(_thaw, sender=self)
        post_migrate.connect(_freeze, sender=self)


class EditingConfig(admin.AdminConfig):
    """Django's admin with our site in place of its own; INSTALLED_APPS names it."""

    default = False  # of the two apps in this module, it isn't the one meant by "cases"
    default_site = "cases.admin.site.EditingSite"

    def ready(self):
        # Our door first: the site is in it, and is asked for by its first registration. Were the site asked
        # for before, importing it would make one for the registrations, and then another for everybody else.
        import_module("cases.admin")
        super().ready()


def _thaw(using, **kwargs):
    from django.db import connections

    from .models import frozen

    frozen.remove(connections[using])


def _freeze(using, **kwargs):
    from django.db import connections

    from .models import frozen

    if "cases_caseversion" in connections[using].introspection.table_names():
        frozen.install(connections[using])
