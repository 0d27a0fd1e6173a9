from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Q, QuerySet, When

from applications.accounts.events import chain_of
from applications.accounts.models import User, phone_digest
from applications.accounts.revealing import REVEALED, purpose_of
from applications.accounts.selectors import staff_of
from applications.ledger.models import READINGS, Event
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects.access import OWN_CAPACITIES, VERIFYING_ROLES, holds, subjects_of
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject, SubjectChange
from rules.acting import acting
from rules.sameness import plain_code, plain_name


def known_names(subjects: Iterable[Subject]) -> dict[int, list[str]]:
    """By the id of the subject: its name, and those that it had."""
    names = {subject.pk: [subject.name] for subject in subjects}
    for subject, name in SubjectChange.objects.filter(subject__in=names).values_list("subject", "old_name"):
        names[subject].append(name)
    return names


def once_named(name: str) -> QuerySet[SubjectChange, int]:
    """Ids of the subjects that had this whole name before, however it is typed."""
    had = Q(old_name=name) | Q(plain_old_name=plain_name(name))
    return SubjectChange.objects.filter(had).values_list("subject", flat=True)


def called(text: str) -> list[int]:
    """Ids of the subjects whose whole name, former name or code this is; a list, so that an index answers what is asked of
    them next."""
    now = Q(name=text) | Q(plain_name=plain_name(text)) | Q(uscc=plain_code(text))
    found = Subject.objects.filter(now | Q(pk__in=list(once_named(text))))
    return list(found.values_list("pk", flat=True))


def public_organisations(text: str) -> Q:
    """Of subjects: the organisations that the public finds by a part of the name, or by the code."""
    named = Q(plain_name__has_part=plain_name(text))
    return ~Q(kind=Subject.Kind.NATURAL_PERSON) & (named | Q(uscc=plain_code(text)))


def public_persons(text: str) -> Q:
    """The natural persons that the public finds: by the whole name or number alone."""
    digests = [identity_digest(kind, text) for kind in Subject.IdentityType.values]
    names = Q(name=text) | Q(plain_name=plain_name(text))
    return Q(kind=Subject.Kind.NATURAL_PERSON) & names | Q(identity_digest__in=digests)


def claims_of(user: User) -> QuerySet[Claim]:
    """The user's own claims, newest first."""
    found = Claim.objects.filter(user=user).select_related("subject", "proof", "organ")
    return found.prefetch_related("earlier__proof").order_by("-made_at", "-pk")


def standing_claims(user: User, today: date) -> list[Claim]:
    """What the user has asked for and is not answered yet, and what holds."""
    found = Claim.objects.filter(holds(today) | Q(status=Claim.Status.PENDING), user=user)
    return list(found.select_related("subject", "organ").order_by("pk"))


def without_capacity(claims: Iterable[Claim]) -> list[Claim]:
    """Those of somebody's standing claims, from before it was asked, that hold without saying in which capacity, and about
    whose subject no other one waits or says it."""
    claims = list(claims)
    stated = {each.subject_id for each in claims if each.capacity}
    held = [each for each in claims if each.status == Claim.Status.VERIFIED and not each.capacity]
    return [each for each in held if each.subject_id not in stated]


def holding_claims(subject: Subject, today: date) -> QuerySet[Claim]:
    """By which people act for a subject, those first who represent it."""
    claims = Claim.objects.filter(holds(today), subject=subject).select_related("user", "subject")
    own_first = Case(When(capacity__in=OWN_CAPACITIES, then=0), default=1)
    return claims.order_by(own_first, "made_at", "pk")


def acting_now(subject: Subject, today: date) -> QuerySet[User]:
    """Who acts for a subject in all its matters, also by acting for whoever took its duties over (access.subjects_of)."""
    subjects = latest = {subject.pk}
    while latest:
        took_over = SubjectChange.objects.filter(subject__in=latest, successor__isnull=False)
        latest = set(took_over.values_list("successor_id", flat=True)) - subjects
        subjects = subjects | latest
    claims = Claim.objects.filter(holds(today), subject__in=subjects, scope_document="")
    return User.objects.filter(pk__in=claims.values("user"), is_active=True)


