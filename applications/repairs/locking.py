"""The one order in which a case is locked: its chain in the ledger first, then its row, then that of its filing."""

from applications.database.locking import for_update
from applications.database.rows import the_row
from applications.ledger.locking import lock_chain
from applications.repairs.models import Filing, RepairCase


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
