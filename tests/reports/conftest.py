from datetime import date

import pytest

from applications.records.models import Annotation, DishonestyRecord
from applications.reports.models import CreditReport
from applications.reports.services import issue_report
from tests.fixtures import make_record, moment

ISSUED = moment("2026-12-02 14:03")


@pytest.fixture(autouse=True)
def _on_the_day(settings, time_machine):
    settings.SITE_URL = "https://credit.example.gov.cn"
    time_machine.move_to(ISSUED, tick=False)


def annotate(record: DishonestyRecord, organ) -> Annotation:
    """As a granted repair leaves the record."""
    record.publicity = DishonestyRecord.Publicity.WITHDRAWN
    record.publicity_ended_at = moment("2026-11-30 10:00")
    record.save()
    return Annotation.objects.create(
        record=record,
        case_number="XF-320100-2026-004217-7",
        decision_number="宁市监信修准〔2026〕8号",
        deciding_organ=organ,
        decided_on=date(2026, 11, 30),
        annotated_at=moment("2026-11-30 10:00"),
    )


@pytest.fixture
def repaired_record(general_record, market_bureau) -> DishonestyRecord:
    annotate(general_record, market_bureau)
    general_record.refresh_from_db()
    return general_record


@pytest.fixture
def expired_record(acme, market_bureau) -> DishonestyRecord:
    """In publicity through 2026-03-02, nine months ago; no task has marked it yet."""
    return make_record(
        acme, market_bureau, document_number="宁市监处罚〔2025〕3号", decided_on=date(2025, 3, 2)
    )


@pytest.fixture
def issue(acme, credit_bureau, qian):
    def issue(variant: str = CreditReport.Variant.REPAIR, *, subject=acme, at=ISSUED) -> CreditReport:
        return issue_report(
            subject=subject, variant=variant, organ=credit_bureau, purpose="申请信用修复", actor=qian, at=at
        )

    return issue
