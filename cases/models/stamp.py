"""The catalogue's stamp: one value that every public change moves inside its transaction.

All that is derived from the catalogue (the facet index, later kept pages) is keyed by it and thrown
away when it moves; nothing else invalidates anything. It's random, not a counter: a rolled-back
change or a restored backup can then never bring back a value that stood for something else.
"""

import uuid

from django.db import models


class CatalogueStamp(models.Model):
    value = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="stamp_is_one_row")]

    @classmethod
    def current(cls) -> uuid.UUID:
        """The stamp of today's catalogue. One query; the row is made by a migration."""
        return cls.objects.values_list("value", flat=True).get(pk=1)

    @classmethod
    def move(cls) -> None:
        """Say that something public has changed. Call it inside the change's transaction."""
        cls.objects.filter(pk=1).update(value=uuid.uuid4())


class Stamped(models.Model):
    """Rows that published pages name (a tool, a source, a municipality): a change moves the stamp."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        CatalogueStamp.move()

    def delete(self, *args, **kwargs):
        deleted = super().delete(*args, **kwargs)
        CatalogueStamp.move()
        return deleted
