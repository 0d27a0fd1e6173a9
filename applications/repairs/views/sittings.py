"""The pages of several records in one sitting (一并申请): choose them, see what is to be done, look all over, file all."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.accounts.http import SignedInRequest, whole_number
from applications.commitments.signing import signing_of
from applications.documents.models import Document, Kind
from applications.language import reason_of
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.records.selectors import with_channels
from applications.repairs import access, services, steps
from applications.repairs.assessing import BARS, assess_case
from applications.repairs.models import CaseObligation, Filing, Material, RepairCase
from applications.repairs.record_list import Standing, records_of
from applications.repairs.services.filings import commitment_is_current
from applications.repairs.services.reuse import offers_of
from applications.repairs.sitting_forms import TogetherForm
from applications.repairs.standing import CaseStanding, standings
from applications.repairs.tasklist import tasks_of_several
from applications.repairs.views.signing_last import filed_with, last_signature, to_sign
from applications.subjects.access import may_act_for
from applications.subjects.models import Subject

# Characters before its colon: 第十三条 has four, 第二十三条 would have five.
LONGEST_ARTICLE = 5

CASE_PARTS = (
    "record__subject",
    "record__identifying_unit",
    "record__annotation",
    "organ",
    "filing__applicant",
    "filing__commitment__document",
)


def own_filing(request: SignedInRequest, filing_id: int) -> Filing:
    """The applicant's filing, or 404."""
    filings = access.filings_visible_to(request.user).select_related("subject", "applicant")
    filing = filings.filter(pk=filing_id).first()
    if filing is None:
        access.refuse_former(request.user, Subject.objects.filter(filings=filing_id).first())
        raise Http404
    return filing


def own_drafts(filing: Filing) -> QuerySet[RepairCase]:
    """What the applicant would submit now: of what a window received nothing, the window submits it."""
    return services.drafts_of(filing).filter(filing__reception=None).select_related(*CASE_PARTS)


def _receipt_or_list(filing: Filing) -> HttpResponse:
    """Where a filing leads of which nothing is a draft any more."""
    if filing.cases.exclude(first_submitted_at=None).exists():
        return redirect("repairs:filed", filing.pk)
    return redirect("records:list")


@dataclass(frozen=True)
class Row:
    """A record of the subject on the page of the choice; without ``organs`` it cannot be chosen, and ``standing`` says why."""

    standing: Standing
    organs: list[Organ] = field(default_factory=list)
    # Whether it is a draft of the filing that others join.
    here: bool = False
    # The fields of the form: whether it is chosen, and which organ.
    ticked: bool = False
    organ: BoundField | None = None


@login_required
@require_http_methods(["GET", "POST"])
def together(request: SignedInRequest, subject_id: int) -> HttpResponse:
    """Every record of a subject, with a box where it can be applied for, and why not where it cannot; begins one filing."""
    if request.user.is_staff:
        raise Http404
    subject = get_object_or_404(Subject, pk=subject_id)
    if not may_act_for(request.user, subject):
        access.refuse_former(request.user, subject)
        raise Http404
    return _choice(request, subject, None)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """The same for a filing that is a draft: which other records join it."""
    filing = own_filing(request, filing_id)
    if not own_drafts(filing).exists():
        return _receipt_or_list(filing)
    return _choice(request, filing.subject, filing)


def _choice(request: SignedInRequest, subject: Subject, filing: Filing | None) -> HttpResponse:
    today = timezone.localdate()
    listed = records_of(request.user, today, subject)
    organs = with_channels(each.record for each in listed)
    rows = [
        Row(each, bodies if each.may_start else [], here=_is_in(each.record, filing))
        for each, (_record, bodies) in zip(listed, organs, strict=True)
    ]
    offered = [(row.standing.record, row.organs) for row in rows if row.organs]
    offers = offers_of(subject, [record for record, _organs in offered], today, filing)
    ticked = {whole_number(text) for text in request.GET.getlist("record")}
    already = services.drafts_of(filing).count() if filing else 0
    form = TogetherForm(
        request.POST if request.method == "POST" else None,
        records=offered,
        ticked={pk for pk in ticked if pk is not None},
        offers=offers,
        already=already,
    )
    if request.method == "POST" and (begun := _begun_already(request, rows, filing)):
        return redirect("repairs:filing", begun)
    if request.method == "POST" and form.is_valid():
        try:
            started = services.start_filing(
                choices=form.choices(),
                applicant=request.user,
                at=timezone.now(),
                filing=filing,
                again=form.cleaned_data["again"],
            )
            return redirect("repairs:filing", started.pk)
        except services.NotReady as problem:
            form.add_error(None, str(problem))
    organ_of = dict(form.rows())
    rows = [
        replace(row, ticked=row.standing.record.pk in form.ticked, organ=organ_of.get(row.standing.record))
        for row in rows
    ]
    return render(
        request,
        "repairs/together.html",
        {
            "subject": subject,
            "filing": filing,
            "rows": rows,
            "form": form,
            "offers": offers,
            "offered": bool(offered),
        },
    )


