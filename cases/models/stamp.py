"""The catalogue's stamp: one value that every public change moves inside its transaction.

All that is derived from the catalogue (the facet index, later kept pages) is keyed by it and thrown
away when it moves; nothing else invalidates anything. It's random, not a counter: a rolled-back
change or a restored backup can then never bring back a value that stood for something else.
"""

import uuid

from django.db import models


class CatalogueStamp(models.Model):
    value = models.UUIDField(default=uuid.uuid4)
    # Moves only where words shared by published versions change: what was read from a version (its
    # text for search, say) stays right under one `words`, since a published version never changes.
    words = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="stamp_is_one_row")]

    @classmethod
    def current(cls) -> tuple[uuid.UUID, uuid.UUID]:
        """The stamp of today's catalogue, and of its words. One query; a migration makes the row."""
        return cls.objects.values_list("value", "words").get(pk=1)

    @classmethod
    def move(cls, *, words: bool = False) -> None:
        """Say that something public, or a shared word, has changed, inside the change's transaction."""
        moved = {"value": uuid.uuid4()} | ({"words": uuid.uuid4()} if words else {})
        cls.objects.filter(pk=1).update(**moved)


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
