"""The tables of the procedure agree with each other and with what the README shows of them."""

import re
from collections import deque
from pathlib import Path

from rules import procedure
from rules.materials import KINDS, alternatives, required
from rules.policy import load_policies
from rules.procedure import (
    CLOCKS,
    STATES,
    TABLE,
    Clock,
    IllegalAction,
    Role,
    State,
    action_label,
    can_withdraw,
    states_in_turn,
    steps_from,
)

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


def reachable() -> set[tuple[State, frozenset[Clock]]]:
    """Every state with the clocks that can run in it, by taking every step of the table from a new draft.

    The sharing clock stops with the receipt of its own decision, so one that is not stopped yet may run on.
    """
    start: tuple[State, frozenset[Clock]] = (State.DRAFT, frozenset())
    seen, waiting = {start}, deque([start])
    while waiting:
        state, running = waiting.popleft()
        for step in steps_from(state):
            after = frozenset() if step.cancels_all else (running - {*step.meets}) | {*step.starts}
            if (found := (step.target, after)) not in seen:
                seen.add(found)
                waiting.append(found)
    return seen


def test_every_state_can_be_reached():
    assert {state for state, _ in reachable()} == {*State}


def test_the_clock_that_a_state_owes_is_the_one_that_its_steps_leave_running():
    for state, running in reachable():
        owed = STATES[state].owes
        assert running - {Clock.SHARING} == ({owed} if owed else set()), state


def test_whose_turn_it_is_can_do_something():
    for state, entry in STATES.items():
        # A repair waits for nobody; it is revoked on a colleague's proposal, which has a list of its own.
        taken = [step for step in steps_from(state) if not step.undoes]
        officers = {step.role for step in taken} & {Role.INTAKE, Role.REVIEWER, Role.APPROVER}
        if entry.turn in (None, Role.APPLICANT):
            assert not officers, f"{state} is no officer's turn, and one can act"
        else:
            assert officers == {entry.turn}


def test_every_state_is_in_one_queue():
    queues = [states_in_turn(role) for role in (None, *Role)]
    assert sorted(state for queue in queues for state in queue) == sorted(State)
    assert states_in_turn(Role.APPROVER) == (State.UNDER_REVIEW, State.OBJECTING)
    assert states_in_turn(None) == (
        State.GRANTED,
        State.REFUSED,
        State.NOT_ACCEPTED,
        State.WITHDRAWN,
        State.CLOSED,
        State.REVOKED,
    )


def test_a_clock_is_answered_by_those_whose_turn_it_is_while_it_runs():
    for entry in STATES.values():
        if entry.owes:
            assert entry.turn in CLOCKS[entry.owes].turn


def test_an_application_can_be_taken_back_until_it_is_decided():
    assert {state for state in State if can_withdraw(state)} == {
        State.DRAFT,
        State.SUBMITTED,
        State.CORRECTING,
        State.ACCEPTED,
        State.UNDER_REVIEW,
    }


def test_what_confirms_a_repair_annotates_publishes_and_shares():
    """Article 9: annotate and withdraw from publicity; Article 11: share."""
    for step in TABLE:
        confirms = step.target == State.GRANTED and step.source != State.GRANTED
        assert step.annotates is step.publishes is confirms, step
        if confirms:
            assert step.shares and Clock.SHARING in step.starts


def test_a_repair_is_taken_back_from_what_was_repaired_alone_and_that_is_shared():
    """Article 6; Article 11."""
    [step] = [step for step in TABLE if step.undoes]
    assert (step.source, step.target, step.role) == (State.GRANTED, State.REVOKED, Role.APPROVER)
    assert step.shares and Clock.SHARING in step.starts


def test_every_clock_has_its_days_in_every_policy():
    for policy in load_policies():
        assert {*policy.clocks} == {*CLOCKS}


def test_the_readme_shows_every_state_and_every_clock():
    picture = README[README.index("## The procedure") : README.index("## Where things are")]
    for entry in STATES.values():
        assert entry.label in picture
    rows = re.findall(r"^\| (\w+) (\w+) \| (\d) \|.*\| ([^|]+) \|$", picture, re.MULTILINE)
    (policy,) = [each for each in load_policies() if each.id == "jiangsu-2020-4"]
    assert rows == [
        (
            clock.value,
            entry.label,
            str(policy.clocks[clock].working_days),
            policy.clocks[clock].source.article or "none: the portal's own",
        )
        for clock, entry in CLOCKS.items()
    ]


def test_the_text_table_says_what_else_follows():
    lines = procedure.render("table").splitlines()
    (grant,) = [line for line in lines if "审批岗  准予修复" in line and line.startswith("九")]
    assert grant.endswith("标注并撤销公示、公开承诺、推送共享平台、通知申请人")


def test_article_7_asks_what_it_says():
    def asked(person: bool, severity: str) -> list[str]:
        return [each.names for each in required(person=person, severity=severity)]

    fulfilled = "履行完毕证明或认定单位出具的信用修复表"
    assert asked(False, "general") == ["证照材料复印件（加盖公章）", fulfilled]
    assert asked(True, "general") == ["身份证件复印件", fulfilled]
    assert asked(False, "serious") == [
        "证照材料复印件（加盖公章）",
        fulfilled,
        "信用修复培训证书",
        "信用报告",
    ]


def test_alternatives_stand_for_each_other():
    assert alternatives("fulfilment") == alternatives("repair_form") == ("fulfilment", "repair_form")
    assert alternatives("licence") == ("licence",)
    assert all(kind in alternatives(kind) for kind in KINDS)


def test_an_action_is_called_what_it_is_called_in_most_states():
    """Only a draft is given up; whoever withdraws what was withdrawn before reads of withdrawing."""
    assert action_label("withdraw") == "撤回申请"
    assert str(IllegalAction("withdrawn", "withdraw")) == "“已撤回”的申请不能执行“撤回申请”。"
