"""How a PDF is signed: PAdES, as pyHanko writes it (ADR 0047).

One signature over the whole file, which allows no change. Who opens the file finds it at the seal: the field of the signature lies
over it, shows nothing of its own, and is in the structure of the file under its name, for who has it read aloud.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from django.conf import settings

from applications.documents.authorities import ask
from applications.documents.keys import in_asn1
from applications.documents.revocation import Proofs, anchors

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import Signer
    from pyhanko.sign.timestamps import HTTPTimeStamper
    from pyhanko_certvalidator import ValidationContext

# It warns at each signature that nothing is fetched meanwhile: revocation.py has fetched it.
logging.getLogger("pyhanko.sign.signers.pdf_signer").setLevel(logging.ERROR)

FIELD = "OrganSignature"

# How much room a signature takes, by its certificate and who stamps it: pyHanko finds out by making one more to try, and leaves half as
# much again.
_room: dict[tuple[bytes, str], int] = {}


class NoStamp(Exception):
    """The authority for time does not answer as it should."""


class Unproven(Exception):
    """What the authority says of the certificate is not enough, or (``revoked``) that it is revoked."""

    def __init__(self, why: str, *, revoked: bool = False) -> None:
        super().__init__(why)
        self.revoked = revoked


class Place(NamedTuple):
    """Where the seal is printed: the page from 0, and the corners in points from the lower left one of the page."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


def signed(
    pdf: bytes,
    signer: "Signer",
    *,
    name: str,
    over: Place | None,
    at: datetime,
    stamped: bool,
    proofs: Proofs | None,
) -> bytes:
    """The PDF with a signature in the ``name`` of its organ, added to its bytes. ``over``: None, it has no place on a page.

    With ``proofs`` the file also holds what says that the certificate was not revoked. NoStamp and Unproven come only where a stamp
    and proofs are asked for.
    """
    # Loaded only by who signs.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.signers.pdf_signer import (
        DSSContentSettings,
        PdfSigningSession,
        SigDSSPlacementPreference,
    )
    from pyhanko.stamp import StaticStampStyle

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
            tried = session.estimate_signature_container_size

            async def room(*args: object, **kwargs: object) -> int:
                size = _room.get(taking)
                if size is None:
                    size = _room[taking] = await tried(*args, **kwargs)  # type: ignore[arg-type]
                return size

            session.estimate_signature_container_size = room  # type: ignore[method-assign]
            return session

    assert signer.signing_cert is not None
    tsa = settings.TSA_URL if stamped else ""
    taking = (signer.signing_cert.sha256, tsa)
    with _told_apart(stamped=stamped, proven=proofs is not None):
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            # Nothing may be changed in the file any more.
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            name=name,
            # Many authorities mark their certificates for signatures alone and not as binding.
            signer_key_usage=set(),
            embed_validation_info=proofs is not None,
            validation_context=_context(signer, proofs, at) if proofs else None,
            # All in the revision that is signed: the signature covers the whole file.
            dss_settings=DSSContentSettings(
                include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
            ),
        )
        writer, output = Unchanged(BytesIO(pdf)), BytesIO()
        if over is not None:
            _put_field(writer, over, name)
        At(
            metadata,
            signer=signer,
            timestamper=_stamper(tsa) if stamped else None,
            stamp_style=StaticStampStyle(border_width=0),
        ).sign_pdf(writer, existing_fields_only=over is not None, output=output)
    return output.getvalue()


@contextmanager
def _told_apart(*, stamped: bool, proven: bool) -> Iterator[None]:
    """What others answered is nobody's reason to have no letter, whatever it was: where there is something that can be left out, that
    is said to be at fault. A module that does not sign is another matter."""
    from pkcs11 import PKCS11Error
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.timestamps import TimestampRequestError
    from pyhanko_certvalidator.errors import RevokedError

    try:
        yield
    except PKCS11Error:
        raise
    except Exception as error:
        # Perhaps it needs more room than it did.
        _room.clear()
        if not stamped:
            raise
        # What the authority for time answers may be longer than it was.
        _stamper.cache_clear()
        why = f"{type(error).__name__}: {error}" + (f" ({error.__cause__})" if error.__cause__ else "")
        # Of the certificate for time pyHanko raises RevokedError bare: such a stamp is none.
        if proven and not isinstance(error, TimestampRequestError | RevokedError):
            revoked = isinstance(error, SigningError) and isinstance(error.__cause__, RevokedError)
            raise Unproven(why, revoked=revoked) from error
        raise NoStamp(why) from error


@lru_cache(maxsize=1)
def _stamper(url: str) -> "HTTPTimeStamper":
    """Kept, for it asks once how large its answers are."""
    from asn1crypto.tsp import TimeStampReq, TimeStampResp
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    class Bounded(HTTPTimeStamper):
        """Whose question is over in time."""

        async def async_request_tsa_response(self, req: TimeStampReq) -> TimeStampResp:
            try:
                answer = ask(self.url, headers=self.request_headers(), question=req.dump())
            except OSError as error:
                raise TimestampRequestError("no answer") from error
            if answer.headers.get("Content-Type") != "application/timestamp-reply":
                raise TimestampRequestError("no time stamp", answer)
            return TimeStampResp.load(answer.content)

    return Bounded(url)


def _context(signer: "Signer", proofs: Proofs, at: datetime) -> "ValidationContext":
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[*anchors(signer), *in_asn1(time_stampers())],
        other_certs=list(signer.cert_registry),
        moment=at,
        ocsps=proofs.ocsps,
        crls=proofs.crls,
        revocation_mode="hard-fail",
        # It was asked after this moment, by a clock of its own.
        time_tolerance=timedelta(minutes=1),
    )


def time_stampers() -> tuple[x509.Certificate, ...]:
    """Certificates of the authorities whose time stamps are believed, today's and earlier ones."""
    if not settings.TSA_CERTIFICATES:
        return ()
    return _certificates(Path(settings.TSA_CERTIFICATES).read_bytes())


@lru_cache(maxsize=8)
def _certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(pem))


def _put_field(writer: "IncrementalPdfFileWriter", over: Place, name: str) -> None:
    """The empty field of the signature over the seal, tagged as PDF/UA asks."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name, pdf_string
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    def named(**entries: object) -> DictionaryObject:
        return DictionaryObject({pdf_name(f"/{key}"): each for key, each in entries.items()})

    left, bottom, right, top = map(round, over[1:])
    append_signature_field(writer, SigFieldSpec(FIELD, on_page=over.page, box=(left, bottom, right, top)))
    page = writer.find_page_for_modification(over.page)[0]
    # The newest annotation of its page.
    widget = page.get_object()["/Annots"].raw_get(-1)
    tree = writer.root["/StructTreeRoot"]
    children, numbers = tree["/K"], tree["/ParentTree"]["/Nums"]
    whole = children.raw_get(0) if isinstance(children, ArrayObject) else tree.raw_get("/K")
    refers = named(Type=pdf_name("/OBJR"), Obj=widget, Pg=page)
    element = writer.add_object(named(Type=pdf_name("/StructElem"), S=pdf_name("/Form"), P=whole, K=refers))
    whole.get_object()["/K"].append(element)
    key = NumberObject(max([*list(numbers)[::2], -1]) + 1)
    numbers.extend([key, element])
    said = pdf_string(f"{name}的电子签名")
    widget.get_object().update(named(StructParent=key, TU=said, Contents=said))
    for changed in (widget, whole):
        writer.mark_update(changed)
    writer.update_container(numbers)
