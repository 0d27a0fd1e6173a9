"""The department's writes: asking for a replay, running it, and taking away its list."""

import io
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate

from applications.accounts.models import Role, User
from applications.files.services import store_content
from applications.ledger.services import record_event
from applications.outbox.nudging import nudge
from applications.oversight.models import ReplayRun
from applications.oversight.replaying import AffectedList, replay
from applications.policies.access import may_adopt
from applications.policies.selectors import policy_by_digest
from applications.policies.services import keep_text
from rules.policy import Policy

log = logging.getLogger(__name__)

State = ReplayRun.State
# A chunk takes well under a second; whoever is silent for so long is gone.
ABANDONED_AFTER = timedelta(minutes=5)
# A run that ended its worker so often is not tried again: it would stand before the others for ever.
MAX_ATTEMPTS = 3


@transaction.atomic
def request_replay(*, policy: Policy, since: date | None, actor: User, at: datetime) -> ReplayRun:
    """Ask for a replay under a policy; a worker does it. Whoever may propose the policy may ask."""
    if not may_adopt(actor):
        raise PermissionDenied
    run = ReplayRun.objects.create(
        text=keep_text(policy=policy, at=at),
        title=policy.title,
        document=policy.document,
        since=since,
        requested_by=actor,
        requested_at=at,
    )
    _record(run, "replay.requested", actor, at)
    nudge("applications.oversight.tasks.run_replays")
    return run


def waiting_runs(at: datetime) -> list[int]:
    """The ids of runs that nobody works on, those that were never tried first; what was tried too often has failed."""
    waiting = ReplayRun.objects.filter(_open(at))
    waiting.filter(attempts__gte=MAX_ATTEMPTS).update(state=State.FAILED, finished_at=at)
    if _is_under_way(at):
        # One at a time: record files wait for the same processes.
        return []
    return list(waiting.order_by("attempts", "pk").values_list("pk", flat=True))


def _is_under_way(at: datetime) -> bool:
    return ReplayRun.objects.filter(state=State.RUNNING, alive_at__gte=at - ABANDONED_AFTER).exists()


def _open(at: datetime) -> Q:
    abandoned = Q(state=State.RUNNING, alive_at__lt=at - ABANDONED_AFTER)
    return Q(state=State.WAITING) | abandoned


def run_replay(*, run_id: int, clock: Callable[[], datetime]) -> bool:
    """Do one run from the beginning. False: somebody else has it, or it is over.

    ``clock`` tells the time as the run goes on. A failure is noted in the row and raised.
    """
    at = clock()
    if not ReplayRun.objects.filter(_open(at), pk=run_id).update(
        state=State.RUNNING, alive_at=at, done=0, attempts=F("attempts") + 1
    ):
        return False
    run = ReplayRun.objects.select_related("text", "requested_by").get(pk=run_id)
    try:
        _run(run, at, clock)
    except BaseException:
        ReplayRun.objects.filter(pk=run_id, state=State.RUNNING).update(
            state=State.FAILED, finished_at=clock()
        )
        raise
    return True


def _run(run: ReplayRun, at: datetime, clock: Callable[[], datetime]) -> None:
    file = io.StringIO(newline="")
    affected = AffectedList(file)
    report = replay(
        policy=policy_by_digest(run.text_id),
        on=localdate(at),
        since=run.since,
        each=affected.add,
        progress=partial(_progress, run.pk, clock),
    )
    now = clock()
    with transaction.atomic():
        stored = store_content(
            name=f"{run.text.policy_id}-{localdate(now).isoformat()}.csv",
            content=file.getvalue().encode(),
            content_type="text/csv",
            at=now,
        )
        ReplayRun.objects.filter(pk=run.pk).update(
            state=State.DONE, finished_at=now, report=report.to_json(), affected=stored
        )
        _record(run, "replay.finished", None, now)


def _progress(pk: int, clock: Callable[[], datetime], done: int, total: int) -> None:
    ReplayRun.objects.filter(pk=pk).update(done=done, total=total, alive_at=clock())


@transaction.atomic
def record_download(*, run: ReplayRun, actor: User, at: datetime) -> None:
    """Somebody takes the list of those affected away."""
    _record(run, "replay.downloaded", actor, at)


def _record(run: ReplayRun, verb: str, actor: User | None, at: datetime) -> None:
    record_event(
        chain=f"replay-{run.pk}",
        verb=verb,
        at=at,
        actor=actor,
        role=Role.SUPERVISOR if actor else "",
        organ=actor.organ if actor else None,
        payload={"policy": run.text.policy_id, "digest": run.text_id},
    )
