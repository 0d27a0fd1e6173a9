"""What acceptors try at the window and with the post: take in, serve."""

from __future__ import annotations

from applications.documents.models import Document
from applications.repairs.services.proofs import letters_of, record_service
from applications.repairs.services.receptions import cases_of, receive_application
from tests.acts.besides import other
from tests.acts.people import paper
from tests.acts.sittings_tried import fill_in
from tests.acts.steps_tried import NothingThere, Trying
from tests.repairs.receptions import RESIDENT_ID


@other
def receive(it: Trying) -> None:
    """One record or both of the subject, in an application that lacks nothing, or only its commitment."""
    record = it.world.record(it.act.which)
    both = it.act.manner % 3 == 0
    reception = receive_application(
        subject=record.subject, records=it.world.records_beside(it.act.which) if both else [record],
        channel="post" if it.act.manner % 2 else "window", received_on=it.today, came_as="handler",
        came_name="陈经办", identity_type="resident_id", identity_number=RESIDENT_ID, identity=paper("身份证.pdf"),
        actor=it.actor, at=it.at,
    )  # fmt: skip
    fill_in(it, cases_of(reception), sign=it.act.manner != 6)


@other
def serve(it: Trying) -> None:
    case = it.of_case
    waiting = letters_of(case).filter(proof_of_service__served_on=None)
    document = waiting.first() if it.act.manner else Document.objects.filter(about=case.number).first()
    if document is None:
        raise NothingThere
    record_service(
        document=document, case=case, how="posted" if it.act.manner % 2 else "handed", recipient="陈经办",
        served_on=it.today, tracking_number="EX1" if it.act.manner != 5 else "", scan=paper("回证.pdf"),
        actor=it.actor, at=it.at,
    )  # fmt: skip
