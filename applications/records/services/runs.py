"""Files that are imported by a worker: checked first, and imported once who brought them has looked at the result.

How far a worker is stands in the cache: a transaction of a hundred thousand records shows nothing before its end. The wish
to stop it stands in its row, and in the cache too, for on SQLite nobody else can write a row meanwhile. Without the cache
an import goes on, and is not seen to.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import BinaryIO, NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from applications.accounts.models import User
from applications.files import pending
from applications.files.services import storing
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.organs.models import Organ
from applications.outbox.nudging import nudge
from applications.records.importing.examining import CheckedFile, Progress, checked_file
from applications.records.importing.refusal import FileRefused, NotNow
from applications.records.models import ImportBatch, ImportRun
from applications.records.services.imports import import_file
from applications.records.services.previews import preview_file, refuse_organ, refuse_unconfirmed

State = ImportRun.State

# What a file waits for.
PURPOSE = "record-import-run"
TASK = "applications.records.tasks.run_imports"
# So long a worker says nothing before another takes its run.
ABANDONED_AFTER = timedelta(minutes=5)
# So long somebody may look at what was found before confirming it: the file is not removed while that is asked for.
TO_CONFIRM = timedelta(seconds=pending.SECONDS_KEPT) - timedelta(minutes=5)
MAX_ATTEMPTS = 3
# Checking is the smaller part of each of the two.
_CHECKED = 0.6
_UNDER_WAY = (State.CHECKING, State.IMPORTING)
# Nobody works on these yet.
_WAITING = (State.WAITING, State.CONFIRMED)
# What a cache raises that is away, and after how long it is asked again: it takes seconds to say so.
_AWAY = (RedisError, OSError)
_ASKED_AGAIN = timedelta(minutes=1)


class Done(NamedTuple):
    """How far a run is: a share from 0 to 1, rows, and when that was."""

    share: float
    rows: int
    at: datetime

    @property
    def percent(self) -> int:
        return int(100 * self.share)


class Stopped(Exception):
    """Who brought the file does not want it any more."""


def begin(
    *, content: Iterable[bytes], file_name: str, organ: Organ, actor: User, at: datetime
) -> ImportRun | None:
    """Keep a file for a worker; None where there is no room for it. It takes the place of the file that the same person
    had waiting, whose run is cancelled. FileRefused, also where one that was confirmed is not imported yet."""
    refuse_organ(organ)
    earlier = ImportRun.objects.filter(requested_by=actor)
    if confirmed := earlier.filter(state__in=(State.CONFIRMED, State.IMPORTING)).first():
        raise FileRefused(
            _("您已确认的“%(name)s”还没有导入完。请等它导入完，或者先取消它，再上传别的文件。")
            % {"name": confirmed.file_name}
        )
    token = pending.keep_file(content, user=actor, purpose=PURPOSE)
    if not token:
        return None
    with transaction.atomic():
        for each in earlier.filter(state__in=(State.WAITING, State.CHECKING, State.READY)):
            cancel(run=each, at=at)
        run = ImportRun.objects.create(
            organ=organ, file_name=file_name[-255:], token=token, requested_by=actor, requested_at=at
        )
        nudge(TASK)
    return run


@transaction.atomic
def confirm(*, run: ImportRun, confirmed: bool, at: datetime) -> bool:
    """Have a worker import a file that was looked at. False where it does not wait for that (any more). FileRefused,
    and it goes on waiting, where doubtful rows need the word that they are ``confirmed``."""
    _end_unconfirmed(at)
    if run.state == State.READY and not confirmed:
        refuse_unconfirmed(run.file_name, [line for line, _doubt in run.preview["doubtful"]])
    found = ImportRun.objects.filter(pk=run.pk, state=State.READY)
    if not found.update(state=State.CONFIRMED, confirmed=confirmed, attempts=0):
        return False
    nudge(TASK)
    return True


def cancel(*, run: ImportRun, at: datetime) -> None:
    """Stop a run, whether somebody works on it or not. One that is over stays what it is."""
    # First: on SQLite the row cannot be written before the worker has seen this and undone what it did.
    with suppress(*_AWAY):
        cache.set(_key(run.pk, "stop"), True, timeout=int(timedelta(hours=2).total_seconds()))
    unfinished = ImportRun.objects.filter(pk=run.pk, finished_at=None)
    unfinished.update(stop_asked=True)
    unfinished.exclude(state=State.IMPORTING).update(state=State.CANCELLED, finished_at=at, preview=None)


def to_look_at(user: User) -> ImportRun | None:
    """The person's last file, while it is under way or waits to be confirmed, or where it came to nothing for a reason to be
    read and nothing was imported since."""
    run = ImportRun.objects.select_related("organ").filter(requested_by=user).first()
    if run and run.finished_at:
        later = ImportBatch.objects.filter(imported_by=user, imported_at__gt=run.finished_at)
        return run if run.said and not later.exists() else None
    return run


def progress_of(run: ImportRun) -> Done | None:
    """How far the worker is that has it now; None where none has said so, or the cache is away."""
    try:
        return _told(run)
    except _AWAY:
        return None


def _told(run: ImportRun) -> Done | None:
    if run.state not in _UNDER_WAY:
        return None
    found = cache.get(_key(run.pk, run.state))
    return Done(*found) if found else None


def waiting_runs(at: datetime) -> list[int]:
    """The ids of runs that nobody works on, those that were never tried first. What was tried too often has failed, and
    what nobody has confirmed in time is cancelled."""
    silent = [run for run in ImportRun.objects.filter(_left(at)) if not _was_heard(run, at)]
    for run in silent:
        if run.attempts >= MAX_ATTEMPTS:
            _end(run.pk, State.FAILED, at, said=_("系统多次中断，没有导入任何记录。请重新上传文件。"))
    _end_unconfirmed(at)
    waiting = ImportRun.objects.filter(
        Q(state__in=_WAITING) | Q(state__in=_UNDER_WAY, pk__in=[run.pk for run in silent])
    )
    return list(waiting.order_by("attempts", "pk").values_list("pk", flat=True))


def who_waits_for_a_worker() -> Iterable[int]:
    """The ids of those whose file stays until a worker has done with it, however long others are before it: who has to confirm
    theirs has its own time."""
    states = (*_WAITING, *_UNDER_WAY)
    return ImportRun.objects.filter(state__in=states).values_list("requested_by", flat=True)


def _end_unconfirmed(at: datetime) -> None:
    ImportRun.objects.filter(state=State.READY, alive_at__lt=at - TO_CONFIRM).update(
        state=State.CANCELLED,
        finished_at=at,
        preview=None,
        said=_("没有在规定时间内确认，文件不再保留。没有导入任何记录，请重新上传。"),
    )


def _left(at: datetime) -> Q:
    return Q(state__in=_UNDER_WAY, alive_at__lt=at - ABANDONED_AFTER)


def _was_heard(run: ImportRun, at: datetime) -> bool:
    """While the cache is away nobody knows, and it is left to its worker."""
    try:
        done = _told(run)
    except _AWAY:
        return True
    return done is not None and done.at >= at - ABANDONED_AFTER


def work_on(*, run_id: int, clock: Callable[[], datetime]) -> bool:
    """Check one run, or import it if it is confirmed. False: somebody else has it, or it is over.

    Where the database goes away, or the time of the whole round is over, the run is left as it is, and a later round takes
    it up: nothing of it has been written. So does the next round where others were writing.
    """
    at = clock()
    run = ImportRun.objects.select_related("organ", "requested_by").get(pk=run_id)
    if _was_heard(run, at):
        return False
    importing = run.state in (State.CONFIRMED, State.IMPORTING)
    state = State.IMPORTING if importing else State.CHECKING
    if not ImportRun.objects.filter(
        Q(state__in=_WAITING) | _left(at), pk=run_id, state=run.state, attempts=run.attempts
    ).update(state=state, alive_at=at, attempts=F("attempts") + 1):
        return False
    run.state = state
    try:
        if importing:
            _import(run, clock)
        else:
            _check(run, clock)
    except Stopped:
        _end(run_id, State.CANCELLED, clock())
    except NotNow:
        ImportRun.objects.filter(pk=run_id, state=State.IMPORTING).update(
            state=State.CONFIRMED, attempts=F("attempts") - 1
        )
    except FileRefused as refused:
        _end(run_id, State.FAILED, clock(), said=str(refused))
    except (OperationalError, InterfaceError):
        connection.close()
        raise
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        # Its page says that they were told: while they cannot be, it is taken up again.
        if not report_fault(work=Fault.Work.IMPORT, row=run_id, error=error, at=clock()):
            raise
        _end(
            run_id,
            State.FAILED,
            clock(),
            said=_("系统出错，没有导入任何记录。已通知系统管理员，请稍后重新上传。"),
        )
    return True


@contextmanager
def _checked(run: ImportRun, told: Progress, on: date) -> Iterator[CheckedFile]:
    with (
        _file(run) as file,
        checked_file(
            file, run.file_name, organ=run.organ, on=on, progress=_part(told, 0, _CHECKED)
        ) as checked,
    ):
        yield checked


def _check(run: ImportRun, clock: Callable[[], datetime]) -> None:
    told = _telling(run, clock)
    with _checked(run, told, localdate(clock())) as checked:
        preview = preview_file(checked=checked, organ=run.organ, progress=_part(told, _CHECKED, 1))
    # Who is to look at what was found has the whole time from now on.
    if not pending.prolong(run.token, user=run.requested_by, purpose=PURPOSE):
        raise _gone(run)
    ImportRun.objects.filter(pk=run.pk, state=State.CHECKING).update(
        state=State.READY, preview=preview.shown(), alive_at=clock()
    )


def _import(run: ImportRun, clock: Callable[[], datetime]) -> None:
    told = _telling(run, clock)
    with _checked(run, told, localdate(clock())) as checked, storing():
        batch, new = import_file(
            checked=checked,
            organ=run.organ,
            at=clock(),
            actor=run.requested_by,
            confirmed=run.confirmed,
            progress=_part(told, _CHECKED, 1),
        )
        # The end of the run is that of the import: neither is there without the other.
        under_way = ImportRun.objects.filter(pk=run.pk, state=State.IMPORTING, stop_asked=False)
        said = "" if new else _("该文件以前导入过，没有变化。")
        if not under_way.update(state=State.DONE, batch=batch, finished_at=clock(), preview=None, said=said):
            raise Stopped


def _file(run: ImportRun) -> BinaryIO:
    file = pending.open_file(run.token, user=run.requested_by, purpose=PURPOSE)
    if file is None:
        raise _gone(run)
    return file


def _gone(run: ImportRun) -> FileRefused:
    return FileRefused(
        _("文件“%(name)s”已经不在系统中。没有导入任何记录，请重新上传。") % {"name": run.file_name}
    )


def _end(run_id: int, state: State, at: datetime, said: str = "") -> None:
    ImportRun.objects.filter(pk=run_id, state__in=_UNDER_WAY).update(
        state=state, said=said, finished_at=at, preview=None
    )


def _telling(run: ImportRun, clock: Callable[[], datetime]) -> Progress:
    again = clock()

    def tell(share: float, rows: int) -> None:
        nonlocal again
        stop, at = False, clock()
        if at >= again:
            try:
                cache.set(_key(run.pk, run.state), (share, rows, at), timeout=3600)
                stop = cache.get(_key(run.pk, "stop"), False)
            except _AWAY:
                again = at + _ASKED_AGAIN
        if stop or ImportRun.objects.filter(pk=run.pk, stop_asked=True).exists():
            raise Stopped

    tell(0.0, 0)
    return tell


def _part(told: Progress, begin: float, end: float) -> Progress:
    """A part of the whole work."""
    return lambda share, rows: told(begin + share * (end - begin), rows)


def _key(run: int, what: str) -> str:
    return f"import-run-{run}-{what}"
