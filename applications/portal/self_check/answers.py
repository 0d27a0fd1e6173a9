"""The answers of a self-check. Nothing is stored: they travel, signed, from page to page in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.core import signing
from django.utils.datastructures import MultiValueDict

from applications.policies.selectors import policy_in_force
from applications.portal.self_check.questions import QUESTIONS, Question
from rules.eligibility import Assessment, assess
from rules.facts import Facts
from rules.policy import Policy

# Without a time in it: the same answers always have the same address.
SIGNER = signing.Signer(salt="portal.self_check")
Typed = dict[str, list[str]]


class BrokenLink(ValueError):
    """The address is incomplete, was changed by hand, or comes from another portal."""


@dataclass(frozen=True)
class Answers:
    """What was answered so far: slug of the question → name of the field → values as they were typed."""

    today: date
    typed: Mapping[str, Typed] = field(default_factory=dict)

    @classmethod
    def from_token(cls, token: str, today: date) -> "Answers":
        """The answers in an address; none where there is no token. Raises BrokenLink."""
        if not token:
            return cls(today)
        try:
            return cls(today, SIGNER.unsign_object(token))
        except signing.BadSignature:
            raise BrokenLink from None

    @cached_property
    def token(self) -> str:
        return SIGNER.sign_object(self.typed, compress=True) if self.typed else ""

    @cached_property
    def policy(self) -> Policy:
        return policy_in_force(on=self.today)

    def blank(self, question: type[Question]) -> Question:
        """The question as its page first shows it: with what was answered before, without judging it."""
        typed = self.typed.get(question.slug, {})
        form = self._form(question, None)
        for name, values in typed.items():
            if name in form.fields:
                several = hasattr(form.fields[name].widget, "allow_multiple_selected") and (
                    form.fields[name].widget.allow_multiple_selected
                )
                form.initial[name] = values if several else values[-1]
        return form

    def answered(self, question: type[Question], data: MultiValueDict[str, Any]) -> Question:
        """The question with an answer that is still to be checked."""
        return self._form(question, data)

    def with_answer(self, form: Question, data: MultiValueDict[str, Any]) -> "Answers":
        """These answers and a new one in place of any older one to the same question."""
        given = {name: data.getlist(name) for name in form.fields if name in data}
        return Answers(self.today, {**self.typed, form.slug: given})

    @cached_property
    def valid(self) -> dict[str, Question]:
        """The checked answers, up to the first question that has none or one that no longer fits the others."""
        found: dict[str, Question] = {}
        known: dict[str, Any] = {}
        for question in QUESTIONS:
            if question.slug not in self.typed:
                break
            data = MultiValueDict(self.typed[question.slug])
            form = question(data, today=self.today, policy=self.policy, known=known)
            if not form.is_valid():
                break
            found[question.slug] = form
            known |= form.facts()
        return found

    @property
    def next_question(self) -> type[Question] | None:
        """The first question that is still open; None when all are answered."""
        return next((question for question in QUESTIONS if question.slug not in self.valid), None)

    def facts(self) -> Facts:
        """The facts of all answers together."""
        known: dict[str, Any] = {}
        for form in self.valid.values():
            known |= form.facts()
        return Facts.from_json(known)

    def assess(self) -> Assessment:
        """What the rules in force today say: the same function that judges an application."""
        return assess(self.facts(), self.policy, self.today)

    def _form(self, question: type[Question], data: MultiValueDict[str, Any] | None) -> Question:
        known: dict[str, Any] = {}
        for slug, form in self.valid.items():
            if slug != question.slug:
                known |= form.facts()
        return question(data, today=self.today, policy=self.policy, known=known)
