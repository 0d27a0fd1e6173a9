"""Files that are read from the database while they are sent. Each keeps a thread of the portal for as long as it lasts: so many
are sent at a time, and none for longer than its limits count. What a killed process has not given back counts no longer either."""

from collections.abc import Iterable, Iterator
from time import monotonic

from applications.accounts.limits import Limit, Try, begin

# When to ask again, in seconds: one that is under way may end at any moment.
SOON = 60


class TookTooLong(Exception):
    """A file that was not read in time."""


def places_for(*limits: tuple[Limit, str]) -> list[Try] | None:
    """A place by each limit for the thing that it counts; none at all where one of them has none left."""
    places: list[Try] = []
    for limit, thing in limits:
        asking = begin(limit, thing)
        if not asking.admitted:
            give_back(places)
            return None
        places.append(asking)
    return places


def give_back(places: list[Try]) -> None:
    while places:
        places.pop().take_back()


class UntilSent:
    """The pieces of a file; when they are sent, or whoever asked has gone, its places are given back. One that lasts longer than so
    many seconds is broken off, which whoever reads sees: TookTooLong."""

    def __init__(self, pieces: Iterable[bytes], places: list[Try], longest: int) -> None:
        self.pieces, self.places, self.ends = pieces, places, monotonic() + longest

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self.pieces:
                if monotonic() > self.ends:
                    raise TookTooLong
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """Asked of each response at its end, also where nobody has read a piece."""
        give_back(self.places)
