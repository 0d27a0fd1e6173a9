from django.db import transaction
from django.db.models import F

from applications.organs.models import Series


def take_number(key: str) -> int:
    """The next number, from 1, of a gap-free series.

    Must run inside the transaction that uses the number: rolling that back gives the number back. The row
    stays locked until then, so two officers cannot get the same one.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("take_number() outside a transaction would leave gaps in the series")
    Series.objects.get_or_create(key=key)
    Series.objects.filter(key=key).update(last=F("last") + 1)
    return Series.objects.values_list("last", flat=True).get(key=key)
