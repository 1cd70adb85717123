"""What is modelled; one module per kind of thing."""

from .audit import AuditEntry
from .case import Case, CaseVersion
from .content import Citation, Link, Silence, Statement, ToolUse
from .edition import BUNDLE, LABEL, PAPERS, Edition, EditionFile
from .enquiry import Enquiry
from .fingerprint import Stale, fingerprint, fingerprints, refuse_if_stale
from .intake import Import, Stopped
from .municipality import REGIONS, Municipality, check_code, region_of
from .photo import Photo
from .preview import PreviewLink
from .source import Source
from .stamp import CatalogueStamp
from .vocabulary import Field, Item, Style, Synonym, Theme, Tier, Tool, ToolFamily
from .wording import Wording
from .workflow import Transition

__all__ = [
    "BUNDLE",
    "LABEL",
    "PAPERS",
    "REGIONS",
    "AuditEntry",
    "Case",
    "CaseVersion",
    "CatalogueStamp",
    "Citation",
    "Edition",
    "EditionFile",
    "Enquiry",
    "Field",
    "Import",
    "Item",
    "Link",
    "Municipality",
    "Photo",
    "PreviewLink",
    "Silence",
    "Source",
    "Stale",
    "Statement",
    "Stopped",
    "Style",
    "Synonym",
    "Theme",
    "Tier",
    "Tool",
    "ToolFamily",
    "ToolUse",
    "Transition",
    "Wording",
    "check_code",
    "fingerprint",
    "fingerprints",
    "refuse_if_stale",
    "region_of",
]
