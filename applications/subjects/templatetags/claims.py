"""Claims on the first page of the officers' site, and what every page says of one."""

from django import template
from django.db.models import Count, Q
from django.utils import timezone

from applications.accounts.models import User
from applications.subjects.access import VERIFYING_ROLES, claims_to_answer, is_bureau_officer
from applications.subjects.services.telling import what_to_do

register = template.Library()
register.filter("what_to_do", what_to_do)


@register.simple_tag
def claims_waiting(user: User) -> dict[str, int] | None:
    """How many claims wait for the answer of the own bureau, and how many of them for too long; None for others."""
    if not is_bureau_officer(user, *VERIFYING_ROLES):
        return None
    overdue = Count("pk", filter=Q(due_on__lt=timezone.localdate()))
    found: dict[str, int] = claims_to_answer(user).aggregate(all=Count("pk"), overdue=overdue)
    return found
