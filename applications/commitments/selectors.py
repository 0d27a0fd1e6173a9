"""The commitments that the public sees (Article 15)."""

from collections.abc import Iterable

from django.db.models import QuerySet

from applications.commitments.models import Commitment


def published_of(subjects: Iterable[int], *, unit: str = "") -> QuerySet[Commitment]:
    """The published commitments of subjects, by their ids, the latest first; those alone that were handed to an organ with
    ``unit`` in its name. A commitment names no unit that identified."""
    found = Commitment.objects.filter(published_at__isnull=False, subject__in=subjects)
    if unit:
        found = found.filter(document__organ__name__contains=unit)
    return found.select_related("subject", "document__organ").order_by("-published_at")
