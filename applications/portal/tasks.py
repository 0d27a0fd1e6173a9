from celery import shared_task
from django.utils import timezone

from applications.portal.reminders import of_addresses, of_records


@shared_task
def send_reminders() -> None:
    now = timezone.now()
    of_records.send_due(at=now)
    of_addresses.send_due(at=now)
