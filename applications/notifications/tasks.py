from celery import shared_task
from django.utils import timezone

from applications.notifications import services


@shared_task
def send_messages() -> None:
    services.send_messages(at=timezone.now())
