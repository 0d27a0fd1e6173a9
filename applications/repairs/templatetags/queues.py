"""The officer's own queue on the first page of the officers' site."""

from django import template
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.absences import absence_of, in_force
from applications.accounts.access import has_role
from applications.accounts.admin_filters import saved_filters
from applications.accounts.models import Role, SavedFilter, User
from applications.notifications.selectors import unread_count
from applications.organs.models import Organ
from applications.repairs.access import HANDLING_ROLES, inquiries_to_answer, revocations_to_decide
from applications.repairs.selectors import queue_counts
from applications.repairs.services.proofs import unserved

register = template.Library()
ON_FIRST_PAGE = ("mine", "mine_today", "mine_overdue", "taken", "today", "overdue")


@register.simple_tag
def my_queue(user: User) -> dict[str, int] | None:
    """How much waits for this officer and how much of it is due today or late, the same of the organ, and what the officer
    has charge of; None for people who handle no cases."""
    if user.organ is None or user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return None
    if not has_role(user, *HANDLING_ROLES, Role.SUPERVISOR):
        return None
    return queue_counts(user, localdate(), *ON_FIRST_PAGE)


@register.simple_tag
def kept_filters(user: User) -> QuerySet[SavedFilter]:
    """How this officer filters the queue, under names of the own."""
    return saved_filters(user, "repairs_repaircase")


@register.simple_tag
def away_today(user: User) -> list[str]:
    """What an officer is told of absences today: who has the own work, and whose work the officer has."""
    today = localdate()
    found = []
    if own := absence_of(user, today):
        words = _(
            "您登记为离岗至%(last)s，由%(cover)s代办；代办人不能承办的，由本岗其他人员办理。已经回来的，请提前结束。"
        )
        found.append(words % {"last": own.last_on.isoformat(), "cover": own.cover.name})
    for other in user.covers.filter(in_force(today)).select_related("user").order_by("pk"):
        words = _("%(name)s离岗至%(last)s，由您代办：轮到您岗位、您能承办的办件在您的队列中。")
        found.append(words % {"last": other.last_on.isoformat(), "name": other.user.name})
    return found


@register.simple_tag
def revocations_waiting(user: User) -> int:
    """How many repairs a colleague proposes to revoke, for this officer to decide."""
    return revocations_to_decide(user).count()


@register.simple_tag
def receptions_to_serve(user: User) -> int:
    """Of how much that came at the window or by post a letter waits to be handed over: as long as the list that opens."""
    return unserved(user).values("proof_of_service__case__filing__reception").distinct().count()


@register.simple_tag
def inquiries_waiting(user: User) -> int:
    """How many inquiries of a bureau wait for this officer's answer."""
    return inquiries_to_answer(user).count()


@register.simple_tag
def messages_unread(user: User) -> int:
    """How many messages this officer has not opened yet."""
    return unread_count(user)
