"""Having uploads looked at by the virus scanner: what is its own in the three steps of ``outbox.sending``.

No upload waits for the scanner, and no clock: who may do what with a file that it has not passed is said here (ADR 0039).
"""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications.files import clamd
from applications.files.models import StoredFile, VirusScan
from applications.files.signals import virus_found
from applications.foreign_text import clean
from applications.outbox.nudging import nudge
from applications.outbox.sending import (
    NotTaken,
    NotThisOne,
    Outcome,
    Refused,
    Sender,
    Unreachable,
    assert_outside_transaction,
)
from applications.outbox.timing import clock_from

logger = logging.getLogger(__name__)

TASK = "applications.files.tasks.scan_uploads"
# Nobody is told longer than this that the scanner is at it: then it is not.
SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a file stands with the scanner, in words. ``tag``: the class of its tag in a page; ``passed``: nothing was found."""

    words: str
    tag: str = ""
    more: str = ""
    passed: bool = False
    infected: bool = False


def is_configured() -> bool:
    return bool(settings.CLAMD_ADDRESS)


def scan_of(file: StoredFile) -> VirusScan | None:
    return getattr(file, "scan", None)


def standing_of(file: StoredFile, now: datetime) -> Standing | None:
    """None: there is no scanner, and there was none when the file came."""
    scan = scan_of(file)
    if scan is None:
        return (
            Standing(_("没有检查"), "tag-warn", _("系统配置病毒检查之前上传的文件。"))
            if is_configured()
            else None
        )
    if scan.status == VirusScan.CLEAN:
        return Standing(_("通过"), "tag-good", passed=True)
    if scan.status == VirusScan.INFECTED:
        return Standing(
            _("发现病毒"),
            "tag-bad",
            _("（%(threat)s）文件已隔离，不能打开。") % {"threat": scan.threat},
            infected=True,
        )
    if scan.status == VirusScan.GIVEN_UP:
        return Standing(_("无法检查"), "tag-warn", _("系统不再重试。不影响提交和办理。"))
    if scan.last_error or now - file.stored_at > SOON:
        return Standing(
            _("无法检查"), "tag-warn", _("病毒检查暂时没有结果，系统会自动再试。不影响提交和办理。")
        )
    return Standing(_("检查中"), "", _("一般只要几秒，可以先做别的。"))


def is_infected(file: StoredFile) -> bool:
    """Nobody opens it any more, whoever brought it."""
    scan = scan_of(file)
    return scan is not None and scan.status == VirusScan.INFECTED


def is_withheld(file: StoredFile) -> bool:
    """Whether officers see its pages as pictures alone: it waits for the scanner, or that cannot say what it is."""
    scan = scan_of(file)
    return scan is not None and scan.status != VirusScan.CLEAN


def put_in_line(file: StoredFile, *, at: datetime) -> None:
    """Have an upload scanned, at once where a worker is there."""
    VirusScan.objects.create(file=file, next_try_at=at)
    nudge(TASK)


def put_older_in_line(*, at: datetime) -> int:
    """Have everything scanned that came before there was a scanner, and again what it could not say anything of."""
    given_up = VirusScan.objects.filter(status=VirusScan.GIVEN_UP)
    again = given_up.update(status=VirusScan.WAITING, attempts=0, next_try_at=at, last_error="")
    older = StoredFile.objects.filter(scan=None).values_list("pk", flat=True)
    rows = [VirusScan(file_id=pk, next_try_at=at) for pk in older]
    VirusScan.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return again + len(rows)


def scan_uploads(*, at: datetime) -> Counter[str]:
    """Have everything scanned that is due; how many ended in which status. Called by the sweep, the nudge and the command,
    also several at once."""
    assert_outside_transaction()
    return Scanner(clock_from(at)).sweep(at) if is_configured() else Counter()


class Scanner(Sender[VirusScan, str]):
    """One clamd, and so one lane. The answer is what was found; empty: nothing."""

    def due(self, at: datetime) -> QuerySet[VirusScan]:
        due = VirusScan.objects.filter(status=VirusScan.WAITING, next_try_at__lte=at)
        return due.select_related("file").order_by("next_try_at", "pk")

    def speak(self, row: VirusScan) -> str:
        try:
            with row.file.file.open("rb") as file:
                content = file.read()
        except FileNotFoundError as error:
            raise Refused(error) from error
        except OSError as error:
            raise NotTaken(error) from error
        try:
            return clamd.threat_in(content, settings.CLAMD_ADDRESS)
        except clamd.Away as error:
            raise Unreachable(error) from error
        except clamd.NotScanned as error:
            raise NotThisOne(error) from error

    @transaction.atomic
    def record(self, row: VirusScan, answer: str) -> Outcome:
        status = VirusScan.INFECTED if answer else VirusScan.CLEAN
        VirusScan.objects.filter(pk=row.pk).update(
            status=status,
            threat=clean(answer, 200),
            scanned_at=self.now(),
            next_try_at=None,
            leased_until=None,
            last_error="",
        )
        if answer and row.status != VirusScan.INFECTED:
            logger.critical("the scanner found %s in the stored file %s", clean(answer, 200), row.pk)
            virus_found.send(sender=VirusScan, file=row.file, at=self.now())
        return Outcome(status)

    def report(self, row: VirusScan, error: Exception) -> None:
        """The row stays due, and its page says 无法检查."""
        logger.critical("what the scanner says of %s could not be written down", row.pk, exc_info=error)