def _is_in(record: DishonestyRecord, filing: Filing | None) -> bool:
    drafts = (case for case in record.cases.all() if case.status == "draft")
    return filing is not None and any(case.filing_id == filing.pk for case in drafts)


def _begun_already(request: SignedInRequest, rows: Iterable[Row], filing: Filing | None) -> int | None:
    """The filing that the same press has begun a moment ago: all that was ticked are drafts of one."""
    ticked = {whole_number(text) for text in request.POST.getlist("records")}
    case_of = {
        case.record_id: case
        for row in rows
        if row.standing.record.pk in ticked
        for case in row.standing.record.cases.all()
        if case.status == "draft" and not access.being_entered(case)
    }
    filings = {case.filing_id for case in case_of.values()}
    if ticked and case_of.keys() == ticked and len(filings) == 1 and (filing is None or filing.pk in filings):
        return filings.pop()
    return None


@login_required
def tasks(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """What is to be done: once for all records, and for each. Of a single record, its own page."""
    sitting = own_filing(request, filing_id)
    cases = list(own_drafts(sitting))
    if not cases:
        return _receipt_or_list(sitting)
    if len(cases) == 1:
        return redirect("repairs:tasks", cases[0].number)
    shared, each = tasks_of_several(cases)
    everything = [*shared, *(task for tasks in each for task in tasks)]
    context = {
        "filing": sitting,
        "shared": shared,
        "rows": list(zip(cases, each, strict=True)),
        "all": len(everything),
        "done": sum(task.done for task in everything),
        "first": cases[0],
        "saved_at": max(case.edited_at for case in cases),
    }
    return render(request, "repairs/filing.html", context)


@login_required
@require_POST
def take_out(request: SignedInRequest, number: str) -> HttpResponse:
    """One press: the record goes on as a draft of its own, the rest stays."""
    cases = access.visible_to(request.user).select_related("record__subject", "filing")
    if request.user.is_staff:
        raise Http404
    case = get_object_or_404(cases, number=number)
    left = case.filing_id
    try:
        services.take_out(case=case, actor=request.user, at=timezone.now())
    except services.NotReady as problem:
        messages.error(request, str(problem))
    else:
        messages.success(
            request,
            _(
                "已移出%(record)s：填写的内容和文件都保留在单独的草稿%(number)s中。承诺书列明要申请的记录，请重新签署。"
            )
            % {"record": case.record, "number": number},
        )
    return redirect("repairs:filing", left)


@dataclass(frozen=True)
class Checked:
    """A case on the page before it is filed: what it lacks that not all of them lack, and what may stand in its way."""

    case: RepairCase
    problems: list[str]
    bars: list[str]
    duties: list[CaseObligation]
    materials: list[Material]


def _said(problem: str) -> str:
    """Without the article that it may begin with."""
    article, _colon, words = problem.partition("：")
    return words if words and len(article) <= LONGEST_ARTICLE else problem


@login_required
@require_http_methods(["GET", "POST"])
def check(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """Every record on one page before all are filed, each with a way back, and out of the filing where it is blocked; whoever
    signs with the account itself signs here, and files with it."""
    sitting = own_filing(request, filing_id)
    cases = list(own_drafts(sitting))
    if not cases:
        return _receipt_or_list(sitting)
    if len(cases) == 1:
        return redirect("repairs:check", cases[0].number)
    today = timezone.localdate()
    papers = list(sitting.materials.select_related("file__scan"))
    rows = []
    # Of all of them alike.
    signed = commitment_is_current(cases[0])
    assessed = [(case, assess_case(case, today)) for case in cases]
    form = None if signed else last_signature(request, cases[0])
    problems = [
        steps.blocking_problems(*each, signed_as_is=signed, but_signing=form is not None) for each in assessed
    ]
    if form is not None and any(problems):
        # Signed is what can be filed.
        form = None
        problems = [steps.blocking_problems(*each, signed_as_is=signed) for each in assessed]
    if form is not None and request.method == "POST":
        if filed_with(form, request, _shown_versions(request)):
            return redirect("repairs:filed", filing_id)
        if not own_drafts(sitting).exists():
            return _receipt_or_list(sitting)
    for (case, assessment), lacking in zip(assessed, problems, strict=True):
        rows.append(
            Checked(
                case,
                lacking,
                [reason_of(finding) for finding in assessment.open_findings if finding.article == BARS],
                list(case.obligations.select_related("obligation")),
                [paper for paper in papers if paper.case_id == case.pk],
            )
        )
    # What is lacking of all is said once, though different articles may ask for it.
    of_all = set.intersection(*({_said(problem) for problem in row.problems} for row in rows))
    common = list(dict.fromkeys(_said(problem) for problem in rows[0].problems if _said(problem) in of_all))
    rows = [
        replace(row, problems=[problem for problem in row.problems if _said(problem) not in of_all])
        for row in rows
    ]
    commitment = cases[0].filing.commitment
    context = {
        "filing": sitting,
        "first": cases[0],
        "cases": cases,
        "form": form,
        **(to_sign(cases[0]) if form is not None else {}),
        "rows": rows,
        "common": common,
        "apart": any(row.problems for row in rows),
        "signing": signing_of(commitment) if commitment else None,
        "papers": [paper for paper in papers if paper.case_id is None],
        "serious": any(case.record.severity == "serious" for case in cases),
    }
    return render(request, "repairs/filing_check.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def submit(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """File all of them. However often the button is pressed, there is one set of cases and one page of receipts."""
    sitting = own_filing(request, filing_id)
    if request.method == "GET":
        # Where signing in again leads back to.
        return redirect("repairs:filing_check", filing_id)
    if not own_drafts(sitting).exists():
        return _receipt_or_list(sitting)
    try:
        steps.submit_filing(
            filing=sitting, versions=_shown_versions(request), actor=request.user, at=timezone.now()
        )
    except services.NotReady as missing:
        for problem in missing.problems:
            messages.error(request, problem)
        return redirect("repairs:filing_check", filing_id)
    except services.StaleCase as stale:
        if not own_drafts(sitting).exists():
            return _receipt_or_list(sitting)
        messages.warning(request, str(stale))
        return redirect("repairs:filing_check", filing_id)
    return redirect("repairs:filed", filing_id)


def _shown_versions(request: SignedInRequest) -> dict[str, int]:
    """The cases that the page showed, each with its version; one without a valid one counts as out of date."""
    shown = [text.rpartition(":") for text in request.POST.getlist("case")]
    return {number: -1 if (v := whole_number(version)) is None else v for number, _colon, version in shown}


@dataclass(frozen=True)
class Filed:
    """A case that was filed, with its receipt."""

    standing: CaseStanding
    receipt: Document | None


@login_required
def filed(request: SignedInRequest, filing_id: int) -> HttpResponse:
    """The summary of the receipts, for printing: the same however often it is opened."""
    sitting = own_filing(request, filing_id)
    cases = list(services.filed_in(sitting).select_related(*CASE_PARTS))
    if not cases:
        return (
            redirect("repairs:filing", filing_id)
            if own_drafts(sitting).exists()
            else redirect("records:list")
        )
    receipts: dict[str, Document] = {}
    issued = Document.objects.filter(about__in=[case.number for case in cases], kind=Kind.RECEIPT)
    for document in issued.order_by("-issued_at"):
        receipts[document.about] = document
    rows = [
        Filed(standing, receipts.get(standing.case.number))
        for standing in standings(cases, timezone.localdate())
    ]
    return render(request, "repairs/filed.html", {"filing": sitting, "rows": rows})
