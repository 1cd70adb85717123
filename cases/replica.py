"""Where readers' pages come from if there's a copy of the database that keeps up by itself (REPLICA_URL).

All that a public page is made from comes from the copy, the catalogue's stamp first of all: what is derived
from the rows stands under the stamp that they stood under, however late the copy is. All else (the admin,
drafts shown by a link, commands) asks the database itself, and nothing is ever written to the copy.
"""

from contextvars import ContextVar

from django.conf import settings

# Said for every request by middleware, and true until the next one of this thread: a body that's streamed
# is made after the middleware has returned.
for_a_reader: ContextVar[bool] = ContextVar("for_a_reader", default=False)


def of_readers() -> str:
    """The alias of the database that public pages come from."""
    return "replica" if "replica" in settings.DATABASES else "default"


class Router:
    def db_for_read(self, model, **hints):
        return "replica" if for_a_reader.get() else "default"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, one, other, **hints):
        return True  # they're the same rows

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"
