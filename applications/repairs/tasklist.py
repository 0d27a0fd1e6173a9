"""The steps of an application as its applicant sees them (Article 7), and what is still missing in each."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from applications.repairs.models import RepairCase
from applications.repairs.services.filings import commitment_is_current
from applications.repairs.steps import blocking_problems, required_materials


@dataclass(frozen=True)
class Task:
    name: str
    url: str
    done: bool
    # Why the task exists, where that is not plain.
    why: str = ""
    # "有问题" and the like; empty: 已完成 or 未开始 says it.
    problem: str = ""

    @property
    def state(self) -> str:
        return self.problem or ("已完成" if self.done else "未完成")


@dataclass(frozen=True)
class TaskList:
    tasks: list[Task]
    problems: list[str]

    @property
    def done(self) -> int:
        return sum(task.done for task in self.tasks)

    @property
    def ready(self) -> bool:
        return not self.problems


def task_list(case: RepairCase, today: date) -> TaskList:
    """All tasks of a case and all that stands in the way of submitting it today."""

    def url(name: str, *args: object) -> str:
        return reverse(f"repairs:{name}", args=[case.number, *args])

    kinds = set(case.materials.values_list("kind", flat=True))
    duties = list(case.obligations.select_related("obligation"))
    fulfilled = all(duty.fulfilled_on or duty.obligation.fulfilled_on for duty in duties)
    filing = case.filing
    tasks = [
        Task("经办人和联系方式", url("contact"), bool(filing.contact_name and filing.contact_phone)),
        Task("纠正失信行为、履行义务的日期", url("fulfilment"), bool(case.corrected_on) and fulfilled),
    ]
    tasks += [
        Task(
            f"上传{asked.names}",
            url("files", asked.kinds[0]),
            bool(kinds & set(asked.kinds)),
            why=asked.reason,
        )
        for asked in required_materials(case)
    ]
    if case.record.severity == "serious":
        tasks.append(
            Task(
                "培训证书和信用报告的信息",
                url("training"),
                bool(filing.training_completed_on and filing.report_issued_on),
                why="第五条：该记录为严重失信",
            )
        )
    commitment = filing.commitment
    current = commitment_is_current(case)
    problem = ""
    if commitment and not current:
        problem = "内容已修改，需要重新签署"
    elif commitment and not commitment.publication_consent:
        problem = "没有同意公开"
    tasks.append(
        Task(
            "签署信用修复承诺书",
            url("commitment"),
            bool(commitment and current and commitment.publication_consent),
            why="第四条、第五条：作出信用承诺并同意向社会公开",
            problem=problem,
        )
    )
    return TaskList(tasks, blocking_problems(case, today))