@dataclass(frozen=True)
class Many:
    """How many subjects somebody acts or asks to act for, and how many all do who left the same telephone."""

    by_user: int
    by_phone: int

    @property
    def flagged(self) -> bool:
        return max(self.by_user, self.by_phone) >= acting().many_subjects


def many_of(claim: Claim) -> Many:
    """What is pointed out to the bureau; whether that is right, its officers judge."""
    return many_of_each([claim])[claim.pk]


def many_of_each(claims: Iterable[Claim]) -> dict[int, Many]:
    """By the id of the claim. What counts is whom a claim is about, known to the credit files or not."""
    claims = list(claims)
    phone_of = {each.user_id: phone_digest(each.user.phone) for each in claims}
    phones = {each for each in phone_of.values() if each}
    # By each key that a digest may have been made with.
    known: dict[str | None, str] = {
        stored: str(phone) for phone in phones for stored in (phone, *phone.former)
    }
    same = {
        user: known[stored]
        for user, stored in User.objects.filter(phone_digest__in=phones, is_staff=False).values_list(
            "pk", "phone_digest"
        )
    }
    of_user: dict[int, set[str | int | None]] = defaultdict(set)
    of_phone: dict[str | None, set[str | int | None]] = defaultdict(set)
    standing = Claim.objects.filter(
        user__in={*same, *(each.user_id for each in claims)},
        status__in=(Claim.Status.PENDING, Claim.Status.VERIFIED),
    )
    for user, subject, code, digest in standing.values_list("user", "subject", "uscc", "identity_digest"):
        whom = subject or code or digest
        of_user[user].add(whom)
        if user in same:
            of_phone[same[user]].add(whom)
    return {
        each.pk: Many(len(of_user[each.user_id]), len(of_phone[phone_of[each.user_id]])) for each in claims
    }


def bureau_of(claim: Claim) -> Organ | None:
    """The credit bureau that answers a claim: the nearest one with officers who do; without any, the nearest one."""
    region = region_of(claim)
    places = list(dict.fromkeys([region, regions.city_of(region), regions.PROVINCE]))
    bureaus = Organ.objects.filter(kind=Organ.Kind.CREDIT_BUREAU, region__in=places)
    found = sorted(bureaus, key=lambda organ: (places.index(organ.region), organ.pk))
    return next((each for each in found if _verifiers(claim, each).exists()), found[0] if found else None)


def verifiers_of(claim: Claim) -> QuerySet[User]:
    """Whom a new claim is brought to: the verifying officers of its bureau."""
    return _verifiers(claim, claim.organ) if claim.organ else User.objects.none()


def _verifiers(claim: Claim, organ: Organ) -> QuerySet[User]:
    return staff_of(organ, *VERIFYING_ROLES).exclude(pk=claim.user_id)


def city_of_subject(subject: Subject) -> str:
    """The city that its code names; empty where it names no division that exists today."""
    code = subject.identity_number[:6] if subject.is_person else (subject.uscc or "")[2:8]
    return regions.city_of(code) if regions.exists(code) else ""


def region_of(claim: Claim) -> str:
    """The division that the code names; the province where it names none that exists today."""
    number = claim.identity_number or (claim.subject.identity_number if claim.subject else "")
    code = claim.uscc[2:8] or number[:6]
    return code if regions.exists(code) else regions.PROVINCE


@dataclass(frozen=True)
class Revelation:
    """That an officer was shown in full what is masked: of whom (empty: of the account), and for what."""

    at: datetime
    organ: str
    whose: str
    purpose: str


def revealed_to_officers(user: User) -> list[Revelation]:
    """Of the account and of the subjects that the user acts for, the latest first; the last hundred."""
    names = {f"subject-{subject.pk}": subject.name for subject in subjects_of(user)}
    about = Event.objects.filter(
        chain__startswith=READINGS, payload__about__in=[chain_of(user), *names], verb=REVEALED
    )
    return [
        Revelation(
            event.at,
            event.organ.name if event.organ else "",
            names.get(event.payload["about"], ""),
            purpose_of(event.payload),
        )
        for event in about.select_related("organ").order_by("-pk")[:100]
    ]
