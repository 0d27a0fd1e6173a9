"""What of the records waits for an officer, on the first page of the officers' site."""

from django import template

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.organs.models import Organ
from applications.records.access import acts_to_decide, objections_to_answer

register = template.Library()


@register.simple_tag
def records_waiting(user: User) -> dict[str, int] | None:
    """How many objections to information wait for this officer's answer, and how many acts for the second look; None for
    people who give neither."""
    if user.organ is None or user.organ.kind != Organ.Kind.IDENTIFYING_UNIT:
        return None
    if not has_role(user, Role.APPROVER):
        return None
    return {"objections": objections_to_answer(user).count(), "acts": acts_to_decide(user).count()}
