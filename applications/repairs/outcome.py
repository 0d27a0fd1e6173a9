"""What was decided about a case and why, as its letter says it (Articles 8, 9 and 13): for the page and the message alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from applications.documents.models import Document, Kind
from applications.repairs.evidence import Paper, papers_of
from applications.repairs.models import RepairCase
from rules.materials import ON_ALL
from rules.procedure import State

# Which letter says how a case ended, the later first.
SAID_IN: dict[str, tuple[Kind, ...]] = {
    State.REFUSED: (Kind.OBJECTION_RESULT, Kind.REFUSAL_DECISION),
    State.OBJECTING: (Kind.REFUSAL_DECISION,),
    State.NOT_ACCEPTED: (Kind.NON_ACCEPTANCE_NOTICE,),
    State.REVOKED: (Kind.REVOCATION_DECISION,),
}


@dataclass(frozen=True)
class Reason:
    """``words`` name the clause; ``note`` is what the officer found; ``remedy`` what to do, ``earliest_on`` from which day it
    is no obstacle (ISO); ``papers`` are those that were handed in about it. ``noted`` is what the note is called."""

    words: str
    note: str = ""
    remedy: str = ""
    earliest_on: str = ""
    noted: str = ""
    papers: list[Paper] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """``onward``: how to apply again, or where to go instead."""

    letter: Document
    reasons: list[Reason]
    onward: str
    effects: list[str]
    remedies: str


def outcome_of(case: RepairCase, letters: Iterable[Document]) -> Outcome | None:
    """Of a case that did not end as its applicant asked: what its latest letter says; None of any other."""
    kinds = SAID_IN.get(case.status, ())
    said = [letter for letter in letters if letter.kind in kinds]
    if not said:
        return None
    # The answer to an objection is about what the refusal said, and comes after it.
    letter = max(said, key=lambda each: (each.issued_at, each.kind == Kind.OBJECTION_RESULT))
    content = letter.content
    return Outcome(
        letter=letter,
        # Only findings rest on papers.
        reasons=_reasons(letter.kind, content, papers_of(case) if content.get("findings") else []),
        onward=onward(content),
        effects=list(content.get("effects", [])),
        remedies=str(content.get("remedies", "")),
    )


def onward(content: Mapping[str, Any]) -> str:
    """How to go on, as a letter says it."""
    return str(content.get("reapply") or content.get("whereto") or "")


def _reasons(kind: str, content: Mapping[str, Any], papers: list[Paper]) -> list[Reason]:
    found = [
        Reason(
            words=finding["reason"],
            note=finding.get("note", ""),
            noted=_("审查意见"),
            remedy=finding.get("remedy", ""),
            earliest_on=finding.get("earliest_on") or "",
            # Of all papers alike it says nothing which they were.
            papers=[
                paper for paper in papers if finding["code"] in paper.shows and finding["code"] != ON_ALL
            ],
        )
        for finding in content.get("findings", [])
    ]
    if kind == Kind.OBJECTION_RESULT:
        return [Reason(words=content["reasons"]), *found]
    if kind == Kind.NON_ACCEPTANCE_NOTICE:
        return [Reason(words=content.get("ground", ""), note=content["reason"], noted=_("查明的事实和理由"))]
    if kind == Kind.REVOCATION_DECISION:
        return [Reason(words=content["facts"])]
    return found


def in_words(kind: str, content: Mapping[str, Any]) -> str:
    """Reasons and what to do, line by line, for a message."""
    lines = []
    for number, reason in enumerate(_reasons(kind, content, []), start=1):
        line = _("理由%(number)d：%(words)s") % {"number": number, "words": reason.words}
        if reason.note:
            line += f"{reason.noted}：{reason.note}"
        if reason.remedy:
            line += _("怎样符合：%(remedy)s") % {"remedy": reason.remedy}
        lines.append(line)
    if words := onward(content):
        lines.append(_("接下来：%(onward)s") % {"onward": words})
    return "\n".join(lines)
