"""Reminding of the first day to apply for a record: asked for in the list, true on the morning it is sent."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from applications.notifications.models import Message
from applications.portal.models import RecordReminder
from applications.portal.reminders.of_records import send_due
from applications.records.services import write_record
from applications.repairs import services
from applications.repairs.steps import withdraw_case
from applications.subjects.models import Claim
from tests.fixtures import make_record, moment
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db

LIST = "/records/"


@pytest.fixture
def young(acme, market_bureau):
    """Identified on 10 September: three months are over on 10 December, so the first day to apply is the 11th."""
    return make_record(
        acme, market_bureau, document_number="宁市监罚〔2026〕90号", decided_on=date(2026, 9, 10)
    )  # fmt: skip


def address(record):
    return reverse("portal:remind_record", args=[record.pk])


def ask(client, user, record):
    client.force_login(user)
    return client.post(address(record), {"want": "1"}, follow=True).content.decode()


def told(user):
    return Message.objects.filter(recipient=user, channel="inbox", key__startswith="may-apply/")


def test_asked_for_shown_and_taken_back(client, young, alice):
    client.force_login(alice)
    assert "到时提醒我" in client.get(LIST).content.decode()
    page = ask(client, alice, young)
    assert f"已设提醒：{young}，2026年12月11日。" in page and "取消提醒" in page and "到时提醒我" not in page
    ask(client, alice, young)
    assert RecordReminder.objects.count() == 1
    page = client.post(address(young), {"want": "0"}, follow=True).content.decode()
    assert f"已取消提醒：{young}。" in page and "到时提醒我" in page
    assert not RecordReminder.objects.exists()


def test_sent_once_on_the_day_and_not_before(client, young, alice, bob):
    ask(client, alice, young)
    assert send_due(at=moment("2026-12-10 08:00")) == 0 and RecordReminder.objects.count() == 1
    assert send_due(at=moment("2026-12-11 08:00")) == 1
    assert send_due(at=moment("2026-12-11 09:00")) == send_due(at=moment("2026-12-12 08:00")) == 0
    message = told(alice).get()
    assert message.subject == f"南京示例食品有限公司 {young}：可以申请信用修复了"
    assert (
        f"{young.identifying_unit}认定的失信行为信息{young}（信用主体：南京示例食品有限公司），现在可以申请"
        in message.body
    )
    assert f"公示至{young.publicity_until.year}年" in message.body
    assert Message.objects.filter(recipient=alice, channel="email", subject=message.subject).count() == 1
    assert not told(bob).exists() and not RecordReminder.objects.exists()
    client.force_login(alice)
    assert client.get(message.link).url == reverse("records:record", args=[young.pk])


def test_a_day_that_moved_is_waited_for(client, young, alice, zhao):
    ask(client, alice, young)
    write_record(
        record=young, values={"identified_on": date(2026, 9, 20), "decided_on": date(2026, 9, 20)}, verb="record.corrected", reason="更正", actor=zhao, at=moment("2026-12-01 10:00"),
    )  # fmt: skip
    assert send_due(at=moment("2026-12-11 08:00")) == 0
    assert send_due(at=moment("2026-12-21 08:00")) == 1


def test_while_a_draft_is_written_the_wish_waits(client, young, alice, market_bureau):
    ask(client, alice, young)
    case = services.start_case(
        record=young, organ=market_bureau, applicant=alice, at=moment("2026-12-11 07:00")
    )
    assert send_due(at=moment("2026-12-11 08:00")) == 0
    assert not told(alice).exists() and RecordReminder.objects.get().looked_on == date(2026, 12, 11)
    withdraw_case(case=case, actor=alice, at=moment("2026-12-11 17:00"))
    assert send_due(at=moment("2026-12-12 08:00")) == 1
    assert told(alice).exists() and not RecordReminder.objects.exists()


def test_what_was_applied_for_meanwhile_is_not_spoken_of(client, young, alice, market_bureau):
    ask(client, alice, young)
    submitted(young, market_bureau, alice, at="2026-12-11 10:00")
    assert send_due(at=moment("2026-12-11 11:00")) == 0
    assert not told(alice).exists() and not RecordReminder.objects.exists()


def test_a_draft_for_what_is_not_needed_any_more_keeps_no_wish(client, young, alice, market_bureau):
    ask(client, alice, young)
    services.start_case(record=young, organ=market_bureau, applicant=alice, at=moment("2026-12-11 07:00"))
    over = young.publicity_until + timedelta(days=1)
    assert send_due(at=moment(f"{over} 08:00")) == 0
    assert not told(alice).exists() and not RecordReminder.objects.exists()


def test_who_acts_for_it_no_longer_hears_nothing(client, young, bob):
    ask(client, bob, young)
    Claim.objects.filter(user=bob).update(status=Claim.Status.ENDED)
    assert send_due(at=moment("2026-12-11 08:00")) == 0
    assert not told(bob).exists() and not RecordReminder.objects.exists()


def test_not_yours(client, young, charlie, zhao):
    for person in (charlie, zhao):
        client.force_login(person)
        for answer in (
            client.post(address(young), {"want": "1"}),
            client.get(reverse("portal:record_ics", args=[young.pk])),
        ):
            assert answer.status_code == 404
    client.logout()
    assert client.post(address(young), {"want": "1"}).url.startswith("/accounts/login/")
    assert not RecordReminder.objects.exists()


def test_wrong_state_there_is_no_day_to_come(client, general_record, alice):
    page = ask(client, alice, general_record)
    assert f"{general_record}没有可以提醒的日期" in page
    answer = client.get(reverse("portal:record_ics", args=[general_record.pk]))
    assert answer.url == reverse("records:record", args=[general_record.pk])
    assert not RecordReminder.objects.exists()


def test_the_day_as_a_calendar_file(client, young, alice):
    client.force_login(alice)
    answer = client.get(reverse("portal:record_ics", args=[young.pk]))
    assert answer["Content-Type"].startswith("text/calendar")
    [event] = Calendar.from_ical(answer.content).events
    assert event["DTSTART"].dt == date(2026, 12, 11)
    assert event["SUMMARY"] == f"最早可以申请信用修复：{young}"
    assert "最早2026年12月11日" in event["DESCRIPTION"]
    assert f"/records/{young.pk}/" in event["DESCRIPTION"] and "自查" not in event["DESCRIPTION"]


def test_a_morning_looks_at_many_in_few_queries(django_assert_max_num_queries, acme, market_bureau, alice):
    for number in range(30):
        record = make_record(
            acme, market_bureau, document_number=f"宁市监罚〔2026〕{100 + number}号", decided_on=date(2026, 9, 10),
        )  # fmt: skip
        RecordReminder.objects.create(
            user=alice, record=record, made_at=moment("2026-11-23 10:00"), looked_on=date(2026, 11, 23)
        )
    with django_assert_max_num_queries(20):
        assert send_due(at=moment("2026-11-24 08:00")) == 0
    # Writing is two queries for each who is told; whose the records are is asked once for each person.
    with django_assert_max_num_queries(30 + 2 * 30):
        assert send_due(at=moment("2026-12-11 08:00")) == 30
