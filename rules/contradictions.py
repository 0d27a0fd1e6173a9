"""Facts that do not go together. The law draws nothing from them by itself: whoever examines a case is shown them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from rules.day_words import day_in_words
from rules.facts import Facts


class Contradiction(NamedTuple):
    """``code``: the condition whose fact lies before the day of the identification or the decision; ``name``: the duty, of
    several; ``day`` and ``before`` are the two days."""

    code: str
    name: str
    day: date
    before: date

    @property
    def words(self) -> str:
        """One plain sentence, in Chinese."""
        return WORDS[self.code].format(
            name=self.name, day=day_in_words(self.day), before=day_in_words(self.before)
        )


WORDS = {
    "training_completed": "培训完成于{day}，早于该失信行为的认定日期{before}。",
    "credit_report_provided": "信用报告出具于{day}，早于该失信行为的认定日期{before}，报告中不会有这条信息。",
    "obligations_fulfilled": "“{name}”的履行日期{day}早于处罚决定日期{before}。",
}


def contradictions(facts: Facts) -> list[Contradiction]:
    """What is said to have been done for a repair before there was anything to repair: training, a report that cannot hold
    the record yet, a duty of the decision that was fulfilled before the decision. An unknown fact contradicts nothing."""
    stated: list[tuple[str, str, object, object]] = []
    if training := facts.training:
        stated.append(
            ("training_completed", "", getattr(training, "completed_on", None), facts.identified_on)
        )
    if report := facts.credit_report:
        stated.append(("credit_report_provided", "", getattr(report, "issued_on", None), facts.identified_on))
    if isinstance(facts.obligations, tuple):
        stated += [
            ("obligations_fulfilled", str(duty.name), duty.fulfilled_on, facts.decision_date)
            for duty in facts.obligations
            if duty.source == "administrative"
        ]
    return [
        Contradiction(code, name, day, before)
        for code, name, day, before in stated
        if isinstance(day, date) and isinstance(before, date) and day < before
    ]
