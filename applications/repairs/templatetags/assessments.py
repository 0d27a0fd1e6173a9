from typing import Any

from django import template

from applications.repairs.explaining import stored_explanations
from applications.repairs.models import Inquiry, RepairCase
from applications.repairs.selectors import standing_answer, was_confirmed

register = template.Library()


@register.inclusion_tag("repairs/explanations.html")
def explanations_of(case: RepairCase) -> dict[str, Any]:
    """Why: each stored assessment of a case, folded away, with a link to the same as data."""
    return {"case": case, "explanations": stored_explanations(case)}


@register.filter
def is_material(inquiry: Inquiry) -> bool:
    """Whether the form that answers it is a material of Article 7 today."""
    return standing_answer(inquiry.case) == inquiry and was_confirmed(inquiry.case)
