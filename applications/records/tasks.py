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
@shared_task(soft_time_limit=3600, time_limit=3660)
def run_imports() -> int:
    """Every file that waits to be checked or imported, or that its worker has left. Returns how many were done."""
    return each(
        runs.waiting_runs(timezone.now()),
        lambda run_id: runs.work_on(run_id=run_id, clock=timezone.now),
        # Its page says that nothing was imported.
        lambda run_id, error: report_fault(
            work=Fault.Work.IMPORT, row=run_id, error=error, at=timezone.now()
        ),
    )
