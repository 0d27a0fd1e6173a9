"""Each act of the procedure × each state × everybody, through the pages: done exactly where the table gives it to them,
else refused with the reason, one trace of it, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client

from applications.ledger.models import Event
from applications.objections.steps import file_objection, handle_objection
from applications.records.services.source import propose_act
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.repairs.steps import Defect
from rules.procedure import TABLE, State
from tests.acts.people import APPLICANTS, STAFF, World, build, paper
from tests.fixtures import make_record, moment
from tests.isolation.conftest import _no_word_of_each_refusal, _private_files, _time_stands_still  # noqa: F401
from tests.isolation.visiting import KEPT, undone, unwaited
from tests.opening import approve_act, read_evidence, revoke_case
from tests.repairs import steps as brought
from tests.repairs.test_double_click import answers, notice, verdicts, with_version

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-27 10:00")
ROWS = {(row.source.value, row.action): row for row in TABLE}
DEFECT = Defect("licence", "印章不清。", "请重新拍照。")
PEOPLE = ["wang", "li", "zhao", "zhou", "duo", "ma", "xi", "bao", "sun", "wu", "gone", "alice", "charlie"]
CASE_ROLES = {"intake", "reviewer", "approver", "supervisor"}


class Place:
    """One case in a state, with what hangs on it."""

    def __init__(self, world: World, state: str) -> None:
        self.world, self.p = world, world.people
        self.record = make_record(
            world.records[0].subject, world.organs["unit"], document_number="宁市监处罚〔2026〕99号"
        )
        self.case = getattr(self, f"_{state}")()
        self.case = RepairCase.objects.select_related("record", "organ").get(pk=self.case.pk)

    def _draft(self) -> RepairCase:
        return brought.prepared(self.record, self.world.organs["unit"], self.p["alice"])

    def _submitted(self) -> RepairCase:
        return brought.submitted(self.record, self.world.organs["unit"], self.p["alice"])

    def _correcting(self) -> RepairCase:
        case, at = self._submitted(), moment("2026-11-23 10:00")
        steps.draft_correction(case=case, defects=[DEFECT], actor=self.p["wang"], at=at)
        return steps.ask_for_correction(case=case, actor=self.p["wang"], at=at)

    def _accepted(self) -> RepairCase:
        case = brought.accepted(self.record, self.world.organs["unit"], self.p["alice"], self.p["wang"])
        for name in ("li", "duo"):
            brought.open_papers(case, self.p[name])
        return case

    def _under_review(self) -> RepairCase:
        return brought.reviewed(self._accepted(), self.p["li"])

    def _failing(self) -> RepairCase:
        return brought.reviewed(self._accepted(), self.p["li"], obligations_fulfilled="金额不符。")

    def _granted(self) -> RepairCase:
        return steps.grant_case(
            case=self._under_review(), actor=self.p["zhao"], at=moment("2026-11-25 10:00")
        )

    def _proposed(self) -> RepairCase:
        case = self._granted()
        proposal = steps.propose_revocation(
            case=case, facts="凭证系伪造。", statement="没有意见。", evidence=paper(), actor=self.p["zhou"],
            at=moment("2026-11-26 10:00"),
        )  # fmt: skip
        for name in ("zhao", "duo"):
            read_evidence(proposal, reader=self.p[name], at=moment("2026-11-26 10:30"))
        return case

    def _revoked(self) -> RepairCase:
        proposal = self._proposed().revocation_proposals.get()
        return revoke_case(proposal=proposal, actor=self.p["zhao"], at=moment("2026-11-26 11:00"))

    def _refused(self) -> RepairCase:
        return steps.refuse_case(case=self._failing(), actor=self.p["zhao"], at=moment("2026-11-25 10:00"))

    def _objecting(self) -> RepairCase:
        case = self._refused()
        file_objection(
            case=case, disputed=[], grounds="已缴清。", actor=self.p["alice"], at=moment("2026-11-25 11:00")
        )
        for name in ("zhou", "duo"):
            brought.open_papers(case, self.p[name], "2026-11-26 09:00")
        return case

    def _upheld(self) -> RepairCase:
        case = RepairCase.objects.get(pk=self._objecting().pk)
        found = brought.all_confirmed(case, date(2026, 11, 26), obligations_fulfilled="尚欠300元。")
        handle_objection(
            objection=case.objection, overturn=False, checklist=found, reasons="经核实，尚欠300元。",
            actor=self.p["zhou"], at=moment("2026-11-26 10:00"),
        )  # fmt: skip
        return case

    def _not_accepted(self) -> RepairCase:
        return steps.decline_case(
            case=self._submitted(), ground="elsewhere", reason="不在本省。", actor=self.p["wang"],
            at=moment("2026-11-23 10:00"),
        )  # fmt: skip

    def _withdrawn(self) -> RepairCase:
        return steps.withdraw_case(
            case=self._submitted(), actor=self.p["alice"], at=moment("2026-11-23 10:00")
        )

    def _closed(self) -> RepairCase:
        case, at = self._submitted(), moment("2026-11-23 10:00")
        act = propose_act(
            record=self.record, kind="revoke", grounds="复议撤销。", document=paper(), effective_on=date(2026, 11, 20),
            actor=self.p["wang"], at=at,
        )  # fmt: skip
        approve_act(act=act, actor=self.p["zhao"], at=at)
        return case


def _step(case: RepairCase, action: str) -> str:
    return f"/admin/repairs/repaircase/{case.pk}/step/{action}/"


@dataclass(frozen=True)
class Deed:
    """One act as its page takes it. ``address``: None where there is no page to go to."""

    action: str
    address: Callable[[RepairCase], str | None]
    form: Callable[[RepairCase], dict[str, Any]]
    # Who had a hand in it that must not be this one's.
    barred: frozenset[str] = frozenset()
    # In which of the places the facts allow it; everywhere if none is named.
    places: frozenset[str] = frozenset()


def _objection(case: RepairCase) -> str | None:
    objection = getattr(case, "objection", None)
    return objection and f"/admin/objections/objection/{objection.pk}/change/"


def _proposal(case: RepairCase) -> str | None:
    proposal = case.revocation_proposals.last()
    return proposal and f"/admin/repairs/revocationproposal/{proposal.pk}/approve/"


def _correction(case: RepairCase) -> dict[str, Any]:
    return answers("send")(case) if case.status == "correcting" else {"send": "1"}


def _handling(outcome: str, failed: str = "") -> Callable[[RepairCase], dict[str, Any]]:
    def form(case: RepairCase) -> dict[str, Any]:
        said = {"version": case.version, "outcome": outcome, "reasons": "经核实。", **verdicts(case)}
        return said | ({f"verdict_{failed}": "no", f"note_{failed}": "没有整改。"} if failed else {})

    return form


def _own(path: str) -> Callable[[RepairCase], str]:
    return lambda case: path.format(case.number)


DEEDS = [
    Deed("submit", _own("/a/{}/submit/"), with_version()),
    Deed("withdraw", _own("/a/{}/withdraw/"), lambda case: {}),
    Deed("resubmit", _own("/a/{}/correction/"), _correction),
    Deed("object", _own("/objections/{}/"), lambda case: {"disputed": "obligations_fulfilled", "grounds": "金额相符。"},
         places=frozenset({"refused"})),
    Deed("accept", lambda case: _step(case, "accept"), with_version()),
    Deed("decline", lambda case: _step(case, "decline"), with_version(ground="elsewhere", reason="不在本省认定。")),
    Deed("request_correction", lambda case: _step(case, "request_correction"), notice("send")),
    Deed("review", lambda case: _step(case, "review"), lambda case: {"version": case.version, **verdicts(case)}),
    Deed("return", lambda case: _step(case, "return"), with_version(reason="请再核对。")),
    Deed("grant", lambda case: _step(case, "grant"), with_version(), frozenset({"li"}), frozenset({"under_review"})),
    Deed("refuse", lambda case: _step(case, "refuse"), with_version(), frozenset({"li"}), frozenset({"failing"})),
    Deed("uphold", _objection, _handling("upheld", "corrected"), frozenset({"li", "zhao"})),
    Deed("overturn", _objection, _handling("overturned"), frozenset({"li", "zhao"})),
    Deed("revoke", _proposal, lambda case: {}, frozenset({"zhou"}), frozenset({"proposed"})),
    # What only the system does has no page.
    *(Deed(action, lambda case, action=action: _step(case, action), with_version())  # type: ignore[misc]
      for action in ("deem_accepted", "record_receipt", "note_change", "close")),
]  # fmt: skip
# Of the many to whom an act is as strange one is enough.
OFFICERS_DEEDS = {row.action for row in TABLE if row.role in ("intake", "reviewer", "approver")}
ALIKE = {
    **{row.action: {*STAFF} - {"ma", "wu"} for row in TABLE if row.role == "applicant"},
    **{row.action: {*PEOPLE} - {"duo", "ma"} for row in TABLE if row.role == "system"},
    **{action: {"charlie"} for action in OFFICERS_DEEDS},
}
PLACES = ["draft", "submitted", "correcting", "accepted", "under_review", "failing", "granted", "proposed", "revoked",
          "refused", "objecting", "upheld", "not_accepted", "withdrawn", "closed"]  # fmt: skip


def test_every_act_and_every_state_of_the_table_is_asked_for():
    assert {deed.action for deed in DEEDS} == {row.action for row in TABLE}
    states = {
        {"failing": "under_review", "proposed": "granted", "upheld": "refused"}.get(each, each)
        for each in PLACES
    }
    assert states == {state.value for state in State}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    import time_machine
    from django.db import transaction
    from django.test import override_settings

    with (
        django_db_blocker.unblock(),
        override_settings(
            SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
            MEDIA_ROOT=tmp_path_factory.mktemp("acts") / "files",
        ),
        time_machine.travel(NOW, tick=False),
        unwaited(),
    ):
        yield build()
        transaction.set_rollback(True)


def sees(world: World, name: str, case: RepairCase) -> bool:
    if name in APPLICANTS:
        return APPLICANTS[name] == "acme"
    organ, roles = STAFF[name]
    if name in world.dismissed or case.submitted_at is None:
        return False
    return name == "sun" or (organ == "unit" and bool(CASE_ROLES & {*roles}))


@dataclass
class Answer:
    status: int
    text: str
    written: set[str]
    refusals: int
    now: str


def ask(client: Client, person: Any, method: str, address: str, form: Any, case: RepairCase) -> Answer:
    cache.clear()
    cookies = {name: each.value for name, each in client.cookies.items()}
    with undone() as written:
        response = getattr(client, method)(address, form)
        said = " ".join(str(each) for each in get_messages(response.wsgi_request))
        if response.status_code == 302 and not said:
            # Then the page that it leads to says how things are.
            said = client.get(response["Location"], follow=True).content.decode(errors="replace")
        text = said + response.content.decode(errors="replace")
        counted = Event.objects.filter(chain=f"refused-{person.pk}", verb="act.refused").count()
        now = RepairCase.objects.values_list("status", flat=True).get(pk=case.pk)
    client.cookies.clear()
    client.cookies.load(cookies)
    return Answer(response.status_code, text, written, counted, now)


def judged(world: World, place: str, case: RepairCase, name: str, client: Client, deed: Deed) -> list[str]:
    address = deed.address(case)
    if address is None or name in ALIKE.get(deed.action, ()):
        return []
    person, row = world.people[name], ROWS.get((case.status, deed.action))
    theirs = row is not None and row.role != "system" and world.may_take(name, row.role, case)
    done = theirs and name not in deed.barred and (not deed.places or place in deed.places)
    found = []
    posted = ask(client, person, "post", address, deed.form(case), case)
    if done:
        assert row is not None
        if posted.now != row.target or posted.refusals or posted.status != 302:
            found.append(f"POST is not done: {posted.status}, {posted.now}, {_complaint(posted.text)}")
    else:
        if posted.now != case.status or posted.written - {"ledger_event", "notifications_message"} - KEPT:
            found.append(f"POST is done, or writes: {posted.now} {sorted(posted.written)}")
        if name not in world.dismissed:
            # The same button twice is answered by the receipt.
            again = deed.action in ("submit", "resubmit") and place == "submitted" and name == "alice"
            if posted.refusals != (0 if again else 1):
                found.append(
                    f"POST leaves {posted.refusals} refusals: {posted.status} {_complaint(posted.text)}"
                )
            if not re.search(r"[\u4e00-\u9fff]{4}", posted.text):
                found.append(f"POST is refused without words: {posted.status}")
    return [f"{name} {deed.action} in {place} (done: {done}): {each}" for each in found]


def _complaint(text: str) -> str:
    found = re.findall(r"(?:errorlist|invalid-feedback|errornote|error-summary)[^>]*>(.{0,120})", text, re.S)
    return " / ".join(re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in found[:3]) or text[:60]


@pytest.mark.parametrize("place", PLACES)
def test_an_act_is_done_where_the_table_says_so_and_nowhere_else(world, place):
    found = []
    with undone():
        case = Place(world, place).case
        for name in PEOPLE:
            client = Client()
            client.force_login(world.people[name])
            for deed in DEEDS:
                found += judged(world, place, case, name, client, deed)
    assert not found, "\n".join([f"{len(found)} faults", *found])
