"""What a review found, for whoever decides on it: the points that need looking at first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications.accounts.models import User
from applications.ledger.models import Event
from applications.repairs.assessing import CHECKLIST, Checklist
from applications.repairs.cross_checks import Remark
from applications.repairs.models import RepairCase, Review


@dataclass(frozen=True)
class Verdict:
    """One point of a review. ``before``: the verdict of the review before, where it was another one. ``warnings`` are what
    the system finds against a point that was confirmed."""

    code: str
    label: str
    confirmed: bool
    note: str
    unfulfilled: Sequence[str]
    before: Mapping[str, Any] | None
    warnings: Sequence[Remark]

    @property
    def differs(self) -> bool:
        """From what the applicant states, from the review before, or from what the system finds."""
        return not self.confirmed or self.before is not None or bool(self.warnings)


def verdicts_of(
    review: Review, *, before: Review | None, remarks: Mapping[str, Sequence[Remark]]
) -> list[Verdict]:
    """The points of a review, those that differ first, else in the order of the checklist."""
    past: Checklist = before.checklist if before else {}
    found = [
        Verdict(
            code=code,
            label=CHECKLIST[code],
            confirmed=said["confirmed"],
            note=said.get("note", ""),
            unfulfilled=said.get("unfulfilled", []),
            before=old if (old := past.get(code)) and old["confirmed"] != said["confirmed"] else None,
            warnings=[remark for remark in remarks.get(code, []) if remark.warns and said["confirmed"]],
        )
        for code, said in review.checklist.items()
    ]
    return sorted(found, key=lambda verdict: not verdict.differs)


@dataclass(frozen=True)
class Return:
    at: datetime
    by: User | None
    reason: str


def returns_of(case: RepairCase) -> list[Return]:
    """Who sent a review of the case back, when and why; the latest last."""
    events = Event.objects.filter(chain=case.number, verb="repair.returned").select_related("actor")
    return [
        Return(event.at, event.actor, event.payload.get("reason", ""))
        for event in events.order_by("position")
    ]
