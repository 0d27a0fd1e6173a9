"""The electronic signature of an organ on its letters: PAdES, by the certificate that the organ has in use (ADR 0047).

An organ without a certificate in use, or with one that calls it by another name or has expired, issues its letters unsigned. One
that has such a certificate issues none without: where its key cannot be had here, rendering fails and is tried again.
"""

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications import at_rest
from applications.at_rest import renewing
from applications.at_rest.renewing import Tally
from applications.documents.models import SigningCertificate
from applications.documents.templatetags.dates import zh_date
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.organs.standing import Standing

logger = logging.getLogger(__name__)

# So long before its end the page of the organ says that a certificate is to be renewed.
RENEW_BEFORE = timedelta(days=30)
# Seconds within which a time-stamping authority answers. A letter does not wait longer for it.
TSA_PATIENCE = 3
# Hexadecimal digits in the file for signature and certificates, and for a time stamp beside them.
_ROOM, _ROOM_FOR_STAMP = 12_000, 16_000
FIELD = "OrganSignature"


class NoKey(LookupError):
    """The key of a certificate in use cannot be had on this machine."""


@dataclass(frozen=True, slots=True)
class Signed:
    """``certificate``: with which the file was signed, None: it is unsigned. ``stamped``: it bears a time stamp."""

    pdf: bytes
    certificate: SigningCertificate | None
    stamped: bool


def in_use(organ: Organ, at: datetime) -> SigningCertificate | None:
    """With which certificate the letters of an organ are signed at a moment."""
    held = SigningCertificate.objects.filter(organ=organ, used_from__lte=at, used_until=None).first()
    if held is None or held.organ_name != organ.name or not held.not_before <= at <= held.not_after:
        return None
    return held


def standing(organ: Organ, on: date) -> Standing | None:
    """What the page of an organ says; None where it has no certificate."""
    held = SigningCertificate.objects.filter(organ=organ, used_until=None).first()
    if held is None:
        return None
    ends = localdate(held.not_after)
    if held.organ_name != organ.name:
        sentence = _("签名证书上的名称是“%(name)s”：更名后签发的文书没有电子签名，须安装新名称的证书。")
        return Standing(sentence % {"name": held.organ_name}, "", lacking=True)
    if ends < on:
        sentence = _("签名证书已于%(day)s到期：此后签发的文书没有电子签名，须安装新证书。")
        return Standing(sentence % {"day": zh_date(ends)}, "", lacking=True)
    sentence = _("文书带有本单位的电子签名，证书有效期至%(day)s。")
    return Standing(sentence % {"day": zh_date(ends)}, "", lacking=ends - on < RENEW_BEFORE)


def sign(pdf: bytes, organ: Organ, *, at: datetime) -> Signed:
    """The PDF with the signature of an organ that has a certificate in use, else as it is. NoKey.

    Where a time-stamping authority is configured and does not answer, the letter is signed without its stamp: when it was signed
    the signed heads of the ledger show too, and a letter that is owed on a day does not wait for a third party.
    """
    certificate = in_use(organ, at)
    if certificate is None:
        return Signed(pdf, None, stamped=False)
    if settings.TSA_URL:
        try:
            return Signed(_signed(pdf, certificate, at, stamped=True), certificate, stamped=True)
        except _tsa_troubles() as error:
            logger.error("signed without a time stamp: %s: %s", type(error).__name__, error)
    return Signed(_signed(pdf, certificate, at, stamped=False), certificate, stamped=False)


def _tsa_troubles() -> tuple[type[Exception], ...]:
    from pyhanko.sign.timestamps import TimestampRequestError

    return TimestampRequestError, OSError, ValueError


def _signed(pdf: bytes, certificate: SigningCertificate, at: datetime, *, stamped: bool) -> bytes:
    # Loaded only by who signs.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
    from pyhanko.sign.signers.pdf_signer import PdfSigningSession
    from pyhanko.sign.timestamps import HTTPTimeStamper

    class Unchanged(IncrementalPdfFileWriter):
        """Adds to the file and leaves what it says of itself: dates, maker, and that it is PDF/A."""

        def _update_meta(self) -> None:
            pass

    class At(PdfSigner):
        """Signs at the moment it is told."""

        def register_extensions(self, *args: object, **kwargs: object) -> None:
            """None is named, for PDF/A knows none; readers find out by themselves what they need."""

        def init_signing_session(self, *args: object, **kwargs: object) -> PdfSigningSession:
            session: PdfSigningSession = super().init_signing_session(*args, **kwargs)  # type: ignore[arg-type]
            session.system_time = at
            return session

    path = _path(certificate.sha256)
    content = _private(path)
    found = (
        SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=each) for each in _passphrases()
    )
    signer = next((each for each in found if each is not None), None)
    if signer is None:
        raise NoKey(f"the key {path} cannot be opened with this FIELD_KEY")
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        # Nothing may be changed in the file any more.
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=certificate.organ_name,
    )
    stamper = HTTPTimeStamper(settings.TSA_URL, timeout=TSA_PATIENCE) if stamped else None
    output = BytesIO()
    At(metadata, signer=signer, timestamper=stamper).sign_pdf(
        Unchanged(BytesIO(pdf)), output=output, bytes_reserved=_ROOM + _ROOM_FOR_STAMP * stamped
    )
    return output.getvalue()


