"""The rows of the officers' queue: what each says, and all that it needs, read once for all of them."""

from datetime import date

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_lists import OfferedList, addresses_of, is_search
from applications.calendars.in_force import in_force
from applications.deadlines.models import Deadline
from applications.deadlines.wording import marked, standing
from applications.records.models import DishonestyRecord
from applications.repairs.admin_queue import OWN, queue_opened
from applications.repairs.models import RepairCase
from applications.repairs.selectors import drafts_in_hand, first_clocks
from rules.procedure import CLOCK_LABELS, STATE_LABELS, Clock, State
from rules.workdays import WorkdayCalendar

# Of a case, its record, its subject, its organ and its officer: neither long texts nor what is encrypted.
SHOWN = (
    "number",
    "status",
    "record__severity",
    "record__subject__name",
    "organ__region",
    "officer__name",
)


class QueueRows(OrganScopedAdmin[RepairCase]):
    list_display = ("due", "clock", "number_and_hint", "subject", "severity", "state", "in_charge")
    list_display_links = ("number_and_hint",)
    list_select_related = ("record__subject", "organ", "officer")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Each row with its running clock and how it stands, which many rows have in common."""
        changelist = super().get_changelist_instance(request)
        # A case's page leads on to the next of the queue from which it was opened.
        assert isinstance(changelist, OfferedList)
        changelist.row_query = "" if is_search(request) else f"?queue={queue_opened(request)}"
        own = not is_search(request) and queue_opened(request) in OWN
        changelist.result_list = changelist.result_list.only(*SHOWN)
        clocks = first_clocks(case.number for case in changelist.result_list)
        drafted, waiting = drafts_in_hand(changelist.result_list)
        straight_on = addresses_of("admin:repairs_straight_on")
        calendars, today = in_force(), timezone.localdate()
        dues: dict[tuple[str, date, bool], str] = {}
        for case in changelist.result_list:
            case.has_draft_notice, case.awaits_reason = case.pk in drafted, case.pk in waiting
            # Which step it is, is asked when somebody goes there, not for each row of a list.
            case.straight_on = f"{straight_on(case.pk)}{changelist.row_query}" if own else ""
            case.running_clock = clock = clocks.get(case.number)
            case.due_shown = "—"
            if clock is not None:
                key = case.organ.region, clock.due_on, clock.provisional
                if key not in dues:
                    dues[key] = _due(clock, calendars.of(case.organ.region), today)
                case.due_shown = dues[key]
        return changelist

    @admin.display(description=gettext_lazy("截止"))
    def due(self, case: RepairCase) -> str:
        shown: str = case.due_shown  # type: ignore[attr-defined]
        return shown

    @admin.display(description=gettext_lazy("期限"))
    def clock(self, case: RepairCase) -> str:
        clock: Deadline | None = case.running_clock  # type: ignore[attr-defined]
        return CLOCK_LABELS[Clock(clock.kind)] if clock else "—"

    @admin.display(description=gettext_lazy("信用主体"))
    def subject(self, case: RepairCase) -> str:
        return case.record.subject.name

    @admin.display(description=gettext_lazy("严重程度"))
    def severity(self, case: RepairCase) -> str:
        # get_severity_display puts the choices together anew for each row.
        return str(DishonestyRecord.Severity(case.record.severity).label)

    @admin.display(description=gettext_lazy("状态"))
    def state(self, case: RepairCase) -> str:
        """The state, and of the officer's own cases the way straight to the step that it waits for."""
        label = STATE_LABELS[State(case.status)]
        if not case.straight_on:  # type: ignore[attr-defined]
            return label
        return format_html(
            '{} <a class="straight-on" href="{}" aria-label="{}">{}</a>',
            label,
            case.straight_on,  # type: ignore[attr-defined]
            _("办理%(number)s") % {"number": case.number},
            _("办理"),
        )

    @admin.display(description=gettext_lazy("承办人"))
    def in_charge(self, case: RepairCase) -> str:
        return case.officer.name if case.officer else "—"

    @admin.display(description=gettext_lazy("办件编号"))
    def number_and_hint(self, case: RepairCase) -> str:
        """The number, and below it what lies half done: a column of its own would be out of sight on most screens."""
        if case.awaits_reason:  # type: ignore[attr-defined]
            words = _("补正告知待负责人写明理由")
        elif case.has_draft_notice:  # type: ignore[attr-defined]
            words = _("补正告知未发出")
        else:
            return format_html('<span class="nowrap">{}</span>', case.number)
        return format_html(
            '<span class="nowrap">{}</span><br><span class="tag tag-warn">{}</span>', case.number, words
        )


def _due(clock: Deadline, calendar: WorkdayCalendar, today: date) -> str:
    shown = standing(clock, calendar, today)
    return format_html(
        '<span class="tag {}">{}</span> <span class="nowrap">{}</span>',
        shown.tag,
        shown.words,
        marked(f"{clock.due_on:%Y-%m-%d}", clock.provisional),
    )
