"""Services that ask whether the evidence was opened, called by an officer who has opened it just before."""

from applications.accounts import opened
from applications.accounts.four_eyes import read_evidence as read_evidence
from applications.accounts.reading import reading_verb
from applications.records.objected import evidence_of
from applications.records.services import objections, source
from applications.repairs import steps
from applications.subjects import confirmations


def approve_act(*, act, actor, at):
    read_evidence(act, reader=actor, at=at)
    return source.approve_act(act=act, actor=actor, at=at)


def revoke_case(*, proposal, actor, at):
    read_evidence(proposal, reader=actor, at=at)
    return steps.revoke_case(proposal=proposal, actor=actor, at=at)


def confirm_code(*, confirmation, actor, at):
    read_evidence(confirmation, reader=actor, at=at)
    return confirmations.confirm_code(confirmation=confirmation, actor=actor, at=at)


def answer_objection(*, objection, actor, at, **said):
    open_evidence(objection, actor, at)
    return objections.answer_objection(objection=objection, actor=actor, at=at, **said)


def open_evidence(objection, officer, at):
    verb = reading_verb(objection)
    opened.read_all(evidence_of(objection), reader=officer, about=objection.number, verb=verb, at=at)
