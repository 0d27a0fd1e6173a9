"""Work that failed where its own row could not say so: that, too, is told to people.

A sweep notes a failure in the row that it is about. Where there is no place for it there, or the note itself fails,
it comes here: a CRITICAL line in the log, a row that ``/healthz/`` counts, and one message a day for each kind of
work to the system administrators.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import Role, User
from applications.foreign_text import clean, describe, trace
from applications.language import as_kept
from applications.notifications.models import Fault
from applications.notifications.services import notify

log = logging.getLogger(__name__)

# Longer than the hour between two runs of the slowest sweep: what goes on failing stays in sight.
IN_SIGHT = timedelta(hours=2)


@as_kept()
def report_fault(
    *, work: Fault.Work, row: object, error: BaseException, at: datetime, told: str = ""
) -> bool:
    """Raise the alarm about one row of a kind of work. Never raises, and stands in a transaction of its own. False: it is in the
    log alone.

    ``told`` is what people are to do where the work is not tried again; each row then has its own message a day.
    """
    name = clean(row, 100)
    log.critical("%s: %s failed, and its row does not say so\n%s", work.value, name, trace(error))
    try:
        with transaction.atomic():
            fault, _new = Fault.objects.get_or_create(
                work=work, row=name, defaults={"first_at": at, "last_at": at, "failures": 0}
            )
            Fault.objects.filter(pk=fault.pk).update(last_at=at, failures=F("failures") + 1)
            notify(
                key=f"fault:{work.value}:{localdate(at)}" + (f":{name}" if told else ""),
                recipients=User.objects.filter(
                    is_active=True, staff_roles__role=Role.SYSTEM_ADMIN
                ).distinct(),
                subject=(_("%(work)s没有成功：%(row)s") if told else _("系统未能登记一项失败：%(work)s"))
                % {"work": work.label, "row": name},
                body=told
                or _(
                    "“%(work)s”处理 %(row)s 时失败，且未能在该条记录中登记原因：%(error)s\n"
                    "其余各条不受影响，系统会再试。当日同类失败不再另行通知，请在日志中查找 CRITICAL 各行并排除原因。"
                )
                % {"work": work.label, "row": name, "error": describe(error)},
                at=at,
            )
    except Exception as second:
        log.critical("the alarm about %s %s could not be written\n%s", work.value, name, trace(second))
        return False
    return True


def faults_in_sight(at: datetime) -> int:
    """How many rows failed of late without a word in the row."""
    return Fault.objects.filter(last_at__gt=at - IN_SIGHT).count()
