from celery import shared_task
from django.utils import timezone

from applications.accounts import retention
from applications.portal.reminders import of_addresses, of_records


@shared_task
def send_reminders() -> None:
    now = timezone.now()
    of_records.send_due(at=now)
    of_addresses.send_due(at=now)


# The first night of a large installation has years to erase.
@shared_task(soft_time_limit=3600, time_limit=3660)
def erase_what_is_due() -> dict[str, int]:
    return retention.erase_what_is_due(at=timezone.now())
