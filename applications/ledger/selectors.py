from django.db.models import Q, QuerySet

from applications.ledger.models import READINGS, Event


def readings_about(about: str, *verbs: str) -> QuerySet[Event]:
    """Who read about what has this chain, by the verbs of the readings.

    They are written to the readers' own chains; those from before that stand in the chain itself.
    """
    return Event.objects.filter(
        Q(chain__startswith=READINGS, payload__about=about) | Q(chain=about), verb__in=verbs
    )
