from celery import shared_task
from django.utils import timezone

from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.outbox.timing import each
from applications.reports import batches


# Five hundred reports are some minutes of work, and several batches may wait.
@shared_task(soft_time_limit=3600, time_limit=3660)
def issue_batches() -> int:
    """Every line of a batch that has neither report nor reason. Returns how many were done."""
    return each(
        batches.waiting_lines(),
        lambda line_id: batches.work_on(line_id, clock=timezone.now),
        # It waits for the next sweep.
        lambda line_id, error: report_fault(
            work=Fault.Work.DOCUMENT, row=line_id, error=error, at=timezone.now()
        ),
    )
