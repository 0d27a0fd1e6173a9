"""A certification authority of the sample, and certificates of its organs: they say of themselves that they are for trying out."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from applications.documents import signing
from applications.documents.models import SigningCertificate
from applications.organs.models import Organ

PASSPHRASE = b"sample"
LASTS = timedelta(days=3 * 365)


class Authority:
    """Lives as long as the process: what it issues is signed by a key that nobody keeps."""

    def __init__(
        self, at: datetime, name: str = "示例电子认证（仅供试用）", *, responder: str = "", crl: str = ""
    ) -> None:
        """``responder`` (OCSP), ``crl``: addresses that its certificates name, where it says which of them it has revoked."""
        self._asked_at = _told(responder, crl)
        self.begins, self.ends = at - timedelta(days=1), at + LASTS
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def certificate(self) -> x509.Certificate:
        return (
            self._builder(self._name, self._key.public_key(), self.begins, self.ends)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def issue(
        self,
        name: str,
        *,
        begins: datetime | None = None,
        ends: datetime | None = None,
        usage: ObjectIdentifier | None = None,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
        commits: bool = True,
    ) -> bytes:
        """PKCS#12 with PASSPHRASE: a key, its certificate for an organ of this name, and the authority's own. ``usage``: that the
        certificate is for, and for nothing else. ``commits``: whether it says that what is signed with it binds (non-repudiation)."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(kind, name[:64]) for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
        )
        builder = (
            self._builder(subject, key.public_key(), begins or self.begins, ends or self.ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_signs(commits=commits), critical=True)
        )
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        for extension in self._asked_at:
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        return pkcs12.serialize_key_and_certificates(
            b"sample", key, certificate, [self.certificate], BestAvailableEncryption(PASSPHRASE)
        )

    def issue_stamper(self) -> bytes:
        """The same for an authority that stamps the time."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self.issue("示例时间戳（仅供试用）", usage=ExtendedKeyUsageOID.TIME_STAMPING, key=key)

    def revocation_list(self, at: datetime, *, revoked: Collection[int] = ()) -> bytes:
        """In DER, of a moment, good for a week: the serial numbers that are on it."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name)
            .last_update(at)
            .next_update(at + timedelta(days=7))
        )
        for number in revoked:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(number)
                .revocation_date(at - timedelta(hours=1))
            )
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp_answer(self, question: bytes, at: datetime, *, revoked: Collection[int] = ()) -> bytes:
        """In DER: what it says of the certificate that is asked about."""
        asked = ocsp.load_der_ocsp_request(question)
        gone = asked.serial_number in revoked
        answer = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=asked.serial_number,
                algorithm=asked.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD,
                this_update=at,
                next_update=at + timedelta(days=1),
                revocation_time=at - timedelta(hours=1) if gone else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        )
        return answer.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        begins: datetime,
        ends: datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )


def _signs(*, commits: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _told(responder: str, crl: str) -> list[x509.ExtensionType]:
    extensions: list[x509.ExtensionType] = []
    if responder:
        at = x509.UniformResourceIdentifier(responder)
        extensions.append(
            x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, at)])
        )
    if crl:
        full = [x509.UniformResourceIdentifier(crl)]
        extensions.append(x509.CRLDistributionPoints([x509.DistributionPoint(full, None, None, None)]))
    return extensions


def load_certificates(at: datetime) -> int:
    """A certificate of the sample's authority for every organ that never had one. Returns how many."""
    authority = Authority(at)
    without = Organ.objects.exclude(pk__in=SigningCertificate.objects.values("organ"))
    for organ in without:
        signing.install(organ=organ, content=authority.issue(organ.name), passphrase=PASSPHRASE, at=at)
    return len(without)
