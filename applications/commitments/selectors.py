"""The commitments that the public sees (Article 15)."""

from collections.abc import Iterable

from django.db.models import QuerySet

from applications.commitments.models import Commitment


def published(*, unit: str = "") -> QuerySet[Commitment]:
    """The published commitments, the latest first; those alone that were handed to an organ with ``unit`` in its name. A
    commitment names no unit that identified."""
    found = Commitment.objects.filter(published_at__isnull=False)
    if unit:
        found = found.filter(document__organ__name__contains=unit)
    return found.select_related("subject", "document__organ").order_by("-published_at")


def published_of(subjects: Iterable[int], *, unit: str = "") -> QuerySet[Commitment]:
    """The same of some subjects, by their ids."""
    return published(unit=unit).filter(subject__in=subjects)
