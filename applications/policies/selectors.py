"""Which policy applies on a day, to a unit's records, and the texts of those that applied before.

What the process keeps is found by digest, so it is right whatever changes in the database: a question costs
one small query, and where there is anything one for the adoption and one for the unit's rules.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from applications.accounts.models import Role, User
from applications.accounts.selectors import staff_of
from applications.organs import regions
from applications.organs.models import Organ
from applications.policies.models import ImplementingRules, PolicyAdoption, PolicyText
from applications.policies.reading import restore
from rules.instruments import IMPLEMENTING_RULES_ARTICLE
from rules.policy import Policy, in_force, load_overlay, load_policies, policy_for

Status = ImplementingRules.Status

_restored: dict[str, Policy] = {}
_laid_over: dict[tuple[str, ...], Policy] = {}


def policy_in_force(*, on: date, unit: Organ | int | None = None) -> Policy:
    """The adopted policy in force on a day, with the rules of an identifying unit (or its id) laid over it.

    Raises rules.errors.NoPolicyError on a day that no adopted policy covers.
    """
    adopted, own_rules = _anything_recorded(unit.pk if isinstance(unit, Organ) else unit)
    base = _base(on) if adopted else policy_for(on)
    return lay_over(base, recorded_rules(on).filter(unit=unit)) if own_rules else base


def _anything_recorded(unit_id: int | None) -> tuple[bool, bool]:
    """Whether anything was ever adopted, and whether the unit has handed in rules: mostly neither.

    Written out, because every step of every case asks; what there is is then looked up by the day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM policies_policyadoption), "
            "EXISTS (SELECT 1 FROM policies_implementingrules WHERE unit_id = %s)",
            [unit_id],
        )
        adopted, own_rules = cursor.fetchone()
    return bool(adopted), bool(own_rules)


def policies_in_force(*, on: date, units: Iterable[int]) -> dict[int, Policy]:
    """The same for many units, by their ids, in two queries."""
    base, wanted = _base(on), set(units)
    rows: dict[int, list[ImplementingRules]] = {}
    for row in recorded_rules(on).filter(unit__in=wanted):
        rows.setdefault(row.unit_id, []).append(row)
    return {pk: lay_over(base, rows.get(pk, ())) for pk in wanted}


def recorded_rules(on: date) -> QuerySet[ImplementingRules]:
    """The implementing rules that apply on a day, the oldest first."""
    return (
        ImplementingRules.objects.filter(
            Q(status=Status.IN_FORCE) | Q(status=Status.WITHDRAWN, withdrawn_from__gt=on),
            Q(effective_to=None) | Q(effective_to__gte=on),
            effective_from__lte=on,
        )
        .only("unit", "base", "digest", "content")
        .order_by("effective_from", "pk")
    )


def lay_over(policy: Policy, rows: Iterable[ImplementingRules]) -> Policy:
    """The policy with those of the implementing rules laid over it that are based on it."""
    rows = [row for row in rows if row.base == policy.id]
    if not rows:
        return policy
    key = (policy.digest, *(row.digest for row in rows))
    found = _laid_over.get(key)
    if found is None:
        found = policy
        for row in rows:
            found = found.overlay(load_overlay(row.content))
        _laid_over[key] = found
    return found


def policy_by_digest(digest: str) -> Policy:
    """A policy whose text was kept. Raises PolicyText.DoesNotExist."""
    found = _restored.get(digest)
    if found is None:
        found = restore(PolicyText.objects.values_list("content", flat=True).get(pk=digest))
        if found.digest != digest:
            raise RuntimeError(f"the kept text of policy {digest} does not have this digest any more")
        _restored[digest] = found
    return found


def adoption_in_force(on: date) -> PolicyAdoption | None:
    """The adoption that applies on a day; None where the shipped policies still do."""
    return (
        PolicyAdoption.objects.filter(state=PolicyAdoption.State.APPROVED, starts_on__lte=on)
        .only("text", "starts_on")
        .order_by("-starts_on", "-decided_at", "-pk")
        .first()
    )


def _base(on: date) -> Policy:
    """Of the shipped policies and the adopted ones, that whose first day is the latest."""
    adoption = adoption_in_force(on)
    if adoption is None:
        return policy_for(on)
    shipped = max(
        (policy for policy in load_policies() if policy.adopted and policy.covers(on)),
        key=lambda policy: policy.effective_from,
        default=None,
    )
    if shipped is not None and shipped.effective_from > adoption.starts_on:
        return shipped
    return in_force(policy_by_digest(adoption.text_id), on)


def supervising_department(unit: Organ) -> Organ | None:
    """The credit-management department of the unit's own region or, where it has none, of the next one above."""
    above = [unit.region, regions.city_of(unit.region), regions.PROVINCE]
    departments = {
        organ.region: organ
        for organ in Organ.objects.filter(kind=Organ.Kind.CREDIT_MANAGEMENT, region__in=above)
    }
    return next((departments[region] for region in above if region in departments), None)


def copied_to(unit: Organ) -> QuerySet[User]:
    """Who receives the copy (抄送) of a unit's implementing rules: the department's supervisors."""
    department = supervising_department(unit)
    return staff_of(department, Role.SUPERVISOR) if department else User.objects.none()


def adopters() -> QuerySet[User]:
    """Everybody for whom access.may_adopt holds."""
    return User.objects.filter(
        is_active=True,
        is_staff=True,
        organ__kind=Organ.Kind.CREDIT_MANAGEMENT,
        organ__level=Organ.Level.PROVINCE,
        staff_roles__role=Role.SUPERVISOR,
    ).distinct()


def clock_article(policy: Policy, clock: str) -> str:
    """What a clock rests on: an article of the Notice, the eighteenth where a unit's own rules shortened it, or the
    article of another law with its name; where there is none, the note that says so."""
    source, own = policy.clocks[clock].source, policy.own_clocks[clock].source
    if source != own:
        return IMPLEMENTING_RULES_ARTICLE
    if source.article is None:
        return source.note
    return source.article if source.document == policy.document else str(source)
