"""The catalogue's stamp: one value that every public change moves inside its transaction.

All that is derived from the catalogue (the facet index, kept pages) is keyed by it and thrown
away when it moves; nothing else invalidates anything. It's random, not a counter: a rolled-back
change or a restored backup can then never bring back a value that stood for something else.
"""

import uuid
from datetime import datetime
from time import monotonic

from django.db import connections, models

from .. import replica

BELIEVED = 0.1  # seconds for which a process takes PostgreSQL's word
_believed: tuple[float, str] = 0.0, ""  # until when, and what


class CatalogueStamp(models.Model):
    value = models.UUIDField(default=uuid.uuid4)
    # Moves only where words shared by published versions change: what was read from a version (its
    # text for search, say) stays right under one `words`, since a published version never changes.
    words = models.UUIDField(default=uuid.uuid4)
    # The edition that holds exactly what is public today: from its freezing to the next change of that.
    edition = models.ForeignKey("cases.Edition", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="stamp_is_one_row")]

    @classmethod
    def current(cls) -> tuple[uuid.UUID, uuid.UUID, str, datetime | None]:
        """The stamp of today's catalogue and of its words; label and moment of the edition that it is ("" and
        None if it's none). One query; a migration makes the row.
        """
        value, words, label, at = cls.objects.values_list(
            "value", "words", "edition__label", "edition__frozen_at"
        ).get(pk=1)
        return value, words, label or "", at

    @classmethod
    def now(cls, using: str | None = None) -> str:
        """The stamp alone, of the database that a model is read from, or of `using`. One query, of 10 µs in SQLite."""
        with connections[using or cls.objects.db].cursor() as cursor:  # by the ORM: twenty times as long
            cursor.execute("SELECT value FROM cases_cataloguestamp WHERE id = 1")
            return str(cursor.fetchone()[0]).replace("-", "")

    @classmethod
    def glance(cls) -> str:
        """The same before every answer, of the database that pages are read from.

        SQLite is asked each time, PostgreSQL ten times a second by each process.
        Raises django.db.Error where the database doesn't answer.
        """
        global _believed
        (until, value), now = _believed, monotonic()
        using = replica.of_readers()
        if connections[using].vendor == "sqlite" or now >= until:
            value = cls.now(using)
            _believed = now + BELIEVED, value
        return value

    @classmethod
    def move(cls, *, words: bool = False, **edition) -> None:
        """Say that something public, or a shared word, has changed, inside the change's transaction.

        `edition=None`: other versions are public than before; `edition=…`: this one holds what is public.
        """
        moved = {"value": uuid.uuid4()} | ({"words": uuid.uuid4()} if words else {})
        cls.objects.filter(pk=1).update(**moved, **edition)


class Stamped(models.Model):
    """Rows that published pages name (a tool, a source, a municipality): a change moves the stamp."""

    searched = True  # whether search reads them: then all that it has read is read anew

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        CatalogueStamp.move(words=self.searched)

    def delete(self, *args, **kwargs):
        deleted = super().delete(*args, **kwargs)
        CatalogueStamp.move(words=self.searched)
        return deleted
