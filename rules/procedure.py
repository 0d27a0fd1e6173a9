"""Articles 6–9, 11 and 13 as three tables: what is true while an application is in a state, what each clock is,
and who may do what and all that follows from it.

Nothing else in the project knows what follows what, whose turn it is, or which clock is owed: queues, lists,
pages, reminders and the nightly check read it here. The lengths of the clocks are in the policy files, under
the clock's name.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CORRECTING = "correcting"
    ACCEPTED = "accepted"
    UNDER_REVIEW = "under_review"
    GRANTED = "granted"
    REFUSED = "refused"
    OBJECTING = "objecting"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    REVOKED = "revoked"


class Role(StrEnum):
    APPLICANT = "applicant"
    INTAKE = "intake"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    SUPERVISOR = "supervisor"
    SYSTEM_ADMIN = "system_admin"
    SYSTEM = "system"


ROLE_LABELS = {
    Role.APPLICANT: "申请人",
    Role.INTAKE: "受理岗",
    Role.REVIEWER: "审查岗",
    Role.APPROVER: "审批岗",
    Role.SUPERVISOR: "负责人",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SYSTEM: "系统",
}


class Clock(StrEnum):
    ACCEPTANCE = "acceptance"
    DECISION = "decision"
    SHARING = "sharing"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    INFORMATION = "information"
    VERIFICATION = "verification"
    CLAIM = "claim"


S, R, C = State, Role, Clock


@dataclass(frozen=True, slots=True)
class StateEntry:
    """What is true while an application is in a state.

    ``turn`` is the role whose queue it is in; None once nobody owes it anything more. ``owes`` is the one clock
    that runs meanwhile; the clock of sharing runs besides, for each decision without a receipt. ``reapply`` says
    whether the record can be applied for anew. ``means`` is what the state is to the applicant, for the look of
    its label. The labels are for reading alone: the codes decide.
    """

    label: str
    turn: Role | None
    owes: Clock | None = None
    reapply: bool = False
    means: Literal["", "good", "bad", "attention"] = ""


STATES: dict[State, StateEntry] = {
    S.DRAFT: StateEntry("草稿", R.APPLICANT),
    S.SUBMITTED: StateEntry("已提交", R.INTAKE, owes=C.ACCEPTANCE),
    S.CORRECTING: StateEntry("待补正", R.APPLICANT, means="attention"),
    S.ACCEPTED: StateEntry("已受理", R.REVIEWER, owes=C.DECISION),
    S.UNDER_REVIEW: StateEntry("审查中", R.APPROVER, owes=C.DECISION),
    S.GRANTED: StateEntry("准予修复", None, means="good"),
    S.REFUSED: StateEntry("不予修复", None, reapply=True, means="bad"),
    S.OBJECTING: StateEntry("异议处理中", R.APPROVER, owes=C.OBJECTION),
    S.NOT_ACCEPTED: StateEntry("不予受理", None, reapply=True),
    S.WITHDRAWN: StateEntry("已撤回", None, reapply=True),
    # The penalty was revoked: nothing is left that could be repaired. Anew only where that was registered by mistake.
    S.CLOSED: StateEntry("已终止", None, reapply=True),
    # Repaired on false materials. From which day one may apply anew is in the policy.
    S.REVOKED: StateEntry("修复已撤销", None, reapply=True, means="bad"),
}

STATE_LABELS: dict[str, str] = {state.value: entry.label for state, entry in STATES.items()}

# In these somebody still owes an application something: it is not decided, given up or closed.
OPEN_STATES = frozenset(state for state, entry in STATES.items() if entry.turn)

# A record whose case is in one of these can be applied for anew.
CLOSED_STATES = frozenset(state for state, entry in STATES.items() if entry.reapply)


@dataclass(frozen=True, slots=True)
class ClockEntry:
    """``turn`` are the roles that answer for the clock while no officer has taken the case."""

    label: str
    turn: tuple[Role, ...]


CLOCKS: dict[Clock, ClockEntry] = {
    C.ACCEPTANCE: ClockEntry("受理答复", (R.INTAKE,)),
    C.DECISION: ClockEntry("作出决定", (R.REVIEWER, R.APPROVER)),
    C.SHARING: ClockEntry("共享决定", (R.SYSTEM_ADMIN, R.SUPERVISOR)),
    C.OBJECTION: ClockEntry("处理异议", (R.APPROVER,)),
    # Of a record, not of a case: from the day on which its penalty was revoked or changed (Administrative Penalty
    # Law 48 and 85) until the platform has receipted that.
    C.WITHDRAWAL: ClockEntry("撤回公示", (R.APPROVER,)),
    # Of what a subject says is wrong or missing, until the identifying unit has answered.
    C.INFORMATION: ClockEntry("处理信息异议", (R.APPROVER,)),
    # Of what a bureau asks the identifying unit about one of its cases, until the unit has answered.
    C.VERIFICATION: ClockEntry("核实履行情况", (R.APPROVER,)),
    # Of somebody's request to act for a subject, until a credit bureau has answered it.
    C.CLAIM: ClockEntry("答复主体认领", (R.INTAKE, R.REVIEWER)),
}

# What no step of a case starts. A policy may say nothing of it: then it is as in the Notice of Jiangsu.
LATER_CLOCKS = frozenset({C.WITHDRAWAL, C.INFORMATION, C.VERIFICATION, C.CLAIM})
CLOCK_LABELS: dict[str, str] = {clock.value: entry.label for clock, entry in CLOCKS.items()}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    ``meets`` and ``starts`` name clocks; ``meets`` of a clock that is not running is no error. ``cancels_all``
    ends every running clock without an answer being owed any more. ``documents`` are the kinds that
    are issued, ``shares`` whether the decision goes to the sharing platform, ``annotates`` whether the record is
    annotated and withdrawn from publicity, ``undoes`` whether that is taken back and the commitment noted as broken,
    ``publishes`` whether the commitment becomes public, if that was consented to, ``tells`` whether the applicant is
    sent a message.
    """

    source: State
    action: str
    role: Role
    target: State
    label: str
    event: str
    article: str
    meets: tuple[Clock, ...] = ()
    starts: tuple[Clock, ...] = ()
    cancels_all: bool = False
    documents: tuple[str, ...] = ()
    shares: bool = False
    annotates: bool = False
    undoes: bool = False
    publishes: bool = False
    tells: bool = True


