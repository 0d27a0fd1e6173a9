"""The commitments that the public sees (Article 15)."""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import make_aware

from applications.commitments.models import PUBLIC, Commitment
from applications.subjects.models import Subject
from applications.subjects.selectors import public_organisations, public_persons

# Of so many subjects of a name the commitments are listed: who gets more is asked to say more.
SUBJECTS = 200


def published(*, unit: str = "") -> QuerySet[Commitment]:
    """The commitments that are public, the latest first; those alone that were handed to an organ with ``unit`` in its name.
    A commitment names no unit that identified."""
    found = Commitment.objects.filter(PUBLIC)
    if unit:
        found = found.filter(document__organ__name__contains=unit)
    return found.select_related("subject", "document__organ").order_by("-published_at", "-id")


def published_of(subjects: Iterable[int], *, unit: str = "") -> QuerySet[Commitment]:
    """The same of some subjects, by their ids."""
    return published(unit=unit).filter(subject__in=subjects)


def narrowed(
    *,
    kind: str = "",
    organ: int | None = None,
    broken: bool | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Commitment]:
    """Those that are public, by type, organ, whether they were found broken, and the days since and until which they were
    made public. An index answers each."""
    found = published()
    if kind:
        found = found.filter(kind=kind)
    if organ is not None:
        found = found.filter(organ=organ)
    if broken is not None:
        found = found.filter(broken_at__isnull=not broken)
    if since:
        found = found.filter(published_at__gte=make_aware(datetime.combine(since, time.min)))
    if until:
        found = found.filter(published_at__lte=make_aware(datetime.combine(until, time.max)))
    return found


def subjects_called(text: str, *, persons: bool) -> list[int]:
    """Ids of those with a public commitment who are found by this name or code, persons if they are asked for: at most
    SUBJECTS and one."""
    who = public_organisations(text) | public_persons(text) if persons else public_organisations(text)
    theirs = Commitment.objects.filter(PUBLIC, subject=OuterRef("pk"))
    return list(Subject.objects.filter(who, Exists(theirs)).values_list("pk", flat=True)[: SUBJECTS + 1])


def own_commitments(subjects: Iterable[int]) -> QuerySet[Commitment]:
    """What these subjects have promised by their own will, and what else of theirs is or was public, the latest first."""
    found = Commitment.objects.filter(subject__in=subjects).exclude(kind="repair", published_at__isnull=True)
    return found.select_related("subject", "document__organ").order_by("-signed_at", "-id")
