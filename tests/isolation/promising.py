"""What a place has promised in public, and which reports it has asked for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from applications.accounts.models import User
from applications.commitments.breaches import propose_finding
from applications.commitments.promising import make_promise
from applications.commitments.wording import own_text, text_digest
from applications.reports.batches import ask_for_batch
from applications.reports.models import Institution
from applications.reports.requests import ask_for_report, decline_request, take_request
from applications.sample.codes import make_uscc
from tests.repairs import steps

if TYPE_CHECKING:
    from tests.isolation.world import Place


def promise_and_ask(place: Place, owner: User, now: datetime) -> None:
    """Adds what was asked, taken at the window and in a batch, promised, and found of the promise."""
    mark, things = place.mark, place.things
    # Whose list it is on is no secret, and both places' departments have it.
    things["institution"] = Institution.objects.create(organ=place.organs["department"], name="示例征信公司")
    things["asked"] = ask_for_report(
        subject=place.subject, organ=place.organs["bureau"], variant="public", purpose=f"{mark}投标", actor=owner, at=now,
    )  # fmt: skip
    things["taken"] = take_request(
        subject=place.subject, variant="repair", purpose=f"{mark}修复", came=f"{mark}来人", capacity="agent",
        proof=steps.paper(f"{mark}授权.pdf"), actor=place.people["bureau.report_officer"], at=now,
    )  # fmt: skip
    decline_request(
        asked=place.taken, reason=f"{mark}不符", actor=place.people["bureau.report_officer"], at=now
    )
    things["report_batch"] = ask_for_batch(
        organ=place.organs["bureau"], codes=make_uscc("91", place.region, 9), variant="public", purpose=f"{mark}投标",
        actor=place.people["bureau.report_officer"], at=now,
    )  # fmt: skip
    things["promised"] = make_promise(
        subject=place.subject, organ=place.organs["bureau"], actor=owner, at=now,
        shown_sha256=text_digest(own_text(place.subject)),
    )  # fmt: skip
    things["finding"] = propose_finding(
        commitment=place.promised, kind="breach", facts=f"{mark}没有履行", evidence=steps.paper(f"{mark}认定.pdf"),
        actor=place.closer, at=now,
    )  # fmt: skip
