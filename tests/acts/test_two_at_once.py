"""Two people press at the same moment: one of them has done it, whole, and the other is told who it was.

Which acts there are is known from elsewhere: every form of the matrix that changes something, and every pair of rows that leave
one state of the procedure. A new act that is in neither fails the tests of those.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import pytest
import time_machine
from django.test import override_settings

from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.deadlines.models import Escalation
from applications.deadlines.services import sweep_deadlines
from applications.ledger.models import READINGS, Event
from applications.records.services.source import propose_act
from applications.repairs.models import RepairCase
from rules.procedure import TABLE, Step
from tests.acts.people import paper
from tests.acts.pressing import Outcome, Press, Stage, staged
from tests.acts.test_step_pages import DEEDS
from tests.fixtures import make_user
from tests.isolation import world as worlds
from tests.isolation.pages import Page
from tests.isolation.test_matrix import ALL
from tests.isolation.visiting import unwaited
from tests.isolation.world import World

COLLEAGUE = "鲍同事"
# Whoever signs with an account bears the name of the representative.
SIGNED_TWICE = "/a/{case_draft.number}/commitment/"
# Of whoever presses alone: nobody else has the same button.
OWN = frozenset({
    "/accounts/password/change/",
    "/accounts/typed/{typed.pk}/discard/",
    "/accounts/typed/keep/",
    "/messages/{message.pk}/read/",
    "/messages/settings/",
    "/subjects/claims/{claim.pk}/correct/",
    "/subjects/claims/{claim.pk}/withdraw/",
    "/training/courses/{course.pk}/begin/",
    "/training/meetings/{meeting.pk}/enrol/",
    "/admin/repairs/repaircase/filters/",
    "/admin/records/importbatch/import/confirm/",
    "/admin/records/importbatch/import/run/{ready_run.pk}/confirm/",
    "/admin/records/importbatch/import/run/{import_run.pk}/cancel/",
})  # fmt: skip
# Each of both does something of the own, or says once more what the other has just said.
EACH = frozenset({
    "/records/missing/",
    "/remind/records/{young_record.pk}/",
    "/subjects/claim/?kind=organisation",
    "/a/{case_draft.number}/contact/",
    "/a/{case_draft.number}/fulfilment/",
    "/a/{case_serious.number}/training/",
    "/a/{case_draft.number}/files/other/",
    SIGNED_TWICE,
    "/a/{case_draft.number}/commitment/link/",
    "/a/{case_correcting.number}/correction/",
    "/oversight/policies/try/",
    "/admin/accounts/user/{intake.pk}/change/",
    "/admin/organs/organ/{unit.pk}/change/",
    "/admin/sharing/delivery/",
    "/admin/policies/implementingrules/new/",
    "/admin/policies/implementingrules/new/text/?from={rules_in_force.pk}",
    "/admin/records/dishonestyrecord/{record.pk}/notice/",
    "/admin/records/importbatch/{batch_of_records.pk}/notices/",
    "/admin/repairs/reception/{reception.pk}/{draft_received.pk}/task/contact/",
    "/admin/reports/creditreport/new/{subject.pk}/",
    "/admin/training/course/add/",
    "/admin/training/meeting/add/",
    "/admin/reports/institution/{institution.pk}/change/",
    "/admin/training/organiser/{organiser.pk}/change/",
})  # fmt: skip
# There is nobody to name: Django's form finds what is there, or what was to be deleted is not there any more.
NAMELESS = frozenset({
    "/admin/accounts/user/add/",
    "/admin/organs/organ/add/",
    "/admin/reports/institution/add/",
    "/admin/training/organiser/add/",
    "/admin/repairs/reception/{reception.pk}/{draft_received.pk}/file/{identity_material.pk}/",
    "/admin/reports/creditreport/{report.pk}/void/",
})  # fmt: skip
# The case of the world that is in a state, and who takes the steps of a role there.
CASES = {
    "draft": "case_draft",
    "submitted": "case_submitted",
    "correcting": "case_correcting",
    "accepted": "case_accepted",
    "under_review": "case_reviewed",
    "granted": "case_granted",
    "refused": "case_refused",
    "objecting": "case_objecting",
}
# What was found about a case allows one of them alone.
EITHER = frozenset({"grant", "refuse"})


@dataclass(frozen=True)
class Contest:
    """``follows``: one may also come after the other, where there is still something to do for it. ``closes``: then the system
    closes the case, which is more than either does alone, and it is the system that the page names."""

    name: str
    scene: Callable[[], Sequence[Press]]
    each: bool = False
    follows: bool = False
    nameless: bool = False
    same: bool = False
    closes: bool = False


class Office:
    """The world of the matrix, stored, with a second person for everybody."""

    def __init__(self, world: World) -> None:
        self.world, self.place = world, world.near
        self.twins: dict[str, User] = {"owner": world.people["colleague"]}
        for name, person in world.people.items():
            if person.is_staff and not person.is_superuser:
                roles = person.staff_roles.values_list("role", flat=True)
                self.twins[name] = make_user(f"twin.{person.email}", f"{name}·双", person.organ, *roles)
                # No name may be a part of another one.
                User.objects.filter(pk=person.pk).update(name=f"单·{name}")
                person.name = f"单·{name}"
        colleague = self.twins["owner"]
        colleague.name = COLLEAGUE
        colleague.save(update_fields=["name"])
        self._open_what_the_first_have_opened()
        # What would be escalated anyway is no consequence of an act.
        Escalation.objects.all().delete()
        sweep_deadlines(at=worlds.NOW)

    def _open_what_the_first_have_opened(self) -> None:
        twins = {self.world.people[name].pk: twin for name, twin in self.twins.items()}
        for event in Event.objects.filter(chain__startswith=READINGS, actor__in=twins).order_by("pk"):
            payload = {key: value for key, value in event.payload.items() if key != "about"}
            note_reading(
                reader=twins[event.actor_id],
                verb=event.verb,
                at=event.at,
                about=event.payload.get("about", ""),
                payload=payload,
            )

    def contests(self) -> Iterator[Contest]:
        pages = [page for page in ALL if page.own_posts and page.address not in OWN]
        for page in pages:
            yield self._same(page)
        for page in pages:
            if page.address.endswith("/approve/"):
                other = next(each for each in pages if each.address == page.address[:-8] + "reject/")
                yield self._against(page, other)
        for one, other in _pairs_of_steps():
            yield self._steps(one, other)
        by_address = {page.address: page for page in pages}
        for one, other in AGAINST:
            yield self._against(by_address[one], by_address[other])
        for action in ("accept", "grant", "object", "submit"):
            yield self._while_revoked(next(row for row in TABLE if row.action == action))

    def _press(self, page: Page, user: User) -> Press:
        world, place = self.world, self.place
        return Press(user, page.filled(world, place), page.form(world, place, user))

    def _two(self, one: Page, other: Page) -> list[User]:
        first = "owner" if "owner" in one.own_posts else min(one.own_posts)
        second = "owner" if "owner" in other.own_posts else min(other.own_posts)
        return [self.world.people[first], self.twins[second]]

    def _same(self, page: Page) -> Contest:
        def scene() -> list[Press]:
            first, second = self._two(page, page)
            if page.address == SIGNED_TWICE:
                User.objects.filter(pk=second.pk).update(name=first.name)
            return [self._press(page, first), self._press(page, second)]

        address = page.address
        return Contest(address, scene, each=address in EACH, nameless=address in NAMELESS, same=True)

    def _against(self, one: Page, other: Page) -> Contest:
        def scene() -> list[Press]:
            first, second = self._two(one, other)
            return [self._press(one, first), self._press(other, second)]

        return Contest(f"{one.address} | {other.address}", scene)

    def _step(self, row: Step, case: RepairCase, *, second: bool) -> Press:
        deed = next(deed for deed in DEEDS if deed.action == row.action)
        name = "owner" if row.role == "applicant" else f"unit.{row.role}"
        address = deed.address(case)
        assert address is not None
        return Press((self.twins if second else self.world.people)[name], address, deed.form(case))

    def _case(self, row: Step, beside: Step) -> RepairCase:
        failing = "refuse" in (row.action, beside.action)
        name = "case_failing" if failing else CASES[row.source]
        return RepairCase.objects.select_related("record", "organ").get(pk=self.place.things[name].pk)

    def _steps(self, one: Step, other: Step) -> Contest:
        def scene() -> list[Press]:
            case = self._case(one, other)
            return [self._step(one, case, second=False), self._step(other, case, second=True)]

        after = {(row.source, row.action) for row in TABLE}
        follows = (one.target, other.action) in after or (other.target, one.action) in after
        return Contest(f"{one.source}: {one.action} | {other.action}", scene, follows=follows)

    def _while_revoked(self, row: Step) -> Contest:
        """A step, while the penalty is revoked at its source."""

        def scene() -> list[Press]:
            case, people = self._case(row, row), self.world.people
            with unwaited():
                act = propose_act(
                    record=case.record, kind="revoke", grounds="复议撤销。", document=paper(),
                    effective_on=worlds.NOW.date(), actor=people["unit.intake"], at=worlds.NOW,
                )  # fmt: skip
            approval = Press(self.twins["unit.approver"], f"/admin/records/sourceact/{act.pk}/approve/", {})
            return [self._step(row, case, second=False), approval]

        return Contest(
            f"{row.source}: {row.action} | the penalty is revoked", scene, follows=True, closes=True
        )


# Beside the procedure, what excludes each other.
AGAINST = [
    ("/a/filing/{sitting.pk}/add/", "/a/filing/{sitting.pk}/submit/"),
    ("/a/{case_draft.number}/file/{draft_material.pk}/remove/", "/a/{case_draft.number}/submit/"),
    ("/admin/policies/implementingrules/{rules_draft.pk}/confirm/",
     "/admin/policies/implementingrules/{rules_draft.pk}/discard/"),
]  # fmt: skip


def _pairs_of_steps() -> Iterator[tuple[Step, Step]]:
    """Of the steps that people take from one state, each with each other one."""
    for one, other in combinations([row for row in TABLE if row.role != "system"], 2):
        if one.source == other.source and {one.action, other.action} != EITHER:
            yield one, other


class Judge:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.faults: list[str] = []

    def judge(self, contest: Contest) -> None:
        try:
            # What each alone does is what both must not do twice; of the same button it is the same.
            which = () if contest.each else (0,) if contest.same else (0, 1)
            alone = [self.stage.play(contest.scene, number) for number in which]
            both = self.stage.play(contest.scene)
        except Exception as error:
            self.faults.append(f"{contest.name}: {type(error).__name__}: {error}")
            return
        self.faults += [f"{contest.name}: {said}" for said in _wrong(contest, alone, both)]


def _wrong(contest: Contest, alone: list[Outcome], both: Outcome) -> Iterator[str]:
    if any(answer.status >= 500 for answer in both.answers):
        yield f"answered {[answer.status for answer in both.answers]}"
    if contest.each:
        return
    nothing = [one for one in alone if not any(one.effect)]
    if nothing:
        yield f"does nothing even alone: {nothing[0].answers[0].status} {_said(nothing[0].answers[0].text)}"
        return
    users = both.who
    done = [user for user in users if user.pk in both.by]
    one_after_the_other = contest.closes or both.verbs <= sum((one.verbs for one in alone), Counter())
    if contest.follows and len(done) == 2 and one_after_the_other:
        return
    if both.effect not in [one.effect for one in alone]:
        yield f"is done as {dict(both.verbs)} {dict(both.rows)}, alone as {[dict(one.verbs) for one in alone]}"
    elif len(done) == 1:
        winner, answer = done[0], both.answers[users.index(done[0]) ^ 1]
        loser = users[users.index(winner) ^ 1]
        if both.refusals[winner.pk] or both.refusals[loser.pk] > 1:
            yield f"leaves {dict(both.refusals)} refusals"
        # A message begins with a capital letter.
        named = winner.name.casefold() in answer.text.casefold()
        if loser.is_staff and not (contest.nameless or contest.closes or named):
            yield f"does not tell who did it: {answer.status} {_said(answer.text)}"
        if not re.search(r"[\u4e00-\u9fff]{4}", _said(answer.text)):
            yield f"tells nothing: {answer.status}"


def _said(page: str) -> str:
    """What a page says first of all."""
    said = re.findall(r"(?:errorlist|errornote|error-summary|messagelist|alert)[^>]*>(.{0,400})", page, re.S)
    main = re.findall(r"<h1.*", page, re.S)
    return re.sub(r"<[^>]*>|\s+", " ", " / ".join(said[:2]) or "".join(main[:1]))[:200].strip()


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_one_has_done_it_and_the_other_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    with (
        override_settings(
            SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
            MEDIA_ROOT=tmp_path / "files",
            EMAIL_FILE_PATH=str(tmp_path / "mail"),
            ALLOWED_HOSTS=["testserver"],
        ),
        time_machine.travel(worlds.NOW, tick=False),
    ):
        with unwaited():
            office = Office(worlds.build())
        with staged() as stage:
            judge = Judge(stage)
            contests = list(office.contests())
            for contest in contests:
                judge.judge(contest)
    assert len(contests) > 110
    assert not judge.faults, "\n".join([f"{len(judge.faults)} faults of {len(contests)}", *judge.faults])


def test_what_is_named_here_is_in_the_matrix():
    addresses = {page.address for page in ALL if page.own_posts}
    assert addresses >= OWN | EACH | NAMELESS | {each for pair in AGAINST for each in pair}
    assert not (OWN & EACH or EACH & NAMELESS)
