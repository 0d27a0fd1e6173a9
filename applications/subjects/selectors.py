from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.db.models.functions import Substr

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects.models import Claim, Subject, SubjectChange

# Who at a credit bureau confirms that a person may act for a subject.
VERIFYING_ROLES = (Role.INTAKE, Role.REVIEWER)
BUREAU_ROLES = (*VERIFYING_ROLES, Role.REPORT_OFFICER)


def is_bureau_officer(user: User, *roles: str) -> bool:
    """Whether the user holds any of the roles at a credit bureau."""
    return bool(user.organ and user.organ.kind == Organ.Kind.CREDIT_BUREAU and has_role(user, *roles))


def subjects_of(user: User | AnonymousUser) -> QuerySet[Subject]:
    """The subjects that the user may act for: those with a verified claim, and those whose duties such a one took
    over by merger or split. See access.may_act_for."""
    if not user.is_authenticated:
        return Subject.objects.none()
    own = Claim.objects.filter(user=user, status=Claim.Status.VERIFIED).values("subject")
    taken_over = SubjectChange.objects.filter(successor__in=own).values("subject")
    return Subject.objects.filter(Q(pk__in=own) | Q(pk__in=taken_over))


def known_names(subjects: Iterable[Subject]) -> dict[int, list[str]]:
    """By the id of the subject: its name, and those that it had."""
    names = {subject.pk: [subject.name] for subject in subjects}
    for subject, name in SubjectChange.objects.filter(subject__in=names).values_list("subject", "old_name"):
        names[subject].append(name)
    return names


def once_named(name: str) -> QuerySet[SubjectChange]:
    """Ids of the subjects that had this whole name before."""
    return SubjectChange.objects.filter(old_name=name).values("subject")


def visible_to(user: User | AnonymousUser) -> QuerySet[Subject]:
    """Credit bureaus keep the credit files of all subjects; applicants see their own."""
    if isinstance(user, User) and is_bureau_officer(user, *BUREAU_ROLES):
        return Subject.objects.all()
    return subjects_of(user)


def claims_of(user: User) -> QuerySet[Claim]:
    """The user's own claims, newest first."""
    return Claim.objects.filter(user=user).select_related("subject", "proof").order_by("-made_at", "-pk")


def claims_verified_by(user: User | AnonymousUser) -> QuerySet[Claim]:
    """The claims that an officer of a credit bureau decides or has decided. See access.may_verify.

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


def verifiers_of(claim: Claim) -> QuerySet[User]:
    """Whom a new claim is brought to: the verifying officers of the nearest bureau that has any."""
    region = region_of(claim)
    for place in dict.fromkeys([region, regions.city_of(region), regions.PROVINCE]):
        officers = User.objects.filter(
            is_staff=True,
            is_active=True,
            organ__kind=Organ.Kind.CREDIT_BUREAU,
            organ__region=place,
            staff_roles__role__in=VERIFYING_ROLES,
        ).exclude(pk=claim.user_id)
        if officers.exists():
            return officers.distinct()
    return User.objects.none()


def region_of(claim: Claim) -> str:
    """The division that the code names; the province where it names none that exists today."""
    person = claim.subject if claim.subject and claim.subject.is_person else None
    code = person.identity_number[:6] if person else claim.uscc[2:8]
    return code if regions.exists(code) else regions.PROVINCE
