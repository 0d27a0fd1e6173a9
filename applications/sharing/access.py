"""Who sees what goes to the sharing platform."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.access import roles_of
from applications.accounts.models import Role, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.sharing.models import Delivery


def visible_to(user: User | AnonymousUser) -> QuerySet[Delivery]:
    """System administrators see every delivery, a supervisor those of decisions of the own organ; a supervisor
    of a credit-management department those of the whole region."""
    roles = roles_of(user)
    if Role.SYSTEM_ADMIN in roles:
        return Delivery.objects.all()
    if isinstance(user, User) and user.organ and Role.SUPERVISOR in roles:
        if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
            return Delivery.objects.filter(payload__region__startswith=regions.prefix(user.organ.region))
        return Delivery.objects.filter(payload__deciding_organ__uscc=user.organ.uscc)
    return Delivery.objects.none()
