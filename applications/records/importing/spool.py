"""Rows that were checked, on the disk until they are wanted again: a hundred thousand of them are not for the memory.

The file has no name and is gone with the process. It is written and read by this process alone.
"""

import gc
import pickle
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from applications.records.importing.drafts import CheckedRow

# So many rows are compared with the database, and written to it, at once.
CHUNK = 1_000
_LENGTH = 4


@contextmanager
def collecting_little() -> Iterator[None]:
    """Python looks through all that the process holds whenever many objects were made, which a file of rows has it do
    again and again; what is there now need not be looked at meanwhile."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Spool:
    """Rows in their order, a chunk at a time."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._waiting: list[CheckedRow] = []
        self.rows = 0

    def add(self, row: CheckedRow) -> None:
        self._waiting.append(row)
        self.rows += 1
        if len(self._waiting) == CHUNK:
            self._flush()

    def _flush(self) -> None:
        packed = zlib.compress(pickle.dumps(self._waiting, pickle.HIGHEST_PROTOCOL), 1)
        self._file.write(len(packed).to_bytes(_LENGTH) + packed)
        self._waiting.clear()

    def chunks(self) -> Iterator[list[CheckedRow]]:
        """Everything that was added, from the beginning."""
        if self._waiting:
            self._flush()
        self._file.seek(0)
        while length := self._file.read(_LENGTH):
            rows: list[CheckedRow] = pickle.loads(zlib.decompress(self._file.read(int.from_bytes(length))))
            yield rows
        self._file.seek(0, 2)

    def close(self) -> None:
        self._file.close()
