"""Reading the whole archive again, and saying where it is not what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from applications.ledger.chain import GENESIS, event_hash
from applications.ledger.head_files import HeadFiles, OutsideCopies
from applications.ledger.models import Event, Head
from applications.ledger.sealing import (
    SEALED_WITHIN,
    add_to_root,
    heads_folder,
    is_signed,
    link,
    public_key,
    statement,
)

_FETCH = 5_000


@dataclass(frozen=True)
class Verification:
    """``broken`` names the first row or head that is wrong, in a sentence; None while all is well.

    ``unsealed`` events no head covers yet. Where they should have been covered, ``overdue`` says so in a sentence:
    nothing is proved to be wrong, but their removal would not be seen.
    """

    events: int
    chains: int
    heads: int
    unsealed: int
    public_key: str
    broken: str | None
    overdue: str | None


def verify_ledger(*, at: datetime, copies: Path | None = None) -> Verification:
    """Check every event's hash and place in its chain, every head's signature and sum, and the head files.

    ``at`` is now. ``copies`` is a folder of head files that were kept elsewhere: whatever one of them states must be
    what the database says, so the newest events are missed also where their heads and head files went with them.
    Reads the events once, in the order of their ids. A row that was changed, moved or put in is named itself;
    where rows are missing, the row after the gap or the head that counted them is.
    """
    # Before the database: a file is written after its row, so what is listed here must be there.
    files = HeadFiles(heads_folder())
    outside = OutsideCopies(copies) if copies else None
    nested = connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and not nested:
            with connection.cursor() as cursor:
                # One picture of events and heads, whatever is written meanwhile.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        last = Head.objects.order_by("-number").first()
        chains: dict[str, tuple[int, str]] = {}
        events, broken = 0, _heads(files, outside, at)
        if broken is None:
            events, broken = _events(chains)
        return Verification(
            events=events,
            chains=len(chains),
            heads=last.number if last else 0,
            unsealed=max(0, events - (last.event_count if last else 0)),
            public_key=public_key(),
            broken=broken,
            overdue=None if broken else _overdue(last, at),
        )


def _every_head() -> Iterator[Head]:
    return Head.objects.order_by("number").iterator(chunk_size=_FETCH)


def _heads(files: HeadFiles, outside: OutsideCopies | None, at: datetime) -> str | None:
    """What is wrong with the heads among themselves, or with what files say of them.

    Each head states what the one before was, so the newest signature vouches for all before it; only those that are
    not named by the next one are checked by themselves. Checking a signature takes thirty times as long.
    """
    before: Head | None = None
    told: dict[str, Any] = {}
    for number, head in enumerate(_every_head(), start=1):
        if head.number != number:
            return _("链头 %(number)s 不见了（其后是链头 %(next)s）") % {
                "number": number,
                "next": head.number,
            }
        if before is not None and head.previous != link(told, before.signature):
            # Linked to something else, or from the time before heads were linked.
            if head.previous is not None:
                return _first_unsigned() or _(
                    "链头 %(number)s 没有接在链头 %(before)s 之后：两者之一被替换"
                ) % {"number": number, "before": before.number}
            if not is_signed(told, before.signature):
                return _unsigned(before)
        told = statement(head)
        wrong = files.compare(head, told, must_exist=head.signed_at < at - SEALED_WITHIN)
        if outside and not wrong:
            wrong = outside.compare(head, told)
        if wrong:
            # What a head's own signature denies is the head's fault, not the file's.
            return _first_unsigned() or wrong
        before = head
    if before is not None and not is_signed(told, before.signature):
        return _first_unsigned()
    return files.left_over() or (outside.left_over() if outside else None)


def _first_unsigned() -> str | None:
    for head in _every_head():
        if not is_signed(statement(head), head.signature):
            return _unsigned(head)
    return None


def _unsigned(head: Head) -> str:
    return _("链头 %(number)s 的签名与内容不符") % {"number": head.number}


def _overdue(last: Head | None, at: datetime) -> str | None:
    """What should have been signed by now and is not."""
    unsealed = Event.objects.filter(pk__gt=last.last_event if last else 0)
    oldest = unsealed.aggregate(oldest=Min("at"))["oldest"]
    if oldest is None or oldest >= at - SEALED_WITHIN:
        return None
    first = unsealed.order_by("pk").values_list("pk", flat=True)[0]
    return _(
        "自事件 %(first)s 起的 %(count)s 条事件早已应当签名而没有签名：签名任务停了，"
        "或者链头被删除。在签名之前，它们若被删除将无从发现"
    ) % {"first": first, "count": f"{unsealed.count():,}"}


def _events(chains: dict[str, tuple[int, str]]) -> tuple[int, str | None]:
    """How many events were read, and what is wrong with the last of them."""
    waiting = _every_head()
    head = next(waiting, None)
    root, events, last_event = GENESIS, 0, 0
    for row in _rows():
        key, chain, position, verb, actor_id, role, organ_id, at, payload, previous, digest = row
        while head is not None and key > head.last_event:
            if wrong := _against(head, events, last_event, root):
                return events, wrong
            head = next(waiting, None)
        last_position, last_hash = chains.get(chain, (0, GENESIS))
        if position != last_position + 1:
            return events, (
                _("%(row)s之前应是第 %(expected)s 项，实际是第 %(found)s 项：有记录被删除、插入或调换")
                % {"row": _name(row), "expected": position - 1, "found": last_position}
            )
        if previous != last_hash:
            return events, _("%(row)s没有接在前一项之后：前一项的摘要不符") % {"row": _name(row)}
        expected = event_hash(
            previous_hash=previous,
            chain=chain,
            position=position,
            verb=verb,
            actor_id=actor_id,
            role=role,
            organ_id=organ_id,
            at=at,
            payload=payload,
        )
        if digest != expected:
            return events, _("%(row)s的内容与摘要不符：记录被改动") % {"row": _name(row)}
        chains[chain] = position, digest
        root = add_to_root(root, digest)
        events += 1
        last_event = key
    while head is not None:
        if wrong := _against(head, events, last_event, root):
            return events, wrong
        head = next(waiting, None)
    return events, None


def _name(row: tuple[Any, ...]) -> str:
    key, chain, position, verb = row[:4]
    return _("事件 %(key)s（卷宗 %(chain)s 第 %(position)s 项，%(verb)s）") % {
        "key": key,
        "chain": chain,
        "position": position,
        "verb": verb,
    }


def _against(head: Head, events: int, last_event: int, root: str) -> str | None:
    """What a head says about all events up to its last one, and what was read up to there."""
    if events != head.event_count:
        return _(
            "链头 %(number)s 证明过事件 %(last_event)s 及以前共 %(event_count)s 条，"
            "现在只读到 %(events)s 条，最后是事件 %(last_read)s：有记录被删除或插入"
        ) % {
            "number": head.number,
            "last_event": head.last_event,
            "event_count": head.event_count,
            "events": events,
            "last_read": last_event,
        }
    if last_event != head.last_event or root != head.root:
        return _("事件 %(last_event)s 及以前的根摘要与链头 %(number)s 不符：有记录被替换或调换") % {
            "last_event": head.last_event,
            "number": head.number,
        }
    return None


def _rows() -> Iterator[tuple[Any, ...]]:
    columns = [field.attname for field in Event._meta.concrete_fields]
    return Event.objects.order_by("pk").values_list(*columns).iterator(chunk_size=_FETCH)
