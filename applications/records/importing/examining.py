"""A record file after everything that can be said of its rows one by one: before any transaction, and once."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from applications.organs.models import Organ
from applications.records.importing.checking import check_row
from applications.records.importing.columns import Column
from applications.records.importing.drafts import CheckedRow
from applications.records.importing.reading import FULL, Limits, open_sheet
from applications.records.importing.spool import CHUNK, Spool, collecting_little
from applications.subjects.confirmations import confirmed_codes

# Told how much of the work is done, from 0 to 1, and how many rows that is; what it raises ends the work.
Progress = Callable[[float, int], None]


def unwatched(share: float, rows: int) -> None:
    """Progress that nobody looks at."""


@dataclass
class CheckedFile:
    """``passed_over``: lines that are no records, as far as they are listed, and how many there are in all."""

    name: str
    sha256: str
    headings: Sequence[str]
    columns: Mapping[int, Column]
    passed_over: Sequence[tuple[int, str]]
    passed_over_in_all: int
    _rows: Spool

    @property
    def rows(self) -> int:
        return self._rows.rows

    def chunks(self) -> Iterator[list[CheckedRow]]:
        """The rows in their order, as often as they are wanted."""
        return self._rows.chunks()


@contextmanager
def checked_file(
    file: BinaryIO,
    name: str,
    *,
    organ: Organ,
    on: date,
    limits: Limits = FULL,
    progress: Progress = unwatched,
) -> Iterator[CheckedFile]:
    """Reads and checks a whole file, and keeps its rows on the disk while it is needed. ``on`` is today.

    Raises FileRefused with what is wrong with the file as a whole. Never inside a transaction.
    """
    confirmed, rows = confirmed_codes(), Spool()
    try:
        with collecting_little(), open_sheet(file, name, limits) as sheet:
            for row in sheet.rows:
                rows.add(check_row(row, sheet.columns, organ, on, confirmed))
                if rows.rows % CHUNK == 0:
                    progress(sheet.share, rows.rows)
        progress(1.0, rows.rows)
        yield CheckedFile(
            name,
            sha256_of(file),
            sheet.headings,
            sheet.columns,
            tuple(sheet.passed_over),
            sheet.passed_over_in_all,
            rows,
        )
    finally:
        rows.close()


def sha256_of(file: BinaryIO) -> str:
    """Of the whole file, in hexadecimal. Its place stays where it is."""
    digest, at = hashlib.sha256(), 0
    while piece := os.pread(file.fileno(), 1 << 20, at):
        digest.update(piece)
        at += len(piece)
    return digest.hexdigest()
