"""Who may act for a subject, and who decides that: the object form and the queryset form side by side."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from applications.accounts import four_eyes
from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects.models import Claim, CodeConfirmation, Subject, SubjectChange

# Who at a credit bureau confirms that a person may act for a subject.
VERIFYING_ROLES = (Role.INTAKE, Role.REVIEWER)
BUREAU_ROLES = (*VERIFYING_ROLES, Role.REPORT_OFFICER)
# Those who load files and those who examine them, where codes are met: at a unit or at a bureau.
CONFIRMING_ROLES = (Role.INTAKE, Role.REVIEWER)
CONFIRMING_KINDS = (Organ.Kind.IDENTIFYING_UNIT, Organ.Kind.CREDIT_BUREAU)


def is_bureau_officer(user: User, *roles: str) -> bool:
    """Whether the user holds any of the roles at a credit bureau."""
    return bool(user.organ and user.organ.kind == Organ.Kind.CREDIT_BUREAU and has_role(user, *roles))


def may_act_for(user: User | AnonymousUser, subject: Subject) -> bool:
    """Whether the user's claim to the subject is verified. The queryset form is subjects_of."""
    return subject.pk in _keys_of(user)


def subjects_of(user: User | AnonymousUser) -> QuerySet[Subject]:
    """The subjects that the user may act for: those with a verified claim, and those whose duties came to such a one
    by merger or split, in however many steps. See may_act_for."""
    return Subject.objects.filter(pk__in=_keys_of(user))


def _keys_of(user: User | AnonymousUser) -> set[int]:
    if not user.is_authenticated:
        return set()
    claims = Claim.objects.filter(user=user, status=Claim.Status.VERIFIED)
    found = latest = set(claims.values_list("subject_id", flat=True))
    while latest:
        taken_over = SubjectChange.objects.filter(successor__in=latest).values_list("subject_id", flat=True)
        latest = set(taken_over) - found
        found = found | latest
    return found


def visible_to(user: User | AnonymousUser) -> QuerySet[Subject]:
    """Credit bureaus keep the credit files of all subjects; applicants see their own."""
    if isinstance(user, User) and is_bureau_officer(user, *BUREAU_ROLES):
        return Subject.objects.all()
    return subjects_of(user)


def may_verify(user: User | AnonymousUser, claim: Claim) -> bool:
    """Whether the user is an officer who decides this claim. The queryset is claims_verified_by."""
    return claims_verified_by(user).filter(pk=claim.pk).exists()


def claims_verified_by(user: User | AnonymousUser) -> QuerySet[Claim]:
    """The claims that an officer of a credit bureau decides or has decided. See may_verify.

    The region is digits 3–8 of the code. A natural person's claim, and one with a code from outside the
    province or of an abolished division, goes to any bureau. Nobody's own claim.
    """
    if not isinstance(user, User) or user.organ is None or not is_bureau_officer(user, *VERIFYING_ROLES):
        return Claim.objects.none()
    covered = [code for code in regions.codes() if regions.covers(user.organ.region, code)]
    return (
        Claim.objects.alias(region=Substr("uscc", 3, 6))
        .filter(Q(region__in=covered) | ~Q(region__in=regions.codes()))
        .exclude(user=user)
    )


def may_confirm_codes(user: User | AnonymousUser) -> bool:
    """Whether the user hands in codes that fail their check, and agrees to those of others."""
    return (
        isinstance(user, User)
        and user.organ is not None
        and user.organ.kind in CONFIRMING_KINDS
        and has_role(user, *CONFIRMING_ROLES)
    )


def confirmations_visible_to(user: User | AnonymousUser) -> QuerySet[CodeConfirmation]:
    """What the own organ has handed in."""
    if not isinstance(user, User) or not may_confirm_codes(user):
        return CodeConfirmation.objects.none()
    return CodeConfirmation.objects.filter(organ=user.organ)


def may_decide_code(user: User | AnonymousUser, confirmation: CodeConfirmation) -> bool:
    """A second officer of the same organ."""
    own = isinstance(user, User) and user.organ_id == confirmation.organ_id
    return four_eyes.may_decide(user, confirmation, in_charge=own and may_confirm_codes(user))
