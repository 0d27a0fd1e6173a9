"""Who may see and record implementing rules, and adopt policies."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import has_role, supervises
from applications.accounts.models import CASE_ROLES, Role, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.policies.models import ImplementingRules, PolicyAdoption

# What others than the unit itself may see: rules that were in force at some time.
RECORDED = (ImplementingRules.Status.IN_FORCE, ImplementingRules.Status.WITHDRAWN)


def may_see(user: User | AnonymousUser, rules: ImplementingRules) -> bool:
    """Officers of the unit see all of it; those of the region's bureaus and departments what was recorded."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, *CASE_ROLES):
        return False
    if user.organ_id == rules.unit_id:
        return True
    return (
        user.organ.kind != Organ.Kind.IDENTIFYING_UNIT
        and rules.status in RECORDED
        and regions.covers(user.organ.region, rules.unit.region)
    )


def visible_to(user: User | AnonymousUser) -> QuerySet[ImplementingRules]:
    """The rules for which ``may_see`` holds."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, *CASE_ROLES):
        return ImplementingRules.objects.none()
    seen = Q(unit=user.organ)
    if user.organ.kind != Organ.Kind.IDENTIFYING_UNIT:
        seen |= Q(status__in=RECORDED, unit__region__startswith=regions.prefix(user.organ.region))
    return ImplementingRules.objects.filter(seen)


def may_record_for(user: User | AnonymousUser, unit: Organ) -> bool:
    """A supervisor of the identifying unit itself records, confirms and withdraws its rules (Article 18)."""
    return (
        isinstance(user, User)
        and user.organ_id == unit.pk
        and unit.kind == Organ.Kind.IDENTIFYING_UNIT
        and has_role(user, Role.SUPERVISOR)
    )


def may_adopt(user: User | AnonymousUser) -> bool:
    """A supervisor of the province's credit-management department (Article 3): it issues the province's rule."""
    return (
        supervises(user)
        and isinstance(user, User)
        and user.organ is not None
        and user.organ.level == Organ.Level.PROVINCE
    )


def may_decide(user: User | AnonymousUser, adoption: PolicyAdoption) -> bool:
    """Another one of those who may propose a policy."""
    return four_eyes.may_decide(user, adoption, in_charge=may_adopt(user))
