"""信用修复证明: its subject asks for it, and shows it to whom it likes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.accounts.http import SignedInRequest
from applications.repairs import services
from applications.repairs.certificate_forms import CertificateForm
from applications.repairs.selectors import has_changed_since
from applications.repairs.services.certificates import (
    certificates_of,
    issue_certificate,
    why_no_certificate,
)
from applications.repairs.views.drafts import own_case, status_page


@login_required
@require_http_methods(["GET", "POST"])
def certificate(request: SignedInRequest, number: str) -> HttpResponse:
    """Choose what it says, and those that were issued. Where nothing can be certified, the page of the case says why."""
    case = own_case(request, number)
    issued = list(certificates_of(case))
    why = why_no_certificate(case)
    if why and not issued:
        messages.warning(request, why)
        return status_page(number)
    form = CertificateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            document = issue_certificate(
                case=case, show=form.cleaned_data["show"], actor=request.user, at=timezone.now()
            )
        except services.NotReady as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _("已出具%(number)s。") % {"number": document.number})
        return redirect("repairs:certificate", number)
    return render(
        request,
        "repairs/certificate.html",
        {
            "case": case,
            "form": form,
            "why": why,
            "issued": [(each, has_changed_since(each)) for each in issued],
        },
    )
