from celery import shared_task
from django.utils import timezone

from applications.deadlines import services


@shared_task
def sweep_deadlines() -> None:
    services.sweep_deadlines(at=timezone.now())
