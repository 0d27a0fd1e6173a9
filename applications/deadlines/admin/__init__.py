"""The officers' clocks, and the calendar that two people change."""

from applications.deadlines.admin.calendar import CalendarNoticeAdmin, LocalClosureAdmin, RecalculationAdmin
from applications.deadlines.admin.clocks import DeadlineAdmin, EscalationAdmin, SweepAdmin

__all__ = [
    "CalendarNoticeAdmin",
    "DeadlineAdmin",
    "EscalationAdmin",
    "LocalClosureAdmin",
    "RecalculationAdmin",
    "SweepAdmin",
]
