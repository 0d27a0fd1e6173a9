"""What a transaction has done already, as long as none of it is undone."""

import threading
from typing import Any

from django.db import connection

# Each thread has a connection of its own.
_of_thread = threading.local()


def done_already(what: str) -> set[Any]:
    """A set for notes about this transaction: empty when it begins, and again when a savepoint of it is rolled back, for
    then nobody knows which of them still hold.

    Django begins another list of what is to be done on commit with each of these, and after the end.
    """
    if getattr(_of_thread, "transaction", None) is not connection.run_on_commit:
        _of_thread.transaction, _of_thread.notes = connection.run_on_commit, {}
    noted: set[Any] = _of_thread.notes.setdefault(what, set())
    return noted
