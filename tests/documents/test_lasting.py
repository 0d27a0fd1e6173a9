"""A signature that holds when its authority is no more (B-LT): what the authority says of the certificate is in the file."""

from datetime import timedelta
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from applications.documents import authorities, keys, pades, revocation, signatures, signing
from applications.documents.services import render_document
from applications.documents.signatures import Signature, Worth
from applications.ledger.models import Event
from applications.sample.certificates import PASSPHRASE, Authority
from tests.documents.conftest import ISSUED, stamping
from tests.documents.test_verification_asking import bytes_of

pytestmark = pytest.mark.django_db
NAME = "南京市市场监督管理局"
STAMPED = Signature(Worth.HOLDS, NAME, ISSUED + timedelta(seconds=7), stamped=True)


@pytest.fixture
def certify(asked, market_bureau):
    """Has the market bureau sign with a certificate that names these addresses to ask."""

    def certify(*, commits: bool = True, **addresses: str):
        asked.authority = Authority(ISSUED, **addresses)
        content = asked.authority.issue(market_bureau.name, commits=commits)
        return signing.install(organ=market_bureau, content=content, passphrase=PASSPHRASE, at=ISSUED)

    return certify


def level() -> str:
    return Event.objects.filter(verb="document.rendered").latest("pk").payload["signature"]


def holds_by_itself(pdf: bytes, *, authority, moment) -> bool:
    """A stranger's judgement from the file, the authority's certificate and the stamper's alone, with nobody to ask."""
    reader = PdfFileReader(BytesIO(pdf))
    (embedded,) = reader.embedded_signatures
    told = {"moment": moment, "revocation_mode": "require", "allow_fetching": False}
    own = DocumentSecurityStore.read_dss(reader).as_validation_context(
        {"trust_roots": keys.in_asn1([authority.certificate]), **told}
    )
    stamp = ValidationContext(trust_roots=keys.in_asn1(pades.time_stampers()), moment=moment)
    status = validate_pdf_signature(embedded, own, stamp)
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return status.bottom_line


@pytest.mark.parametrize("by", ["list", "responder"])
def test_the_file_holds_what_its_authority_said(by, issue, asked, certify, stamped):
    addresses = {"crl": asked.list} if by == "list" else {"responder": asked.responder, "crl": asked.list}
    certify(**addresses)
    letter = render_document(issue().pk, at=ISSUED)
    assert level() == "B-LT" and asked.heard == ["/crl" if by == "list" else "/ocsp"]
    assert signatures.of_document(letter) == STAMPED
    assert holds_by_itself(bytes_of(letter), authority=asked.authority, moment=ISSUED + timedelta(seconds=7))
    # It is not asked again for each letter.
    render_document(issue().pk, at=ISSUED + timedelta(minutes=1))
    assert level() == "B-LT" and len(asked.heard) == 1


def test_one_who_does_not_answer_is_asked_by_the_other_way(issue, asked, certify, stamped):
    certify(responder="http://127.0.0.1:9/", crl=asked.list)
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-LT" and asked.heard == ["/crl"]


def test_without_an_answer_a_letter_is_signed_with_its_time_alone(issue, asked, certify, stamped, caplog):
    certify(crl=asked.list)
    asked.answers = False
    letter = render_document(issue().pk, at=ISSUED)
    assert level() == "B-T" and "no word on revocation" in caplog.text
    assert signatures.of_document(letter) == STAMPED
    # Nor is one that is away asked again for every letter.
    render_document(issue().pk, at=ISSUED)
    assert len(asked.heard) == 1


def test_an_answer_from_another_time_proves_nothing(issue, asked, certify, stamped, caplog):
    certify(crl=asked.list)
    # The list is good for a week.
    letter = render_document(issue(at=ISSUED + timedelta(days=9)).pk, at=ISSUED + timedelta(days=9))
    assert level() == "B-T" and "signed without word on revocation" in caplog.text
    assert signatures.of_document(letter).worth is Worth.HOLDS


def test_a_list_of_everything_does_not_go_into_each_letter(
    issue, asked, certify, stamped, monkeypatch, caplog
):
    certify(crl=asked.list)
    monkeypatch.setattr(revocation, "LARGEST", 100)
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-T" and "bytes are too many" in caplog.text


def test_an_answer_that_is_none_does_not_stop_a_letter(issue, asked, certify, stamped):
    certify(crl=asked.list)
    asked.instead["/crl"] = asked.authority.certificate.public_bytes(Encoding.DER)
    letter = render_document(issue().pk, at=ISSUED)
    assert level() == "B-T" and signatures.of_document(letter) == STAMPED


def test_one_who_will_not_say_is_asked_by_the_other_way(issue, asked, certify, stamped):
    certify(responder=asked.responder, crl=asked.list)
    refuses = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    asked.instead["/ocsp"] = refuses.public_bytes(Encoding.DER)
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-LT" and asked.heard[-1] == "/crl"


def test_an_answer_of_a_moment_later_counts(issue, asked, certify, stamped):
    """The letter is of the moment at which rendering began."""
    certify(responder=asked.responder)
    asked.at = ISSUED + timedelta(seconds=20)
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-LT"


