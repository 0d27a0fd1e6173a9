from django.db.models import Q, QuerySet

from applications.organs import regions
from applications.organs.models import Organ


def organs_under(organ: Organ) -> QuerySet[Organ]:
    """The organs that an organ's administrators look after: itself, and, for a credit bureau, which runs the
    platform (Article 10), every organ of its region."""
    under = Q(pk=organ.pk)
    if organ.kind == Organ.Kind.CREDIT_BUREAU:
        under |= Q(region__in=[code for code in regions.codes() if regions.covers(organ.region, code)])
    return Organ.objects.filter(under)
