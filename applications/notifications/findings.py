"""What a nightly comparison found: in the log each, and one message for all of a day to the system administrators."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import Role, User
from applications.notifications.services import notify

NAMED_IN_A_MESSAGE = 50


def report_findings(
    *, log: logging.Logger, kind: str, subject: str, found: Sequence[str], at: datetime, link: str = ""
) -> None:
    """``found`` are sentences; nothing happens where there are none. ``kind`` is what no other comparison calls itself."""
    for sentence in found:
        log.error("%s", sentence)
    if not found:
        return
    more = len(found) - NAMED_IN_A_MESSAGE
    rest = [_("……其余%(count)d处见日志。") % {"count": more}] if more > 0 else []
    notify(
        key=f"{kind}:{localdate(at)}",
        recipients=User.objects.filter(is_active=True, staff_roles__role=Role.SYSTEM_ADMIN).distinct(),
        subject=subject,
        body="\n".join([*found[:NAMED_IN_A_MESSAGE], *rest]),
        link=link,
        at=at,
    )
