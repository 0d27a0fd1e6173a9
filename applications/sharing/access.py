"""Who sees what goes to the sharing platforms and where it goes, and who may change that."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import roles_of, supervises
from applications.accounts.models import Role, User
from applications.accounts.selectors import supervisors_over
from applications.organs import regions
from applications.organs.models import Organ
from applications.sharing.models import Delivery, Destination


def visible_to(user: User | AnonymousUser) -> QuerySet[Delivery]:
    """System administrators see every delivery, a supervisor those of decisions of the own organ; a supervisor
    of a credit-management department those of the whole region."""
    roles = roles_of(user)
    if Role.SYSTEM_ADMIN in roles:
        return Delivery.objects.all()
    if isinstance(user, User) and user.organ and Role.SUPERVISOR in roles:
        if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
            return Delivery.objects.filter(region__startswith=regions.prefix(user.organ.region))
        return Delivery.objects.filter(organ=user.organ)
    return Delivery.objects.none()


def destinations_visible_to(user: User | AnonymousUser) -> QuerySet[Destination]:
    """System administrators and auditors see every platform, a department those of its region and above it."""
    if roles_of(user) & {Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN}:
        return Destination.objects.all()
    if isinstance(user, User) and user.organ and supervises(user):
        region = user.organ.region
        above = [regions.city_of(region), regions.PROVINCE]
        return Destination.objects.filter(Q(region__startswith=regions.prefix(region)) | Q(region__in=above))
    return Destination.objects.none()


def may_propose(user: User | AnonymousUser, region: str | None = None) -> bool:
    """A supervisor of a credit-management department proposes the platforms of its region (Article 3)."""
    return supervises(user, region)


def may_decide(user: User | AnonymousUser, destination: Destination) -> bool:
    """Another one, of the same department or of one above."""
    return four_eyes.may_decide(user, destination, in_charge=supervises(user, destination.region))


def deciders_of(destination: Destination) -> QuerySet[User]:
    """Everybody for whom ``may_decide`` holds."""
    supervisors = supervisors_over(destination.region)
    return supervisors.exclude(pk=destination.proposed_by.pk) if destination.proposed_by else supervisors
