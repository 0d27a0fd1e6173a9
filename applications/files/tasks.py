from celery import shared_task
from django.utils import timezone

from applications.files import pending, scanning


@shared_task
def remove_old_pending_uploads() -> int:
    return pending.remove_old()


@shared_task
def scan_uploads() -> None:
    scanning.scan_uploads(at=timezone.now())
