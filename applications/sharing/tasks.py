from celery import shared_task
from django.utils import timezone

from applications.sharing import services


@shared_task
def push_deliveries() -> None:
    services.push_deliveries(at=timezone.now())


@shared_task
def push_delivery(delivery_id: str) -> None:
    services.push_delivery(delivery_id=delivery_id, at=timezone.now())
