from celery import shared_task
from django.utils import timezone

from applications.records import services


@shared_task
def end_publicity() -> int:
    return services.end_publicity(at=timezone.now())
