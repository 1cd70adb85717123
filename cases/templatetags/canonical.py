"""{% canonical 'case' record.slug %}: the one address of a page, for search engines."""

from django import template
from django.utils.html import format_html

from ..addresses import absolute

register = template.Library()


@register.simple_tag
def canonical(name, *args, query=""):
    """<link rel="canonical"> of a page by its URL name, arguments and query string."""
    return format_html('<link rel="canonical" href="{}">', absolute(name, *args, query=query))
