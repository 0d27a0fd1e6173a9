"""In which language words are said: to its reader on a page, in Chinese wherever they are kept.

A page is in the language of whoever reads it. What is kept, sent, signed or printed is part of the procedure, and in
Chinese whoever asked for it: letters, messages and mails, names of files, reasons in the ledger. ``as_kept`` stands around
whatever puts such words together; ``refuse_other_words`` stands where they are handed over, so that a place without it
is found by the first who comes by in another language, and nothing is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.utils import translation

# The reader's, while words to keep are put together.
_reader: ContextVar[str | None] = ContextVar("reader", default=None)


@contextmanager
def as_kept() -> Iterator[None]:
    """Around what puts words together that are kept, sent, signed or printed; also as a decorator."""
    token = _reader.set(_reader.get() or translation.get_language())
    try:
        with translation.override(settings.LANGUAGE_CODE):
            yield
    finally:
        _reader.reset(token)


@contextmanager
def to_reader() -> Iterator[None]:
    """Inside of it, around what is said to the reader after all: why nothing is written. Also as a decorator."""
    with translation.override(_reader.get() or translation.get_language()):
        yield


def refuse_other_words() -> None:
    """RuntimeError where the words at hand were put together in another language than that of the procedure."""
    spoken = translation.get_language()
    if spoken != settings.LANGUAGE_CODE:
        raise RuntimeError(f"what is kept is put together as_kept(), not in {spoken!r}")


def is_english() -> bool:
    """Whether words are now said in English; otherwise they are in Chinese."""
    return translation.get_language() == "en"