# fmt: off
TABLE: tuple[Step, ...] = (
    Step(S.DRAFT, "submit", R.APPLICANT, S.SUBMITTED, "提交申请", "repair.submitted", "七",
         starts=(C.ACCEPTANCE,), documents=("receipt",)),
    Step(S.DRAFT, "withdraw", R.APPLICANT, S.WITHDRAWN, "放弃草稿", "repair.withdrawn", "二", tells=False),
    Step(S.SUBMITTED, "accept", R.INTAKE, S.ACCEPTED, "受理", "repair.accepted", "八",
         meets=(C.ACCEPTANCE,), starts=(C.DECISION,), documents=("acceptance_notice",)),
    Step(S.SUBMITTED, "deem_accepted", R.SYSTEM, S.ACCEPTED, "逾期未告知视为受理", "repair.deemed_accepted", "八",
         meets=(C.ACCEPTANCE,), starts=(C.DECISION,), documents=("acceptance_notice",)),
    Step(S.SUBMITTED, "request_correction", R.INTAKE, S.CORRECTING, "一次性告知补正", "repair.correction_requested",
         "八", meets=(C.ACCEPTANCE,), documents=("correction_notice",)),
    Step(S.SUBMITTED, "decline", R.INTAKE, S.NOT_ACCEPTED, "不予受理", "repair.declined", "八",
         meets=(C.ACCEPTANCE,), documents=("non_acceptance_notice",)),
    Step(S.SUBMITTED, "withdraw", R.APPLICANT, S.WITHDRAWN, "撤回申请", "repair.withdrawn", "二", cancels_all=True),
    Step(S.CORRECTING, "resubmit", R.APPLICANT, S.SUBMITTED, "提交补正", "repair.resubmitted", "八",
         starts=(C.ACCEPTANCE,), documents=("receipt",)),
    Step(S.CORRECTING, "withdraw", R.APPLICANT, S.WITHDRAWN, "撤回申请", "repair.withdrawn", "二", cancels_all=True),
    Step(S.ACCEPTED, "review", R.REVIEWER, S.UNDER_REVIEW, "提出审查意见", "repair.reviewed", "九", tells=False),
    Step(S.ACCEPTED, "withdraw", R.APPLICANT, S.WITHDRAWN, "撤回申请", "repair.withdrawn", "二", cancels_all=True),
    Step(S.UNDER_REVIEW, "return", R.APPROVER, S.ACCEPTED, "退回重新审查", "repair.returned", "九", tells=False),
    Step(S.UNDER_REVIEW, "grant", R.APPROVER, S.GRANTED, "准予修复", "repair.granted", "九",
         meets=(C.DECISION,), starts=(C.SHARING,), documents=("grant_decision",), shares=True,
         annotates=True, publishes=True),
    Step(S.UNDER_REVIEW, "refuse", R.APPROVER, S.REFUSED, "不予修复", "repair.refused", "九",
         meets=(C.DECISION,), starts=(C.SHARING,), documents=("refusal_decision",), shares=True),
    Step(S.UNDER_REVIEW, "withdraw", R.APPLICANT, S.WITHDRAWN, "撤回申请", "repair.withdrawn", "二", cancels_all=True),
    Step(S.GRANTED, "record_receipt", R.SYSTEM, S.GRANTED, "平台签收决定", "repair.shared", "十一", meets=(C.SHARING,)),
    Step(S.REFUSED, "record_receipt", R.SYSTEM, S.REFUSED, "平台签收决定", "repair.shared", "十一",
         meets=(C.SHARING,), tells=False),
    # The materials prove false: whoever decided takes the repair back, on the proposal of a colleague.
    Step(S.GRANTED, "revoke", R.APPROVER, S.REVOKED, "撤销信用修复", "repair.revoked", "六",
         starts=(C.SHARING,), documents=("revocation_decision",), shares=True, undoes=True),
    Step(S.REVOKED, "record_receipt", R.SYSTEM, S.REVOKED, "平台签收决定", "repair.shared", "十一",
         meets=(C.SHARING,), tells=False),
    Step(S.REFUSED, "object", R.APPLICANT, S.OBJECTING, "提出异议", "repair.objected", "十三", starts=(C.OBJECTION,),
         documents=("objection_receipt",)),
    Step(S.OBJECTING, "record_receipt", R.SYSTEM, S.OBJECTING, "平台签收决定", "repair.shared", "十一",
         meets=(C.SHARING,), tells=False),
    Step(S.OBJECTING, "uphold", R.APPROVER, S.REFUSED, "维持原决定", "repair.upheld", "十三",
         meets=(C.OBJECTION,), documents=("objection_result",)),
    Step(S.OBJECTING, "overturn", R.APPROVER, S.GRANTED, "撤销原决定，准予修复", "repair.overturned", "十三",
         meets=(C.OBJECTION,), starts=(C.SHARING,), documents=("objection_result", "grant_decision"),
         shares=True, annotates=True, publishes=True),
    # The record that an application rests on was changed: what was found about it has to be found anew.
    Step(S.SUBMITTED, "note_change", R.SYSTEM, S.SUBMITTED, "失信行为信息变更", "repair.record_changed", "十二"),
    Step(S.CORRECTING, "note_change", R.SYSTEM, S.CORRECTING, "失信行为信息变更", "repair.record_changed", "十二"),
    Step(S.ACCEPTED, "note_change", R.SYSTEM, S.ACCEPTED, "失信行为信息变更", "repair.record_changed", "十二"),
    Step(S.UNDER_REVIEW, "note_change", R.SYSTEM, S.ACCEPTED, "失信行为信息变更", "repair.record_changed", "十二"),
    Step(S.OBJECTING, "note_change", R.SYSTEM, S.OBJECTING, "失信行为信息变更", "repair.record_changed", "十二"),
    # The penalty was revoked at its source: there is nothing left to repair.
    Step(S.DRAFT, "close", R.SYSTEM, S.WITHDRAWN, "终止办理", "repair.closed", "九"),
    Step(S.SUBMITTED, "close", R.SYSTEM, S.CLOSED, "终止办理", "repair.closed", "九",
         cancels_all=True, documents=("termination_notice",)),
    Step(S.CORRECTING, "close", R.SYSTEM, S.CLOSED, "终止办理", "repair.closed", "九",
         cancels_all=True, documents=("termination_notice",)),
    Step(S.ACCEPTED, "close", R.SYSTEM, S.CLOSED, "终止办理", "repair.closed", "九",
         cancels_all=True, documents=("termination_notice",)),
    Step(S.UNDER_REVIEW, "close", R.SYSTEM, S.CLOSED, "终止办理", "repair.closed", "九",
         cancels_all=True, documents=("termination_notice",)),
    Step(S.OBJECTING, "close", R.SYSTEM, S.CLOSED, "终止办理", "repair.closed", "九",
         meets=(C.OBJECTION,), documents=("termination_notice",)),
    Step(S.CLOSED, "record_receipt", R.SYSTEM, S.CLOSED, "平台签收决定", "repair.shared", "十一",
         meets=(C.SHARING,), tells=False),
)
# fmt: on

