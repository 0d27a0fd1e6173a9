from celery import shared_task

from applications.files import pending


@shared_task
def remove_old_pending_uploads() -> int:
    return pending.remove_old()
