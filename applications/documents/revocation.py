"""What its authority says of a certificate at the moment of signing: OCSP answers or revocation lists, which go into the file (B-LT),
so that in years nobody has to ask an authority that may be no more."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import requests
from asn1crypto import x509 as asn1
from cryptography import x509
from django.core.cache import cache
from redis.exceptions import RedisError

from applications.documents import keys
from applications.documents.authorities import ask
from applications.documents.keys import in_asn1

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

logger = logging.getLogger(__name__)

# Seconds for which an answer is good, and after which one that did not answer is asked again.
_GOOD_FOR, _AGAIN_AFTER = 600, 60
# Bytes: a list of all that an authority ever revoked does not go into every letter.
LARGEST = 50_000


class NoWord(LookupError):
    """Nothing that could go into the file."""


class Proofs(NamedTuple):
    """In DER; none at all where there is no word."""

    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]


def anchors(signer: "Signer") -> list[asn1.Certificate]:
    """Whom the chain of a certificate ends with: what was installed beside it is believed."""
    others = [each for each in signer.cert_registry if each != signer.signing_cert]
    return [each for each in others if each.self_issued] or others


def proofs(signer: "Signer") -> Proofs | None:
    """None: the certificate names nobody to ask, its issuer was not installed with it, or no answer fits. The log says which."""
    assert signer.signing_cert is not None
    key = f"revocation:{signer.signing_cert.sha256.hex()}"
    held: Proofs | None = None
    with suppress(RedisError):
        held = cache.get(key)
    if held is None:
        held = _asked(signer)
        with suppress(RedisError):
            cache.set(key, held, _GOOD_FOR if any(held) else _AGAIN_AFTER)
    return held if any(held) else None


def _asked(signer: "Signer") -> Proofs:
    try:
        found = asyncio.run(_fetched(_chain(signer)))
        if (size := sum(map(len, (*found.ocsps, *found.crls)))) > LARGEST:
            raise NoWord(f"{size} bytes are too many for a file")
        if not size:
            raise NoWord("the certificate names nobody who can be asked")
    except Exception as error:
        # Whatever an authority answers: the letter is signed without.
        logger.error("no word on revocation: %s: %s", type(error).__name__, error)
        return Proofs((), ())
    return found


def _chain(signer: "Signer") -> list[tuple[asn1.Certificate, asn1.Certificate]]:
    """Each certificate below an anchor, with that of its issuer. NoWord."""
    roots = [each.dump() for each in anchors(signer)]
    held = [x509.load_der_x509_certificate(each.dump()) for each in signer.cert_registry]
    assert signer.signing_cert is not None
    own = x509.load_der_x509_certificate(signer.signing_cert.dump())
    issuers = in_asn1(keys.issuers(own, held))
    if not issuers:
        raise NoWord("the certificate of its issuer was not installed with it")
    pairs = zip([signer.signing_cert, *issuers], issuers, strict=False)
    return [(each, issuer) for each, issuer in pairs if each.dump() not in roots]


async def _fetched(pairs: list[tuple[asn1.Certificate, asn1.Certificate]]) -> Proofs:
    from pyhanko_certvalidator.authority import AuthorityWithCert
    from pyhanko_certvalidator.errors import OCSPValidationError
    from pyhanko_certvalidator.fetchers.api import FetchLimits
    from pyhanko_certvalidator.fetchers.common_utils import FetchBudget
    from pyhanko_certvalidator.fetchers.requests_fetchers.crl_client import RequestsCRLFetcher
    from pyhanko_certvalidator.fetchers.requests_fetchers.ocsp_client import RequestsOCSPFetcher

    class Responder(_Bounded, RequestsOCSPFetcher):
        pass

    class List(_Bounded, RequestsCRLFetcher):
        pass

    budget = FetchBudget(FetchLimits(max_requests=8 * len(pairs)))
    responder, lists = Responder(budget=budget), List(budget=budget)  # type: ignore[no-untyped-call]
    for certificate, issuer in pairs:
        if certificate.ocsp_urls:
            try:
                await responder.fetch(certificate, AuthorityWithCert(issuer))
                continue
            except OCSPValidationError:
                if not certificate.crl_distribution_points:
                    raise
        if certificate.crl_distribution_points:
            await lists.fetch(certificate)
    return Proofs(
        tuple(each.dump() for each in responder.fetched_responses()),
        tuple(each.dump() for each in lists.fetched_crls()),
    )


class _Bounded:
    """How pyHanko's fetchers speak: each question is over in time."""

    async def _get(self, url: str, *, acceptable_content_types: Iterable[str]) -> requests.Response:
        return await _granted(url, {"Accept": ",".join(acceptable_content_types)})

    async def _post(
        self, url: str, data: bytes, *, content_type: str, acceptable_content_types: Iterable[str]
    ) -> requests.Response:
        headers = {"Accept": ",".join(acceptable_content_types), "Content-Type": content_type}
        return await _granted(url, headers, data)


async def _granted(url: str, headers: dict[str, str], question: bytes | None = None) -> requests.Response:
    answer = await asyncio.to_thread(ask, url, headers=headers, question=question)
    if answer.status_code != 200:
        raise requests.RequestException(f"status code {answer.status_code}")
    return answer
