from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.accounts.models import Role, User
from applications.sharing.models import Delivery

Status = Delivery.Status


def ready() -> QuerySet[Delivery]:
    """Deliveries that a sender may take: all that went before them in their stream is at the platform."""
    earlier = Delivery.objects.filter(stream=OuterRef("stream"), position__lt=OuterRef("position")).exclude(
        status=Status.DELIVERED
    )
    return Delivery.objects.filter(~Exists(earlier), status__in=[Status.WAITING, Status.SENDING])


def due(at: datetime) -> QuerySet[Delivery]:
    """What is ready and whose time has come, longest due first; what a sender left behind is due again too."""
    return ready().filter(next_try_at__lte=at).order_by("next_try_at", "position")


def late(written_before: datetime) -> QuerySet[Delivery]:
    """What is on its way for too long, and nobody was told yet."""
    return Delivery.objects.filter(
        status__in=[Status.WAITING, Status.SENDING], alarmed_at=None, created_at__lte=written_before
    ).order_by("created_at")


def responsible_staff(delivery: Delivery) -> QuerySet[User]:
    """Who can help when a delivery does not arrive: system administrators, and the deciding organ's supervisors."""
    organ = delivery.payload["deciding_organ"]["uscc"]
    return User.objects.filter(
        Q(staff_roles__role=Role.SYSTEM_ADMIN) | Q(staff_roles__role=Role.SUPERVISOR, organ__uscc=organ),
        is_active=True,
    ).distinct()
