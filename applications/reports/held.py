"""What is held about credit reports (accounts.holdings)."""

from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, register
from applications.masking import mask_name
from applications.reports.models import BatchLine, CreditReport, Institution, ReportBatch, ReportRequest

register(
    Holding(
        CreditReport,
        ["number", "organ", "variant", "purpose", "since", "extended_until", "issued_at"],
        of_subject=lambda subject, _person: (
            CreditReport.objects.filter(subject=subject).select_related("organ").order_by("pk")
        ),
    ),
    Holding(
        ReportRequest,
        [
            "number",
            "organ",
            "channel",
            "variant",
            "purpose",
            "since",
            "requested_at",
            Column(_("来人姓名（遮盖）"), lambda row: mask_name(row.came) if row.came else ""),
            "capacity",
            "state",
            "decided_at",
            "reason",
        ],
        of_subject=lambda subject, _person: subject.report_requests.select_related("organ").order_by("pk"),
    ),
    nothing={
        Institution: "the names of institutions that issue reports",
        ReportBatch: "for which codes an officer asked at once",
        BatchLine: "a code of such a list; what was issued by it is a report of the subject",
    },
)
