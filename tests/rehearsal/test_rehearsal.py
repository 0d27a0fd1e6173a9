"""A rehearsed autumn: nothing differs from the law, and whatever is tampered with afterwards is found."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import chinese_calendar
import pytest
from django.db import transaction

from applications.deadlines.models import Deadline, Escalation
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.rehearsal import platform
from applications.rehearsal.counting import Days
from applications.rehearsal.running import NotEmpty, Rehearsal
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from tests.fixtures import moment
from tests.ledger.tampering import triggers_off


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_checkers_calendar_is_the_real_one():
    """Its own count of working days against an independent table, day by day."""
    days, day = Days(), date(2020, 1, 1)
    while day <= date(2026, 12, 31):
        assert days.is_worked(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    # National Day 2026: off until 7 October, Saturday 10 October is worked.
    assert days.counted(date(2026, 9, 30), 3) == (date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10))


def test_nothing_differs_from_the_law(rehearse):
    rehearsed = rehearse(60, 60, seed=11)
    report = rehearsed.check()

    assert report.differences == []
    assert sum(report.counts["办件"].values()) == 60
    # Clocks were answered in time and late, and some are open.
    clocks: Counter[str] = Counter()
    for kind in ("受理答复", "作出决定", "共享决定", "处理异议"):
        clocks.update(report.counts[f"期限·{kind}"])
    assert all(clocks[standing] for standing in ("按期办结", "逾期办结", "在办未到期")), clocks
    assert all(report.counts["提醒与上报"].values()), report.counts["提醒与上报"]
    # The calendar changed twice, and moved clocks that were running.
    assert len(rehearsed.journal.changes) == 2
    assert Event.objects.filter(verb="deadline.moved").exists()
    # People corrected and objected, and the platform was down for days.
    actions = Counter(step.action for step in rehearsed.journal.steps)
    assert all(actions[name] for name in ("resubmit", "grant", "refuse", "object")), actions
    assert Event.objects.filter(verb="delivery.delivered", payload__attempts__gt=5).exists()


def test_a_platform_that_keeps_messages_in_silence(rehearse, monkeypatch):
    """Its receipts come days later and are of the day on which it had the decision."""
    monkeypatch.setattr(platform, "SILENT_SHARE", 0.7)
    rehearsed = rehearse(50, 40, seed=5)

    assert rehearsed.check().differences == []
    receipts = [step for step in rehearsed.journal.steps if step.action == "receipt"]
    heard_later = [step for step in receipts if step.received_on < step.on]
    assert heard_later and len(heard_later) < len(receipts)
    # Some were in time although escalation had gone on to the breach.
    sharing = Deadline.objects.filter(kind="sharing")
    assert sharing.filter(escalations__level="breach", met_on__isnull=False, breached_on=None).exists()


def test_the_seed_decides_everything(rehearse):
    def steps(seed: int) -> list:
        with undone():
            return rehearse(12, 8, seed).journal.steps

    first = steps(3)
    assert first == steps(3)
    assert first != steps(4)


def test_a_rehearsal_never_starts_where_there_is_something(market_bureau):
    with pytest.raises(NotEmpty, match="空的数据库"):
        Rehearsal(days=5, cases=1, seed=1)


# What the checker finds. Each is done to a finished rehearsal, and says which case and what to look for.


def lose_an_escalation() -> tuple[str, str]:
    lost = Escalation.objects.filter(level="reminder").order_by("pk").first()
    Message.objects.filter(key__startswith=f"{lost.message_key}/").delete()
    lost.delete()
    return lost.deadline.case_number, f"{lost.on}的“届满前一工作日提醒”应有1次，实有0次"


def raise_an_unearned_escalation() -> tuple[str, str]:
    clock = Deadline.objects.filter(escalations=None, breached_on=None).order_by("pk").first()
    on = clock.due_on + timedelta(days=2)
    Escalation.objects.create(deadline=clock, level="daily", on=on, raised_at=moment("2026-10-01 00:05"))
    return clock.case_number, f"{on}的“逾期催办”应有0次，实有1次"


def put_off_a_due_date() -> tuple[str, str]:
    clock = Deadline.objects.filter(breached_on=None).order_by("pk").first()
    later = clock.due_on + timedelta(days=1)
    Deadline.objects.filter(pk=clock.pk).update(due_on=later)
    return clock.case_number, f"届满日应为{clock.due_on}，实为{later}"


def make_a_breach_smaller() -> tuple[str, str]:
    clock = Deadline.objects.filter(days_late__gt=0).order_by("pk").first()
    Deadline.objects.filter(pk=clock.pk).update(days_late=clock.days_late - 1)
    return clock.case_number, f"逾期工作日应为{clock.days_late}，实为{clock.days_late - 1}"


def lose_a_clock() -> tuple[str, str]:
    clock = Deadline.objects.filter(escalations=None).exclude(met_on=None).order_by("pk").first()
    clock.delete()
    return clock.case_number, "缺少这个期限"


def lose_a_message() -> tuple[str, str]:
    message = Message.objects.filter(key__startswith="escalation-").order_by("pk").first()
    message.delete()
    return message.about, "消息应为"


def address_a_message_wrongly() -> tuple[str, str]:
    message = Message.objects.filter(key__startswith="escalation-").order_by("pk").first()
    stranger = RepairCase.objects.exclude(number=message.about).first().filing.applicant
    Message.objects.filter(pk=message.pk).update(recipient=stranger)
    return message.about, "消息应为"


def tell_an_applicant_nothing() -> tuple[str, str]:
    message = Message.objects.filter(subject__endswith="准予修复", channel="email").order_by("pk").first()
    message.delete()
    return message.about, "email实有"


def change_a_status() -> tuple[str, str]:
    case = RepairCase.objects.filter(status="granted").order_by("pk").first()
    RepairCase.objects.filter(pk=case.pk).update(status="refused")
    return case.number, "状态应为granted，实为refused"


def lose_a_delivery() -> tuple[str, str]:
    delivery = Delivery.objects.filter(status="delivered").order_by("pk").first()
    Delivery.objects.filter(pk=delivery.pk).delete()
    return delivery.stream, "应有1条推送，实有0条"


def change_the_archive() -> tuple[str, str]:
    event = Event.objects.filter(verb="repair.accepted").order_by("pk").first()
    Event.objects.filter(pk=event.pk).update(at=event.at - timedelta(days=1))
    return event.chain, "记录被改动"


PLANTED = (
    lose_an_escalation,
    raise_an_unearned_escalation,
    put_off_a_due_date,
    make_a_breach_smaller,
    lose_a_clock,
    lose_a_message,
    address_a_message_wrongly,
    tell_an_applicant_nothing,
    change_a_status,
    lose_a_delivery,
    change_the_archive,
)


def test_the_checker_finds_what_is_planted(rehearse):
    rehearsed = rehearse(40, 30, seed=2)
    assert rehearsed.check().differences == []
    with triggers_off():
        for plant in PLANTED:
            with undone():
                number, sentence = plant()
                found = rehearsed.check().differences
            assert found, plant.__name__
            assert any(sentence in difference for difference in found), (plant.__name__, found)
            assert all(number in difference for difference in found), (plant.__name__, found)
