from celery import shared_task
from django.utils import timezone

from applications.accounts import typed


@shared_task
def remove_old_typed_text() -> int:
    return typed.remove_old(at=timezone.now())
