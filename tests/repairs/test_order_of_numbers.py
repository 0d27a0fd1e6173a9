"""Two sittings at the same organs take numbers in one order, whatever theirs is: neither waits for what the other holds."""

from __future__ import annotations

from datetime import date

import pytest

from applications.numbering import services as numbering
from applications.repairs import services, steps
from applications.repairs.services.receptions import cases_of
from tests.fixtures import make_record, moment
from tests.repairs.receptions import received
from tests.repairs.steps import joined, prepared

AT, NOW = moment("2026-11-20 09:00"), moment("2026-11-20 10:00")

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(monkeypatch) -> list[str]:
    """The series of which numbers were taken, in this order."""
    keys: list[str] = []
    take = numbering.take_number

    def noted(key: str) -> int:
        keys.append(key)
        return take(key)

    for user in ("repairs.services.drafts", "documents.numbering"):
        monkeypatch.setattr(f"applications.{user}.take_number", noted)
    return keys


@pytest.fixture
def two(general_record, acme, market_bureau):
    other = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕21号", decided_on=date(2026, 4, 1)
    )
    return [general_record, other]


@pytest.fixture
def organs(market_bureau, credit_bureau):
    """Two whose numbers of cases are of two series."""
    credit_bureau.region = "320000"
    credit_bureau.save()
    return [market_bureau, credit_bureau]


@pytest.mark.parametrize("turned", [False, True])
def test_a_choice_takes_the_numbers_of_its_cases_in_the_order_of_regions(taken, two, organs, alice, turned):
    choices = list(zip(two, organs, strict=True))
    services.start_filing(choices=choices[::-1] if turned else choices, applicant=alice, at=AT)
    assert taken == ["case:320000:2026", "case:320100:2026"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_sitting_takes_the_numbers_of_its_receipts_in_the_order_of_organs(
    taken, two, organs, alice, turned
):
    first, second = organs[::-1] if turned else organs
    case = prepared(two[0], first, alice)
    joined(case, two[1], second, alice, AT)
    services.sign_commitment(case=case, signatory="陈示例", publication_consent=True, actor=alice, at=AT)
    versions = {each.number: each.version for each in services.drafts_of(case.filing)}
    taken.clear()
    steps.submit_filing(filing=case.filing, versions=versions, actor=alice, at=NOW)
    receipts = [key for key in taken if ":receipt:" in key]
    assert receipts == [f"document:{organ.code}:receipt:2026" for organ in organs[::-1]]


def test_the_window_begins_its_cases_in_the_order_of_their_records(two, wang):
    reception = received(two[0], wang, records=two[::-1])
    begun = [case.record for case in cases_of(reception)]
    assert begun == two
