"""What a table of cases says of each. People's numbers are masked."""

from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.repairs.models import RepairCase
from rules.procedure import STATE_LABELS, State

COLUMNS: tuple[Column, ...] = (
    Column(_("办件编号"), lambda case: case.number),
    Column(_("状态"), lambda case: STATE_LABELS[State(case.status)]),
    Column(_("截止日期"), lambda case: case.due_on),
    Column(_("办理机构"), lambda case: case.organ.name),
    Column(_("信用主体"), lambda case: case.record.subject.name),
    Column(_("主体代码"), lambda case: case.record.subject.masked_code),
    Column(_("行政处罚决定书文号"), lambda case: str(case.record)),
    Column(_("失信严重程度"), lambda case: case.record.get_severity_display()),
    Column(_("首次提交日期"), lambda case: case.first_submitted_at and localdate(case.first_submitted_at)),
    Column(_("提交日期"), lambda case: case.submitted_at and localdate(case.submitted_at)),
    Column(_("受理日期"), lambda case: case.accepted_on),
    Column(_("决定日期"), lambda case: case.decided_on),
    Column(_("决定文号"), lambda case: case.decision_number),
    Column(_("平台签收日期"), lambda case: case.shared_at and localdate(case.shared_at)),
)


def with_all(cases: QuerySet[Any]) -> QuerySet[RepairCase]:
    return cases.select_related("record__subject", "organ")
