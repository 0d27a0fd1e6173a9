"""The progress of a case without signing in: its number and the tracking code of its receipt open it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.portal.attempts import WINDOW_SECONDS, Attempts
from applications.portal.forms import TrackForm
from applications.portal.selectors import standings, steps_of
from applications.repairs.models import RepairCase

# The session remembers which cases were opened, so that neither number nor code stands in an address.
OPENED = "tracked_cases"


@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for number and code. A wrong number and a wrong code give the same answer after the same work."""
    form = TrackForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "portal/track.html", {"form": form})
    number, code = form.cleaned_data["number"], form.cleaned_data["code"]
    attempts = Attempts(request, action="track", about=number)
    if not attempts.begin():
        minutes = WINDOW_SECONDS // 60
        form.add_error("code", _("输错次数过多。请在%(minutes)d分钟后再试。") % {"minutes": minutes})
        response = render(request, "portal/track.html", {"form": form}, status=429)
        response["Retry-After"] = str(WINDOW_SECONDS)
        return response
    expected = (
        RepairCase.objects.filter(number=number, submitted_at__isnull=False)
        .values_list("tracking_code", flat=True)
        .first()
    )
    # A code can only be digits, so the comparison with the stand-in is never true.
    if not constant_time_compare(expected or "------", code):
        form.add_error("number", _("办件编号或者查询码不正确，请对照回执重新输入。"))
        return render(request, "portal/track.html", {"form": form})
    attempts.take_back()
    request.session[OPENED] = [*request.session.get(OPENED, [])[-9:], number]
    return redirect("portal:tracked", number)


@require_GET
def tracked(request: HttpRequest, number: str) -> HttpResponse:
    """The progress of a case that this browser has opened with its code; otherwise the code is asked for."""
    case = None
    if number in request.session.get(OPENED, []):
        case = RepairCase.objects.select_related("organ").filter(number=number).first()
    if case is None:
        return redirect("portal:track")
    (standing,) = standings([case], timezone.localdate())
    context = {"case": case, "progress": standing, "steps": steps_of(number)}
    return render(request, "portal/tracked.html", context)
