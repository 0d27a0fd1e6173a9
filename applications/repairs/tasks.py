from celery import shared_task
from django.utils import timezone

from applications.repairs import services


@shared_task
def check_queues() -> None:
    services.check_queues(at=timezone.now())


@shared_task
def deem_overdue_cases_accepted() -> None:
    services.deem_overdue_cases_accepted(at=timezone.now())
