"""The platform's receipts: which decision they are about, and on which day it had the decision (Article 11)."""

from datetime import date

import pytest

from applications.deadlines.models import Escalation
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import sweep_deadlines
from applications.notifications.models import Message
from applications.objections.steps import file_objection, handle_objection
from applications.outbox.sending import NotTaken
from applications.portal.selectors import unfinished_cases
from applications.repairs import services, steps
from applications.repairs.locking import locked_filing
from applications.repairs.models import Filing, RepairCase
from applications.sharing import services as sharing
from applications.sharing.adapters import Receipt
from rules.errors import InputError
from tests.fixtures import moment
from tests.repairs.steps import all_confirmed, granted, open_papers, refused
from tests.sharing.platforms import platform_of

RECEIPTED = "公共信用信息共享平台已签收修复决定。"


def receipt(case, position, received, at):
    steps.record_platform_receipts(
        receipts=[steps.PlatformReceipt(case.number, position, f"P-{position}", moment(received))],
        at=moment(at),
    )
    case.refresh_from_db()


def sharing_clock(case, position=1):
    return clocks_of(case.number).get(kind="sharing", round=position)


def told(person):
    return Message.objects.filter(recipient=person, channel="inbox", body__startswith=RECEIPTED).count()


@pytest.fixture
def overturned(general_record, market_bureau, alice, wang, li, zhao, second_approver):
    """Refused on 25 November, objected to on the 26th, overturned on the 27th; nothing has left yet."""
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    objection = file_objection(
        case=case,
        disputed=["obligations_fulfilled"],
        grounds="罚款已分两次缴清。",
        actor=alice,
        at=moment("2026-11-26 10:00"),
    )
    open_papers(case, second_approver)
    handle_objection(
        objection=objection,
        overturn=True,
        checklist=all_confirmed(case, on=date(2026, 11, 27)),
        reasons="经核实，罚款已缴清。",
        actor=second_approver,
        at=moment("2026-11-27 10:00"),
    )
    case.refresh_from_db()
    return case


def test_the_receipt_of_the_refusal_is_not_that_of_the_repair(overturned, alice, client):
    receipt(overturned, 1, "2026-11-27 11:00", "2026-11-27 11:00")

    assert overturned.shared_at is None and told(alice) == 0
    assert sharing_clock(overturned, 1).met_on == date(2026, 11, 27)
    assert sharing_clock(overturned, 2).is_open
    assert [standing.case for standing in unfinished_cases(alice, date(2026, 11, 27))] == [overturned]
    client.post("/track/", {"number": overturned.number, "code": overturned.tracking_code})
    page = client.get(f"/track/{overturned.number}/").content.decode()
    assert "签收决定</dd>" not in page and "共享平台已经签收决定" not in page
    assert "平台签收决定（第1次决定）" in page

    receipt(overturned, 2, "2026-11-27 12:00", "2026-11-27 12:00")
    assert overturned.shared_at == moment("2026-11-27 12:00") and told(alice) == 1
    page = client.get(f"/track/{overturned.number}/").content.decode()
    assert "已于 2026年11月27日 12:00 签收决定" in page and "共享平台已经签收决定" in page


def test_of_a_refusal_that_stands_nobody_is_told(general_record, market_bureau, alice, wang, li, zhao):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    receipt(case, 1, "2026-11-26 09:00", "2026-11-26 09:00")
    assert case.shared_at == moment("2026-11-26 09:00") and told(alice) == 0


@pytest.fixture
def shared_late(general_record, market_bureau, alice, wang, li, zhao, sun):
    """Granted on Wednesday 25 November: the platform must have it by Friday 27. The portal hears on Monday 30."""
    return granted(general_record, market_bureau, alice, wang, li, zhao)


