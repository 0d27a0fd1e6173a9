from celery import shared_task
from django.utils import timezone

from applications.notifications import sending


@shared_task
def send_messages() -> None:
    sending.send_messages(at=timezone.now())
