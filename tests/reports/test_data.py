"""The data in the PDF of a report: what it prints, and little of it."""

from datetime import date, timedelta

import pytest
from jsonschema import Draft202012Validator

from applications.documents.attached import schema
from applications.documents.rendering import render_pdf
from tests.documents.test_attached import data_in, unsaid
from tests.documents.test_letters import text_of
from tests.fixtures import make_record

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("variant", ["public", "repair"])
def test_the_data_of_a_report(variant, issue, repaired_record, serious_record):
    pdf = render_pdf(issue(variant).document).pdf
    told = data_in(pdf)
    Draft202012Validator(schema()).validate(told)
    assert unsaid(told, text_of(pdf)) == []
    penalties = {each["document_number"]: each for each in told["content"]["penalties"]}
    assert str(serious_record) in penalties and (str(repaired_record) in penalties) is (variant == "repair")
    if variant == "repair":
        assert penalties[str(repaired_record)]["annotation"] == {
            "organ": "南京市市场监督管理局",
            "decided_on": "2026-11-30",
            "decision_number": "宁市监信修准〔2026〕8号",
            "case_number": "XF-320100-2026-004217-7",
        }
    assert told["valid_until"] == told["content"]["valid_until"] == "2027-06-02"
    assert len(pdf) < 120 * 1024


def test_the_data_add_little_to_a_report(issue, acme, market_bureau, monkeypatch):
    for each in range(30):
        decided = date(2026, 8, 1) + timedelta(days=each)
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{each}号", decided_on=decided)
    document = issue("public").document
    with_data = len(render_pdf(document).pdf)
    monkeypatch.setattr("applications.documents.rendering.attached", lambda *args, **words: "{}")
    assert with_data - len(render_pdf(document).pdf) < 4 * 1024
