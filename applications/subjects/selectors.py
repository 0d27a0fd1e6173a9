from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.models import User
from applications.subjects.models import Claim, Subject


def subjects_of(user: User | AnonymousUser) -> QuerySet[Subject]:
    """The subjects that the user may act for: those with a verified claim. See access.may_act_for."""
    if not user.is_authenticated:
        return Subject.objects.none()
    return Subject.objects.filter(claims__user=user, claims__status=Claim.Status.VERIFIED)