# From which state an application can come to which.
WAYS = frozenset((step.source, step.target) for step in TABLE if step.source != step.target)

_BY_STATE_AND_ACTION = {(step.source, step.action): step for step in TABLE}


class IllegalAction(ValueError):
    """The table has no such row."""

    def __init__(self, state: str, action: str) -> None:
        super().__init__(f"“{STATE_LABELS[State(state)]}”的申请不能执行“{action_label(action)}”。")
        self.state, self.action = state, action


def action_label(action: str) -> str:
    """What an action is called from most states: a draft alone is given up, everything else is withdrawn."""
    labels = [step.label for step in TABLE if step.action == action]
    return max(labels, key=labels.count, default=action)


def find_step(state: str, action: str) -> Step:
    """The row for an action in a state; IllegalAction if the Notice allows none."""
    try:
        return _BY_STATE_AND_ACTION[State(state), action]
    except KeyError:
        raise IllegalAction(state, action) from None


def steps_from(state: str) -> tuple[Step, ...]:
    """Every row that leaves a state, in the order of the table."""
    return tuple(step for step in TABLE if step.source == state)


def states_in_turn(role: str | None) -> tuple[State, ...]:
    """The states in which it is a role's turn; for None, those in which it is nobody's."""
    return tuple(state for state, entry in STATES.items() if entry.turn == role)


