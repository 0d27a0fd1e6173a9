"""Claims to begin with."""

import pytest

from applications.subjects.models import Claim, Subject
from applications.subjects.services import register_subject
from tests.subjects.claims import COMPANY_DATA, COMPANY_FORM, NOW, PERSON, paper


@pytest.fixture
def zhang(db) -> Subject:
    return register_subject(
        kind="natural_person", name="张小明", identity_type="resident_id", identity_number=PERSON, at=NOW
    )


@pytest.fixture
def waiting(client, charlie, credit_bureau) -> Claim:
    """charlie's claim to a company of Nanjing that nobody knows yet."""
    client.force_login(charlie)
    data = {**COMPANY_DATA, "proof": paper()}
    assert client.post(COMPANY_FORM, data).status_code == 302
    client.logout()
    return Claim.objects.get(user=charlie)
