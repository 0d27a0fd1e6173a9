from datetime import timedelta
from itertools import takewhile

from celery import shared_task
from django.utils import timezone

from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.outbox.timing import each
from applications.records import services
from applications.records.services import runs


@shared_task
def end_publicity() -> int:
    return services.end_publicity(at=timezone.now())


# A hundred thousand rows take a minute, on a busy machine several.
SECONDS = 3600


@shared_task(soft_time_limit=SECONDS, time_limit=SECONDS + 60)
def run_imports() -> int:
    """Every file that waits to be checked or imported, or that its worker has left. Returns how many were done."""
    begun = timezone.now()
    # Each has half of the time for itself; the next round takes the others.
    no_more = begun + timedelta(seconds=SECONDS / 2)
    return each(
        takewhile(lambda _run: timezone.now() < no_more, runs.waiting_runs(begun)),
        lambda run_id: runs.work_on(run_id=run_id, clock=timezone.now),
        # It is taken up again.
        lambda run_id, error: report_fault(
            work=Fault.Work.IMPORT, row=run_id, error=error, at=timezone.now()
        ),
    )
