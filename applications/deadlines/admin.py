"""The officers' clocks, how far each was escalated, and the heartbeat of the sweep."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_lists import QueueListFilter
from applications.accounts.http import whole_number
from applications.accounts.models import CASE_ROLES, Role
from applications.calendars.selectors import calendar
from applications.deadlines import access, selectors
from applications.deadlines.models import RUNNING, Deadline, Escalation, Sweep
from applications.deadlines.wording import marked, standing
from applications.notifications.models import Message
from rules.day_words import WEEKDAYS
from rules.workdays import WorkdayCalendar


class StateFilter(QueueListFilter):
    """The organ's running clocks by default; the others on request."""

    title = gettext_lazy("期限")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [
            ("open", _("进行中")),
            ("mine", _("待我办理")),
            ("today", _("今天到期")),
            ("overdue", _("已逾期")),
            ("stopped", _("已办结或终止")),
            ("all", _("全部")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Deadline]) -> QuerySet[Deadline]:
        today = timezone.localdate()
        match self.value():
            case "open":
                return queryset.filter(RUNNING)
            case "mine":
                return queryset.filter(RUNNING, selectors.turn_of(request.user))
            case "today":
                return queryset.filter(RUNNING, due_on=today)
            case "overdue":
                return queryset.filter(RUNNING, due_on__lt=today)
            case "stopped":
                return queryset.exclude(RUNNING)
        return queryset


@admin.register(Deadline)
class DeadlineAdmin(OrganScopedAdmin[Deadline]):
    view_roles = CASE_ROLES
    visible_to = staticmethod(access.visible_to)
    list_display = ("due", "kind", "case_number", "organ", "officer", "state")
    list_display_links = ("case_number",)
    list_filter = (StateFilter, "kind")
    list_select_related = ("organ", "officer")
    list_per_page = 50
    ordering = ("due_on", "id")
    search_fields = ("case_number__startswith",)
    search_help_text = gettext_lazy("办件或者信息编号（从头输入）")
    show_full_result_count = False

    def reading_chain(self, clock: Deadline) -> str:
        return clock.case_number

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Each row with the calendar of its region, read once for all rows."""
        changelist = super().get_changelist_instance(request)
        calendars: dict[str, WorkdayCalendar] = {}
        for clock in changelist.result_list:
            region = clock.organ.region
            if region not in calendars:
                calendars[region] = calendar(region)
            clock.calendar = calendars[region]
        return changelist

    @admin.display(description=gettext_lazy("届满日"), ordering="due_on")
    def due(self, clock: Deadline) -> str:
        shown = standing(clock, clock.calendar, timezone.localdate())  # type: ignore[attr-defined]
        day = f"{clock.due_on:%Y-%m-%d} {WEEKDAYS[clock.due_on.weekday()]}"
        return format_html(
            '<span class="tag {}">{}</span> <span class="nowrap">{}</span>',
            shown.tag,
            shown.words,
            marked(day, clock.provisional),
        )

    @admin.display(description=gettext_lazy("状态"))
    def state(self, clock: Deadline) -> str:
        if clock.met_on:
            return _("已办结")
        if clock.cancelled_on:
            return _("已终止")
        return _("进行中")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One clock: how it stands, how it was counted day by day, who was told when and whether it arrived."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        clock = get_object_or_404(
            self.visible_to(request.user).select_related("organ", "officer"), pk=whole_number(object_id)
        )
        context: dict[str, Any] = {
            "title": str(clock),
            "clock": clock,
            "standing": standing(clock, calendar(clock.organ.region), timezone.localdate()),
            "escalations": with_messages(list(clock.escalations.order_by("on", "id")), [clock.case_number]),
            "moves": selectors.moves_of(clock),
        }
        return self.page(request, "admin/deadlines/clock.html", **context)


def with_messages(
    escalations: list[Escalation], case_numbers: list[str]
) -> list[tuple[Escalation, list[Message]]]:
    """Each level with the messages that it sent: one query for all."""
    by_key: dict[str, list[Message]] = {escalation.message_key: [] for escalation in escalations}
    sent = Message.objects.filter(about__in=case_numbers, key__startswith="escalation-")
    for message in sent.select_related("recipient").order_by("recipient_id", "channel"):
        key = message.key.partition("/")[0]
        if key in by_key:
            by_key[key].append(message)
    return [(escalation, by_key[escalation.message_key]) for escalation in escalations]


@admin.register(Escalation)
class EscalationAdmin(OrganScopedAdmin[Escalation]):
    visible_to = staticmethod(access.escalations_visible_to)
    impersonal = "case numbers, organs and how many were told"
    view_roles = (Role.SUPERVISOR,)
    list_display = ("on", "level", "case", "organ", "raised_at", "recipients", "delivery")
    list_display_links = None
    list_filter = ("level", ("on", admin.DateFieldListFilter))
    list_select_related = ("deadline__organ",)
    list_per_page = 50
    search_fields = ("deadline__case_number__startswith",)
    search_help_text = gettext_lazy("办件或者信息编号（从头输入）")
    show_full_result_count = False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        rows = list(changelist.result_list)
        found = with_messages(rows, [row.deadline.case_number for row in rows])
        for row, (_same, sent) in zip(rows, found, strict=True):
            row.sent = sent
        changelist.result_list = rows
        return changelist

    @admin.display(description=gettext_lazy("期限"), ordering="deadline__case_number")
    def case(self, escalation: Escalation) -> SafeString:
        clock = escalation.deadline
        return format_html(
            '<a href="{}">{}</a> {}',
            f"../deadline/{clock.pk}/change/",
            clock.case_number,
            clock.get_kind_display(),
        )

    @admin.display(description=gettext_lazy("责任机构"), ordering="deadline__organ")
    def organ(self, escalation: Escalation) -> str:
        return escalation.deadline.organ.name

    @admin.display(description=gettext_lazy("送达情况"))
    def delivery(self, escalation: Escalation) -> str:
        """How many messages stand where: never “sent” before they are."""
        counts: dict[str, int] = {}
        for message in escalation.sent:  # type: ignore[attr-defined]
            label = f"{message.get_channel_display()}{message.state}"
            counts[label] = counts.get(label, 0) + 1
        if counts:
            return "，".join(f"{label} {count}" for label, count in counts.items())
        return _("没有收件人") if escalation.deadline.is_open else _("没有收件人，或者发现时已办结")


@admin.register(Sweep)
class SweepAdmin(OrganScopedAdmin[Sweep]):
    visible_to = staticmethod(lambda user: Sweep.objects.all())
    impersonal = "when the sweep ran and how much it found"
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    list_display = ("started_at", "finished_at", "due", "raised", "failed")
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
