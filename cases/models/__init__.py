"""What is modelled; one module per kind of thing."""

from .case import Case, CaseVersion
from .content import Citation, Link, Silence, Statement, ToolUse
from .municipality import REGIONS, Municipality, check_code, region_of
from .photo import Photo
from .source import Source
from .stamp import CatalogueStamp
from .vocabulary import Field, Item, Style, Synonym, Theme, Tier, Tool, ToolFamily
from .workflow import Transition

__all__ = [
    "REGIONS",
    "Case",
    "CaseVersion",
    "CatalogueStamp",
    "Citation",
    "Field",
    "Item",
    "Link",
    "Municipality",
    "Photo",
    "Silence",
    "Source",
    "Statement",
    "Style",
    "Synonym",
    "Theme",
    "Tier",
    "Tool",
    "ToolFamily",
    "ToolUse",
    "Transition",
    "check_code",
    "region_of",
]
