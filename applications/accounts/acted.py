"""Who was quicker, in words: for whoever presses a button that a colleague has pressed before."""

from datetime import datetime

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.accounts.models import User


def who_acted(who: User | None, at: datetime) -> str:
    """The beginning of a sentence: 王受理已于11月27日 10:00. Nobody: the system."""
    return _("%(who)s已于%(at)s") % {
        "who": who or _("系统"),
        "at": localtime(at).strftime(_("%-m月%-d日 %H:%M")),
    }
