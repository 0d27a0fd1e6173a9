"""Asking for a reminder of the first day to apply, and taking that back: with an account, and without one."""

from collections.abc import Callable
from datetime import date
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.accounts.limits import Limit, address_of, begin, clock_time
from applications.accounts.models import User
from applications.documents.templatetags.dates import zh_day
from applications.portal.calendar_file import first_day_file
from applications.portal.forms import ReminderForm
from applications.portal.reminders import of_addresses, of_records
from applications.portal.reminders.of_addresses import AGREED_WITHIN, BrokenLink, LateLink, Wish
from applications.portal.self_check.answers import Answers
from applications.portal.self_check.answers import BrokenLink as BrokenAnswers
from applications.portal.self_check.conclusion import conclude
from applications.repairs.record_list import Standing

# Mails to strangers: counted for the visitor's network, and for the address that gets them.
ASKED = Limit("remind", times=5, seconds=60 * 60)
WRITTEN_TO = Limit("remind-address", times=3, seconds=24 * 60 * 60)


# -- With an account, of a record


def _own(request: HttpRequest, pk: int) -> Standing:
    standing = of_records.own_record(cast(User, request.user), pk, timezone.localdate())
    if standing is None:
        raise Http404
    return standing


@login_required
@require_POST
def remind_record(request: HttpRequest, pk: int) -> HttpResponse:
    """``want``: "1" asks for it, anything else takes it back."""
    user, standing = cast(User, request.user), _own(request, pk)
    words = {"record": standing.record}
    if request.POST.get("want") != "1":
        of_records.forget(user=user, record=standing.record)
        messages.success(request, _("已取消提醒：%(record)s。") % words)
        return redirect("records:list")
    try:
        of_records.remind(user=user, standing=standing, at=timezone.now())
    except of_records.NothingToWaitFor:
        messages.warning(request, _("%(record)s没有可以提醒的日期，现在的情况见下表。") % words)
        return redirect("records:list")
    day = zh_day(cast(date, standing.first_day))
    messages.success(
        request,
        _("已设提醒：%(record)s，%(day)s。日期有变的，按新的日期提醒；其间已经申请或者修复的，不再提醒。")
        % {**words, "day": day},
    )
    return redirect("records:list")


@login_required
@require_safe
def record_ics(request: HttpRequest, pk: int) -> HttpResponse:
    """The first day to apply for a record as a calendar file; without one to come, the record's page."""
    standing = _own(request, pk)
    if standing.first_day is None:
        return redirect("records:record", pk)
    return first_day_file(
        request,
        name=f"record-{pk}",
        day=standing.first_day,
        summary=_("最早可以申请信用修复：%(record)s") % {"record": standing.record},
        description=_(
            "按现在的登记和规定，%(record)s最早%(day)s起可以申请信用修复。登记或者规定可能有变化，申请前请登录核对条件：%(url)s"
        )
        % {
            "record": standing.record,
            "day": zh_day(standing.first_day),
            "url": settings.SITE_URL + reverse("records:record", args=[pk]),
        },
        at=timezone.now(),
    )


# -- Without an account, after the self-check


@require_http_methods(["GET", "HEAD", "POST"])
def remind_address(request: HttpRequest) -> HttpResponse:
    """Ask for an address; what was answered, and so the day, is in the address of the page."""
    try:
        answers = Answers.from_token(request.GET.get("s", ""), timezone.localdate())
    except BrokenAnswers:
        return render(request, "portal/check_broken.html", status=400)
    day = None if answers.next_question else conclude(answers.assess()).remember_on
    if day is None:
        return redirect("portal:check")
    form = ReminderForm(request.POST or None)
    context = {"form": form, "day": day, "token": answers.token}
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        asked = begin(ASKED, f"address {address_of(request)}")
        written = begin(WRITTEN_TO, address.lower()) if asked.admitted else asked
        if written.admitted:
            of_addresses.ask(address=address, on=day, at=timezone.now())
            return render(request, "portal/reminders/asked.html", context | {"address": address})
        form.add_error(
            "email",
            _("请求次数过多，没有发送。请在%(until)s以后再试。") % {"until": clock_time(written.until)},
        )
        refused = render(request, "portal/reminders/ask.html", context, status=429)
        refused["Retry-After"] = str(written.wait)
        return refused
    return render(request, "portal/reminders/ask.html", context)


View = Callable[[HttpRequest, str], HttpResponse]


def _link(view: View) -> View:
    """The page of a link that came by mail: it is opened by people and by programs that look at mail, so it does nothing until
    its button is pressed."""

    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        try:
            answer = view(request, token)
        except BrokenLink:
            answer = render(request, "portal/reminders/broken.html", {"late": False}, status=400)
        except LateLink:
            answer = render(request, "portal/reminders/broken.html", {"late": True}, status=400)
        answer["X-Robots-Tag"] = "noindex"
        return answer

    return require_http_methods(["GET", "HEAD", "POST"])(wrapped)


@_link
def remind_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever agreed and opens the link again, however late, is told that the reminder is kept."""
    wish = Wish.from_token(token)
    kept = of_addresses.is_kept(wish)
    if not kept:
        Wish.from_token(token, within=AGREED_WITHIN)
        if wish.on <= timezone.localdate():
            # What it would say is true already.
            return render(request, "portal/reminders/come.html", {"wish": wish})
        if request.method == "POST":
            of_addresses.agree(wish)
            kept = True
    return render(request, "portal/reminders/confirm.html", {"wish": wish, "token": token, "kept": kept})


@_link
def remind_stop(request: HttpRequest, token: str) -> HttpResponse:
    wish = Wish.from_token(token)
    if request.method == "POST":
        of_addresses.stop(wish)
    return render(request, "portal/reminders/stop.html", {"wish": wish, "stopped": request.method == "POST"})
