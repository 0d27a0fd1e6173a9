"""The officer's verdict on each condition: its form, and what must be said before anything follows from it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.repairs.assessing import (
    CHECKLIST,
    Checklist,
    asked_codes,
    assess_facts,
    case_facts,
    duties_of,
    verified_facts,
)
from applications.repairs.cross_checks import Remark, remarks_on
from applications.repairs.errors import NotReady
from applications.repairs.evidence import Paper, confirmed_unseen, in_words, opened_by, papers_of
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import Transition
from applications.repairs.steps.pages import PlainForm
from rules.eligibility import Assessment

DUTIES = "obligations_fulfilled"
WHICH_DUTY = _("请选出没有履行完毕的义务；没有选的，决定书会写明已经履行完毕。")


# What is said to whoever had the rest marked.
REST_CONFIRMED = _(
    "其余没有对应材料或者材料都已打开、系统也没有提示的各项标为属实，还没有提交。请逐项看过后再提交；没有标的，请逐项选择。"
)


@dataclass(frozen=True)
class Beside:
    """What stands beside a condition: the papers that show it, each with whether this officer opened it, what the system
    finds about what is stated, and the verdict of the last review, if there was one."""

    papers: list[tuple[Paper, bool]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    last: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Row:
    """One condition of the form. ``which``: which duties; None where that is no question."""

    verdict: forms.BoundField
    which: forms.BoundField | None
    note: forms.BoundField
    beside: Beside


class ChecklistForm(PlainForm):
    """One verdict a condition, none of them preselected; a note is wanted beside each that is not confirmed, and of several
    duties which one."""

    def __init__(
        self,
        *args: Any,
        codes: list[str],
        duties: Sequence[str],
        beside: Mapping[str, Beside] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codes, self.beside = codes, beside or {}
        if DUTIES in codes and len(duties) > 1:
            self.fields["unfulfilled"] = forms.MultipleChoiceField(
                label=_("没有履行完毕的义务（不属实的必选）"),
                choices=[(name, name) for name in duties],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        for code in codes:
            self.fields[f"verdict_{code}"] = forms.ChoiceField(
                label=CHECKLIST[code],
                choices=[("yes", _("属实")), ("no", _("不属实"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("请选择“属实”或者“不属实”。")},
            )
            self.fields[f"note_{code}"] = forms.CharField(
                label=_("查明的事实和理由（不属实的必填）"),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def rows(self) -> list[Row]:
        which = self["unfulfilled"] if "unfulfilled" in self.fields else None
        return [
            Row(
                verdict=self[f"verdict_{code}"],
                which=which if code == DUTIES else None,
                note=self[f"note_{code}"],
                beside=self.beside.get(code, Beside()),
            )
            for code in self.codes
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for code in self.codes:
            if data.get(f"verdict_{code}") == "no" and not data.get(f"note_{code}", "").strip():
                self.add_error(
                    f"note_{code}", _("核对为“不属实”的，请写明查明的事实和理由。它会写进决定书。")
                )
        if (
            "unfulfilled" in self.fields
            and data.get(f"verdict_{DUTIES}") == "no"
            and not data.get("unfulfilled")
        ):
            self.add_error("unfulfilled", WHICH_DUTY)
        return data

    def checklist(self) -> Checklist:
        return {
            code: {
                "confirmed": self.cleaned_data[f"verdict_{code}"] == "yes",
                "note": self.cleaned_data[f"note_{code}"].strip(),
                **({"unfulfilled": self.cleaned_data.get("unfulfilled", [])} if code == DUTIES else {}),
            }
            for code in self.codes
        }


def beside_conditions(
    case: RepairCase,
    officer: User,
    assessment: Assessment,
    *,
    more: Iterable[Paper] = (),
    last: Checklist | None = None,
) -> dict[str, Beside]:
    """What stands beside each condition, by code. ``assessment`` is of what the applicant states; ``more`` are papers that
    came with an objection."""
    papers, opened = [*papers_of(case), *more], opened_by(officer.pk, case)
    remarks = remarks_on(case, assessment)
    return {
        code: Beside(
            papers=[(paper, paper.key in opened) for paper in papers if code in paper.shows],
            remarks=remarks.get(code, []),
            last=(last or {}).get(code),
        )
        for code in asked_codes(assessment)
    }


def with_rest_confirmed(posted: Any, beside: Mapping[str, Beside], *, but: Collection[str] = ()) -> Any:
    """What was posted, and every condition that has no verdict yet confirmed, if this officer opened all of its papers and
    the system finds nothing against it. ``but``: codes that only the officer's own hand marks."""
    fuller = posted.copy()
    for code, each in beside.items():
        seen = all(opened for _paper, opened in each.papers)
        if (
            code not in but
            and not posted.get(f"verdict_{code}")
            and seen
            and not any(remark.warns for remark in each.remarks)
        ):
            fuller[f"verdict_{code}"] = "yes"
    return fuller


def verify(
    transition: Transition, checklist: Mapping[str, Mapping[str, Any]], *, more: Iterable[Paper] = ()
) -> tuple[Checklist, Assessment]:
    """The checklist with every point answered, and a note beside each that was not confirmed; what follows of it.

    NotReady names every point without a verdict, every rejection without a note, the rejection of several duties
    that does not say which, and every paper that shows a confirmed condition and was not opened by whoever confirms it.
    ``more``: papers that came with an objection.
    """
    facts = case_facts(transition.case)
    problems, complete = [], {}
    for code in asked_codes(assess_facts(transition.case, facts, transition.on)):
        verdict = checklist.get(code)
        if verdict is None or verdict.get("confirmed") is None:
            problems.append(_("请核对“%(condition)s”。") % {"condition": CHECKLIST[code]})
            continue
        note = str(verdict.get("note", "")).strip()
        if not verdict["confirmed"] and not note:
            problems.append(
                _("“%(condition)s”核对为否，请写明查明的事实和理由。") % {"condition": CHECKLIST[code]}
            )
        complete[code] = {"confirmed": bool(verdict["confirmed"]), "note": note}
        if code == DUTIES and not verdict["confirmed"]:
            duties = duties_of(transition.case)
            unfulfilled = [name for name in duties if name in verdict.get("unfulfilled", ())]
            if len(duties) > 1 and not unfulfilled:
                problems.append(str(WHICH_DUTY))
            complete[code]["unfulfilled"] = unfulfilled or duties
    assert transition.actor is not None
    problems += in_words(
        confirmed_unseen(
            papers=[*papers_of(transition.case), *more],
            opened=opened_by(transition.actor.pk, transition.case),
            checklist=complete,
        )
    )
    if problems:
        raise NotReady(*problems)
    return complete, assess_facts(transition.case, verified_facts(facts, complete), transition.on)
