"""The electronic signature of an organ on its letters, by the certificate that the organ has in use (ADR 0047).

An organ without a certificate in use, or with one that calls it by another name or has expired, issues its letters unsigned. One
that has such a certificate issues none without: where its key cannot be had here, rendering fails and is tried again.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.documents import keys
from applications.documents.keys import NoKey
from applications.documents.models import SigningCertificate
from applications.documents.pades import NoStamp, Place, Unproven, signed
from applications.documents.revocation import Proofs, proofs
from applications.documents.templatetags.dates import zh_date
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.organs.standing import Standing

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

logger = logging.getLogger(__name__)

# So long before its end the page of the organ says that a certificate is to be renewed.
RENEW_BEFORE = timedelta(days=30)


class Level(StrEnum):
    """B: the signature alone. T: with the time of an authority. LT: and with what proves that the certificate was not revoked."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"


@dataclass(frozen=True, slots=True)
class Signed:
    """``certificate``: with which the file was signed, None: it is unsigned, and so has no ``level``."""

    pdf: bytes
    certificate: SigningCertificate | None
    level: Level | None


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


def sign(pdf: bytes, organ: Organ, *, over: Place | None, at: datetime) -> Signed:
    """The PDF with the signature of an organ that has a certificate in use, else as it is. NoKey. ``over``: where its seal is.

    Where an authority for time or for certificates does not answer, the letter is signed without what it would add: a letter that
    is owed on a day does not wait for a third party, and when it was signed the signed heads of the ledger show too.
    """
    certificate = in_use(organ, at)
    if certificate is None:
        return Signed(pdf, None, None)
    with keys.signer_of(certificate) as signer:
        levels = list(_levels(signer))
        while True:
            level, held = levels.pop(0)
            try:
                content = signed(
                    pdf,
                    signer,
                    name=certificate.organ_name,
                    over=over,
                    at=at,
                    stamped=level is not Level.B,
                    proofs=held,
                )
            except Unproven as error:
                if error.revoked:
                    raise NoKey(f"certificate {certificate.sha256} was revoked by its authority") from error
                logger.error("signed without word on revocation: %s", error)
            except NoStamp as error:
                logger.error("signed without a time stamp: %s", error)
                del levels[:-1]
            else:
                return Signed(content, certificate, level)


def _levels(signer: "Signer") -> Iterator[tuple[Level, Proofs | None]]:
    """What a signature can be here, the best first."""
    if settings.TSA_URL:
        if held := proofs(signer):
            yield Level.LT, held
        yield Level.T, None
    yield Level.B, None


def install(*, organ: Organ, content: bytes, passphrase: bytes, at: datetime) -> SigningCertificate:
    """Take the key and certificate of an organ (PKCS#12) into use, in place of the one before.

    ValidationError, in Chinese, says what is wrong with the file: it cannot be opened, is for another name, is not valid now, or
    has a key of a kind or size that is not taken.
    """
    try:
        key, certificate, others = keys.opened(content, passphrase)
    except keys.NotOpened:
        raise ValidationError(_("文件打不开：不是PKCS#12（.p12、.pfx）文件，或者口令不对。")) from None
    if certificate is None or key is None:
        raise ValidationError(_("文件中缺少证书或者私钥，请让发证机构导出同时含有两者的PKCS#12文件。"))
    fingerprint = _checked(certificate, organ, at)
    keys.keep(fingerprint, (key, certificate, others))
    return _take(organ, certificate, fingerprint, at)


def install_from_module(*, organ: Organ, label: str, at: datetime) -> SigningCertificate:
    """The same with the key and certificate of one label in the hardware module, which keeps them. ValidationError, also where
    the module cannot be reached, has none of that label, or its key does not fit the certificate."""
    try:
        certificate, issuers = keys.in_module(label)
    except NoKey as error:
        raise ValidationError(_("硬件密码模块中的密钥不能使用：%s") % error) from None
    fingerprint = _checked(certificate, organ, at)
    pem = "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in issuers)
    return _take(organ, certificate, fingerprint, at, module_label=label, issuers=pem)


def _take(
    organ: Organ, certificate: x509.Certificate, fingerprint: str, at: datetime, **module: str
) -> SigningCertificate:
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
            **module,
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


def _checked(certificate: x509.Certificate, organ: Organ, at: datetime) -> str:
    """The digest of a certificate that can be taken into use. ValidationError."""
    _check(certificate, organ, at)
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    if SigningCertificate.objects.filter(sha256=fingerprint).exists():
        raise ValidationError(_("这张证书以前已经安装过，每张证书只能启用一次。"))
    return fingerprint


def _check(certificate: x509.Certificate, organ: Organ, at: datetime) -> None:
    key = certificate.public_key()
    if not (
        (isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048)
        or (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1))
    ):
        raise ValidationError(_("密钥应是2048位以上的RSA，或者P-256、P-384曲线上的ECDSA。"))
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
