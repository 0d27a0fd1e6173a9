"""Who may see clocks."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts.access import has_role
from applications.accounts.models import CASE_ROLES, User
from applications.deadlines.models import Deadline, Escalation
from applications.organs import regions
from applications.organs.models import Organ


def may_see(user: User | AnonymousUser, clock: Deadline) -> bool:
    """The staff of the organ, and those of the credit-management departments above it."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, *CASE_ROLES):
        return False
    return user.organ_id == clock.organ_id or (
        user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT
        and regions.covers(user.organ.region, clock.organ.region)
    )


def visible_to(user: User | AnonymousUser) -> QuerySet[Deadline]:
    """The clocks for which ``may_see`` holds."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, *CASE_ROLES):
        return Deadline.objects.none()
    mine = Q(organ=user.organ)
    if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        mine |= Q(organ__region__startswith=regions.prefix(user.organ.region))
    return Deadline.objects.filter(mine)


def escalations_visible_to(user: User | AnonymousUser) -> QuerySet[Escalation]:
    return Escalation.objects.filter(deadline__in=visible_to(user))
