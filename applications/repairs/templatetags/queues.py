"""The officer's own queue on the first page of the officers' site."""

from django import template
from django.utils.timezone import localdate

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.organs.models import Organ
from applications.repairs.access import HANDLING_ROLES, inquiries_to_answer, revocations_to_decide
from applications.repairs.selectors import queue_counts

register = template.Library()


@register.simple_tag
def my_queue(user: User) -> dict[str, int] | None:
    """How much waits for this officer, is due today and is late; None for people who handle no cases."""
    if user.organ is None or user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return None
    if not has_role(user, *HANDLING_ROLES, Role.SUPERVISOR):
        return None
    return queue_counts(user, localdate(), "mine", "today", "overdue")


@register.simple_tag
def revocations_waiting(user: User) -> int:
    """How many repairs a colleague proposes to revoke, for this officer to decide."""
    return revocations_to_decide(user).count()


@register.simple_tag
def inquiries_waiting(user: User) -> int:
    """How many inquiries of a bureau wait for this officer's answer."""
    return inquiries_to_answer(user).count()
