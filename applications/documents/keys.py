"""Where the keys are with which organs sign (ADR 0047): a file in SIGNING_DIR, or a hardware module that lets none out (PKCS#11)."""

import asyncio
import fcntl
import os
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from applications import at_rest
from applications.at_rest import renewing
from applications.at_rest.renewing import Tally
from applications.documents.models import SigningCertificate

if TYPE_CHECKING:
    from pkcs11 import Session
    from pyhanko.sign.signers import Signer

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Opened = tuple[Key, x509.Certificate, list[x509.Certificate]]


class NoKey(LookupError):
    """The key of a certificate in use cannot be had on this machine, or must not be used."""


class NotOpened(ValueError):
    """Not PKCS#12, or another passphrase."""


@contextmanager
def signer_of(certificate: SigningCertificate) -> Iterator["Signer"]:
    """What signs with a certificate, for as long as the block lasts. NoKey."""
    if certificate.module_label:
        with _in_module() as session:
            yield _module_signer(session, certificate)
    else:
        yield _file_signer(certificate.sha256)


# --- Files ----------------------------------------------------------------------------------------


def _file_signer(sha256: str) -> "Signer":
    from pyhanko.sign.signers import SimpleSigner

    path = _path(sha256)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NoKey(f"the key {path} cannot be read: {error.strerror}") from error
    for each in _passphrases():
        found: Signer | None = SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=each)
        if found is not None:
            return found
    raise NoKey(f"the key {path} cannot be opened with this FIELD_KEY")


def _path(sha256: str) -> Path:
    return Path(settings.SIGNING_DIR) / f"{sha256}.p12"


def _passphrases() -> list[bytes]:
    """Of the key that is written with first, then of those of before."""
    return [each.hex().encode() for each in at_rest.keys("signing keys of organs")]


def opened(
    content: bytes, passphrase: bytes
) -> tuple[Key | None, x509.Certificate | None, list[x509.Certificate]]:
    """What a PKCS#12 file holds. NotOpened."""
    try:
        return pkcs12.load_key_and_certificates(content, passphrase or None)  # type: ignore[return-value]
    except ValueError as error:
        raise NotOpened from error


