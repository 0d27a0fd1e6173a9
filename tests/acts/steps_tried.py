"""The steps of the procedure as somebody tries them: each calls the service that its page calls, allowed or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import localdate

from applications.objections.steps import file_objection, handle_objection
from applications.organs.models import Organ
from applications.repairs import services, steps
from applications.repairs.models import RepairCase, RevocationProposal
from applications.repairs.steps import Defect
from tests.acts.people import World, paper
from tests.opening import revoke_case
from tests.repairs.steps import all_confirmed

FRESH, OVERTAKEN, LONG_AGO = range(3)


@dataclass(frozen=True)
class Act:
    """``which`` names the record and its case, ``manner`` how it is done, ``page`` how old what the person looks at is."""

    kind: str
    who: str
    which: int = 0
    manner: int = 0
    page: int = FRESH


class NothingThere(Exception):
    """Nobody can even try: there is no case, no proposal, nothing to answer."""


@dataclass
class Trying:
    """One act under way."""

    world: World
    act: Act
    actor: Any
    case: RepairCase | None

    @property
    def at(self) -> Any:
        return self.world.at

    @property
    def today(self) -> date:
        return localdate(self.world.at)

    @property
    def of_case(self) -> RepairCase:
        if self.case is None:
            raise NothingThere
        return self.case

    @property
    def organ(self) -> Organ:
        """Where it is applied for; now and then where nobody is competent."""
        return self.world.organs[("unit", "bureau", "unit", "elsewhere")[self.act.manner % 4]]

    @property
    def seen(self) -> dict[str, Any]:
        """What a step is called with, from a page that may be old."""
        case = self.of_case
        common = {"actor": self.actor, "at": self.at}
        if self.act.page == OVERTAKEN:
            return {"case": case, "version": case.version - 1, **common}
        if self.act.page == LONG_AGO:
            return {"case": self.world.remembered.get(case.pk, case), **common}
        return {"case": case, "version": case.version, **common}

    def latest(self, rows: Any) -> Any:
        found = rows.order_by("-pk").first()
        if found is None:
            raise NothingThere
        return found


STEPS: dict[str, Callable[[Trying], Any]] = {}


def step(kind: Callable[[Trying], Any]) -> Callable[[Trying], Any]:
    STEPS[kind.__name__.rstrip("_")] = kind
    return kind


@step
def submit(it: Trying) -> None:
    steps.submit_case(**it.seen)


@step
def withdraw(it: Trying) -> None:
    steps.withdraw_case(**it.seen)


@step
def accept(it: Trying) -> None:
    steps.accept_case(**it.seen)


@step
def deem_accepted(it: Trying) -> None:
    steps.deem_case_accepted(case=it.of_case, at=it.at)


@step
def request_correction(it: Trying) -> None:
    kinds = ["fulfilment", "licence"][: 1 + it.act.manner % 2]
    reason = "原来没有看清。" if it.act.manner % 3 == 0 else ""
    if it.of_case.round > 1 and it.world.is_of(it.act.who, it.of_case.organ, "supervisor"):
        reason = "申请人另有变化。"
    steps.draft_correction(
        case=it.of_case,
        defects=[Defect(kind, "看不清", f"请重新扫描（{it.act.manner}）", reason) for kind in kinds],
        actor=it.actor,
        at=it.at,
    )
    steps.ask_for_correction(**it.seen)


@step
def decline(it: Trying) -> None:
    steps.decline_case(ground="elsewhere", reason="不属于本省。" if it.act.manner else "", **it.seen)


@step
def resubmit(it: Trying) -> None:
    if it.act.manner and it.of_case.status == "correcting":
        for kind in ("fulfilment", "licence"):
            services.add_material(
                case=it.of_case, kind=kind, upload=paper(f"{kind}.pdf"), actor=it.actor, at=it.at
            )
    steps.resubmit_case(**it.seen)


def _checklist(it: Trying, doubted: bool) -> dict[str, Any]:
    return all_confirmed(it.of_case, it.today, **({"corrected": "没有整改"} if doubted else {}))


@step
def review(it: Trying) -> None:
    if it.act.manner != 1 and it.of_case.status == "accepted":
        services.read_all(case=it.of_case, reader=it.actor, at=it.at)
    steps.review_case(checklist=_checklist(it, it.act.manner >= 4), opinion="", **it.seen)


@step
def return_(it: Trying) -> None:
    steps.return_case(reason="请再核对。" if it.act.manner else "", **it.seen)


@step
def grant(it: Trying) -> None:
    steps.grant_case(reason="情况有变。" if it.act.manner else "", **it.seen)


@step
def refuse(it: Trying) -> None:
    steps.refuse_case(reason="情况有变。" if it.act.manner else "", **it.seen)


@step
def object_(it: Trying) -> None:
    file_objection(disputed=["corrected"], grounds="已经整改。" if it.act.manner else "", **it.seen)


def _handle(it: Trying, overturn: bool) -> None:
    objection = getattr(it.of_case, "objection", None)
    if objection is None:
        raise NothingThere
    if it.of_case.status == "objecting":
        services.read_all(case=it.of_case, reader=it.actor, at=it.at)
    seen = it.seen
    objection.case = seen.pop("case")
    handle_objection(
        objection=objection,
        overturn=overturn,
        checklist=_checklist(it, overturn == (it.act.manner == 0)),
        reasons="经核实。",
        **seen,
    )


@step
def uphold(it: Trying) -> None:
    _handle(it, overturn=False)


@step
def overturn(it: Trying) -> None:
    _handle(it, overturn=True)


@step
def revoke(it: Trying) -> None:
    proposal = it.latest(RevocationProposal.objects.filter(case=it.of_case))
    revoke_case(proposal=proposal, actor=it.actor, at=it.at)
