"""Reports about many subjects at once (Article 3): an officer asks, a worker issues one after the other.

Each line is a transaction of its own that locks it first, so a worker that is killed leaves it undone, and whoever goes on,
or comes beside, issues nothing twice.
"""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.documents.services import alarming
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.outbox.nudging import nudge
from applications.reports.access import may_issue_for
from applications.reports.models import BatchLine, ReportBatch
from applications.reports.services import clean_purpose, issue_report, refuse_variant
from applications.subjects.models import Subject
from rules.sameness import plain_code, visible

MOST = 500
TASK = "applications.reports.tasks.issue_batches"


@transaction.atomic
def ask_for_batch(
    *, organ: Organ, codes: str, variant: str, purpose: str, actor: User, at: datetime
) -> ReportBatch:
    """Keep what is to be issued for a worker. ``codes``: a unified social credit code a line; one that comes twice counts once.

    PermissionDenied unless the actor is a report officer of this bureau; ValidationError by field.
    """
    if not may_issue_for(actor, organ):
        raise PermissionDenied
    purpose = clean_purpose(purpose)
    refuse_variant(variant, None, localdate(at))
    lines = list(dict.fromkeys(filter(None, (plain_code(visible(line)) for line in codes.splitlines()))))
    if not lines:
        raise ValidationError({"codes": _("请填写统一社会信用代码，每行一个。")})
    if len(lines) > MOST:
        raise ValidationError(
            {"codes": _("一次最多%(most)d个，现有%(n)d个，请分批提交。") % {"most": MOST, "n": len(lines)}}
        )
    if long := [line for line in lines if len(line) != 18]:
        raise ValidationError(
            {
                "codes": _("“%(code)s”不是18位的统一社会信用代码，没有提交。请改正后再提交。")
                % {"code": long[0][:40]}
            }
        )
    lock_chain(f"report-batches-{organ.pk}")
    for other in ReportBatch.objects.filter(
        organ=organ, variant=variant, purpose=purpose, finished_at=None
    ).select_related("made_by"):
        if [*other.lines.order_by("place").values_list("code", flat=True)] == lines:
            raise ValidationError(
                _("%(who)s提交同样的批量出具，正在办理，没有重复提交。")
                % {"who": who_acted(other.made_by, other.made_at)}
            )
    batch = ReportBatch.objects.create(
        organ=organ, variant=variant, purpose=purpose, made_by=actor, made_at=at
    )
    BatchLine.objects.bulk_create(
        BatchLine(batch=batch, place=place, code=code) for place, code in enumerate(lines, start=1)
    )
    record_event(
        chain=f"report-batch-{batch.pk}",
        verb="report.batch_asked",
        at=at,
        actor=actor,
        role="report_officer",
        organ=organ,
        payload={"batch": batch.pk, "lines": len(lines), "variant": variant},
    )
    nudge(TASK)
    return batch


def waiting_lines() -> list[int]:
    """The ids of the lines that have neither report nor reason, in their order."""
    waiting = BatchLine.objects.filter(batch__finished_at=None, report=None, problem="")
    return list(waiting.order_by("batch", "place").values_list("pk", flat=True))


def work_on(line_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Issue the report of a line, or note why there is none. False: another had done it."""
    at = clock()
    try:
        with alarming(), transaction.atomic():
            line = _lock(line_id)
            if line is None:
                return False
            line.report = issue_report(
                subject=_subject(line.code),
                variant=line.batch.variant,
                organ=line.batch.organ,
                purpose=line.batch.purpose,
                actor=line.batch.made_by,
                at=at,
            )
            line.save(update_fields=["report"])
            _finish(line.batch_id, at)
    except (ValidationError, PermissionDenied) as refused:
        _note(line_id, refused, at)
    return True


@transaction.atomic
def _note(line_id: int, refused: Exception, at: datetime) -> None:
    line = _lock(line_id)
    if line is None:
        return
    words = (
        "".join(refused.messages)
        if isinstance(refused, ValidationError)
        else _("提交人不再是本单位的报告岗，没有出具。")
    )
    line.problem = words[:300]
    line.save(update_fields=["problem"])
    _finish(line.batch_id, at)


def _lock(line_id: int) -> BatchLine | None:
    """The line, locked, while it waits."""
    lines = BatchLine.objects.select_for_update(of=("self",)).select_related("batch__organ", "batch__made_by")
    return lines.filter(pk=line_id, report=None, problem="").first()


def _subject(code: str) -> Subject:
    found = Subject.objects.filter(uscc=code).exclude(kind=Subject.Kind.NATURAL_PERSON).first()
    if found is None:
        raise ValidationError(_("没有登记代码为这个的信用主体，请核对，或者先登记。"))
    return found


def _finish(batch_id: int, at: datetime) -> None:
    # Of two workers that do the last two lines at once the second one sees what the first has done.
    ReportBatch.objects.select_for_update().get(pk=batch_id)
    if not BatchLine.objects.filter(batch=batch_id, report=None, problem="").exists():
        ReportBatch.objects.filter(pk=batch_id, finished_at=None).update(finished_at=at)
