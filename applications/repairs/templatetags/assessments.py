from typing import Any

from django import template

from applications.repairs.explaining import stored_explanations
from applications.repairs.models import RepairCase

register = template.Library()


@register.inclusion_tag("repairs/explanations.html")
def explanations_of(case: RepairCase) -> dict[str, Any]:
    """Why: each stored assessment of a case, folded away, with a link to the same as data."""
    return {"case": case, "explanations": stored_explanations(case)}
