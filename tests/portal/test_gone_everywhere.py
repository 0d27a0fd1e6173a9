"""A record that is repaired is gone at once from all that the public reads, and nothing says that there was one."""

import pytest
import time_machine

from applications.portal.models import MeasuredSet
from applications.portal.performance.keeping import keep_performance
from applications.portal.tasks import measure_open_data
from tests.fixtures import moment
from tests.repairs.steps import granted, submitted

pytestmark = pytest.mark.django_db

# Where a public record is to be found, and what is read besides.
SHOWN = (
    "/data/records.csv",
    "/data/records.json",
    "/search/results.csv?q={name}",
    "/search/results.json?q={name}",
)
OTHERS = (
    *(
        "/data/commitments.csv",
        "/data/commitments.json",
        "/data/organs.csv",
        "/data/organs.json",
        "/data/performance.csv",
    ),
    *(
        "/data/performance.json",
        "/feeds/commitments.atom",
        "/feeds/notices.atom",
        "/sitemap.xml",
        "/robots.txt",
        "/data/",
    ),
    *("/performance/", "/performance/{organ}/", "/", "/guide/", "/guide/rules/", "/organs/", "/training/"),
)
SEARCH = "/search/?q={name}"


@pytest.fixture
def read(client):
    """read(address) → what stands there; what was asked is not what is answered."""

    def reading(address: str, **of) -> str:
        answer = client.get(address.format(**of))
        assert answer.status_code == 200, address
        page = (b"".join(answer) if answer.streaming else answer.content).decode()
        return page.replace(f'value="{of["name"]}"', "").replace(f'"q":"{of["name"]}"', "")

    return reading


def test_the_decision_takes_it_away_everywhere(
    client, read, alice, general_record, market_bureau, wang, li, zhao
):
    subject, number = general_record.subject, general_record.document_number
    of = {"name": subject.name, "organ": market_bureau.code}
    with time_machine.travel(moment("2026-11-25 03:00"), tick=False):
        keep_performance(at=moment("2026-11-25 03:00"))
        measure_open_data()
    for address in (*SHOWN, SEARCH):
        page = read(address, **of)
        assert subject.name in page and number in page, address
    assert number in client.post("/search/", {"q": number}).content.decode()

    case = granted(general_record, market_bureau, alice, wang, li, zhao)

    hidden = (
        *(number, general_record.plain_number, general_record.reference, general_record.violation_type),
        *(case.number, case.decision_number),
    )
    for address in (*SHOWN, *OTHERS):
        page = read(address, **of)
        assert not [said for said in (subject.name, subject.uscc, *hidden) if said in page], address
    # The subject agreed to the publication of its commitment, which leads nowhere.
    commitment = case.filing.commitment
    for address in (SEARCH, "/commitments/", f"/commitments/{commitment.pk}/"):
        page = read(address, **of)
        assert subject.name in page, address
        assert not [said for said in (*hidden, "已修复") if said in page], address
    found = client.post("/search/", {"q": number}).content.decode().replace(f'value="{number}"', "")
    assert "无公示信息" in found and number not in found
    # What was counted in the night before is a number.
    assert MeasuredSet.objects.get(name="records").rows == 1


def test_while_it_waits_for_the_decision_it_stands_where_it_stood(read, alice, general_record, market_bureau):
    submitted(general_record, market_bureau, alice)
    of = {"name": general_record.subject.name, "organ": market_bureau.code}
    for address in (*SHOWN, SEARCH):
        assert general_record.document_number in read(address, **of), address
