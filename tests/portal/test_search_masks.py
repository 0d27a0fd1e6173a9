"""What was stored before its columns were watched is shown to the public without the numbers of persons."""

from applications.records.models import DishonestyRecord
from applications.reports.composing import _penalty
from applications.subjects.models import Subject
from tests.fixtures import make_record
from tests.records.previews import NOW

NUMBER = "11010519491231002X"


def test_what_was_stored_before_is_masked_for_the_public(client, market_bureau, acme):
    Subject.objects.filter(pk=acme.pk).update(name=f"旧示例{NUMBER}", plain_name=f"旧示例{NUMBER}")
    make_record(acme, market_bureau, document_number=f"旧罚{NUMBER}号")
    DishonestyRecord.objects.update(violation_type=f"周某（电话13912345678）{NUMBER}")
    page = client.post("/search/", {"q": "旧示例"}, follow=True).text
    assert "1101**********002X" in page and "13*******78" in page
    assert NUMBER not in page and "13912345678" not in page


def test_nor_is_a_person_s_number_shown_that_passed_for_a_code():
    subject = Subject(kind="organisation", name="旧示例", uscc="320199199001010298")
    assert subject.masked_code == "3201**********0298"
    assert (
        Subject(kind="organisation", name="新", uscc="91350100M000100Y43").masked_code == "91350100M000100Y43"
    )


def test_a_report_shows_a_stated_zero_and_no_number(market_bureau, acme):
    record = make_record(acme, market_bureau, confiscated_amount="0")
    record.facts = f"周某（{NUMBER}）销售。"
    record.refresh_from_db(fields=["confiscated_amount", "fine_amount"])
    rows = dict(_penalty(record, NOW.date())["rows"])
    assert rows["违法事实"] == "周某（1101**********002X）销售。"
    assert rows["没收违法所得、没收非法财物的金额（万元）"] == "0"
