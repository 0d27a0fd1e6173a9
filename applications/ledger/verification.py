"""Reading the whole archive again, and saying where it is not what was written."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from applications.ledger.chain import GENESIS, event_hash
from applications.ledger.models import Event, Head
from applications.ledger.sealing import add_to_root, heads_folder, is_signed, public_key, statement

_FETCH = 5_000


@dataclass(frozen=True)
class Verification:
    """``broken`` names the first row or head that is wrong, in a sentence; None while all is well."""

    events: int
    chains: int
    heads: int
    unsealed: int
    public_key: str
    broken: str | None


def verify_ledger() -> Verification:
    """Check every event's hash and place in its chain, every head's signature and sum, and the head files.

    Reads the events once, in the order of their ids. A row that was changed, moved or put in is named itself;
    where rows are missing, the row after the gap or the head that counted them is.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and not nested:
            with connection.cursor() as cursor:
                # One picture of events and heads, whatever is written meanwhile.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        heads = list(Head.objects.order_by("number"))
        chains: dict[str, tuple[int, str]] = {}
        events, broken = 0, _signatures(heads) or _files(heads, heads_folder())
        if broken is None:
            events, broken = _events(heads, chains)
        sealed = heads[-1].event_count if heads else 0
        return Verification(
            events=events,
            chains=len(chains),
            heads=len(heads),
            unsealed=max(0, events - sealed),
            public_key=public_key(),
            broken=broken,
        )


def _signatures(heads: list[Head]) -> str | None:
    for number, head in enumerate(heads, start=1):
        if head.number != number:
            return f"链头 {number} 不见了（其后是链头 {head.number}）"
        if not is_signed(statement(head), head.signature):
            return f"链头 {number} 的签名与内容不符"
    return None


def _files(heads: list[Head], folder: Path) -> str | None:
    """The files outlive the rows: a head that was deleted with its events is missed here."""
    stated = {head.number: statement(head) for head in heads}
    for path in sorted(folder.glob("*.json")):
        try:
            content: dict[str, Any] = json.loads(path.read_text())
            signature = content.pop("signature")
            content.pop("public_key")
            number = content["number"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return f"链头文件 {path.name} 无法读取"
        if not is_signed(content, signature):
            return f"链头文件 {path.name} 的签名与内容不符"
        if number not in stated:
            return (
                f"数据库中没有链头 {number}：它在 {content['signed_at']} 证明过事件 {content['last_event']} "
                f"及以前共 {content['event_count']} 条，最新的记录已被删除"
            )
        if content != stated[number]:
            return f"链头 {number} 与链头文件 {path.name} 不符"
    return None


def _events(heads: list[Head], chains: dict[str, tuple[int, str]]) -> tuple[int, str | None]:
    """How many events were read, and what is wrong with the last of them."""
    waiting = iter(heads)
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
                f"{_name(row)}之前应是第 {position - 1} 项，实际是第 {last_position} 项："
                "有记录被删除、插入或调换"
            )
        if previous != last_hash:
            return events, f"{_name(row)}没有接在前一项之后：前一项的摘要不符"
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
            return events, f"{_name(row)}的内容与摘要不符：记录被改动"
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
    return f"事件 {key}（卷宗 {chain} 第 {position} 项，{verb}）"


def _against(head: Head, events: int, last_event: int, root: str) -> str | None:
    """What a head says about all events up to its last one, and what was read up to there."""
    if events != head.event_count:
        return (
            f"链头 {head.number} 证明过事件 {head.last_event} 及以前共 {head.event_count} 条，现在只读到 "
            f"{events} 条，最后是事件 {last_event}：有记录被删除或插入"
        )
    if last_event != head.last_event or root != head.root:
        return f"事件 {head.last_event} 及以前的根摘要与链头 {head.number} 不符：有记录被替换或调换"
    return None


def _rows() -> Iterator[tuple[Any, ...]]:
    columns = [field.attname for field in Event._meta.concrete_fields]
    return Event.objects.order_by("pk").values_list(*columns).iterator(chunk_size=_FETCH)
