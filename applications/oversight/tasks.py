from celery import shared_task
from django.utils import timezone

from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.outbox.timing import each
from applications.oversight import checking, figures, services


# A province's records take minutes; the limits of all other tasks are made for seconds.
@shared_task(soft_time_limit=3600, time_limit=3660)
def run_replays() -> int:
    """Every replay that waits, or that its worker has left. Returns how many were done."""
    return each(
        services.waiting_runs(timezone.now()),
        lambda run_id: services.run_replay(run_id=run_id, clock=timezone.now),
        # Its page says that it did not finish.
        lambda run_id, error: report_fault(
            work=Fault.Work.REPLAY, row=run_id, error=error, at=timezone.now()
        ),
    )


@shared_task
def keep_figures() -> None:
    figures.keep_figures(at=timezone.now())


@shared_task
def check_figures() -> None:
    checking.check_figures(at=timezone.now())
