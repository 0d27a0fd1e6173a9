from celery import shared_task
from django.utils import timezone

from applications.accounts import retention
from applications.portal import plain_columns
from applications.portal.open_data.measuring import measure
from applications.portal.open_data.sets import SETS
from applications.portal.performance import keeping
from applications.portal.reminders import of_addresses, of_records


@shared_task
def send_reminders() -> None:
    now = timezone.now()
    of_records.send_due(at=now)
    of_addresses.send_due(at=now)


@shared_task
def keep_performance() -> None:
    """Where it was not done in the night, at the next full hour."""
    now = timezone.now()
    if not keeping.is_kept(now):
        keeping.keep_performance(at=now)


# A million records take minutes; the limits of all other tasks are made for seconds.
@shared_task(soft_time_limit=3600, time_limit=3660)
def measure_open_data() -> None:
    for name in SETS:
        measure(name=name, at=timezone.now())


# After an upgrade a million rows take a quarter of an hour.
@shared_task(soft_time_limit=3 * 3600, time_limit=3 * 3600 + 60)
def seal_what_is_plain() -> dict[str, int]:
    return plain_columns.seal_what_is_plain(at=timezone.now())


# The first night of a large installation has years to erase.
@shared_task(soft_time_limit=3600, time_limit=3660)
def erase_what_is_due() -> dict[str, int]:
    return retention.erase_what_is_due(at=timezone.now())
