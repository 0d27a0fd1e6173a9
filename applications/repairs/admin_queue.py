"""The officers' lists of cases: which there are, how they are narrowed, and which case is the next of one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.access import has_role
from applications.accounts.admin_lists import QueueListFilter, is_search
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.organs.models import Organ
from applications.repairs.access import HANDLING_ROLES, visible_to
from applications.repairs.models import RepairCase
from applications.repairs.selectors import BEFORE_OFFICERS, in_queue, queue_counts

# Sorted by the legal due day, from an index; any other order would read every case of the organ. Of one day what was submitted
# first comes first: nobody waits longer for having come earlier.
ORDER = (F("due_on").asc(nulls_last=True), "submitted_at", "id")
# What nobody works off is looked through from the newest on.
NEWEST_FIRST = (F("due_on").asc(nulls_last=True), "-id")
OWN = {
    "mine": gettext_lazy("待我办理"),
    "mine_today": gettext_lazy("我的今天到期"),
    "mine_overdue": gettext_lazy("我的已逾期"),
    "taken": gettext_lazy("由我承办"),
}
OF_ORGAN = {
    "open": gettext_lazy("本单位办理中"),
    "today": gettext_lazy("本单位今天到期"),
    "overdue": gettext_lazy("本单位已逾期"),
}
OF_REGION = {
    "open": gettext_lazy("办理中"),
    "today": gettext_lazy("今天到期"),
    "overdue": gettext_lazy("已逾期"),
}
BESIDES = {
    "correcting": gettext_lazy("等待补正"),
    "closed": gettext_lazy("已办结"),
    "all": gettext_lazy("全部"),
}
# What is over only grows, and nobody works it off: its length is not shown.
UNCOUNTED = {"closed", "all"}


def queues_of(user: User) -> dict[str, Any]:
    """The lists that a person has, in their order; the first is the one that opens. A department handles no cases."""
    if user.organ and user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return OF_REGION | BESIDES
    if not has_role(user, *HANDLING_ROLES):
        # What waits for the word of a head is seldom anything: the list that opens is that of the organ.
        return OF_ORGAN | {"mine": OWN["mine"]} | BESIDES
    return OWN | OF_ORGAN | BESIDES


class QueueFilter(QueueListFilter):
    """My turn (the default), or another part of the organ's cases. The counts are those of the lists."""

    title = gettext_lazy("队列")
    parameter_name = "queue"
    search_spans = True

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        assert isinstance(request.user, User)
        self.user, self.today = request.user, timezone.localdate()
        return list(queues_of(request.user).items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[RepairCase]) -> QuerySet[RepairCase]:
        if is_search(request):
            return queryset
        return queryset.filter(in_queue(self.value(), self.user, self.today))

    def counts(self, changelist: ChangeList) -> dict[str, int]:
        if changelist.query or changelist.filter_params.keys() - {self.parameter_name}:
            return {}
        counted = [name for name, _title in self.lookup_choices if name not in UNCOUNTED]
        mine = changelist.queryset if self.value() == "mine" else None
        return queue_counts(self.user, self.today, *counted, mine=mine)


class OfficerFilter(admin.SimpleListFilter):
    """The cases of one officer of the organ, or those that nobody has taken."""

    title = gettext_lazy("承办人")
    # Not the name of the field, which an address may not ask for.
    parameter_name = "in_charge"
    NOBODY = "none"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        user = request.user
        assert isinstance(user, User)
        if user.organ is None or user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
            return []
        people = staff_of(user.organ, *HANDLING_ROLES).order_by("name", "pk").values_list("pk", "name")
        return [(self.NOBODY, _("还没有人承办")), *((str(key), name) for key, name in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RepairCase]) -> QuerySet[RepairCase]:
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen == self.NOBODY:
            return queryset.filter(officer=None, status__in=BEFORE_OFFICERS)
        officer = whole_number(chosen)
        if officer is None:
            raise IncorrectLookupParameters(f"{chosen!r} is no officer")
        return queryset.filter(officer=officer)


def queue_opened(request: HttpRequest) -> str:
    """The queue from which a page about a case was opened; the first of the person's where none is named."""
    assert isinstance(request.user, User)
    queues = queues_of(request.user)
    named = request.GET.get("queue", "")
    return named if named in queues else next(iter(queues))


def order_of(queue: str) -> tuple[Any, ...]:
    """How a list is sorted."""
    return NEWEST_FIRST if queue in UNCOUNTED else ORDER


def from_queue(request: HttpRequest) -> str:
    """What the addresses of a case's pages say of the queue from which it was opened."""
    return f"?queue={queue_opened(request)}" if "queue" in request.GET else ""


def back_to(request: HttpRequest, case: RepairCase) -> HttpResponse:
    return redirect(f"{reverse('admin:repairs_repaircase_change', args=[case.pk])}{from_queue(request)}")


def next_case(user: User, queue: str, done: RepairCase) -> RepairCase | None:
    """The case after this one in a queue, as ``done`` stood there; the queue's first where none comes after it."""
    waiting = visible_to(user).filter(in_queue(queue, user, timezone.localdate())).exclude(pk=done.pk)
    if order_of(queue) is NEWEST_FIRST:
        later = Q(pk__lt=done.pk)
    else:
        later = Q(submitted_at__gt=done.submitted_at) | Q(submitted_at=done.submitted_at, pk__gt=done.pk)
    after = Q(due_on=done.due_on) & later
    if done.due_on is not None:
        after |= Q(due_on__gt=done.due_on) | Q(due_on=None)
    ordered = waiting.order_by(*order_of(queue)).only("number")
    return ordered.filter(after).first() or ordered.first()


def leading_on(request: HttpRequest, said: str, done: RepairCase) -> str:
    """What was done, with the way to the next case of the queue from which this one was opened."""
    assert isinstance(request.user, User)
    queue = queue_opened(request)
    title = queues_of(request.user)[queue]
    found = next_case(request.user, queue, done)
    if found is None:
        address = reverse("admin:repairs_repaircase_changelist")
        return format_html(
            '{} <a href="{}?queue={}">{}</a>',
            said,
            address,
            queue,
            _("“%(queue)s”中没有其他办件") % {"queue": title},
        )
    address = reverse("admin:repairs_repaircase_change", args=[found.pk])
    return format_html(
        '{} <a class="next-case" href="{}?queue={}">{}</a>',
        said,
        address,
        queue,
        _("“%(queue)s”下一件：%(number)s") % {"queue": title, "number": found.number},
    )
