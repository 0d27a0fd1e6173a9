import pytest

from applications.documents import signing
from applications.documents.models import Document, Kind, SigningCertificate
from applications.documents.services import issue_document, render_document
from applications.sample.certificates import PASSPHRASE, Authority
from tests.documents.contents import content_of
from tests.fixtures import moment

ISSUED = moment("2026-12-02 14:03")


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
