"""Reports too are PDF/A-3a and PDF/UA-1, by the word of veraPDF (see tests/documents/test_standards.py)."""

from datetime import date, timedelta

import pytest

from applications.documents.rendering import render_pdf
from applications.reports.models import CreditReport
from tests.documents.test_standards import GOOD, verdicts
from tests.fixtures import make_record
from tests.reports.test_reports import person  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.validator]


def test_a_long_report_one_for_a_repair_and_that_of_a_person(
    issue, acme, market_bureau, repaired_record, request, tmp_path
):
    someone = request.getfixturevalue("person")
    for each in range(30):
        decided = date(2026, 8, 1) + timedelta(days=each)
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2025〕{each}号", decided_on=decided)
    reports = {
        "long": issue("public"),
        "repair": issue(CreditReport.Variant.REPAIR),
        "person": issue("public", subject=someone),
    }
    (tmp_path / "files").mkdir()
    for name, report in reports.items():
        (tmp_path / "files" / name).write_bytes(render_pdf(report.document).pdf)
    assert verdicts(tmp_path / "files") == dict.fromkeys(reports, GOOD)
