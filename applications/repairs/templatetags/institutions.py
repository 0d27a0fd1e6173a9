"""What the lists of the departments say of a credit service institution that an applicant states (Article 17)."""

from django import template

from applications.repairs.registers import who_lists

register = template.Library()


@register.filter
def on_no_list(institution: str) -> bool:
    """Whether an institution is named, and no department has it on its list."""
    return bool(institution) and not who_lists(institution)
