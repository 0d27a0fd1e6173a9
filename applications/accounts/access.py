"""Who may: the questions that every app asks about a person's roles."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q, QuerySet

from applications.accounts.models import CASE_ROLES, SEPARATED_ROLES, Absence, Role, SecondFactorReset, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.organs.selectors import organs_under

# What has been read of roles while a page is shown, by the user's id; None while something is done.
_read: ContextVar[dict[int, frozenset[str]] | None] = ContextVar("roles", default=None)


class Refusal(PermissionDenied):
    """A refusal whose message is for whoever is refused; the page says it."""


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """The roles in force: none for applicants, for people without an organ, and for disabled accounts."""
    if not isinstance(user, User) or not (user.is_active and user.is_staff and user.organ_id):
        return frozenset()
    read = _read.get()
    if read is not None and user.pk in read:
        return read[user.pk]
    # Written out: every page and every step of an officer asks.
    with connection.cursor() as cursor:
        cursor.execute("SELECT role FROM accounts_staffrole WHERE user_id = %s", [user.pk])
        roles = frozenset(role for (role,) in cursor.fetchall())
    if read is not None:
        read[user.pk] = roles
    return roles


@contextmanager
def roles_read_once() -> Iterator[None]:
    """While a page is shown, which asks ten times. An act asks each time: the roles may go while it waits for a lock."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def has_role(user: User | AnonymousUser, *roles: str) -> bool:
    """Whether the user holds any of the roles; with none named, whether the user is staff with any role."""
    held = roles_of(user)
    return bool(held & set(roles)) if roles else bool(held)


def supervises(user: User | AnonymousUser, region: str | None = None) -> bool:
    """Whether the user is a supervisor of a credit-management department (Article 3), over the region if one is given."""
    return (
        isinstance(user, User)
        and user.organ is not None
        and user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT
        and (region is None or regions.covers(user.organ.region, region))
        and has_role(user, Role.SUPERVISOR)
    )


def separation_conflict(roles: Iterable[str]) -> bool:
    """三员分立: whether these roles in one hand would break the separation of the three administrators."""
    wanted = set(roles)
    return bool(wanted & SEPARATED_ROLES) and len(wanted) > 1


def may_manage_staff_of(user: User | AnonymousUser, organ: Organ) -> bool:
    """Whether the user is a security administrator over the organ. The queryset is managed_organs."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, Role.SECURITY_ADMIN):
        return False
    return organs_under(user.organ).filter(pk=organ.pk).exists()


def managed_organs(user: User | AnonymousUser) -> QuerySet[Organ]:
    """The organs whose staff a security administrator manages; the queryset of may_manage_staff_of."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, Role.SECURITY_ADMIN):
        return Organ.objects.none()
    return organs_under(user.organ)


def visible_to(user: User | AnonymousUser) -> QuerySet[User]:
    """The staff accounts that a security administrator sees. Applicants' accounts are nobody's to browse."""
    return User.objects.filter(is_staff=True, organ__in=managed_organs(user))


def may_register_absence(user: User, absent: User) -> bool:
    """Everybody for themselves; the head of the organ for all of its staff."""
    if not absent.is_staff or absent.organ_id is None or user.organ_id != absent.organ_id:
        return False
    return has_role(user, *CASE_ROLES) if user.pk == absent.pk else has_role(user, Role.SUPERVISOR)


def absences_visible_to(user: User) -> QuerySet[Absence]:
    """The absences of the organ, for whoever has to do with cases there."""
    if not has_role(user, *CASE_ROLES):
        return Absence.objects.none()
    return Absence.objects.filter(user__organ=user.organ_id)


def resets_visible_to(user: User | AnonymousUser) -> QuerySet[SecondFactorReset]:
    """Those of the organs whose accounts a security administrator manages, and of the own organ for its head."""
    shown = Q(organ__in=managed_organs(user))
    if isinstance(user, User) and has_role(user, Role.SUPERVISOR):
        shown |= Q(organ=user.organ)
    return SecondFactorReset.objects.filter(shown)


def may_propose_reset(user: User | AnonymousUser, account: User) -> bool:
    """A security administrator: for staff who manages their accounts, for anybody without an organ each of them."""
    if user.pk == account.pk or not account.is_active:
        return False
    if account.organ is None:
        return has_role(user, Role.SECURITY_ADMIN)
    return may_manage_staff_of(user, account.organ)


def is_in_charge_of_reset(user: User | AnonymousUser, reset: SecondFactorReset) -> bool:
    """Who may see it decides, but for the owner of the account; ``four_eyes.may_decide`` leaves out who proposed."""
    return user.pk != reset.account_id and resets_visible_to(user).filter(pk=reset.pk).exists()
