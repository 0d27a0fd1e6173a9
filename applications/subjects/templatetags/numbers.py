from django import template

from applications.masking import mask_numbers

register = template.Library()


@register.filter
def masked(text: str) -> str:
    """A text for the public: whatever was stored, no number of a person is shown in full."""
    return mask_numbers(text)
