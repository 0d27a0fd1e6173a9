"""What its authority says of a certificate at the moment of signing: OCSP answers or revocation lists, which go into the file (B-LT),
so that in years nobody has to ask an authority that may be no more."""

import asyncio
import logging
from typing import TYPE_CHECKING, NamedTuple

from asn1crypto import x509
from django.core.cache import cache

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

logger = logging.getLogger(__name__)

# Seconds within which an authority answers; a letter does not wait longer.
PATIENCE = 3
# Seconds for which an answer is good, and after which one that did not answer is asked again.
_GOOD_FOR, _AGAIN_AFTER = 600, 60
# Bytes: a list of all that an authority ever revoked does not go into every letter.
LARGEST = 50_000


class Proofs(NamedTuple):
    """In DER, at least one of all."""

    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]


def anchors(signer: "Signer") -> list[x509.Certificate]:
    """Whom the chain of a certificate ends with: what was installed beside it is believed."""
    others = [each for each in signer.cert_registry if each != signer.signing_cert]
    return [each for each in others if each.self_issued] or others


def proofs(signer: "Signer") -> Proofs | None:
    """None: the certificate names nobody to ask, its issuer was not installed with it, or no answer fits."""
    assert signer.signing_cert is not None
    key = f"revocation:{signer.signing_cert.sha256.hex()}"
    held: Proofs | None = cache.get(key)
    if held is None:
        held = _asked(signer)
        cache.set(key, held, _GOOD_FOR if any(held) else _AGAIN_AFTER)
    return held if any(held) else None


def _asked(signer: "Signer") -> Proofs:
    pairs = _chain(signer)
    asked = [(each, issuer) for each, issuer in pairs if each.ocsp_urls or each.crl_distribution_points]
    if not asked:
        return Proofs((), ())
    try:
        found = asyncio.run(_fetched(asked))
    except Exception as error:
        # Whatever an authority answers: the letter is signed without.
        logger.error("no word on revocation: %s: %s", type(error).__name__, error)
        return Proofs((), ())
    if (size := sum(map(len, (*found.ocsps, *found.crls)))) > LARGEST:
        logger.error("no word on revocation in the file: %s bytes are too many", size)
        return Proofs((), ())
    return found


def _chain(signer: "Signer") -> list[tuple[x509.Certificate, x509.Certificate]]:
    """Each certificate below an anchor, with that of its issuer."""
    roots, registry = anchors(signer), list(signer.cert_registry)
    pairs: list[tuple[x509.Certificate, x509.Certificate]] = []
    at = signer.signing_cert
    while at is not None and at not in roots:
        issuer = next((each for each in registry if each.subject == at.issuer and each != at), None)
        if issuer is None or len(pairs) > len(registry):
            return []
        pairs.append((at, issuer))
        at = issuer
    return pairs


async def _fetched(pairs: list[tuple[x509.Certificate, x509.Certificate]]) -> Proofs:
    from pyhanko_certvalidator.authority import AuthorityWithCert
    from pyhanko_certvalidator.errors import OCSPFetchError
    from pyhanko_certvalidator.fetchers.api import FetchLimits
    from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

    backend = RequestsFetcherBackend(PATIENCE, limits=FetchLimits(max_requests=2 * len(pairs)))
    fetchers = backend.get_fetchers()
    for certificate, issuer in pairs:
        if certificate.ocsp_urls:
            try:
                await fetchers.ocsp_fetcher.fetch(certificate, AuthorityWithCert(issuer))
                continue
            except OCSPFetchError:
                if not certificate.crl_distribution_points:
                    raise
        if certificate.crl_distribution_points:
            await fetchers.crl_fetcher.fetch(certificate)
    return Proofs(
        tuple(each.dump() for each in fetchers.ocsp_fetcher.fetched_responses()),
        tuple(each.dump() for each in fetchers.crl_fetcher.fetched_crls()),
    )