def can_withdraw(state: str) -> bool:
    """Whether the applicant can take an application back (Article 2: repair is voluntary)."""
    return (State(state), "withdraw") in _BY_STATE_AND_ACTION


def render(form: str) -> str:
    """The table as ``table`` (text), ``dot`` (Graphviz) or ``json``; ValueError for another form."""
    match form:
        case "json":
            return json.dumps([asdict(step) for step in TABLE], ensure_ascii=False, indent=2)
        case "dot":
            edges = [
                f'  "{STATE_LABELS[s.source]}" -> "{STATE_LABELS[s.target]}" [label="{s.label}（{ROLE_LABELS[s.role]}，{s.article}）"];'
                for s in TABLE
            ]
            return "\n".join(["digraph procedure {", "  rankdir=LR;", *edges, "}"])
        case "table":
            rows = [("条", "状态", "动作", "由谁", "之后", "停止期限", "开始期限", "文书", "此外")]
            for s in TABLE:
                stopped = "全部" if s.cancels_all else "、".join(CLOCK_LABELS[c] for c in s.meets)
                started = "、".join(CLOCK_LABELS[c] for c in s.starts)
                rows.append(
                    (
                        s.article,
                        STATE_LABELS[s.source],
                        s.label,
                        ROLE_LABELS[s.role],
                        STATE_LABELS[s.target],
                        stopped or "—",
                        started or "—",
                        "、".join(s.documents) or "—",
                        "、".join(_besides(s)) or "—",
                    )
                )
            widths = [max(_columns(row[i]) for row in rows) for i in range(len(rows[0]))]
            return "\n".join(
                "  ".join(
                    cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)
                ).rstrip()
                for row in rows
            )
    raise ValueError(f"unknown form {form!r}: expected table, dot or json")


def _besides(step: Step) -> list[str]:
    follows = {
        "标注并撤销公示": step.annotates,
        "取消标注、恢复公示、记录违背承诺": step.undoes,
        "公开承诺": step.publishes,
        "推送共享平台": step.shares,
        "通知申请人": step.tells,
    }
    return [words for words, is_so in follows.items() if is_so]


def _columns(text: str) -> int:
    """Width in a terminal, where a Chinese character takes two columns."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
