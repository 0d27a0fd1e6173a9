"""What is applied for together in a place: one filing that is a draft, and one that was submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from applications.repairs import services
from applications.repairs import steps as repair_steps
from applications.repairs.services.sittings import drafts_of
from tests.fixtures import moment
from tests.repairs import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from applications.accounts.models import User
    from applications.organs.models import Organ
    from applications.records.models import DishonestyRecord
    from applications.repairs.models import RepairCase

AT = moment("2026-11-20 09:30")


def sittings(record: Callable[[], DishonestyRecord], unit: Organ, owner: User) -> dict[str, Any]:
    """``sitting`` is ready to be submitted; ``case_out`` could leave another one; ``filed`` was submitted."""
    ready, leaving, filed = (_two(record, unit, owner) for _each in range(3))
    repair_steps.submit_filing(
        filing=filed[0].filing,
        versions={case.number: case.version for case in filed},
        actor=owner,
        at=moment("2026-11-20 10:00"),
    )
    return {
        "sitting": ready[0].filing,
        "sitting_cases": [f"{case.number}:{case.version}" for case in ready],
        "case_out": leaving[1],
        "filed": filed[0].filing,
        "free_record": record(),
    }


def _two(record: Callable[[], DishonestyRecord], unit: Organ, owner: User) -> list[RepairCase]:
    first = steps.prepared(record(), unit, owner)
    steps.joined(first, record(), unit, owner, AT)
    services.sign_commitment(case=first, signatory="陈示例", publication_consent=True, actor=owner, at=AT)
    return list(drafts_of(first.filing).select_related("filing"))
