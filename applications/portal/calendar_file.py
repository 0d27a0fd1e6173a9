"""The first day to apply as a calendar file, with a reminder at nine in the morning."""

import hashlib
from datetime import date, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.calendar_files import CalendarEvent, calendar_response
from applications.documents.templatetags.dates import zh_day


def first_day_file(request: HttpRequest, *, name: str, day: date, summary: str, at: datetime) -> HttpResponse:
    """The first day to apply, to be saved. ``name``: what the day belongs to, so that a later file replaces an earlier one."""
    event = CalendarEvent(
        uid=f"{hashlib.sha256(name.encode()).hexdigest()[:32]}@{request.get_host()}",
        starts=day,
        ends=day + timedelta(days=1),
        summary=summary,
        description=_(
            "%(day)s起可以申请信用修复。申请前请再自查一次：%(url)s\n自查结果仅供参考，不影响您提交申请的权利。"
        )
        % {"day": zh_day(day), "url": settings.SITE_URL + reverse("portal:check")},
        url=settings.SITE_URL + reverse("portal:home"),
        written_at=at,
        reminder=timedelta(hours=9),
    )
    return calendar_response([event], f"credit-repair-{day:%Y%m%d}")
