"""Signed heads: from time to time the whole archive is summed up, signed, and the sum kept outside the database.

A head's root is a running hash: root 0 is 64 zeros, root n is SHA-256 over the text of root n-1 and of the hash
of the n-th event in the order of ids. The signature is Ed25519 over the UTF-8 JSON (keys sorted, no spaces) of
event_count, last_event, number, previous, root and signed_at. ``previous`` is SHA-256 over that JSON and the
signature's text of the head before; the first head, and those from before heads were linked, have none. The files
below DATA_DIR/heads, in a folder for each month, hold the statement and the signature; whoever copies them to another
place can prove later what the archive was.
"""

import hashlib
import json
import os
import re
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
from django.db.models import Min
from django.utils.translation import gettext as _

from applications.ledger.chain import GENESIS
from applications.ledger.locking import try_lock_ledger
from applications.ledger.models import Event, Head, HeadExport
from applications.ledger.services import record_event
from applications.ledger.signals import sealing_troubled

_FETCH = 5_000

# Where all is well no event waits longer for its signature: heads are this far apart, and beat asks more often than
# the rest of the minute.
SEALED_WITHIN = timedelta(minutes=1)
SPACING = timedelta(seconds=45)
# A long import may hold a sealing up for minutes. Longer than that, people are told.
TOLD_AFTER = timedelta(minutes=10)


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


class SealingTrouble(Exception):
    """What people must look into, as a sentence."""


def seal_ledger(*, at: datetime) -> Head | None:
    """Sign a head over every event up to now; None if there is none that the last head did not cover, if that one is
    younger than SPACING, or if somebody is writing right now: the next round follows in seconds.

    A head is made while nobody writes an event: else one with a lower id could be committed after the head that should
    have covered it. Also writes the files of heads that have none yet. What people must look into is signalled
    (signals.sealing_troubled).
    """
    last = _last()
    head = None
    early = last is not None and timedelta(0) <= at - last.signed_at < SPACING
    # Mostly nothing is new, and nobody needs to wait for that.
    if not early and Event.objects.filter(pk__gt=last.last_event if last else 0).exists():
        head = _seal(at)
        if head is None:
            _report_delay(at)
    for name, trouble in export_heads():
        sealing_troubled.send(sender=Head, row=name, error=SealingTrouble(trouble), at=at)
    return head


def _report_delay(at: datetime) -> None:
    last = _last()
    oldest = Event.objects.filter(pk__gt=last.last_event if last else 0).aggregate(oldest=Min("at"))["oldest"]
    if oldest is not None and oldest < at - TOLD_AFTER:
        trouble = SealingTrouble(_("台账一直有人写入，新事件已超过十分钟没有签名"))
        sealing_troubled.send(sender=Head, row="seal-ledger", error=trouble, at=at)


def _last() -> Head | None:
    return Head.objects.order_by("-number").first()


@transaction.atomic
def _seal(at: datetime) -> Head | None:
    if not try_lock_ledger():
        return None
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


def month_of(head: Head) -> str:
    return f"{head.signed_at.astimezone(UTC):%Y-%m}"


def places(head: Head) -> tuple[str, str]:
    """Where below the folder of heads the file of a head may be: in its month; and as before there were months."""
    return f"{month_of(head)}/{file_name(head.number)}", file_name(head.number)


def export_heads() -> list[tuple[str, str]]:
    """Write the file of every head that never had one; return what is wrong: a file's name and a sentence about it.

    What was written once is not written again: a file that is gone stays away until people have looked into it, and
    verify_ledger names it. Here only the newest is looked at, so that the work does not grow with their number.
    """
    last = _last()
    if last is None:
        return []
    written, wrong = _written(last), []
    newest = Head.objects.filter(number=written).first()
    if newest and not _is_there(newest):
        wrong.append((places(newest)[0], _("最近写出的链头文件不见了，请运行 verify_ledger 核对台账")))
    done = written
    try:
        for head in Head.objects.filter(number__gt=written).order_by("number").iterator(chunk_size=_FETCH):
            if not _write(head):
                trouble = _("链头文件在写出之前就已存在，内容不同，请运行 verify_ledger 核对台账")
                wrong.append((places(head)[0], trouble))
            done = head.number
    finally:
        # Where this is not reached, the same files are found with the same content.
        HeadExport.objects.filter(pk=1, written__lt=done).update(written=done)
    return wrong


def _written(last: Head) -> int:
    """The number of the newest head whose file was written."""
    kept = HeadExport.objects.filter(pk=1).first()
    if kept is None:
        # Nothing was written yet, or by a version that kept no account: what is there tells.
        numbers = [
            int(path.stem) for path in heads_folder().rglob("*.json") if re.fullmatch(r"\d{8,}", path.stem)
        ]
        found = min(max(numbers, default=0), last.number)
        kept, _new = HeadExport.objects.get_or_create(pk=1, defaults={"written": found})
    return kept.written


def restore_files(*, at: datetime) -> list[int]:
    """Write the files that are gone again; return the numbers of their heads. The ledger keeps that it was done.

    For people who know why they are gone.
    """
    restored = [
        head.number
        for head in Head.objects.order_by("number").iterator(chunk_size=_FETCH)
        if not _is_there(head) and _write(head)
    ]
    if restored:
        with transaction.atomic():
            payload = {"count": len(restored), "first": restored[0], "last": restored[-1]}
            record_event(chain="heads", verb="ledger.files_restored", at=at, payload=payload)
    return restored


def _is_there(head: Head) -> bool:
    return any((heads_folder() / place).exists() for place in places(head))


def _write(head: Head) -> bool:
    """Write the file of a head, never over another; False where another file has its name."""
    path = heads_folder() / places(head)[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(
        statement(head) | {"signature": head.signature, "public_key": public_key()}, indent=2
    )
    partial = path.parent / f".{path.name}.{os.getpid()}"
    try:
        partial.write_text(content + "\n")
        partial.chmod(0o444)
        os.link(partial, path)
    except FileExistsError:
        return path.read_text() == content + "\n"
    finally:
        partial.unlink(missing_ok=True)
    return True
