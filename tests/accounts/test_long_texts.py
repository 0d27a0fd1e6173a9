"""A text that is longer than its field is counted, and comes back whole, on every form of applicants."""

import re

import pytest
from django.urls import reverse

from applications.subjects.models import Claim
from tests.english.pages import ENGLISH
from tests.pages import text
from tests.repairs.steps import prepared

pytestmark = pytest.mark.django_db
TOLD = "最多{most}个字，您写了{wrote}个字"


@pytest.fixture
def pages(general_record, market_bureau, acme, alice, bob):
    """Each page with a field of words: its address, the field, and how much it takes."""
    number = prepared(general_record, market_bureau, alice).number
    return [
        (reverse("repairs:fulfilment", args=[number]), "improvements", 2000),
        (reverse("repairs:contact", args=[number]), "name", 80),
        (reverse("records:object", args=[general_record.pk]), "grounds", 5000),
        (reverse("records:missing"), "grounds", 5000),
        (reverse("reports:ask", args=[acme.pk]), "purpose", 200),
        (reverse("subjects:end", args=[Claim.objects.get(user=bob).pk]), "reason", 200),
        (reverse("subjects:claim") + "?kind=organisation", "name", 200),
    ]


def test_it_is_counted_and_comes_back_whole(client, pages, alice):
    client.force_login(alice)
    for address, field, most in pages:
        # Nothing is cut off by the browser, either.
        (tag,) = re.findall(rf'<(?:input|textarea)[^>]* name="{field}"[^>]*>', text(client.get(address)))
        assert "maxlength" not in tag, address
        words = "善" * (most + 1)
        page = text(client.post(address, {field: words}))
        assert TOLD.format(most=most, wrote=most + 1) in page, address
        assert words in page, address
        assert "error-summary" in page and f'href="#id_{field}"' in page, address


def test_it_is_said_in_english(client, general_record, alice):
    client.force_login(alice)
    address = reverse("records:object", args=[general_record.pk])
    page = text(client.post(address, {"grounds": "x" * 5001}, headers=ENGLISH))
    assert "At most 5000 characters fit, and you wrote 5001" in page