def keep(sha256: str, held: Opened) -> None:
    """Write the key of a certificate into SIGNING_DIR, encrypted."""
    key, certificate, others = held
    path = _path(sha256)
    content = pkcs12.serialize_key_and_certificates(
        sha256.encode(),
        key,
        certificate,
        others or None,
        serialization.BestAvailableEncryption(_passphrases()[0]),
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(path)


def _renew_keys(renew: bool) -> Iterator[Tally]:
    """For at_rest.renewing: the keys in SIGNING_DIR."""
    for path in sorted(Path(settings.SIGNING_DIR).glob("*.p12")):
        yield _renew_key(path, renew)


def _renew_key(path: Path, renew: bool) -> Tally:
    content = path.read_bytes()
    for number, passphrase in enumerate(_passphrases()):
        with suppress(NotOpened):
            held = opened(content, passphrase)
            if number and renew:
                keep(path.stem, held)  # type: ignore[arg-type]
            return Tally(1, int(number > 0))
    return Tally(1, unreadable=1, lost=str(path))


renewing.register("SIGNING_DIR", _renew_keys)


# --- A hardware module ----------------------------------------------------------------------------

# A session is one conversation: two threads must not speak in it at once.
_speaking = threading.Lock()
# Of each process; what its parent opened is none of its own.
_sessions: dict[int, "Session"] = {}


@contextmanager
def _in_module() -> Iterator["Session"]:
    """The session of this process with the module. NoKey, after which the next begins anew."""
    if not settings.SIGNING_MODULE:
        raise NoKey("SIGNING_MODULE names no hardware module here")
    from pkcs11 import PKCS11Error

    with _speaking:
        try:
            session = _session()
        except (PKCS11Error, OSError, RuntimeError, ValueError, RedisError) as error:
            raise NoKey(f"the hardware module cannot be opened: {_named(error)}") from error
        try:
            yield session
        except PKCS11Error as error:
            hang_up()
            raise NoKey(f"the hardware module refuses: {_named(error)}") from error


def _named(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()


def _session() -> "Session":
    process = os.getpid()
    if process not in _sessions:
        with Path(settings.SIGNING_PIN_FILE).open(encoding="utf-8") as file:
            # One process after the other: each knows what those before it were told.
            fcntl.flock(file, fcntl.LOCK_EX)
            _sessions[process] = _opened_with(file.read().strip(), os.fstat(file.fileno()).st_mtime_ns)
    return _sessions[process]


def _opened_with(pin: str, written: int) -> "Session":
    """RuntimeError: some process was refused this PIN, and the file was not written since. A module counts refusals and locks itself
    for everybody, so all processes together try a PIN once."""
    from pkcs11 import PinIncorrect, PinLocked, UserAlreadyLoggedIn, lib

    refused = f"refused-pin:{at_rest.digest('PIN of the module', f'{written} {pin}')}"
    if cache.get(refused):
        raise RuntimeError("the PIN was refused before, and its file was not written since")
    token = lib(settings.SIGNING_MODULE).get_token(token_label=settings.SIGNING_TOKEN)
    try:
        return token.open(user_pin=pin)
    except (PinIncorrect, PinLocked):
        cache.set(refused, True, None)
        raise
    except UserAlreadyLoggedIn:
        # By the process that this one was forked from, or in a session that could not be ended.
        return token.open()


def hang_up() -> None:
    """End this process's session with the module; the next signature begins another."""
    from pkcs11 import PKCS11Error

    if (session := _sessions.pop(os.getpid(), None)) is not None:
        with suppress(PKCS11Error):
            session.close()


def _module_signer(session: "Session", row: SigningCertificate) -> "Signer":
    own = x509.load_pem_x509_certificate(row.pem.encode())
    issuers = x509.load_pem_x509_certificates(row.issuers.encode()) if row.issuers else []
    return _speaker(session, row.module_label, own, issuers)


def _speaker(
    session: "Session", label: str, certificate: x509.Certificate, issuers: list[x509.Certificate]
) -> "Signer":
    from pyhanko.sign.pkcs11 import PKCS11Signer

    own, *chain = in_asn1([certificate, *issuers])
    return PKCS11Signer(
        session,
        key_label=label,
        signing_cert=own,
        ca_chain=chain,
        # Of ECDSA not every module digests by itself; of RSA every one does.
        use_raw_mechanism=isinstance(certificate.public_key(), ec.EllipticCurvePublicKey),
    )


def in_module(label: str) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """The certificate of a label, and those of its issuers that are beside it. NoKey: the module has none of that label, or no key
    of the same label that fits."""
    from pkcs11 import Attribute, ObjectClass

    with _in_module() as session:
        held = []
        for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
            # What else somebody keeps there may be of any kind.
            with suppress(ValueError):
                certificate = x509.load_der_x509_certificate(bytes(each[Attribute.VALUE]))
                held.append((each[Attribute.LABEL], certificate))
        own = [certificate for name, certificate in held if name == label]
        if len(own) != 1:
            raise NoKey(f"the hardware module has {len(own)} certificates with the label {label}")
        chain = issuers(own[0], [certificate for _name, certificate in held])
        _try(_speaker(session, label, own[0], chain), own[0])
    return own[0], chain


def issuers(certificate: x509.Certificate, held: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Of those held its issuer, the issuer's issuer and so on."""
    left, found = [each for each in held if each != certificate], []
    while issuer := next((each for each in left if _issued(each, certificate)), None):
        left.remove(issuer)
        found.append(issuer)
        certificate = issuer
    return found


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _try(signer: "Signer", certificate: x509.Certificate) -> None:
    said = b"Does this key belong to this certificate?"
    signature = asyncio.run(signer.async_sign_raw(said, "sha256"))
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, said, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, said, ec.ECDSA(hashes.SHA256()))
        # What other keys are, the certificate is refused for.
    except InvalidSignature as error:
        raise NoKey("the key of that label does not fit the certificate") from error


def in_asn1(certificates: Iterable[x509.Certificate]) -> list[asn1.Certificate]:
    """As pyHanko takes them."""
    return [asn1.Certificate.load(each.public_bytes(serialization.Encoding.DER)) for each in certificates]
