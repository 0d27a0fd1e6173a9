from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.oversight import services


# A province's records take minutes; the limits of all other tasks are made for seconds.
@shared_task(soft_time_limit=3600, time_limit=3660)
def run_replays() -> int:
    """Every replay that waits, or that its worker has left. Returns how many were done."""
    done = 0
    for run_id in services.waiting_runs(timezone.now()):
        try:
            done += services.run_replay(run_id=run_id, clock=timezone.now)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            # Its page says that it did not finish; the others must not wait for this one.
            report_fault(work=Fault.Work.REPLAY, row=run_id, error=error, at=timezone.now())
    return done
