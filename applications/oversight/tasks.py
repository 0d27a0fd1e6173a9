import logging

from celery import shared_task
from django.utils import timezone

from applications.oversight import services

logger = logging.getLogger(__name__)


# A province's records take minutes; the limits of all other tasks are made for seconds.
@shared_task(soft_time_limit=3600, time_limit=3660)
def run_replays() -> int:
    """Every replay that waits, or that its worker has left. Returns how many were done."""
    done = 0
    for run_id in services.waiting_runs(timezone.now()):
        try:
            done += services.run_replay(run_id=run_id, clock=timezone.now)
        except Exception:
            # The service has noted it in the row; the others must not wait for this one.
            logger.exception("replay %s did not finish", run_id)
    return done
