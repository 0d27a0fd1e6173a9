"""Who proposes a change of the calendar, and who decides about it."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.access import supervises
from applications.accounts.models import Role, User
from applications.calendars.models import CalendarChange, LocalClosure
from applications.organs import regions
from applications.organs.models import Organ


def may_propose(user: User | AnonymousUser) -> bool:
    """A supervisor of a credit-management department (Article 3) proposes changes of the calendar."""
    return supervises(user)


def may_propose_for(user: User | AnonymousUser, region: str) -> bool:
    """A department closes offices within its own region only."""
    return (
        may_propose(user)
        and isinstance(user, User)
        and user.organ is not None
        and regions.covers(user.organ.region, region)
    )


def may_confirm(user: User | AnonymousUser, change: CalendarChange) -> bool:
    """A notice from the command line has nobody who stands for it: a supervisor must, before another decides."""
    return change.proposed_by_id is None and may_propose(user)


def may_decide(user: User | AnonymousUser, change: CalendarChange) -> bool:
    """Four eyes: whoever proposed a change does not put it into effect, and nobody decides what nobody proposed.

    A notice of the State Council counts in the whole province, so its department decides: it alone sees every
    clock that moves. A closure is its region's own.
    """
    if change.proposed_by_id is None or change.proposed_by_id == user.pk:
        return False
    if isinstance(change, LocalClosure):
        return may_propose_for(user, change.region)
    return may_propose(user) and isinstance(user, User) and _is_provincial(user.organ)


def deciders_of(change: CalendarChange) -> QuerySet[User]:
    """The supervisors for whom ``may_decide`` holds; of a change without a proposer, those who may once it has one."""
    supervisors = User.objects.filter(
        is_staff=True,
        is_active=True,
        staff_roles__role=Role.SUPERVISOR,
        organ__kind=Organ.Kind.CREDIT_MANAGEMENT,
    )
    if isinstance(change, LocalClosure):
        over = {change.region, regions.city_of(change.region), regions.PROVINCE}
        supervisors = supervisors.filter(organ__region__in=over)
    else:
        supervisors = supervisors.filter(organ__level=Organ.Level.PROVINCE)
    if change.proposed_by is not None:
        supervisors = supervisors.exclude(pk=change.proposed_by.pk)
    return supervisors.distinct()


def _is_provincial(organ: Organ | None) -> bool:
    return organ is not None and organ.level == Organ.Level.PROVINCE
