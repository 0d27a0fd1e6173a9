from collections.abc import Iterable

from django.db.models import Q, QuerySet

from applications.ledger.models import READINGS, Event


def readings_about(about: str, *verbs: str) -> QuerySet[Event]:
    """Who read about what has this chain, by the verbs of the readings.

    They are written to the readers' own chains; those from before that stand in the chain itself.
    """
    return Event.objects.filter(
        Q(chain__startswith=READINGS, payload__about=about) | Q(chain=about), verb__in=verbs
    )


def readings_by(reader_id: int, abouts: Iterable[str], *verbs: str) -> QuerySet[Event]:
    """What one person read about what has these chains, by the verbs of the readings."""
    abouts = list(abouts)
    return Event.objects.filter(
        Q(chain__startswith=READINGS, payload__about__in=abouts) | Q(chain__in=abouts),
        verb__in=verbs,
        actor=reader_id,
    )
