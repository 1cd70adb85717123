"""What is modelled; one module per kind of thing."""

from .audit import AuditEntry
from .case import Case, CaseVersion
from .content import Citation, Link, Silence, Statement, ToolUse
from .edition import BUNDLE, LABEL, PAPERS, Edition, EditionFile
from .enquiry import Enquiry
from .fingerprint import Stale, fingerprint, fingerprints, refuse_if_stale, with_figures
from .glossary import GlossaryTerm
from .guide import GuideCitation, GuidePage, GuideTransition, GuideVersion
from .intake import Import, Stopped
from .municipality import REGIONS, Municipality, check_code, region_of
from .photo import Photo
from .preview import PreviewLink
from .source import Source
from .stamp import CatalogueStamp
from .survey import SMALL, Survey, SurveyGroup, SurveyQuestion
from .survey_result import SurveyFigure, SurveyFinding, SurveyImport, is_small_share, shortest
from .vocabulary import Field, Item, Style, Synonym, Theme, Tier, Tool, ToolFamily
from .wording import Wording
from .workflow import Transition

__all__ = [
    "BUNDLE",
    "LABEL",
    "PAPERS",
    "REGIONS",
    "SMALL",
    "AuditEntry",
    "Case",
    "CaseVersion",
    "CatalogueStamp",
    "Citation",
    "Edition",
    "EditionFile",
    "Enquiry",
    "Field",
    "GlossaryTerm",
    "GuideCitation",
    "GuidePage",
    "GuideTransition",
    "GuideVersion",
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
    "Survey",
    "SurveyFigure",
    "SurveyFinding",
    "SurveyGroup",
    "SurveyImport",
    "SurveyQuestion",
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
    "is_small_share",
    "refuse_if_stale",
    "region_of",
    "shortest",
    "with_figures",
]
