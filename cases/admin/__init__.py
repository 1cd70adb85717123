"""The editors' door: stock admin in Japanese (site.py says who comes in)."""

from . import audit, case, edition, enquiry, guide, intake, survey, users, version, vocabulary

__all__ = [
    "audit",
    "case",
    "edition",
    "enquiry",
    "guide",
    "intake",
    "survey",
    "users",
    "version",
    "vocabulary",
]
