from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from applications.accounts.models import Role, User
from applications.organs import regions
from applications.organs.models import Organ


def staff_of(organ: Organ, *roles: str) -> QuerySet[User]:
    """Active staff of an organ that hold any of the roles, each once; with no role named, all of its staff."""
    staff = User.objects.filter(organ=organ, is_staff=True, is_active=True)
    return staff.filter(staff_roles__role__in=roles).distinct() if roles else staff


def supervisors_over(region: str) -> QuerySet[User]:
    """Everybody for whom access.supervises holds: of the departments of the region, its city and the province."""
    over = {region, regions.city_of(region), regions.PROVINCE}
    return User.objects.filter(
        is_staff=True,
        is_active=True,
        staff_roles__role=Role.SUPERVISOR,
        organ__kind=Organ.Kind.CREDIT_MANAGEMENT,
        organ__region__in=over,
    ).distinct()


def keepers_of(organ: Organ) -> QuerySet[User]:
    """The security administrators who look after the staff of an organ: the other side of managed_organs."""
    bureaus = Q(
        organ__kind=Organ.Kind.CREDIT_BUREAU,
        organ__region__in=[code for code in regions.codes() if regions.covers(code, organ.region)],
    )
    return (
        User.objects.filter(Q(organ=organ) | bureaus, is_staff=True, is_active=True)
        .filter(staff_roles__role=Role.SECURITY_ADMIN)
        .select_related("organ")
        .order_by("organ__region", "pk")
    )


def staff_with_address(address: str) -> User | None:
    """Whose staff account an address is, or is proposed to become."""
    addresses = EmailAddress.objects.filter(email__iexact=address)
    return (
        User.objects.filter(Q(email__iexact=address) | Q(emailaddress__in=addresses), is_staff=True)
        .select_related("organ")
        .order_by("pk")
        .first()
    )


def pending_address(user: User) -> str:
    """The address that a person is changing to and has not verified yet; empty if there is none."""
    pending = EmailAddress.objects.filter(user=user, verified=False, primary=False).order_by("pk").last()
    return pending.email if pending else ""
