from celery import shared_task
from django.utils import timezone

from applications.subjects import services


@shared_task
def end_powers() -> None:
    services.end_powers(at=timezone.now())
