"""Signed heads: from time to time the whole archive is summed up, signed, and the sum kept outside the database.

A head's root is a running hash: root 0 is 64 zeros, root n is SHA-256 over the text of root n-1 and of the hash
of the n-th event in the order of ids. The signature is Ed25519 over the UTF-8 JSON (keys sorted, no spaces) of
event_count, last_event, number, previous, root and signed_at. ``previous`` is SHA-256 over that JSON and the
signature's text of the head before; the first head, and those from before heads were linked, have none. The files
below DATA_DIR/heads hold the statement and the signature; whoever copies them to another place can prove later what
the archive was.
"""

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from applications.ledger.chain import GENESIS
from applications.ledger.locking import lock_ledger
from applications.ledger.models import Event, Head

_FETCH = 5_000

# Beat seals every half of that, so where all is well no event waits longer for its signature.
SEALED_WITHIN = timedelta(minutes=1)


def private_key() -> Ed25519PrivateKey:
    return _derive(settings.LEDGER_KEY)


@cache
def _derive(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=b"credit-repair ledger head").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key() -> str:
    """The key that checks every head, in hexadecimal."""
    return private_key().public_key().public_bytes_raw().hex()


def add_to_root(root: str, event_hash: str) -> str:
    return hashlib.sha256((root + event_hash).encode()).hexdigest()


def statement(head: Head) -> dict[str, Any]:
    """What is signed."""
    stated = {
        "number": head.number,
        "last_event": head.last_event,
        "event_count": head.event_count,
        "root": head.root,
        "signed_at": head.signed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return stated | {"previous": head.previous} if head.previous else stated


def link(stated: dict[str, Any], signature: str) -> str:
    """What the next head says of the one with this statement and signature."""
    return hashlib.sha256(_bytes(stated) + signature.encode()).hexdigest()


def _bytes(stated: dict[str, Any]) -> bytes:
    return json.dumps(stated, sort_keys=True, separators=(",", ":")).encode()


def is_signed(stated: dict[str, Any], signature: str, key: str | None = None) -> bool:
    """Whether the signature under a statement is that of the key (in hexadecimal; None: this portal's own)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key or public_key())).verify(
            bytes.fromhex(signature), _bytes(stated)
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def seal_ledger(*, at: datetime) -> Head | None:
    """Sign a head over every event up to now; None if there is none that the last head did not cover.

    Called by beat twice within SEALED_WITHIN; also writes head files that are missing. Waits until nobody writes an
    event: else one with a lower id could be committed after the head that should have covered it.
    """
    last = _last()
    head = None
    # Mostly nothing is new, and nobody needs to wait for that.
    if Event.objects.filter(pk__gt=last.last_event if last else 0).exists():
        head = _seal(at)
    export_heads()
    return head


def _last() -> Head | None:
    return Head.objects.order_by("-number").first()


@transaction.atomic
def _seal(at: datetime) -> Head | None:
    lock_ledger()
    last = _last()
    root, count, covered = (last.root, last.event_count, last.last_event) if last else (GENESIS, 0, 0)
    last_event = covered
    events = Event.objects.filter(pk__gt=covered).order_by("pk").values_list("pk", "hash")
    for key, digest in events.iterator(chunk_size=_FETCH):
        root, count, last_event = add_to_root(root, digest), count + 1, key
    if last_event == covered:
        # Somebody else has just sealed.
        return None
    head = Head(
        number=last.number + 1 if last else 1,
        last_event=last_event,
        event_count=count,
        root=root,
        previous=link(statement(last), last.signature) if last else None,
        signed_at=at,
    )
    head.signature = private_key().sign(_bytes(statement(head))).hex()
    head.save(force_insert=True)
    return head


def heads_folder() -> Path:
    return Path(settings.DATA_DIR) / "heads"


def file_name(number: int) -> str:
    return f"{number:08d}.json"


def export_heads() -> int:
    """Write the file of every head that has none; return how many. A file is never written over."""
    folder = heads_folder()
    folder.mkdir(parents=True, exist_ok=True)
    last = _last()
    known = {name for name in os.listdir(folder) if name.endswith(".json")}
    if last is None or (len(known) >= last.number and file_name(last.number) in known):
        return 0
    missing = [number for number in range(1, last.number + 1) if file_name(number) not in known]
    written = 0
    for start in range(0, len(missing), _FETCH):
        for head in Head.objects.filter(number__in=missing[start : start + _FETCH]).order_by("number"):
            _write(head, folder)
            written += 1
    return written


def _write(head: Head, folder: Path) -> None:
    content = statement(head) | {"signature": head.signature, "public_key": public_key()}
    partial = folder / f".{file_name(head.number)}.{os.getpid()}"
    try:
        partial.write_text(json.dumps(content, indent=2) + "\n")
        partial.chmod(0o444)
        partial.replace(folder / file_name(head.number))
    except OSError:
        partial.unlink(missing_ok=True)
        raise
