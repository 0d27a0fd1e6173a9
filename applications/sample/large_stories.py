"""Where the cases of the large province stand, and on which working days they came there."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from applications.calendars.selectors import calendar
from rules.procedure import State

# Working days back from today at which the open cases begin, and beyond which all the others end.
HISTORY_ENDS = 45
OPEN_STATES = (
    *([State.SUBMITTED] * 6), *([State.ACCEPTED] * 6), *([State.CORRECTING] * 3), *([State.UNDER_REVIEW] * 4),
    State.OBJECTING,
)  # fmt: skip
CLOSED_STATES = (
    *([State.GRANTED] * 12), *([State.REFUSED] * 3), *([State.NOT_ACCEPTED] * 3), *([State.WITHDRAWN] * 2),
)  # fmt: skip
FAILED = "缴款凭证的金额与决定书不符，尚欠部分罚款。"
# What the letters that need one say as their reason.
REASONS: dict[str, dict[str, Any]] = {
    "non_acceptance_notice": {
        "ground": "根据《通知》第三条、第七条，该失信行为信息的信用修复不由我单位办理。",
        "reason": "该信息由其他单位认定。",
        "whereto": "请向认定该信息的单位提出申请。",
    },
    "refusal_decision": {
        "findings": [
            {
                "code": "obligations_fulfilled",
                "reason": "第四条：尚有法定责任和义务没有履行完毕：罚款。",
                "note": FAILED,
            }
        ],
        "reapply": "履行完毕后，可以重新提出申请。",
    },
    "objection_result": {"reasons": "经复核，原决定认定的事实清楚。", "outcome": "upheld"},
}


@dataclass(frozen=True)
class Story:
    """Where a case stands, and on which days it came there."""

    status: str
    submitted_on: date
    accepted_on: date | None = None
    reviewed_on: date | None = None
    decided_on: date | None = None
    granted: bool = False
    # When the platform had the decision; None while it has not.
    shared_on: date | None = None
    # When the state was reached that no other day names: a correction asked for, an objection, an end.
    ended_on: date | None = None


class Stories:
    """What happens to a case follows from its number; the numbers go with time."""

    def __init__(self, today: date, years: int) -> None:
        first = today - timedelta(days=365 * years)
        days = (first + timedelta(days=n) for n in range((today - first).days + 1))
        self.days = [day for day in days if calendar().is_working(day)]

    def _day(self, place: int) -> date:
        return self.days[min(place, len(self.days) - 1)]

    def closed(self, number: int, closed: int) -> Story:
        """Ended long enough ago that its decision has been shared; the ends lie evenly over the years."""
        start = number * (len(self.days) - HISTORY_ENDS) // (closed + 1)
        status = CLOSED_STATES[number * 7 % len(CLOSED_STATES)]
        submitted_on, turn = self._day(start), number % 3
        if status == State.NOT_ACCEPTED or (status == State.WITHDRAWN and turn):
            return Story(status, submitted_on, ended_on=self._day(start + 1 + turn))
        accepted_on = self._day(start + 1 + turn)
        if status == State.WITHDRAWN:
            return Story(status, submitted_on, accepted_on, ended_on=self._day(start + 3 + turn))
        # Three of a hundred decisions come too late.
        decided = start + 4 + turn + number % 4 + (5 if number % 100 < 3 else 0)
        return Story(
            status,
            submitted_on,
            accepted_on,
            self._day(start + 2 + turn),
            self._day(decided),
            granted=status == State.GRANTED,
            shared_on=self._day(decided + number % 2),
        )

    def open(self, number: int) -> Story:
        """Begun in the last weeks; a few of a hundred are late, and a few decisions are still to be shared."""
        today = len(self.days) - 1
        status = OPEN_STATES[number * 7 % len(OPEN_STATES)]
        turn, late = number // len(OPEN_STATES), number % 100 < 3
        if status == State.SUBMITTED:
            return Story(status, self._day(today - (4 if late else turn % 4)))
        if status == State.CORRECTING:
            asked = today - turn % 30
            return Story(status, self._day(asked - 2), ended_on=self._day(asked))
        if status in (State.ACCEPTED, State.UNDER_REVIEW):
            accepted = today - (9 if late else turn % 8)
            reviewed = self._day(accepted) if status == State.UNDER_REVIEW else None
            return Story(status, self._day(accepted - 2), self._day(accepted), reviewed)
        objected = today - turn % 6
        decided = objected - 1
        return Story(
            status,
            self._day(decided - 6),
            self._day(decided - 5),
            self._day(decided - 3),
            self._day(decided),
            shared_on=self._day(decided) if turn % 4 or objected < today else None,
            ended_on=self._day(objected),
        )
