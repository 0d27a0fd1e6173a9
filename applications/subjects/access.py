"""Who may act for a subject, and who decides that: the object form and the queryset form side by side."""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.access import Refusal, has_role
from applications.accounts.models import Role, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects.models import Capacity, Claim, CodeConfirmation, Subject, SubjectChange
from rules.sameness import plain_number

# Who at a credit bureau confirms that a person may act for a subject.
VERIFYING_ROLES = (Role.INTAKE, Role.REVIEWER)
BUREAU_ROLES = (*VERIFYING_ROLES, Role.REPORT_OFFICER)
# Those who load files and those who examine them, where codes are met: at a unit or at a bureau.
CONFIRMING_ROLES = (Role.INTAKE, Role.REVIEWER)
CONFIRMING_KINDS = (Organ.Kind.IDENTIFYING_UNIT, Organ.Kind.CREDIT_BUREAU)


def is_bureau_officer(user: User, *roles: str) -> bool:
    """Whether the user holds any of the roles at a credit bureau."""
    return bool(user.organ and user.organ.kind == Organ.Kind.CREDIT_BUREAU and has_role(user, *roles))


# Who removes the others: the subject itself, or who represents it by law.
OWN_CAPACITIES = (Capacity.REPRESENTATIVE, Capacity.SELF)


def holds(today: date) -> Q:
    """Of a claim: it is verified, and its power of attorney, if it is one, is not over (the last day counts)."""
    return Q(status=Claim.Status.VERIFIED) & (Q(ends_on=None) | Q(ends_on__gte=today))


def may_act_for(user: User | AnonymousUser, subject: Subject) -> bool:
    """Whether the user's claim to the subject, for all its matters, holds today. The queryset form is subjects_of."""
    return subject.pk in _keys_of(user)


def subjects_of(user: User | AnonymousUser) -> QuerySet[Subject]:
    """The subjects that the user may act for in all matters: those with a claim that holds, and those whose duties came to
    such a one by merger or split, in however many steps. See may_act_for."""
    return Subject.objects.filter(pk__in=_keys_of(user))


def may_act_about(user: User | AnonymousUser, subject: Subject, document_number: str) -> bool:
    """Whether the user may act about the record of this decision document: for the subject, or for this record alone. The
    queryset form is acted_about."""
    whole, single = _held(user)
    return subject.pk in whole or (subject.pk, plain_number(document_number)) in single


def acted_about(user: User | AnonymousUser, prefix: str = "") -> Q:
    """The same as a condition on records, or on what leads to one by ``prefix`` ("record__")."""
    whole, single = _held(user)
    found = Q(**{f"{prefix}subject__in": whole})
    for subject, number in single:
        found |= Q(**{f"{prefix}subject": subject, f"{prefix}plain_number": number})
    return found


def refuse_ended(user: User | AnonymousUser, subject: Subject) -> None:
    """A Refusal with the reason, for somebody who acted for the subject and does so no longer; nothing for others."""
    if not user.is_authenticated or may_act_for(user, subject):
        return
    claims = Claim.objects.filter(
        user=user, subject=subject, status__in=(Claim.Status.VERIFIED, Claim.Status.ENDED)
    )
    last = claims.order_by("-decided_at", "-pk").first()
    if last is not None and not claims.filter(holds(localdate())).exists():
        raise Refusal(
            _("您不再代“%(name)s”办理，这一步没有执行。%(reason)s此前提交的申请仍然有效。")
            % {"name": subject.name, "reason": last.reason or _("您的授权已经到期。")}
        )


def _keys_of(user: User | AnonymousUser) -> set[int]:
    return _held(user)[0]


def _held(user: User | AnonymousUser) -> tuple[set[int], set[tuple[int, str]]]:
    """The subjects for which the user acts in all matters; and subject and number of the records for which alone."""
    if not user.is_authenticated:
        return set(), set()
    whole: set[int] = set()
    single = set()
    claims = Claim.objects.filter(holds(localdate()), user=user)
    for subject, number in claims.values_list("subject_id", "scope_document"):
        if number:
            single.add((subject, plain_number(number)))
        else:
            whole.add(subject)
    latest = whole
    while latest:
        taken_over = SubjectChange.objects.filter(successor__in=latest).values_list("subject_id", flat=True)
        latest = set(taken_over) - whole
        whole = whole | latest
    return whole, single


def may_end(user: User | AnonymousUser, claim: Claim, today: date) -> bool:
    """Whether the user may end a claim that holds: the own one, or, as who represents the subject, another's."""
    if not isinstance(user, User) or user.is_staff or claim.subject_id is None:
        return False
    return claim.user_id == user.pk or represents(user, claim.subject_id, today)


def represents(user: User, subject_id: int, today: date) -> bool:
    return Claim.objects.filter(
        holds(today), user=user, subject=subject_id, capacity__in=OWN_CAPACITIES
    ).exists()


def visible_to(user: User | AnonymousUser) -> QuerySet[Subject]:
    """Credit bureaus keep the credit files of all subjects; applicants see their own."""
    if isinstance(user, User) and is_bureau_officer(user, *BUREAU_ROLES):
        return Subject.objects.all()
    return subjects_of(user)


def may_verify(user: User | AnonymousUser, claim: Claim) -> bool:
    """Whether the user is an officer who decides this claim. The queryset is claims_verified_by."""
    return claims_verified_by(user).filter(pk=claim.pk).exists()


def claims_verified_by(user: User | AnonymousUser) -> QuerySet[Claim]:
    """The claims that an officer of a credit bureau decides or has decided. See may_verify; who of them owes the answer is
    the claim's ``organ``.

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


def claims_to_answer(user: User | AnonymousUser) -> QuerySet[Claim]:
    """Those whose answer the own bureau owes."""
    waiting = claims_verified_by(user).filter(status=Claim.Status.PENDING)
    return waiting.filter(organ=user.organ) if isinstance(user, User) else waiting.none()
