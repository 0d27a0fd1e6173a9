"""Who may see clocks and change the calendar; the queryset forms are in selectors.py."""

from django.contrib.auth.models import AnonymousUser

from applications.accounts import four_eyes
from applications.accounts.access import has_role, supervises
from applications.accounts.models import User
from applications.deadlines.models import CalendarChange, Deadline, LocalClosure
from applications.organs import regions
from applications.organs.models import Organ


def may_see(user: User | AnonymousUser, clock: Deadline) -> bool:
    """The staff of the organ, and those of the credit-management departments above it."""
    if not isinstance(user, User) or user.organ is None or not has_role(user):
        return False
    return user.organ_id == clock.organ_id or (
        user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT
        and regions.covers(user.organ.region, clock.organ.region)
    )


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
