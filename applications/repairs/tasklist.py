"""The steps of an application as its applicant sees them (Article 7), and what is still missing in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.files.scanning import is_infected
from applications.repairs.models import Material, RepairCase
from applications.repairs.services.filings import commitment_is_current
from applications.repairs.services.sittings import drafts_of
from applications.repairs.steps import materials_asked, names_of
from applications.repairs.uploads import remarks_of
from rules.materials import KINDS, Kind, Requirement


@dataclass(frozen=True)
class Task:
    name: str
    url: str
    done: bool
    # Why the task exists, where that is not plain.
    why: str = ""
    # What is wrong with what is there already; empty where nothing is.
    problem: str = ""
    # Whether it is done once for all records of a filing.
    shared: bool = True
    case: RepairCase | None = None
    # Where to get the paper, where that is on a page of ours.
    where: str = ""
    # The files of it on whose pages something is remarked.
    remarked: tuple[Material, ...] = ()
    # Whether it is the signature, which whoever signs with the own account gives on the last page.
    signs: bool = False


def tasks_of(case: RepairCase) -> list[Task]:
    """All tasks of a case, in the order in which they are best done."""
    return [*_tasks_but_signing(case), _signing(case)]


def tasks_of_several(cases: Sequence[RepairCase]) -> tuple[list[Task], list[list[Task]]]:
    """Of the drafts of one filing the tasks that are done once, and those of each, in this order."""
    each = [_tasks_but_signing(case) for case in cases]
    # Two records that ask for the same paper ask for it once, with the first's reason and address.
    once = {task.name: task for tasks in reversed(each) for task in reversed(tasks) if task.shared}
    shared = [*reversed(once.values()), _signing(cases[0])]
    return shared, [[task for task in tasks if not task.shared] for tasks in each]


def next_task(case: RepairCase, after: str = "") -> Task | None:
    """What is to be done next in the filing of a draft, in the order of its list: after the task at this address, else before
    it, and what is signed when nothing else is left to do; None where nothing is left."""
    # As they are now: whoever asks may hold the case of before it was signed.
    cases = list(drafts_of(case.filing).select_related("record__subject", "filing__commitment"))
    if len(cases) == 1:
        *tasks, signing = tasks_of(cases[0])
    else:
        (*shared, signing), each = tasks_of_several(cases)
        tasks = [*(task for own in each for task in own), *shared]
    here = next((at for at, task in enumerate(tasks) if task.url == after), -1)
    around = [*tasks[here + 1 :], *tasks[: max(here, 0)], signing]
    return next((task for task in around if not task.done and task.url != after), None)


def _url(case: RepairCase, name: str, *args: object) -> str:
    return reverse(f"repairs:{name}", args=[case.number, *args])


def _tasks_but_signing(case: RepairCase) -> list[Task]:
    duties = list(case.obligations.select_related("obligation"))
    fulfilled = all(duty.fulfilled_on or duty.obligation.fulfilled_on for duty in duties)
    filing = case.filing
    materials = list(case.materials.select_related("file__scan"))
    tasks = [
        Task(
            _("经办人和联系方式"), _url(case, "contact"), bool(filing.contact_name and filing.contact_phone)
        ),
        Task(
            _("纠正失信行为、履行义务的日期"),
            _url(case, "fulfilment"),
            bool(case.corrected_on) and fulfilled,
            shared=False,
        ),
    ]
    tasks += [
        Task(
            _("上传%(names)s") % {"names": names_of(asked)},
            _url(case, "files", asked.kinds[0]),
            has_file,
            why=_(asked.reason),
            problem=_("发现病毒") if any(is_infected(each.file) for each in _of(materials, asked)) else "",
            shared=KINDS[asked.kinds[0]].about_subject,
            case=case,
            where=reverse("training:offered") if Kind.TRAINING in asked.kinds and not has_file else "",
            remarked=tuple(each for each in _of(materials, asked) if remarks_of(each, case)),
        )
        for asked, has_file in materials_asked(case, materials)
    ]
    if case.record.severity == "serious":
        tasks.append(
            Task(
                _("培训证书和信用报告的信息"),
                _url(case, "training"),
                bool(filing.training_completed_on and filing.report_issued_on),
                why=_("第五条：该记录为严重失信"),
            )
        )
    return tasks


def _of(materials: Sequence[Material], asked: Requirement) -> list[Material]:
    return [each for each in materials if each.kind in asked.kinds]


def _signing(case: RepairCase) -> Task:
    commitment = case.filing.commitment
    current = commitment_is_current(case)
    problem = ""
    if commitment and not current:
        problem = _("内容已修改，需要重新签署")
    elif commitment and not commitment.publication_consent:
        problem = _("没有同意公开")
    return Task(
        _("签署信用修复承诺书"),
        _url(case, "commitment"),
        bool(commitment and current and commitment.publication_consent),
        why=_("第四条、第五条：作出信用承诺并同意向社会公开"),
        problem=problem,
        signs=True,
    )
