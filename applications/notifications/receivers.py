"""What the apps below tell this one."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.limits import clock_time
from applications.accounts.models import User
from applications.accounts.signals import password_guessed_steadily, password_tries_used_up
from applications.language import as_kept
from applications.ledger.models import Head
from applications.ledger.signals import sealing_troubled
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.notifications.services import notify


@receiver(password_tries_used_up)
@as_kept()
def warn_of_wrong_passwords(
    sender: type[User], user: User, until: datetime, at: datetime, **kwargs: Any
) -> None:
    """Somebody at an open session of this person may be guessing the password."""
    notify(
        key=f"password-tries/{user.pk}/{until.timestamp():.0f}",
        recipients=[user],
        subject=_("您的登录密码被连续输错"),
        body=_(
            "有人在您已登录的页面上连续输错登录密码，%(until)s以前系统不再核对密码。\n"
            "如果是您本人，请稍后再试；忘记密码的，请退出登录后用“忘记密码”重置。\n"
            "如果不是您本人，请立即在自己的电脑上重置密码：重置以后，其他地方的登录全部失效。"
        )
        % {"until": clock_time(until)},
        at=at,
    )


@receiver(password_guessed_steadily)
@as_kept()
def warn_of_steady_guessing(sender: type[User], user: User, times: int, at: datetime, **kwargs: Any) -> None:
    """Once a day, though it goes on."""
    notify(
        key=f"password-guessing/{user.pk}/{localdate(at):%Y%m%d}",
        recipients=[user],
        subject=_("您的登录密码一天内多次输错"),
        body=_(
            "过去24小时内，在您已登录的页面上共%(times)d次输错登录密码。\n"
            "如果是您本人，不必处理；忘记密码的，请退出登录后用“忘记密码”重置。\n"
            "如果不是您本人，请立即在自己的电脑上重置密码：重置以后，其他地方的登录全部失效。"
        )
        % {"times": times},
        at=at,
    )


@receiver(sealing_troubled)
def report_sealing(sender: type[Head], row: str, error: Exception, at: datetime, **kwargs: Any) -> None:
    report_fault(work=Fault.Work.SEALING, row=row, error=error, at=at)
