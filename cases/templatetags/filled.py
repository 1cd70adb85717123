"""{% filled "components/chip.html" name=chip.name … %}: a component with these data, drawn once."""

from django import template

from .. import drawn

register = template.Library()


@register.simple_tag
def filled(component, **values):
    """As {% include %} with these data only; what is left empty and what isn't text or a number shapes it."""
    return drawn.filled(component, **values)
