from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from credit_repair.language import choose
from credit_repair.lasting import lead


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked. How the service is, ``/healthz/`` says."""
    return HttpResponse(status=204)


handler400 = "credit_repair.refusals.bad_request"
handler403 = "credit_repair.refusals.forbidden"

handler500 = "credit_repair.errors.server_error"

urlpatterns = [
    path("livez/", alive),
    path("language/<slug:code>/", choose, name="language"),
    path("to/<slug:kind>/", lead),
    path("to/<slug:kind>/<str:key>/", lead),
    path("", include("applications.portal.urls")),
    path("accounts/", include("applications.accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("subjects/", include("applications.subjects.urls")),
    path("messages/", include("applications.notifications.urls")),
    path("records/", include("applications.repairs.record_urls")),
    path("a/", include("applications.repairs.urls")),
    path("sign/", include("applications.repairs.signing_urls")),
    path("objections/", include("applications.objections.urls")),
    path("commitments/", include("applications.commitments.urls")),
    path("reports/", include("applications.reports.urls")),
    path("training/", include("applications.training.urls")),
    path("", include("applications.documents.urls")),
    path("", include("applications.deadlines.urls")),
    path("oversight/", include("applications.oversight.urls")),
    # Where the calendar's pages were until they got an app of their own: in messages, and in people's browsers.
    re_path(
        r"^admin/deadlines/(?P<page>(calendarnotice|localclosure|recalculation)/.*)$",
        RedirectView.as_view(url="/admin/calendars/%(page)s", permanent=True, query_string=True),
    ),
    path("admin/", admin.site.urls),
]
