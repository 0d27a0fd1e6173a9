from celery import shared_task
from django.utils import timezone

from applications.objections import stranded


@shared_task
def tell_stranded() -> None:
    stranded.tell_stranded(at=timezone.now())
