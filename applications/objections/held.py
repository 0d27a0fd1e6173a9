"""What is held about objections (accounts.holdings)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, Rows, register
from applications.accounts.models import User
from applications.objections.models import Evidence, Objection
from applications.repairs.access import visible_to


def _objections(subject: Any, person: User) -> Rows:
    cases = visible_to(person).filter(record__subject=subject)
    return Objection.objects.filter(case__in=cases).select_related("case").order_by("pk")


def _evidence(subject: Any, person: User) -> Rows:
    cases = visible_to(person).filter(record__subject=subject)
    return Evidence.objects.filter(case__in=cases).select_related("case", "file__scan").order_by("pk")


register(
    Holding(
        Objection,
        [
            "case",
            "decision_number",
            "disputed",
            "grounds",
            "filed_at",
            "outcome",
            "reasons",
            "handled_at",
        ],
        of_subject=_objections,
    ),
    Holding(
        Evidence,
        [
            Column(_("办件编号"), lambda row: row.case.number),
            Column(_("原文件名"), lambda row: row.file.name),
            Column(_("已提交"), lambda row: row.objection_id is not None),
        ],
        of_subject=_evidence,
        files=lambda row: [row.file],
    ),
)
