from celery import shared_task
from django.utils import timezone

from applications.ledger import sealing


@shared_task
def seal_ledger() -> None:
    sealing.seal_ledger(at=timezone.now())
