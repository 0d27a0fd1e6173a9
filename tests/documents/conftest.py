import pytest

from applications.documents.models import Document, Kind
from applications.documents.services import issue_document, render_document
from tests.documents.contents import content_of
from tests.fixtures import moment

ISSUED = moment("2026-12-02 14:03")


@pytest.fixture(autouse=True)
def _site(settings):
    settings.SITE_URL = "https://credit.example.gov.cn"


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
