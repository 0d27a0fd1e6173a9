"""Papers that people of the tests upload: real ones, of which each process looks at one only once."""

import hashlib
import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import BinaryIO

import pikepdf
import pytest

from applications.files import bounded

# Counted anew in each test, so that its papers are those of the others.
_copies = itertools.count(1)
# What a child answered about a file, and computed for it, by what it was asked. Pages as pictures are not worth keeping.
_answers: dict[tuple[str, bytes, tuple[str, ...]], tuple[bytes, float]] = {}
WORTH_KEEPING = 200_000


def pdf_bytes(name: str) -> bytes:
    """A PDF of one blank page; no two of a test are alike, whatever their names."""
    return _pdf(name, next(_copies))


@cache
def _pdf(name: str, copy: int) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    document.docinfo["/Title"] = f"{name} {copy}"
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


@contextmanager
def examined_once() -> Iterator[None]:
    """Inside, what a process answered about the same file before is its answer again, and costs whoever asked the same."""
    global _copies
    _copies = itertools.count(1)
    examine = bounded._run

    def remembered(task: str, content: bytes, arguments: tuple[str, ...]) -> BinaryIO:
        asked = task, hashlib.sha256(content).digest(), arguments
        if asked in _answers:
            said, seconds = _answers[asked]
            bounded.charge(seconds)
            return io.BytesIO(said)
        meter = bounded.Meter()
        try:
            with bounded.metered() as meter:
                answer = examine(task, content, arguments)
        finally:
            bounded.charge(meter.seconds)
        said = answer.read()
        answer.seek(0)
        if len(said) <= WORTH_KEEPING:
            _answers[asked] = said, meter.seconds
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounded, "_run", remembered)
        yield
