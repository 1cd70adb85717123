"""The site as the outer world knows it: its name, and addresses from SITE_URL, never from what a request calls itself."""

from django.conf import settings
from django.urls import reverse

SITE = "ひきこもり支援 オンライン活用事例集"


def absolute(name: str, *args, query: str = "") -> str:
    """A page by its URL name and arguments → `https://casebook.example.jp/cases/toba-ibasho/`."""
    return settings.SITE_URL + reverse(name, args=args) + (f"?{query}" if query else "")