def test_the_clock_stops_on_the_platforms_day(shared_late, alice):
    for day in ("2026-11-26", "2026-11-27", "2026-11-28", "2026-11-30"):
        sweep_deadlines(at=moment(f"{day} 00:05"))
    assert sharing_clock(shared_late).breached_on == date(2026, 11, 28)

    receipt(shared_late, 1, "2026-11-27 23:50", "2026-11-30 09:00")

    clock = sharing_clock(shared_late)
    assert (clock.met_on, clock.breached_on, clock.days_late) == (date(2026, 11, 27), None, 0)
    assert shared_late.shared_at == moment("2026-11-27 23:50") and told(alice) == 1
    # What was said while nobody knew better stays said, and nothing is said after it.
    said = Escalation.objects.filter(deadline=clock).order_by("on")
    assert [(each.level, each.on.day) for each in said] == [
        ("reminder", 26),
        ("due", 27),
        ("breach", 28),
        ("daily", 30),
    ]
    assert sweep_deadlines(at=moment("2026-12-01 00:05")).raised == 0


def test_received_late_is_late_by_the_platforms_day(shared_late):
    receipt(shared_late, 1, "2026-11-30 23:50", "2026-12-02 09:00")
    clock = sharing_clock(shared_late)
    # One working day after the 27th: Monday.
    assert (clock.met_on, clock.breached_on, clock.days_late) == (
        date(2026, 11, 30),
        date(2026, 11, 28),
        1,
    )


def test_a_receipt_from_before_the_decision_is_refused(shared_late):
    with pytest.raises(InputError, match=r"2026-11-25.*2026-11-24"):
        receipt(shared_late, 1, "2026-11-24 09:00", "2026-11-26 09:00")
    assert sharing_clock(shared_late).is_open


@pytest.mark.parametrize("position", [1, 2])
def test_a_receipt_of_nothing_that_waits_for_one_is_refused(shared_late, alice, position):
    receipt(shared_late, 1, "2026-11-26 09:00", "2026-11-26 09:00")
    with pytest.raises(services.NotReady, match=f"没有等待平台签收的第{position}次决定"):
        receipt(shared_late, position, "2026-11-27 09:00", "2026-11-27 09:00")
    assert shared_late.shared_at == moment("2026-11-26 09:00") and told(alice) == 1


@pytest.mark.django_db
def test_what_is_not_there_is_said_to_be_missing():
    with pytest.raises(RepairCase.DoesNotExist):
        receipt(RepairCase(number="XF-320100-2026-999999-9"), 1, "2026-11-27 09:00", "2026-11-27 09:00")
    with pytest.raises(Filing.DoesNotExist):
        locked_filing(RepairCase(filing_id=999_999))


class Silent:
    """Keeps the message, says nothing, and answers the next try with the receipt of the first."""

    def __init__(self, received_at: str) -> None:
        self.received_at, self.tried = received_at, False

    def send(self, delivery):
        if not self.tried:
            self.tried = True
            raise NotTaken("没有应答")
        return Receipt("P-1", self.received_at, str(delivery.pk), duplicate=True)


@pytest.mark.parametrize(
    ("received_at", "met_on"),
    [
        ("2026-11-27T23:50:00+08:00", date(2026, 11, 27)),
        # Half past four in the afternoon of the 27th in London is half past midnight of the 28th here.
        ("2026-11-27T16:30:00+00:00", date(2026, 11, 28)),
        # The platform's clock is wrong: never before the decision, never in the future.
        ("2026-11-01T10:00:00+08:00", date(2026, 11, 25)),
        ("2027-03-01T10:00:00+08:00", date(2026, 11, 30)),
    ],
)
def test_the_outbox_brings_the_platforms_moment(shared_late, settings, received_at, met_on):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    platform = Silent(received_at)
    platform_of("320100")

    sharing.push_deliveries(at=moment("2026-11-27 23:50"), adapter_for=lambda destination: platform)
    assert sharing_clock(shared_late).is_open
    sharing.push_deliveries(at=moment("2026-11-30 09:00"), adapter_for=lambda destination: platform)

    assert sharing_clock(shared_late).met_on == met_on
