"""撤回申请 (Article 2: repair is voluntary)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import take

MESSAGE = _("申请已撤回，需要时可以重新申请。")


def withdraw_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """Give the application up. The record can be applied for anew; nothing of the archive is lost."""
    with take(
        case=case, action="withdraw", message=MESSAGE, actor=actor, at=at, version=version
    ) as transition:
        pass
    return transition.case
