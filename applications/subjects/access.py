from django.contrib.auth.models import AnonymousUser

from applications.accounts.models import User
from applications.subjects.models import Claim, Subject
from applications.subjects.selectors import claims_verified_by, subjects_of


def may_act_for(user: User | AnonymousUser, subject: Subject) -> bool:
    """Whether the user's claim to the subject is verified. The queryset form is selectors.subjects_of."""
    return subjects_of(user).filter(pk=subject.pk).exists()


def may_verify(user: User | AnonymousUser, claim: Claim) -> bool:
    """Whether the user is an officer who decides this claim. The queryset is selectors.claims_verified_by."""
    return claims_verified_by(user).filter(pk=claim.pk).exists()
