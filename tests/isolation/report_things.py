"""The reports that are asked for in a place, and what its subject promises by its own will."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from applications.accounts.models import User
from applications.commitments.breaches import propose_finding
from applications.commitments.promising import make_promise
from applications.commitments.wording import own_text, text_digest
from applications.reports.batches import ask_for_batch
from applications.reports.requests import ask_for_report, decline_request, take_request
from applications.sample.codes import make_uscc
from tests.repairs.steps import paper

if TYPE_CHECKING:
    from tests.isolation.world import Place


def report_things(mark: str, place: Place, owner: User, now: datetime) -> dict[str, Any]:
    """One request that waits, one that was declined, a batch, and a commitment that is said to be broken."""
    officer, things = place.people["bureau.report_officer"], {}
    things["asked"] = ask_for_report(
        subject=place.subject, organ=place.organs["bureau"], variant="public", purpose=f"{mark}投标", actor=owner, at=now,
    )  # fmt: skip
    things["taken"] = take_request(
        subject=place.subject, variant="repair", purpose=f"{mark}修复", came=f"{mark}来人", capacity="agent",
        proof=paper(f"{mark}授权.pdf"), actor=officer, at=now,
    )  # fmt: skip
    decline_request(asked=things["taken"], reason=f"{mark}不符", actor=officer, at=now)
    things["report_batch"] = ask_for_batch(
        organ=place.organs["bureau"], codes=make_uscc("91", place.region, 9), variant="public", purpose=f"{mark}投标",
        actor=officer, at=now,
    )  # fmt: skip
    things["promised"] = make_promise(
        subject=place.subject, organ=place.organs["bureau"], actor=owner, at=now,
        shown_sha256=text_digest(own_text(place.subject)),
    )  # fmt: skip
    things["finding"] = propose_finding(
        commitment=things["promised"], kind="breach", facts=f"{mark}没有履行", evidence=paper(f"{mark}认定.pdf"),
        actor=place.closer, at=now,
    )  # fmt: skip
    return things
