"""The platform's receipts of several decisions, written down in one transaction (Article 11)."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from applications.deadlines.models import Deadline
from applications.ledger.locking import lock_free_chains
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.notifications.models import Message
from applications.repairs.errors import NotReady
from applications.repairs.steps import PlatformReceipt, record_platform_receipts
from applications.repairs.steps.together import take_together
from rules.errors import InputError
from tests.fixtures import moment
from tests.repairs.steps import granted, refused, submitted

AT = moment("2026-12-01 09:00")
ON_FRIDAY = moment("2026-11-27 17:00")
ON_MONDAY = moment("2026-11-30 08:00")


@pytest.fixture
def two(general_record, serious_record, market_bureau, alice, wang, li, zhao):
    """A grant and a refusal of Wednesday 25 November: the platform must have both by Friday 27."""
    return (
        granted(general_record, market_bureau, alice, wang, li, zhao),
        refused(serious_record, market_bureau, alice, wang, li, zhao),
    )


def clock(case):
    return Deadline.objects.get(case_number=case.number, kind="sharing")


def written(case):
    """All that a receipt would change of a case."""
    case.refresh_from_db()
    return (
        (case.version, case.edited_at, case.shared_at, case.due_on),
        clock(case).met_on,
        Event.objects.filter(chain=case.number).count(),
        Message.objects.filter(about=case.number).count(),
    )


def test_each_case_gets_what_is_its_own(two):
    grant, refusal = two
    versions = grant.version, refusal.version
    record_platform_receipts(
        receipts=[
            PlatformReceipt(refusal.number, 1, "P-2", ON_MONDAY),
            PlatformReceipt(grant.number, 1, "P-1", ON_FRIDAY),
        ],
        at=AT,
    )
    for case in two:
        case.refresh_from_db()
    assert (grant.status, grant.shared_at, grant.due_on) == ("granted", ON_FRIDAY, None)
    assert (refusal.status, refusal.shared_at, refusal.due_on) == ("refused", ON_MONDAY, None)
    assert (grant.version, refusal.version) == (versions[0] + 1, versions[1] + 1)
    assert {grant.edited_at, refusal.edited_at} == {AT}
    # Monday is one working day after Friday, the last one.
    assert (clock(grant).met_on, clock(grant).days_late) == (date(2026, 11, 27), 0)
    assert (clock(refusal).met_on, clock(refusal).breached_on, clock(refusal).days_late) == (
        date(2026, 11, 30),
        date(2026, 11, 28),
        1,
    )
    for case, number, received in (
        (grant, "P-1", "2026-11-27T17:00:00+08:00"),
        (refusal, "P-2", "2026-11-30T08:00:00+08:00"),
    ):
        last = Event.objects.filter(chain=case.number).order_by("position").last()
        assert (last.verb, last.role, last.actor) == ("repair.shared", "system", None)
        assert last.payload == {
            "from": case.status,
            "to": case.status,
            "position": 1,
            "receipt": number,
            "received_at": received,
        }
    assert verify_ledger(at=AT).broken is None


def test_who_was_granted_is_told_in_the_inbox_and_by_mail(two, alice):
    grant, _refusal = two
    record_platform_receipts(
        receipts=[PlatformReceipt(case.number, 1, "P", ON_FRIDAY) for case in two], at=AT
    )
    told = Message.objects.filter(body__startswith="公共信用信息共享平台已签收修复决定。\n信用主体：")
    assert sorted(told.values_list("recipient", "channel", "status", "subject", "about", "link")) == [
        (
            alice.pk,
            channel,
            status,
            f"{grant.number} 南京示例食品有限公司 {grant.record}：平台签收决定",
            grant.number,
            f"/to/case/{grant.number}/",
        )
        for channel, status in (("email", "waiting"), ("inbox", "delivered"))
    ]


def test_one_that_is_refused_leaves_all_as_they_were(two):
    grant, refusal = two
    before = [written(case) for case in two]
    with pytest.raises(NotReady, match="没有等待平台签收的第2次决定"):
        record_platform_receipts(
            receipts=[
                PlatformReceipt(grant.number, 1, "P-1", ON_FRIDAY),
                PlatformReceipt(refusal.number, 2, "P-2", ON_FRIDAY),
            ],
            at=AT,
        )
    with pytest.raises(InputError, match=r"2026-11-25.*2026-11-24"):
        record_platform_receipts(
            receipts=[
                PlatformReceipt(grant.number, 1, "P-1", ON_FRIDAY),
                PlatformReceipt(refusal.number, 1, "P-2", moment("2026-11-24 09:00")),
            ],
            at=AT,
        )
    assert [written(case) for case in two] == before


def test_two_of_one_case_are_not_taken_together(two):
    [grant, _refusal] = two
    with pytest.raises(ValueError, match="one receipt of each case"):
        record_platform_receipts(
            receipts=[PlatformReceipt(grant.number, place, "P", ON_FRIDAY) for place in (1, 2)], at=AT
        )


def test_two_cost_no_more_statements_than_one(two):
    def statements(cases):
        receipts = [PlatformReceipt(case.number, 1, "P", ON_FRIDAY) for case in cases]
        with transaction.atomic():
            # As the outbox does, of all together.
            lock_free_chains(case.number for case in cases)
            with CaptureQueriesContext(connection) as asked:
                record_platform_receipts(receipts=receipts, at=AT)
            transaction.set_rollback(True)
        return len(asked)

    assert statements(two) == statements(two[:1])


def test_a_step_that_does_more_is_taken_by_itself(general_record, market_bureau, alice):
    """Whoever takes another step of the system so is told at once."""
    case = submitted(general_record, market_bureau, alice)
    with (
        pytest.raises(AssertionError, match="close is to be taken in one case at a time"),
        take_together(numbers=[case.number], action="close", at=AT, message=""),
    ):
        pass
