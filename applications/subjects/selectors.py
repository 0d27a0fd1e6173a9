from django.db.models import QuerySet

from applications.accounts.models import User
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects.access import VERIFYING_ROLES
from applications.subjects.models import Claim


def claims_of(user: User) -> QuerySet[Claim]:
    """The user's own claims, newest first."""
    return Claim.objects.filter(user=user).select_related("subject", "proof").order_by("-made_at", "-pk")


def verifiers_of(claim: Claim) -> QuerySet[User]:
    """Whom a new claim is brought to: the verifying officers of the nearest bureau that has any."""
    region = region_of(claim)
    for place in dict.fromkeys([region, regions.city_of(region), regions.PROVINCE]):
        officers = User.objects.filter(
            is_staff=True,
            is_active=True,
            organ__kind=Organ.Kind.CREDIT_BUREAU,
            organ__region=place,
            staff_roles__role__in=VERIFYING_ROLES,
        ).exclude(pk=claim.user_id)
        if officers.exists():
            return officers.distinct()
    return User.objects.none()


def region_of(claim: Claim) -> str:
    """The division that the code names; the province where it names none that exists today."""
    person = claim.subject if claim.subject and claim.subject.is_person else None
    code = person.identity_number[:6] if person else claim.uscc[2:8]
    return code if regions.exists(code) else regions.PROVINCE
