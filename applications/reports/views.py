from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from applications.reports.access import reports_of


@login_required
@require_GET
def own_reports(request: HttpRequest) -> HttpResponse:
    """The reports about the subjects that the signed-in person acts for (Article 12)."""
    page = Paginator(reports_of(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "reports/list.html", {"page": page, "today": timezone.localdate()})
