from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.accounts.models import Role, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.outbox.sending import FAILURES_IN_A_ROW
from applications.sharing.access import may_decide
from applications.sharing.models import Delivery, Destination

Status = Delivery.Status
# What is not at its end; asked in just these words an index of few rows serves.
OPEN = (Status.WAITING, Status.SENDING)
LEFT = (*OPEN, Status.DEAD)
# There is no platform that could take it, or the one that it was written for has ended.
NOWHERE = Q(destination=None) | Q(destination__active_to__isnull=False)

# -- Where decisions go


def in_force() -> QuerySet[Destination]:
    """The platforms that take something now."""
    return Destination.objects.filter(active_from__isnull=False, active_to=None, closes=False)


def destination_for(organ: Organ) -> Destination | None:
    """The platform of the organ's own level and region (Article 11), or the next one above that covers it."""
    places = [
        (Organ.Level.COUNTY, organ.region),
        (Organ.Level.CITY, regions.city_of(organ.region)),
        (Organ.Level.PROVINCE, regions.PROVINCE),
    ]
    first = [level for level, _region in places].index(Organ.Level(organ.level))
    found = {
        (each.level, each.region): each
        for each in in_force().filter(region__in=dict(places[first:]).values())
    }
    return next((found[place] for place in places[first:] if place in found), None)


def provinces() -> Destination | None:
    """The platform that takes whatever no other does."""
    return in_force().filter(level=Organ.Level.PROVINCE).first()


def waiting_for(user: User | AnonymousUser) -> list[Destination]:
    """The proposed platforms on which a person may decide, the longest waiting first."""
    proposed = Destination.objects.filter(state=Destination.State.PROPOSED).order_by("proposed_at")
    return [destination for destination in proposed if may_decide(user, destination)]


# -- Deliveries


def ready() -> QuerySet[Delivery]:
    """Deliveries that a sender may take: all that went before them in their stream is at the platform."""
    earlier = Delivery.objects.filter(stream=OuterRef("stream"), position__lt=OuterRef("position")).exclude(
        status=Status.DELIVERED
    )
    return Delivery.objects.filter(~Exists(earlier), ~NOWHERE, status__in=OPEN)


def due(at: datetime) -> QuerySet[Delivery]:
    """What is ready and whose time has come, longest due first; what a sender left behind is due again too."""
    return ready().filter(next_try_at__lte=at).order_by("next_try_at", "position")


def homeless() -> QuerySet[Delivery]:
    """What no platform takes as it stands."""
    return Delivery.objects.filter(NOWHERE, status__in=OPEN)


def is_down(destination: Destination) -> bool:
    """Whether the platform failed so often of late that only the sweep asks it."""
    failing = Delivery.objects.filter(
        destination=destination, status__in=OPEN, leased_until=None, attempts__gt=0
    )
    return failing[:FAILURES_IN_A_ROW].count() == FAILURES_IN_A_ROW


def late(written_before: datetime) -> QuerySet[Delivery]:
    """What is on its way to a platform for too long, and nobody was told yet."""
    return Delivery.objects.filter(
        ~NOWHERE, status__in=OPEN, alarmed_at=None, created_at__lte=written_before
    ).order_by("created_at")


def is_held_up(delivery: Delivery) -> bool:
    """Whether one that went before it in its stream is given up: it waits until people push that one again."""
    return Delivery.objects.filter(
        stream=delivery.stream, position__lt=delivery.position, status=Status.DEAD
    ).exists()


def responsible_staff(organ: Organ | None) -> QuerySet[User]:
    """Who can help when an organ's decision does not arrive: system administrators, and the organ's supervisors."""
    return User.objects.filter(
        Q(staff_roles__role=Role.SYSTEM_ADMIN) | Q(staff_roles__role=Role.SUPERVISOR, organ=organ),
        is_active=True,
    ).distinct()
