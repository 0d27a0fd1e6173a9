"""Who may change where decisions go; the queryset forms are in selectors.py."""

from django.contrib.auth.models import AnonymousUser

from applications.accounts import four_eyes
from applications.accounts.access import supervises
from applications.accounts.models import User
from applications.sharing.models import Destination


def may_propose(user: User | AnonymousUser, region: str | None = None) -> bool:
    """A supervisor of a credit-management department proposes the platforms of its region (Article 3)."""
    return supervises(user, region)


def may_decide(user: User | AnonymousUser, destination: Destination) -> bool:
    """Another one, of the same department or of one above."""
    return four_eyes.may_decide(user, destination, in_charge=supervises(user, destination.region))
