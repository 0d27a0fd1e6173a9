from celery import shared_task
from django.utils import timezone

from applications.repairs import services, steps


@shared_task
def check_queues() -> None:
    services.check_queues(at=timezone.now())


@shared_task
def deem_overdue_cases_accepted() -> None:
    steps.deem_overdue_cases_accepted(at=timezone.now())
