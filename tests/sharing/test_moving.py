"""What becomes of that which waits when platforms come, change and go."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.accounts.models import Role
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.sample.codes import make_uscc
from applications.sharing.destinations import approve_destination, find_homes, propose_destination
from applications.sharing.models import Delivery, Destination
from applications.sharing.services import push_deliveries, push_delivery, resend_delivery
from tests.fixtures import make_user
from tests.sharing.conftest import WRITTEN
from tests.sharing.platforms import platform_of
from tests.sharing_sandbox.process import KEY, SandboxProcess

MINUTE = timedelta(minutes=1)
LATER = WRITTEN + timedelta(hours=2)


@pytest.fixture
def xuanwu(db) -> Organ:
    """A unit of one of Nanjing's districts."""
    return Organ.objects.create(
        code="xw-scjg",
        name="南京市玄武区市场监督管理局",
        document_prefix="玄市监",
        kind=Organ.Kind.IDENTIFYING_UNIT,
        level=Organ.Level.COUNTY,
        region="320102",
        uscc=make_uscc("11", "320102", 9),
    )


@pytest.fixture
def of_xuanwu(xuanwu) -> dict[str, str]:
    return {
        "deciding_organ__uscc": xuanwu.uscc,
        "deciding_organ__name": xuanwu.name,
        "region": xuanwu.region,
    }


@pytest.fixture
def chen(credit_department):
    """A second supervisor of Nanjing's department."""
    return make_user("chen@example.com", "陈复核", credit_department, Role.SUPERVISOR)


@pytest.fixture
def change(sun, chen):
    """change(region, address): one proposes it and another puts it into effect."""

    def change(region: str, address: str = "", *, closes: bool = False) -> Destination:
        proposal = propose_destination(
            name="" if closes else "新平台",
            region=region,
            address=address,
            key="" if closes else KEY,
            closes=closes,
            actor=sun,
            at=LATER,
        )
        return approve_destination(destination=proposal, actor=chen, at=LATER)

    return change


@pytest.fixture
def ended(write, nanjing) -> Delivery:
    """Written by a decision that had chosen its platform just before another one took its place."""
    delivery = write()
    Destination.objects.filter(pk=nanjing.pk).update(active_to=WRITTEN)
    return delivery


def test_what_was_written_for_a_platform_that_has_ended_goes_to_the_one_after_it(ended, platform, nanjing):
    platform.start()
    assert push_delivery(delivery_id=ended.pk, at=WRITTEN) == "waiting"
    assert platform.received() == []
    successor = platform_of("320100", platform.url, at=WRITTEN)
    # As if its decision had not been committed yet when the other came.
    Delivery.objects.update(destination=nanjing)
    assert push_deliveries(at=WRITTEN) == {"delivered": 1}
    ended.refresh_from_db()
    assert ended.destination == successor


def test_what_was_written_for_a_platform_that_has_ended_without_another_is_told(ended, sun):
    assert push_deliveries(at=WRITTEN) == {}
    [message] = Message.objects.filter(recipient=sun, channel="inbox")
    assert message.subject == "没有可以接收共享信息的共享平台：南京市市场监督管理局"
    ended.refresh_from_db()
    assert (ended.destination, ended.attempts) == (None, 0)


def test_the_first_platform_of_a_district_gets_what_waits_there_and_nothing_else(
    write, change, of_xuanwu, nanjing, tmp_path
):
    county = SandboxProcess(tmp_path / "xuanwu").start()
    try:
        theirs, citys = write(1, **of_xuanwu), write(2)
        assert theirs.destination == citys.destination == nanjing
        new = change("320102", county.url)
        assert push_deliveries(at=LATER) == {"delivered": 1, "waiting": 1}
        assert [each["payload"]["message_id"] for each in county.received()] == [str(theirs.pk)]
        theirs.refresh_from_db()
        citys.refresh_from_db()
        assert (theirs.destination, citys.destination) == (new, nanjing)
    finally:
        county.stop()


def test_what_was_given_up_goes_to_the_new_platform_when_somebody_pushes_it_again(
    write, change, platform, zhao
):
    platform.start()
    delivery = write()
    Delivery.objects.update(status="dead", attempts=341, next_try_at=None, last_error="拒收")
    new = change("320100", platform.url)
    assert push_deliveries(at=LATER) == {}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("dead", "拒收")
    resend_delivery(delivery=delivery, actor=zhao, at=LATER)
    assert push_deliveries(at=LATER) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.destination == new


def test_a_new_platform_begins_with_the_first_try(write, change, platform):
    delivery = write()
    for tries in range(3):
        push_deliveries(at=WRITTEN + tries * timedelta(minutes=20))
    delivery.refresh_from_db()
    assert delivery.attempts == 3 and delivery.last_error
    change("320100", platform.url)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.last_error, delivery.next_try_at) == (0, "", LATER)
    push_deliveries(at=LATER)
    delivery.refresh_from_db()
    assert delivery.next_try_at < LATER + 2 * MINUTE


def test_what_a_sender_is_at_when_the_platform_changes_is_left_to_it(write, change, platform):
    delivery = write()
    held = {"status": "sending", "attempts": 1, "leased_until": LATER + MINUTE, "next_try_at": LATER + MINUTE}
    Delivery.objects.update(**held)
    new = change("320100", platform.url)
    assert Delivery.objects.filter(pk=delivery.pk, destination=new, **held).exists()


def test_what_waits_for_a_closed_platform_without_one_above_waits_for_a_new_one(write, change, platform):
    platform.start()
    delivery = write()
    change("320100", closes=True)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.destination) == ("waiting", None)
    assert push_deliveries(at=LATER) == {}
    change("320100", platform.url)
    assert push_deliveries(at=LATER) == {"delivered": 1}


def test_a_sweep_writes_nothing_where_there_is_still_no_platform(ended):
    find_homes(at=WRITTEN)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        find_homes(at=WRITTEN + MINUTE)
    assert not [each["sql"] for each in queries if each["sql"].startswith("UPDATE")]