def test_a_certificate_that_does_not_say_that_it_binds_lasts_too(issue, asked, certify, stamped):
    certify(crl=asked.list, commits=False)
    letter = render_document(issue().pk, at=ISSUED)
    assert level() == "B-LT" and signatures.of_document(letter) == STAMPED


def test_whom_to_ask_is_told_where_nobody_is_named(issue, certify, stamped, caplog):
    certify()
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-T" and "names nobody who can be asked" in caplog.text


def test_an_authority_for_time_that_grants_nothing_stops_nothing(issue, asked, certify, settings, stamped):
    certify(crl=asked.list)
    settings.TSA_URL = asked.stamper
    # TimeStampResp: granted, and no token.
    asked.instead["/tsr"] = bytes.fromhex("30053003020100")
    assert signatures.of_document(render_document(issue().pk, at=ISSUED)) == Signature(
        Worth.HOLDS, NAME, ISSUED, stamped=False
    )
    assert level() == "B-B"


@pytest.mark.parametrize("by", ["crl", "responder"])
def test_an_authority_that_drips_its_answer_is_not_heard_out(by, asked, certify, monkeypatch, caplog):
    row = certify(**{by: {"crl": asked.list, "responder": asked.responder}[by]})
    asked.drips = True
    monkeypatch.setattr(authorities, "PATIENCE", 0.6)
    with keys.signer_of(row) as signer:
        assert revocation.proofs(signer) is None
    assert "no word on revocation" in caplog.text
    assert asked.hung_up.wait(20), "the connection is still open"


def test_an_authority_for_time_that_drips_its_answer_is_not_heard_out(
    issue, asked, certify, stamped, settings, monkeypatch, caplog
):
    certify()
    settings.TSA_URL, asked.instead["/tsr"], asked.drips = asked.stamper, b"0" * 1000, True
    monkeypatch.setattr(authorities, "PATIENCE", 0.6)
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-B" and "did not answer within 0.6 seconds" in caplog.text
    assert asked.hung_up.wait(20), "the connection is still open"


def test_nobody_waits_longer_than_three_seconds():
    assert authorities.PATIENCE == 3


@pytest.mark.parametrize("by", ["crl", "responder"])
def test_a_revoked_certificate_signs_nothing(by, issue, asked, certify, stamped, market_bureau):
    row = certify(**{by: {"crl": asked.list, "responder": asked.responder}[by]})
    asked.revoked = {x509.load_pem_x509_certificate(row.pem.encode()).serial_number}
    document = issue()
    with pytest.raises(signing.NoKey, match="revoked by its authority"):
        render_document(document.pk, at=ISSUED)
    document.refresh_from_db()
    assert document.pdf is None
    # Once it is out of use, letters go out, and say nothing of a signature.
    signing.withdraw(organ=market_bureau, at=ISSUED)
    assert signatures.of_document(render_document(document.pk, at=ISSUED)) == signatures.UNSIGNED


def test_the_stamp_of_a_revoked_certificate_is_none(issue, asked, certify, settings, tmp_path, caplog):
    """Where the list of the authority that certified the organ is the list of the stamper, too."""
    certify(crl=asked.list)
    with stamping(asked.authority, tmp_path) as (address, file):
        stamper = x509.load_pem_x509_certificate(file.read_bytes())
        asked.revoked = {stamper.serial_number}
        settings.TSA_URL, settings.TSA_CERTIFICATES = address, write_root(asked.authority, tmp_path)
        render_document(issue().pk, at=ISSUED)
    assert level() == "B-B" and "signed without a time stamp: RevokedError" in caplog.text


def write_root(authority, folder) -> str:
    path = folder / "root.pem"
    path.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    return str(path)


def test_nobody_is_asked_where_there_is_no_time_to_prove_it_by(issue, asked, certify):
    certify(crl=asked.list)
    render_document(issue().pk, at=ISSUED)
    assert level() == "B-B" and asked.heard == []


def test_the_signature_is_found_at_the_seal(issue, certificate):
    content = bytes_of(render_document(issue().pk, at=ISSUED))
    field = PdfFileReader(BytesIO(content)).embedded_signatures[0].sig_field
    assert field["/TU"] == f"{NAME}的电子签名"
    left, bottom, right, top = (float(each) for each in field["/Rect"])
    # A mark of 4 cm, to the nearest point.
    assert abs(right - left - 113.4) <= 1 and abs(top - bottom - 113.4) <= 1
    # The words below its star lie in it, in the middle and in the lower half.
    pages = pdfium.PdfDocument(content)
    (page,) = (each for each in pages if each.get_textpage().search("以核验为准").get_next())
    text = page.get_textpage()
    first, count = text.search("以核验为准").get_next()
    boxes = [text.get_charbox(first + each) for each in range(count)]
    words = min(box[0] for box in boxes), max(box[2] for box in boxes)
    assert abs(sum(words) / 2 - (left + right) / 2) < 3
    assert all(bottom < box[1] and box[3] < (bottom + top) / 2 for box in boxes)
    assert field["/AP"]["/N"].data.strip() in {b"", b"q Q"}
