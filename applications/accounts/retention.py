"""Erasing what has been kept long enough (rules/retention.toml). Each app says in its ``held.py`` how; a night's work is one
event for each kind, and nothing that is erased stands in the ledger, which holds ids, codes and digests alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from applications.ledger.services import record_event
from rules.retention import kinds

logger = logging.getLogger(__name__)

CHAIN = "retention"
BATCH = 500


@dataclass(frozen=True)
class Erasure:
    """``due``: the rows of a kind of the file whose period is over at a moment. ``erase``: deletes these rows, or what is personal
    in them, so that they are not due any more; how many. ``tell``: what people are told before."""

    kind: str
    due: Callable[[datetime], QuerySet[Any]]
    erase: Callable[[QuerySet[Any], datetime], int]
    tell: Callable[[datetime], object] | None = None


_erasures: dict[str, Erasure] = {}


def register(*erasures: Erasure) -> None:
    """KeyError: no kind of the file."""
    _erasures.update({kinds()[each.kind].code: each for each in erasures})


def registered() -> frozenset[str]:
    return frozenset(_erasures)


def what_is_due(*, at: datetime) -> dict[str, int]:
    """By kind, how many rows would be erased now."""
    return {kind: each.due(at).count() for kind, each in _erasures.items()}


def erase_what_is_due(*, at: datetime) -> dict[str, int]:
    """Erase it, some hundred rows a transaction; by kind, how many. A kind that fails stops no other, and is raised at the end.

    Ledger: ``retention.erased`` of each kind of which there was something.
    """
    erased, failed = dict[str, int](), list[Exception]()
    for kind, each in _erasures.items():
        try:
            erased[kind] = _erase(each, at)
        except Exception as error:
            logger.exception("what is kept of %s was not erased", kind)
            failed.append(error)
    if failed:
        raise failed[0]
    return erased


def _erase(erasure: Erasure, at: datetime) -> int:
    if erasure.tell is not None:
        erasure.tell(at)
    due, count = erasure.due(at), 0
    keys = list(due.values_list("pk", flat=True))
    for first in range(0, len(keys), BATCH):
        with transaction.atomic():
            # Asked again: somebody may have come back to it since.
            count += erasure.erase(due.filter(pk__in=keys[first : first + BATCH]), at)
    if count:
        with transaction.atomic():
            record_event(
                chain=CHAIN, verb="retention.erased", at=at, payload={"kind": erasure.kind, "rows": count}
            )
    return count


def delete_rows(rows: QuerySet[Any], at: datetime) -> int:
    """For an Erasure: whole rows."""
    return rows.delete()[0]
