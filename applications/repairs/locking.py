"""The one order in which a case is locked: its chain in the ledger first, then its row, then that of its filing.

Several in one transaction: all chains first, by number; then the cases ``in_order_of_numbers``.
"""

from collections.abc import Iterable
from typing import TypeVar

from applications.database.locking import for_update
from applications.database.rows import the_row
from applications.ledger.locking import lock_chain
from applications.organs.models import Organ
from applications.repairs.models import Filing, RepairCase

Part = TypeVar("Part")


def in_order_of_numbers(parts: Iterable[tuple[Part, Organ, int]]) -> list[Part]:
    """Parts of one transaction, each with its organ and the key of its record, in the order in which they take numbers.

    A series stays locked until the transaction ends: a region's of the cases that begin, an organ's of the documents it
    issues. Two sittings at the same organs, each in an order of its own, would wait for each other.
    """
    return [
        part
        for part, _organ, _record in sorted(parts, key=lambda each: (each[1].region, each[1].pk, each[2]))
    ]


def lock_case(case: RepairCase) -> RepairCase:
    """The case read anew with its record, subject and organ; its row is locked until the transaction ends.

    Whoever records the platform's receipt holds the chain first: the same order everywhere keeps two writers
    from waiting for each other.
    """
    lock_chain(case.number)
    return (
        RepairCase.objects.select_for_update(of=("self",))
        .select_related("record__subject", "organ")
        .get(pk=case.pk)
    )


def locked_filing(case: RepairCase) -> Filing:
    """The filing of a locked case, read anew; its row is locked until the transaction ends, so that what a step rests on
    stands still, whichever of its cases is changed meanwhile."""
    # Written out: putting this row into a query takes Django longer than all the rest of reading it.
    return the_row(Filing, f"SELECT * FROM repairs_filing WHERE id = %s{for_update()}", [case.filing_id])
