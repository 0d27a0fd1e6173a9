"""The steps of an application as its applicant sees them (Article 7), and what is still missing in each."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.repairs.models import RepairCase
from applications.repairs.services.filings import commitment_is_current
from applications.repairs.steps import materials_asked


@dataclass(frozen=True)
class Task:
    name: str
    url: str
    done: bool
    # Why the task exists, where that is not plain.
    why: str = ""
    # What is wrong with what is there already; empty where nothing is.
    problem: str = ""


def tasks_of(case: RepairCase) -> list[Task]:
    """All tasks of a case, in the order in which they are best done."""

    def url(name: str, *args: object) -> str:
        return reverse(f"repairs:{name}", args=[case.number, *args])

    duties = list(case.obligations.select_related("obligation"))
    fulfilled = all(duty.fulfilled_on or duty.obligation.fulfilled_on for duty in duties)
    filing = case.filing
    tasks = [
        Task(_("经办人和联系方式"), url("contact"), bool(filing.contact_name and filing.contact_phone)),
        Task(_("纠正失信行为、履行义务的日期"), url("fulfilment"), bool(case.corrected_on) and fulfilled),
    ]
    tasks += [
        Task(
            _("上传%(names)s") % {"names": asked.names},
            url("files", asked.kinds[0]),
            has_file,
            why=asked.reason,
        )
        for asked, has_file in materials_asked(case)
    ]
    if case.record.severity == "serious":
        tasks.append(
            Task(
                _("培训证书和信用报告的信息"),
                url("training"),
                bool(filing.training_completed_on and filing.report_issued_on),
                why=_("第五条：该记录为严重失信"),
            )
        )
    commitment = filing.commitment
    current = commitment_is_current(case)
    problem = ""
    if commitment and not current:
        problem = _("内容已修改，需要重新签署")
    elif commitment and not commitment.publication_consent:
        problem = _("没有同意公开")
    tasks.append(
        Task(
            _("签署信用修复承诺书"),
            url("commitment"),
            bool(commitment and current and commitment.publication_consent),
            why=_("第四条、第五条：作出信用承诺并同意向社会公开"),
            problem=problem,
        )
    )
    return tasks
