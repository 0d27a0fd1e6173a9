from celery import shared_task
from django.utils import timezone

from applications.notifications import sending, sms


@shared_task
def send_messages() -> None:
    sending.send_messages(at=timezone.now())


@shared_task
def send_texts() -> None:
    sms.send_texts(at=timezone.now())
