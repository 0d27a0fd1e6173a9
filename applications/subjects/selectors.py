from collections.abc import Iterable

from django.db.models import Q, QuerySet

from applications.accounts.models import User
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects.access import VERIFYING_ROLES
from applications.subjects.models import Claim, Subject, SubjectChange
from rules.sameness import plain_code, plain_name


def known_names(subjects: Iterable[Subject]) -> dict[int, list[str]]:
    """By the id of the subject: its name, and those that it had."""
    names = {subject.pk: [subject.name] for subject in subjects}
    for subject, name in SubjectChange.objects.filter(subject__in=names).values_list("subject", "old_name"):
        names[subject].append(name)
    return names


def once_named(name: str) -> QuerySet[SubjectChange, int]:
    """Ids of the subjects that had this whole name before."""
    return SubjectChange.objects.filter(old_name=name).values_list("subject", flat=True)


def called(text: str) -> list[int]:
    """Ids of the subjects whose whole name, former name or code this is; a list, so that an index answers what is asked of
    them next."""
    now = Q(name=text) | Q(plain_name=plain_name(text)) | Q(uscc=plain_code(text))
    found = Subject.objects.filter(now | Q(pk__in=list(once_named(text))))
    return list(found.values_list("pk", flat=True))


def claims_of(user: User) -> QuerySet[Claim]:
    """The user's own claims, newest first."""
    return Claim.objects.filter(user=user).select_related("subject", "proof").order_by("-made_at", "-pk")


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
