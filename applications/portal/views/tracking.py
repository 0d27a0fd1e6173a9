"""The progress of a case without signing in: its number and the tracking code of its receipt open it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.accounts.known_devices import TRACKING
from applications.accounts.limits import Limit, address_of, begin, clock_time
from applications.portal.forms import TrackForm
from applications.repairs.models import RepairCase
from applications.repairs.progress import steps_of
from applications.repairs.standing import standings

# The session remembers which cases were opened, so that neither number nor code stands in an address.
OPENED = "tracked_cases"

# Wrong codes, counted for the visitor's address and for the case number; numbers that do not exist are counted like
# those that do. A browser that opened the case before is counted by itself alone.
WRONG_CODES = Limit("track", times=5, seconds=15 * 60)


@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for number and code. A wrong number and a wrong code give the same answer after the same work."""
    form = TrackForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "portal/track.html", {"form": form})
    number, code = form.cleaned_data["number"], form.cleaned_data["code"]
    mark = TRACKING.mark(request, number)
    counted = (f"device {mark}",) if mark else (f"address {address_of(request)}", f"case {number}")
    attempt = begin(WRONG_CODES, *counted)
    if not attempt.admitted:
        form.add_error(
            "code", _("输错次数过多。请在%(until)s以后再试。") % {"until": clock_time(attempt.until)}
        )
        refused = render(request, "portal/track.html", {"form": form}, status=429)
        refused["Retry-After"] = str(attempt.wait)
        return refused
    expected = (
        RepairCase.objects.filter(number=number, submitted_at__isnull=False)
        .values_list("tracking_code", flat=True)
        .first()
    )
    # A code can only be digits, so the comparison with the stand-in is never true.
    if not constant_time_compare(expected or "------", code):
        form.add_error("number", _("办件编号或者查询码不正确，请对照回执重新输入。"))
        return render(request, "portal/track.html", {"form": form})
    attempt.take_back()
    request.session[OPENED] = [*request.session.get(OPENED, [])[-9:], number]
    opened = redirect("portal:tracked", number)
    TRACKING.remember(request, opened, number)
    return opened


@require_GET
def tracked(request: HttpRequest, number: str) -> HttpResponse:
    """The progress of a case that this browser has opened with its code; otherwise the code is asked for."""
    case = None
    if number in request.session.get(OPENED, []):
        case = (
            RepairCase.objects.select_related("organ", "filing", "record__annotation")
            .filter(number=number)
            .first()
        )
    if case is None:
        return redirect("portal:track")
    (standing,) = standings([case], timezone.localdate())
    context = {"case": case, "progress": standing, "steps": steps_of(number)}
    return render(request, "portal/tracked.html", context)
