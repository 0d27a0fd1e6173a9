"""Who reads the archive: the audit administrator all of it, a supervisor what their own organ did."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.ledger.models import Event, Head


def events_visible_to(user: User | AnonymousUser) -> QuerySet[Event]:
    if has_role(user, Role.AUDIT_ADMIN):
        return Event.objects.all()
    if isinstance(user, User) and user.organ is not None and has_role(user, Role.SUPERVISOR):
        return Event.objects.filter(organ=user.organ)
    return Event.objects.none()


def heads_visible_to(user: User | AnonymousUser) -> QuerySet[Head]:
    return Head.objects.all() if has_role(user, Role.AUDIT_ADMIN) else Head.objects.none()
