"""What a table of cases says of each. People's numbers are masked."""

from typing import Any

from django.db.models import OuterRef, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.documents.models import Document, Kind
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
    Column(_("决定日期"), lambda case: localdate(case.granted_at) if case.granted_at else case.decided_on),
    Column(_("决定文号"), lambda case: case.grant_number or case.decision_number),
    Column(_("平台签收日期"), lambda case: case.shared_at and localdate(case.shared_at)),
    Column(_("撤销决定日期"), lambda case: case.decided_on if case.status == State.REVOKED else None),
    Column(_("撤销决定文号"), lambda case: case.decision_number if case.status == State.REVOKED else ""),
)


def with_all(cases: QuerySet[Any]) -> QuerySet[RepairCase]:
    """What a row needs. Of a revoked repair the case has the revocation; the grant is the letter that it replaced."""
    revocation = Document.objects.filter(number=OuterRef("decision_number"), kind=Kind.REVOCATION_DECISION)
    rows: QuerySet[RepairCase] = cases.select_related("record__subject", "organ").annotate(
        grant_number=revocation.values("replaces__number")[:1],
        granted_at=revocation.values("replaces__issued_at")[:1],
    )
    return rows
