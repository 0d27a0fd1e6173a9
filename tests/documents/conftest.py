import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from applications.documents import signing
from applications.documents.models import Document, Kind, SigningCertificate
from applications.documents.services import issue_document, render_document
from applications.sample.certificates import PASSPHRASE, Authority
from tests.documents.asked import ISSUED, Asked, being_asked
from tests.documents.contents import content_of


@pytest.fixture(autouse=True)
def _site(settings, tmp_path):
    settings.SITE_URL = "https://credit.example.gov.cn"
    settings.SIGNING_DIR = tmp_path / "signing"


@pytest.fixture
def issue(market_bureau):
    """Issues a document of a kind about one case; keyword arguments change its content."""

    def issue(kind: str = Kind.ACCEPTANCE_NOTICE, *, at=ISSUED, by=market_bureau, **changes) -> Document:
        content = content_of(kind, **changes)
        return issue_document(
            kind=kind,
            organ=by,
            about=content["case_number"],
            addressee=content["subject"]["name"],
            content=content,
            at=at,
        )

    return issue


@pytest.fixture
def notice(issue) -> Document:
    """An acceptance notice with its PDF."""
    return render_document(issue().pk, at=ISSUED)


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Certifies organs for the tests, from a day before they issue anything."""
    return Authority(ISSUED)


@pytest.fixture
def certificate(authority, market_bureau) -> SigningCertificate:
    """The market bureau signs its letters."""
    content = authority.issue(market_bureau.name)
    return signing.install(organ=market_bureau, content=content, passphrase=PASSPHRASE, at=ISSUED)


@contextmanager
def stamping(authority: Authority, folder: Path) -> Iterator[tuple[str, Path]]:
    """Address of an authority for time in a process of its own, and the file with its certificate, which ``authority`` issued."""
    content = authority.issue_stamper()
    (folder / "tsa.p12").write_bytes(content)
    certificate = pkcs12.load_key_and_certificates(content, PASSPHRASE)[1]
    (folder / "tsa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    stamped = ISSUED + timedelta(seconds=7)
    program = Path(__file__).with_name("tsa.py")
    process = subprocess.Popen(
        [sys.executable, program, folder / "tsa.p12", stamped.isoformat()],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/", folder / "tsa.pem"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def stamper(authority, tmp_path_factory):
    with stamping(authority, tmp_path_factory.mktemp("tsa")) as started:
        yield started


@pytest.fixture
def stamped(stamper, settings) -> None:
    """Letters bear the time of an authority, seven seconds after ISSUED."""
    settings.TSA_URL, settings.TSA_CERTIFICATES = stamper


@pytest.fixture
def asked() -> Iterator[Asked]:
    with being_asked() as asked:
        yield asked


@pytest.fixture
def lasting_certificate(asked, market_bureau, stamped) -> SigningCertificate:
    """The market bureau signs with all that a signature can have."""
    content = asked.authority.issue(market_bureau.name)
    return signing.install(organ=market_bureau, content=content, passphrase=PASSPHRASE, at=ISSUED)
