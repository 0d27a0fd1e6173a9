"""What proves documents where nobody can ask the portal (ADR 0048): signed QR codes, signed lists of what was issued on a day, and
the keys and certificates that check them. verify/ checks all of it without the portal; its formats are those of docs/api/verify.md.

Signatures are Ed25519. Of a list it stands over its UTF-8 JSON without the signature, keys sorted, no spaces; of a QR code over all that is
before its last dot.
"""

import base64
import json
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from applications.documents.digest import content_sha256
from applications.documents.models import Document, PublishedKey, SigningCertificate
from applications.documents.pades import time_stampers
from applications.documents.verification import extended_days, last_day, masked_addressee

KEYS, LIST, LISTS = "credit-repair-keys-1", "credit-repair-status-1", "credit-repair-status-lists-1"
# Documents of one list: some 500 KB.
PER_LIST = 2_500
# A QR code has to stay readable at 20 mm.
_LONGEST_NAME = 20


@cache
def _derive(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=b"credit-repair documents").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _private_key() -> Ed25519PrivateKey:
    return _derive(settings.DOCUMENT_KEY)


def public_key() -> str:
    """The key in use, in hexadecimal; lists and QR codes name it by its first 8 digits."""
    return _private_key().public_key().public_bytes_raw().hex()


def publish_key(*, at: datetime) -> None:
    """See to it that the key in use is among those published; another that was in use before it is so until now."""
    key = public_key()
    if PublishedKey.objects.filter(public_key=key).exists():
        return
    with transaction.atomic():
        PublishedKey.objects.filter(used_until=None).update(used_until=at)
        PublishedKey.objects.get_or_create(public_key=key, defaults={"used_from": at})


def qr_text(document: Document, address: str) -> str:
    """What the QR code of a document says: its address, which any scanner opens, and behind # what checks it without a network.

    address#1.KEY.FACTS.SIGNATURE; FACTS is a JSON list: number, who issued it, its day in Shanghai, whom it is for (masked and cut like
    on the page of verification), the first 16 digits of its content's digest.
    """
    facts = [
        document.number,
        document.organ.name,
        timezone.localdate(document.issued_at).isoformat(),
        masked_addressee(document)[:_LONGEST_NAME],
        content_sha256(document)[:16],
    ]
    text = f"{address}#1.{public_key()[:8]}.{_base64(_canonical(facts))}"
    return f"{text}.{_base64(_private_key().sign(text.encode()))}"


def keys() -> dict[str, Any]:
    """keys.json: every key and certificate that was ever in use, and the certificates of the authorities for time."""
    return {
        "format": KEYS,
        "site": settings.SITE_URL,
        "keys": [
            {"public_key": each.public_key, "from": _utc(each.used_from), "until": _utc(each.used_until)}
            for each in PublishedKey.objects.all()
        ],
        "certificates": [
            {
                "organ": each.organ_name,
                "sha256": each.sha256,
                "pem": each.pem,
                "from": _utc(each.used_from),
                "until": _utc(each.used_until),
            }
            for each in SigningCertificate.objects.all()
        ],
        "time_stampers": [each.public_bytes(Encoding.PEM).decode() for each in time_stampers()],
    }


def lists() -> dict[str, Any]:
    """Of which days there are lists, and where."""
    ends = Document.objects.aggregate(first=Min("issued_at"), last=Max("issued_at"))
    first, last = (timezone.localdate(each).isoformat() if each else None for each in ends.values())
    address = f"{settings.SITE_URL}/v/status/{{day}}-{{part}}.json"
    return {"format": LISTS, "site": settings.SITE_URL, "first": first, "last": last, "lists": address}


def status_list(day: date, part: int, *, at: datetime) -> dict[str, Any] | None:
    """What became by now of the documents issued on a day in Shanghai, PER_LIST of them; None where the day has not so many. Without
    "sha256" is a document whose PDF is being made. The work is that of one part, however many documents there are.
    """
    start = datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
    issued = Document.objects.filter(issued_at__gte=start, issued_at__lt=start + timedelta(days=1))
    parts = max(1, -(-issued.count() // PER_LIST))
    if not 1 <= part <= parts:
        return None
    rows = list(
        issued.order_by("issued_at", "id")[(part - 1) * PER_LIST : part * PER_LIST].values_list(
            "number", "pdf__sha256", "status", "replaced_by__number", "valid_until", "id"
        )
    )
    extended = extended_days([row[-1] for row in rows if row[-2]])
    listed = {
        "format": LIST,
        "site": settings.SITE_URL,
        "day": day.isoformat(),
        "part": part,
        "parts": parts,
        "made_at": _utc(at),
        "key": public_key()[:8],
        "documents": [_entry(*row[:-2], last_day(row[-2], extended.get(row[-1]))) for row in rows],
    }
    return listed | {"signature": _private_key().sign(_canonical(listed)).hex()}


def _entry(
    number: str, sha256: str | None, status: str, successor: str | None, valid_until: date | None
) -> dict[str, Any]:
    state = "void" if status == Document.Status.VOID else "superseded" if successor else "valid"
    entry = {"number": number, "sha256": sha256, "state": state}
    return entry | {"valid_until": valid_until.isoformat()} if valid_until else entry


def _canonical(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
