#!/usr/bin/env python3
"""Checks a document of the credit-repair portal without the portal. Needs Python 3.11 and the package cryptography, nothing else.

    python3 verify.py FILE.pdf [--keys keys.json] [--status LIST.json ...]
    python3 verify.py --qr TEXT [--keys keys.json] [--status LIST.json ...]

keys.json is what the portal publishes at /v/keys.json, a list what it publishes at /v/status/DAY-PART.json for the day on which the
document was issued. Take both from the portal's own address, not from whoever sent the document: who may choose the keys may forge.

Prints one JSON object: unchanged (the file, or the facts of the QR code, are as issued), signed_by (whose electronic signature in the
file holds, or null), valid (genuine, and in force by the list), state (valid, void, superseded, expired or unknown), number, reason.
Exit: 0 genuine and valid, 1 not, 2 unreadable.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Shanghai, of UTC, all the year.
AHEAD = timedelta(hours=8)


class Unreadable(Exception):
    """What was given is not what it should be."""


# -- Published keys and lists


def read_json(path: Path, form: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        if said["format"] == form:
            return said
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise Unreadable(f"{path.name} is not a file of the kind {form}")


def canonical(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def day_in_shanghai(moment: str) -> str:
    return (datetime.fromisoformat(moment).astimezone(UTC) + AHEAD).date().isoformat()


def find_key(keys: dict[str, Any], name: str, on: str) -> Ed25519PublicKey | None:
    """The published key with this beginning, unless it was out of use before the day."""
    for each in keys["keys"]:
        if each["public_key"][:8] == name and (each["until"] is None or on <= day_in_shanghai(each["until"])):
            return Ed25519PublicKey.from_public_bytes(bytes.fromhex(each["public_key"]))
    return None


def signed(key: Ed25519PublicKey | None, signature: bytes, content: bytes) -> bool:
    try:
        if key is not None:
            key.verify(signature, content)
            return True
    except InvalidSignature:
        pass
    return False


def list_holds(said: dict[str, Any], keys: dict[str, Any]) -> bool:
    """Whether a list is of the site of the keys and signed with one of them."""
    content = {name: value for name, value in said.items() if name != "signature"}
    try:
        key, signature = find_key(keys, said["key"], said["made_at"][:10]), bytes.fromhex(said["signature"])
        return said["site"] == keys["site"] and signed(key, signature, canonical(content))
    except (KeyError, ValueError, TypeError):
        return False


def find_listed(lists: list[dict[str, Any]], name: str, value: str) -> dict[str, Any] | None:
    """What the lists say of a document; of several that name it the newest."""
    for said in sorted(lists, key=lambda each: each["made_at"], reverse=True):
        for entry in said["documents"]:
            if entry[name] == value:
                found: dict[str, Any] = entry
                return found
    return None


def state_of(entry: dict[str, Any] | None, today: date) -> str:
    if entry is None:
        return "unknown"
    last = entry.get("valid_until")
    return "expired" if entry["state"] == "valid" and last and today.isoformat() > last else entry["state"]


# -- DER, as far as a signature in a PDF needs it


class Node:
    """One element of DER: its tag, its whole bytes, and what is in it."""

    def __init__(self, data: bytes, start: int = 0) -> None:
        self.tag, at, length = data[start], start + 2, data[start + 1]
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count]), at + count
        self.end = at + length
        if self.end > len(data):
            raise Unreadable("the signature is cut")
        self.whole, self.body = data[start : self.end], data[at : self.end]

    def children(self) -> list["Node"]:
        found, at = [], 0
        while at < len(self.body):
            node = Node(self.body, at)
            found.append(node)
            at = node.end
        return found


SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
TIME_STAMP = bytes.fromhex("2a864886f70d010910020e")
HASHES: dict[bytes, Callable[[], hashes.HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256,
    bytes.fromhex("608648016503040202"): hashes.SHA384,
    bytes.fromhex("608648016503040203"): hashes.SHA512,
}


class Signature:
    """One CMS signature. ``content`` is what it stands under; None: what it brings with it (``inside``)."""

    def __init__(self, data: bytes) -> None:
        kind, wrapped = Node(data).children()
        if kind.body != SIGNED_DATA:
            raise Unreadable("not a signature")
        parts = wrapped.children()[0].children()
        content = parts[2].children()
        self.inside = content[1].children()[0].body if len(content) > 1 else None
        certificates = next(part for part in parts if part.tag == 0xA0)
        (info,) = parts[-1].children()
        fields = info.children()
        issuer, serial = fields[1].children()
        # Beside the certificates of persons others may be there.
        held = [
            x509.load_der_x509_certificate(each.whole) for each in certificates.children() if each.tag == 0x30
        ]
        self.certificate = next(
            each
            for each in held
            if each.serial_number == int.from_bytes(serial.body)
            and each.issuer.public_bytes() == issuer.whole
        )
        self.hash = HASHES[fields[2].children()[0].body]()
        self.attributes = next(each for each in fields if each.tag == 0xA0)
        self.value = next(each for each in fields if each.tag == 0x04).body
        unsigned = next((each for each in fields if each.tag == 0xA1), None)
        self.stamp = self._attribute(unsigned, TIME_STAMP) if unsigned else None

    @staticmethod
    def _attribute(attributes: Node, wanted: bytes) -> Node | None:
        for each in attributes.children():
            name, values = each.children()
            if name.body == wanted:
                return values.children()[0]
        return None

    def holds(self, content: bytes) -> bool:
        said = self._attribute(self.attributes, MESSAGE_DIGEST)
        if said is None or said.body != digest(self.hash, content):
            return False
        # Signed is the set, not the field that it stands in.
        under, key = b"\x31" + self.attributes.whole[1:], self.certificate.public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(self.value, under, padding.PKCS1v15(), self.hash)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(self.value, under, ec.ECDSA(self.hash))
            else:
                return False
        except InvalidSignature:
            return False
        return True


def digest(kind: hashes.HashAlgorithm, content: bytes) -> bytes:
    counted = hashes.Hash(kind)
    counted.update(content)
    return counted.finalize()


def stamped_at(signature: Signature, authorities: list[x509.Certificate]) -> datetime | None:
    """The time that an authority of those given has stamped on a signature."""
    if signature.stamp is None:
        return None
    stamp = Signature(signature.stamp.whole)
    if stamp.inside is None or stamp.certificate not in authorities or not stamp.holds(stamp.inside):
        return None
    fields = Node(stamp.inside).children()
    kind, said = fields[2].children()
    if said.body != digest(HASHES[kind.children()[0].body](), signature.value):
        return None
    moment = next(each for each in fields if each.tag == 0x18).body.decode()
    return datetime.strptime(moment[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


# -- The signature in a PDF

RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
TIME = re.compile(rb"/M\s*\(D(?::|\\072)(\d{14})(?:(Z)|(\+|-|\\05[35])(\d\d)(?:'|\\047)(\d\d))")


def signature_in(pdf: bytes, keys: dict[str, Any]) -> tuple[str | None, str]:
    """Whose signature over the whole file holds, else None and why; no reason where there is no signature."""
    ranges = RANGE.findall(pdf)
    if not ranges:
        return None, ""
    begin, before, after, rest = map(int, ranges[0])
    gap = pdf[before:after]
    if len(ranges) > 1 or begin or after + rest != len(pdf) or not re.fullmatch(rb"<[0-9A-Fa-f]+>", gap):
        return None, "the signature does not cover the whole file"
    try:
        content = bytes.fromhex(gap[1:-1].decode())
        if content[Node(content).end :].strip(b"\0"):
            return None, "something else stands behind the signature"
        signature = Signature(content)
        if not signature.holds(pdf[:before] + pdf[after:]):
            return None, "the file is not as it was signed"
        authorities = [x509.load_pem_x509_certificate(each.encode()) for each in keys["time_stampers"]]
        moment = stamped_at(signature, authorities) or claimed_at(pdf)
    except Exception:
        # A stranger's bytes: whatever they make a parser stumble over, no signature in them is believed.
        return None, "the signature cannot be read"
    fingerprint = signature.certificate.fingerprint(hashes.SHA256()).hex()
    published = next((each for each in keys["certificates"] if each["sha256"] == fingerprint), None)
    if published is None:
        return None, "the certificate of the signature is not one that the portal publishes"
    if not in_force(signature.certificate, published, moment):
        return None, "the certificate was not valid or not in use when the file was signed"
    return published["organ"], ""


def claimed_at(pdf: bytes) -> datetime | None:
    """The time that the signature says of itself."""
    found = TIME.search(pdf)
    if found is None:
        return None
    sign = "-" if found[3] in (b"-", b"\\055") else "+"
    zone = "+0000" if found[2] else f"{sign}{found[4].decode()}{found[5].decode()}"
    return datetime.strptime(found[1].decode() + zone, "%Y%m%d%H%M%S%z")


def in_force(certificate: x509.Certificate, published: dict[str, Any], moment: datetime | None) -> bool:
    if moment is None or not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        return False
    return published["until"] is None or moment <= datetime.fromisoformat(published["until"])


# -- The answers


def check_pdf(
    pdf: bytes, keys: dict[str, Any] | None, lists: list[dict[str, Any]], today: date
) -> dict[str, Any]:
    """What a file is worth. Without keys nothing is believed."""
    if not pdf.startswith(b"%PDF-"):
        raise Unreadable("the file is no PDF")
    if keys is None:
        return answer(
            False, None, "unknown", None, "nothing is believed without the keys of the portal (--keys)"
        )
    good = [each for each in lists if list_holds(each, keys)]
    entry = find_listed(good, "sha256", hashlib.sha256(pdf).hexdigest())
    by, why = signature_in(pdf, keys)
    fails = bool(why)
    state, number = state_of(entry, today), entry["number"] if entry else None
    if len(good) < len(lists):
        why = why or "a list is not signed with a published key"
    if entry is None:
        why = why or "the file is on no list that was given: another day, changed, or never issued"
    said = answer(entry is not None or by is not None, by, state, number, why)
    return said | {"valid": said["valid"] and not fails}


def check_qr(
    text: str, keys: dict[str, Any] | None, lists: list[dict[str, Any]], today: date
) -> dict[str, Any]:
    """What the text of a QR code is worth; compare its facts with the paper."""
    if keys is None:
        return answer(
            False, None, "unknown", None, "nothing is believed without the keys of the portal (--keys)"
        )
    found = re.fullmatch(r"((.+)/v/[2-9A-Z]{16}/)#1\.([0-9a-f]{8})\.([\w-]+)\.([\w-]+)", text.strip())
    if found is None:
        raise Unreadable("not the QR code of a document")
    _address, site, name, facts, signature = found.groups()
    try:
        number, organ, day, addressee, content = json.loads(unpacked(facts))
    except ValueError:
        raise Unreadable("the facts of the QR code cannot be read") from None
    if site != keys["site"]:
        return answer(False, None, "unknown", None, f"the code leads to {site}, not to {keys['site']}")
    if not signed(find_key(keys, name, day), unpacked(signature), text.strip().rpartition(".")[0].encode()):
        return answer(False, None, "unknown", None, "the code is not signed with a published key")
    good = [each for each in lists if list_holds(each, keys)]
    entry = find_listed(good, "number", number)
    facts = {"organ": organ, "day": day, "addressee": addressee, "content": content}
    reason = "" if entry else "no list that was given names it"
    return answer(True, None, state_of(entry, today), number, reason) | {"facts": facts}


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def answer(unchanged: bool, by: str | None, state: str, number: str | None, reason: str) -> dict[str, Any]:
    return {
        "unchanged": unchanged,
        "signed_by": by,
        "valid": unchanged and state == "valid",
        "state": state,
        "number": number,
        "reason": reason,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("file", nargs="?", type=Path)
    given.add_argument("--qr", metavar="TEXT", help="the text of a QR code")
    parser.add_argument("--keys", type=Path, help="keys.json of the portal")
    parser.add_argument(
        "--status", type=Path, action="append", default=[], help="list of the day; more than once"
    )
    options = parser.parse_args()
    today = (datetime.now(UTC) + AHEAD).date()
    try:
        keys = read_json(options.keys, "credit-repair-keys-1") if options.keys else None
        lists = [read_json(each, "credit-repair-status-1") for each in options.status]
        if options.qr:
            result = check_qr(options.qr, keys, lists, today)
        else:
            result = check_pdf(options.file.read_bytes(), keys, lists, today)
    except (Unreadable, OSError) as error:
        print(f"错误 error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["valid"] else 1


if __name__ == "__main__":
    sys.exit(main())