def _private(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoKey(f"the key {path} cannot be read: {error.strerror}") from error


def _path(sha256: str) -> Path:
    return Path(settings.SIGNING_DIR) / f"{sha256}.p12"


def _passphrases() -> list[bytes]:
    """Of the key that is written with first, then of those of before."""
    return [each.hex().encode() for each in at_rest.keys("signing keys of organs")]


def _kept(
    fingerprint: str,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    others: list[x509.Certificate],
) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        fingerprint.encode(),
        key,
        certificate,
        others or None,
        serialization.BestAvailableEncryption(_passphrases()[0]),
    )


def _renew_keys(renew: bool) -> Iterator[Tally]:
    """For at_rest.renewing: the keys in SIGNING_DIR."""
    for path in sorted(Path(settings.SIGNING_DIR).glob("*.p12")):
        yield _renew_key(path, renew)


def _renew_key(path: Path, renew: bool) -> Tally:
    content = path.read_bytes()
    for number, passphrase in enumerate(_passphrases()):
        with suppress(ValidationError):
            opened = _opened(content, passphrase)
            if number and renew:
                _write(path, _kept(path.stem, *opened))
            return Tally(1, int(number > 0))
    return Tally(1, unreadable=1, lost=str(path))


renewing.register("SIGNING_DIR", _renew_keys)


def install(*, organ: Organ, content: bytes, passphrase: bytes, at: datetime) -> SigningCertificate:
    """Take the key and certificate of an organ (PKCS#12) into use, in place of the one before.

    ValidationError, in Chinese, says what is wrong with the file: it cannot be opened, is for another name, is not valid now, or
    has a key of a kind or size that is not taken.
    """
    key, certificate, others = _opened(content, passphrase)
    _check(certificate, organ, at)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    if SigningCertificate.objects.filter(sha256=fingerprint).exists():
        raise ValidationError(_("这张证书以前已经安装过，每张证书只能启用一次。"))
    _write(_path(fingerprint), _kept(fingerprint, key, certificate, others))
    with transaction.atomic():
        chain = f"organ-{organ.code}"
        lock_chain(chain)
        SigningCertificate.objects.filter(organ=organ, used_until=None).update(used_until=at)
        row = SigningCertificate.objects.create(
            organ=organ,
            organ_name=organ.name,
            sha256=fingerprint,
            pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            used_from=at,
        )
        _record(row, "certificate.installed", at)
    return row


@transaction.atomic
def withdraw(*, organ: Organ, at: datetime) -> SigningCertificate:
    """Sign no letter of an organ any more. ValidationError: it has no certificate in use."""
    lock_chain(f"organ-{organ.code}")
    row = SigningCertificate.objects.select_for_update().filter(organ=organ, used_until=None).first()
    if row is None:
        raise ValidationError(_("%(organ)s没有正在使用的签名证书。") % {"organ": organ.name})
    row.used_until = at
    row.save(update_fields=["used_until"])
    _record(row, "certificate.withdrawn", at)
    return row


def _record(row: SigningCertificate, verb: str, at: datetime) -> None:
    payload = {"sha256": row.sha256, "name": row.organ_name}
    record_event(chain=f"organ-{row.organ.code}", verb=verb, at=at, organ=row.organ, payload=payload)


def _opened(
    content: bytes, passphrase: bytes
) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate, list[x509.Certificate]]:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, passphrase or None)
    except ValueError:
        raise ValidationError(_("文件打不开：不是PKCS#12（.p12、.pfx）文件，或者口令不对。")) from None
    if certificate is None or key is None:
        raise ValidationError(_("文件中缺少证书或者私钥，请让发证机构导出同时含有两者的PKCS#12文件。"))
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key, certificate, others
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        return key, certificate, others
    raise ValidationError(_("密钥应是2048位以上的RSA，或者P-256、P-384曲线上的ECDSA。"))


def _check(certificate: x509.Certificate, organ: Organ, at: datetime) -> None:
    names = [
        str(each.value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for each in certificate.subject.get_attributes_for_oid(kind)
    ]
    if organ.name not in names:
        told = _("证书是发给“%(names)s”的，不是“%(organ)s”。名称（O 或者 CN）应与机构名称完全一致。")
        raise ValidationError(told % {"names": _("、").join(dict.fromkeys(names)), "organ": organ.name})
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        begin, end = (
            localdate(each) for each in (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
        )
        told = _("证书的有效期是%(begin)s至%(end)s，现在不能使用。")
        raise ValidationError(told % {"begin": zh_date(begin), "end": zh_date(end)})


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_bytes(content)
    partial.replace(path)


@lru_cache(maxsize=8)
def _certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(pem))


def time_stampers() -> tuple[x509.Certificate, ...]:
    """Certificates of the authorities whose time stamps are believed, today's and earlier ones."""
    if not settings.TSA_CERTIFICATES:
        return ()
    return _certificates(Path(settings.TSA_CERTIFICATES).read_bytes())
