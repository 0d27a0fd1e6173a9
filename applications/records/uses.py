"""Who is using a record: apps above know. One of them registers its answer when it is loaded."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """An application for a record that is not decided: its number, how it stands, and who has it."""

    number: str
    state: str
    organ: str


Finder = Callable[[Collection[int]], Mapping[int, Use]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let ``finder(ids of records)`` say which of them are in use. Call it in AppConfig.ready()."""
    if finder not in _finders:
        _finders.append(finder)


def uses_of(records: Collection[int]) -> dict[int, Use]:
    """By the id of the record, the application that rests on it."""
    return {record: use for finder in _finders for record, use in finder(records).items()}
