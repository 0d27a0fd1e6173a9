"""What was received, and what became of the records that it is about, in one SQLite file."""

import hashlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sharing_sandbox.errors import Rejected

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    case_number TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    body BLOB NOT NULL,
    body_sha256 TEXT NOT NULL,
    receipt_number TEXT NOT NULL UNIQUE,
    received_at TEXT NOT NULL,
    UNIQUE (case_number, sequence)
);
CREATE TABLE IF NOT EXISTS record (
    reference TEXT PRIMARY KEY,
    published INTEGER NOT NULL,
    annotated INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    applied_at TEXT NOT NULL
);
"""


def stream_of(payload: dict[str, Any]) -> str:
    """What the messages are numbered by: the case of a decision, the record of what became of one."""
    stream: str = payload.get("case_number") or payload["record"]["reference"]
    return stream


@dataclass(frozen=True)
class Message:
    number: int
    message_id: str
    case_number: str
    sequence: int
    payload: dict[str, Any]
    receipt_number: str
    received_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "receipt_number": self.receipt_number,
            "received_at": self.received_at.isoformat(timespec="seconds"),
            "payload": self.payload,
        }


@dataclass(frozen=True)
class Record:
    """A record on this platform after the last message about it that was applied."""

    reference: str
    published: bool
    annotated: bool
    applied_at: datetime
    # The message that said so.
    by: Message

    def as_json(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "published": self.published,
            "annotated": self.annotated,
            # Of a decision about it; null where the record was changed at its source.
            **{key: self.by.payload.get(key) for key in ("decision", "decision_number", "case_number")},
            "sequence": self.by.sequence,
            "applied_at": self.applied_at.isoformat(timespec="seconds"),
        }


class Store:
    """One connection behind a lock: writes are queued, and every answer follows a commit to the disk."""

    COLUMNS = "number, message_id, case_number, sequence, body, receipt_number, received_at"

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(
            directory / "received.sqlite3", check_same_thread=False, isolation_level=None, timeout=20
        )
        # A receipt promises that the message is kept: it must be on the disk, not on the way there.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def keep(self, payload: dict[str, Any], body: bytes, *, at: datetime) -> tuple[dict[str, Any], bool]:
        """Store and apply a message unless it is there already; return its receipt and whether it was a duplicate.

        Rejected: the same id, or the same place in the case, was used for another message.
        """
        message_id, digest = payload["message_id"], hashlib.sha256(body).hexdigest()
        case_number, sequence = stream_of(payload), payload["sequence"]
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                known = self._database.execute(
                    "SELECT body_sha256, receipt_number, received_at FROM message WHERE message_id = ?",
                    [message_id],
                ).fetchone()
                if known is None:
                    last = self._database.execute(
                        "SELECT max(sequence) FROM message WHERE case_number = ?", [case_number]
                    ).fetchone()[0]
                    if last is not None and sequence <= last:
                        raise Rejected(
                            HTTPStatus.CONFLICT,
                            "sequence_conflict",
                            f"办件 {case_number} 已登记到第 {last} 条消息，不再接收第 {sequence} 条。",
                            "sequence",
                        )
                    received_at = at.isoformat(timespec="microseconds")
                    cursor = self._database.execute(
                        "INSERT INTO message (message_id, case_number, sequence, body, body_sha256,"
                        " receipt_number, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        [message_id, case_number, sequence, body, digest, message_id, received_at],
                    )
                    receipt_number = f"GX{at:%Y%m%d}-{cursor.lastrowid:08d}"
                    self._database.execute(
                        "UPDATE message SET receipt_number = ? WHERE number = ?",
                        [receipt_number, cursor.lastrowid],
                    )
                    self._apply(payload, at)
                elif known[0] != digest:
                    raise Rejected(
                        HTTPStatus.CONFLICT,
                        "idempotency_conflict",
                        "同一 Idempotency-Key 此前登记过内容不同的消息，请为新的内容使用新的 message_id。",
                        "Idempotency-Key",
                    )
                else:
                    receipt_number, received_at = known[1:]
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
        receipt = {
            "receipt_number": receipt_number,
            "received_at": received_at,
            "message_id": message_id,
            "duplicate": known is not None,
        }
        return receipt, known is not None

    def _apply(self, payload: dict[str, Any], at: datetime) -> None:
        """Annotate the record and take it out of publicity where repair was granted; else it is published as before,
        unless a repair is revoked of which the publicity is over.

        A change of the record at its source says itself whether it is public, and leaves the annotation.
        """
        annotated: bool | None = None
        if "decision" in payload:
            annotated = payload["decision"] == "granted"
            # A repair that is revoked may come to light when publicity is over.
            published = not annotated and payload["method"] != "cancel_annotation"
        else:
            published = payload["publicity"] == "published"
        self._database.execute(
            "INSERT INTO record (reference, published, annotated, message_id, applied_at)"
            " VALUES (?, ?, coalesce(?, 0), ?, ?)"
            " ON CONFLICT (reference) DO UPDATE SET published = excluded.published,"
            " annotated = coalesce(?, annotated),"
            " message_id = excluded.message_id, applied_at = excluded.applied_at",
            [
                payload["record"]["reference"],
                published,
                annotated,
                payload["message_id"],
                at.isoformat(timespec="microseconds"),
                annotated,
            ],
        )

    def record(self, reference: str) -> Record | None:
        """A record about which a message was applied."""
        with self._lock:
            row = self._database.execute(
                "SELECT published, annotated, message_id, applied_at FROM record WHERE reference = ?",
                [reference],
            ).fetchone()
        if row is None:
            return None
        by = self.get(row[2])
        assert by is not None
        return Record(reference, bool(row[0]), bool(row[1]), datetime.fromisoformat(row[3]), by)

    def count(self, case_number: str | None = None) -> int:
        where, values = _of(case_number)
        with self._lock:
            row = self._database.execute(f"SELECT count(*) FROM message {where}", values).fetchone()
        return int(row[0])

    def received(self, *, case_number: str | None = None) -> list[Message]:
        """Every message, or those of one case, in the order of arrival."""
        where, values = _of(case_number)
        return self._select(f"{where} ORDER BY number", values)

    def page(self, *, number: int, size: int) -> list[Message]:
        """One page, newest first; pages count from 1."""
        return self._select("ORDER BY number DESC LIMIT ? OFFSET ?", [size, (number - 1) * size])

    def get(self, message_id: str) -> Message | None:
        found = self._select("WHERE message_id = ?", [message_id])
        return found[0] if found else None

    def _select(self, rest: str, values: list[Any]) -> list[Message]:
        with self._lock:
            rows = self._database.execute(f"SELECT {self.COLUMNS} FROM message {rest}", values).fetchall()
        return [
            Message(
                number=number,
                message_id=message_id,
                case_number=case_number,
                sequence=sequence,
                payload=json.loads(body),
                receipt_number=receipt_number,
                received_at=datetime.fromisoformat(received_at),
            )
            for number, message_id, case_number, sequence, body, receipt_number, received_at in rows
        ]


def _of(case_number: str | None) -> tuple[str, list[Any]]:
    return ("", []) if case_number is None else ("WHERE case_number = ?", [case_number])
