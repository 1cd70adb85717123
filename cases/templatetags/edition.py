"""{% standing as here %}: which edition a page shows, of what day, and the address to cite."""

from django import template

from .. import index
from ..editions import standing as standing_of

register = template.Library()


@register.simple_tag(takes_context=True)
def standing(context):
    """Of the page's catalogue; a page without one asks for today's stamp."""
    catalogue = context.get("catalogue")
    return standing_of(catalogue.index if catalogue else index.current())
