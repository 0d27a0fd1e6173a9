"""受理 (Article 8): the materials are complete, and 7 working days begin."""

from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.deadlines.wording import marked
from applications.repairs import letters
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import Transition, take
from applications.repairs.steps.pages import StepPage
from rules.day_words import day_in_words

MESSAGE = _("您的申请已受理。%(organ)s最迟%(due)s作出决定。%(awaiting)s")


def accept_case(*, case: RepairCase, actor: User, at: datetime, version: int | None = None) -> RepairCase:
    """The materials are complete: 7 working days begin. An unsent correction draft is dropped."""
    with take(case=case, action="accept", actor=actor, at=at, version=version) as transition:
        accept(transition, message=MESSAGE, accepted_on=transition.on)
    return transition.case


def accept(
    transition: Transition, *, message: Promise, accepted_on: date, unanswered_by: date | None = None
) -> None:
    """What acceptance is, whether an officer says it or the law does, because nobody had answered by a day. ``message``:
    with the names of Transition.promised.
    """
    transition.changes["accepted_on"] = accepted_on
    transition.case.correction_notices.filter(sent_at=None).delete()
    content = acceptance_notice(transition, accepted_on=accepted_on)
    content["unanswered_by"] = unanswered_by.isoformat() if unanswered_by else ""
    transition.issue("acceptance_notice", content)
    transition.message = str(message) % transition.promised("decision", accepted_on)
    due = transition.due("decision", accepted_on)
    transition.ask = gettext("最迟%(day)s作出决定。") % {
        "day": marked(day_in_words(due.due_on), due.provisional)
    }


def acceptance_notice(transition: Transition, *, accepted_on: date) -> dict[str, Any]:
    case = transition.case
    due = transition.due("decision", accepted_on)
    return letters.heading(case, transition.at) | {
        **letters.received(case),
        "accepted_on": accepted_on.isoformat(),
        "decide_by": letters.due_date(due, transition.legal_days("decision")[1]),
        "officer": str(transition.actor) if transition.actor else "",
    }


class Page(StepPage):
    action, look = "accept", "primary"
    beside_materials = True
    drops_draft = True

    def perform(self, **common: Any) -> None:
        accept_case(**common)
