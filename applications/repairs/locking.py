"""The one order in which a case is locked: its chain in the ledger first, then its row."""

from applications.ledger.locking import lock_chain
from applications.repairs.models import RepairCase


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
