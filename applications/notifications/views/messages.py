from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from applications.notifications import selectors, services

PAGE_SIZE = 20


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(selectors.inbox(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    unread = selectors.unread_count(request.user)
    return render(request, "notifications/inbox.html", {"page": page, "unread": unread})


@login_required
@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message. To open it is to have read it."""
    found = get_object_or_404(selectors.inbox(request.user), pk=pk)
    services.mark_read(messages=[found], at=timezone.now())
    return render(
        request, "notifications/message.html", {"message": found, "sent": selectors.along_with(found)}
    )


@login_required
@require_POST
def mark_read(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(selectors.inbox(request.user), pk=pk)
    services.mark_read(messages=[found], at=timezone.now())
    return redirect("notifications:inbox")


@login_required
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    unread = selectors.inbox(request.user).filter(read_at=None)
    count = services.mark_read(messages=unread, at=timezone.now())
    if count:
        text = ngettext("已将 %(count)s 条消息标为已读。", "已将 %(count)s 条消息标为已读。", count)
        messages.success(request, text % {"count": count})
    else:
        messages.info(request, _("没有未读消息。"))
    return redirect("notifications:inbox")
