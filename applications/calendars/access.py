"""Who proposes a change of the calendar, and who decides about it."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import supervises
from applications.accounts.models import User
from applications.accounts.selectors import supervisors_over
from applications.calendars.models import CalendarChange, LocalClosure
from applications.organs import regions
from applications.organs.models import Organ


def may_propose(user: User | AnonymousUser) -> bool:
    """A supervisor of a credit-management department (Article 3) proposes changes of the calendar."""
    return supervises(user)


def may_propose_for(user: User | AnonymousUser, region: str) -> bool:
    """A department closes offices within its own region only."""
    return supervises(user, region)


def may_confirm(user: User | AnonymousUser, change: CalendarChange) -> bool:
    """A notice from the command line has nobody who stands for it: a supervisor must, before another decides."""
    return change.proposed_by_id is None and may_propose(user)


def may_decide(user: User | AnonymousUser, change: CalendarChange) -> bool:
    """Another one than the proposer.

    A notice of the State Council counts in the whole province, so its department decides: it alone sees every
    clock that moves. A closure is its region's own.
    """
    return four_eyes.may_decide(user, change, in_charge=_in_charge(user, change))


def _in_charge(user: User | AnonymousUser, change: CalendarChange) -> bool:
    if isinstance(change, LocalClosure):
        return may_propose_for(user, change.region)
    organ = user.organ if isinstance(user, User) else None
    return may_propose(user) and organ is not None and organ.level == Organ.Level.PROVINCE


def deciders_of(change: CalendarChange) -> QuerySet[User]:
    """The supervisors for whom ``may_decide`` holds; of a change without a proposer, those who may once it has one."""
    supervisors = supervisors_over(change.region if isinstance(change, LocalClosure) else regions.PROVINCE)
    if change.proposed_by is not None:
        supervisors = supervisors.exclude(pk=change.proposed_by.pk)
    return supervisors
