"""A holder's reports (Article 12), and what is asked of a bureau for them (Article 17)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.accounts.http import SignedInRequest, whole_number
from applications.documents.models import Document
from applications.reports import requests, services
from applications.reports.access import reports_of, requests_of
from applications.reports.forms import AskForm
from applications.reports.models import ReportRequest
from applications.reports.selectors import has_changed_since, taken
from applications.subjects.access import subjects_of
from applications.subjects.selectors import city_of_subject


@login_required
@require_GET
def own_reports(request: HttpRequest) -> HttpResponse:
    """The reports about the subjects that the signed-in person acts for (Article 12), and what is asked for."""
    page = Paginator(reports_of(request.user), 50).get_page(request.GET.get("page"))
    asked = requests_of(request.user).exclude(state=ReportRequest.State.ISSUED)[:20]
    context = {"page": page, "today": timezone.localdate(), "requests": asked}
    return render(
        request, "reports/list.html", context | {"subjects": subjects_of(request.user).order_by("pk")}
    )


@login_required
@require_GET
def own_report(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of them: how it stands, who took it, and what can be done."""
    report = get_object_or_404(reports_of(request.user), pk=pk)
    today = timezone.localdate()
    return render(
        request,
        "reports/report.html",
        {
            "report": report,
            "today": today,
            "changed": has_changed_since(report.document),
            "successor": getattr(report.document, "replaced_by", None),
            "not_extended": services.why_not_extended(report, today),
            "until": services.longest(report, today),
            "taken": taken(report)[:50],
        },
    )


@login_required
@require_POST
def extend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Extend its validity."""
    report = get_object_or_404(reports_of(request.user), pk=pk)
    try:
        services.extend_report(report=report, actor=request.user, at=timezone.now())
    except ValidationError as refused:
        messages.warning(request, "".join(refused.messages))
    else:
        messages.success(request, _("有效期已经延长，核验页面已同步显示。"))
    return redirect("reports:report", pk)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest, subject_id: int) -> HttpResponse:
    """Ask for a report about a subject; ``?replaces`` names the earlier one that it is to take the place of."""
    subject = get_object_or_404(subjects_of(request.user), pk=subject_id)
    named = whole_number(request.POST.get("replaces") or request.GET.get("replaces") or "")
    standing = reports_of(request.user).filter(
        document__status=Document.Status.VALID, document__replaced_by=None
    )
    replaces = standing.filter(subject=subject, pk=named).first() if named else None
    initial = {"variant": replaces.variant, "purpose": replaces.purpose} if replaces else {}
    form = AskForm(request.POST or None, initial=initial, region=city_of_subject(subject))
    if request.method == "POST" and form.is_valid():
        try:
            asked = requests.ask_for_report(
                subject=subject,
                replaces=replaces,
                actor=request.user,
                at=timezone.now(),
                **form.cleaned_data,
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("申请已经提交。"))
            return redirect("reports:request", asked.pk)
    return render(request, "reports/ask.html", {"subject": subject, "form": form, "replaces": replaces})


@login_required
@require_GET
def asked(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a request is, and what came of it."""
    found = get_object_or_404(requests_of(request.user), pk=pk)
    return render(request, "reports/request.html", {"asked": found})


@login_required
@require_POST
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask for it no more."""
    found = get_object_or_404(requests_of(request.user), pk=pk)
    try:
        requests.withdraw_request(asked=found, actor=request.user, at=timezone.now())
    except ValidationError as refused:
        messages.warning(request, "".join(refused.messages))
    else:
        messages.success(request, _("申请已经撤回。"))
    return redirect("reports:request", pk)
