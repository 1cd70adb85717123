"""Addresses as the outer world knows them: from SITE_URL, never from what a request calls itself."""

from django.conf import settings
from django.urls import reverse


def absolute(name: str, *args, query: str = "") -> str:
    """A page by its URL name and arguments → `https://casebook.example.jp/cases/toba-ibasho/`."""
    return settings.SITE_URL + reverse(name, args=args) + (f"?{query}" if query else "")
