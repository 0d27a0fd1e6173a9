"""Which platform a decision goes to (Article 11: of the same level), and who changes that."""

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import Role
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.sample.codes import make_uscc
from applications.sharing.destinations import (
    approve_destination,
    propose_destination,
    register_destination,
    reject_destination,
)
from applications.sharing.models import Delivery, Destination
from applications.sharing.selectors import destination_for
from applications.sharing.services import push_deliveries, push_delivery
from rules.errors import InputError
from tests.fixtures import make_user
from tests.sharing.conftest import WRITTEN
from tests.sharing.platforms import move, platform_of
from tests.sharing_sandbox.process import SandboxProcess, free_port

MINUTE = timedelta(minutes=1)
SUZHOU = {"deciding_organ__uscc": "11320500000000001A", "deciding_organ__name": "苏州市生态环境局"}
NEW = "https://share.new.example.cn"


def organ(level: str, region: str) -> Organ:
    return Organ.objects.create(
        code=f"unit-{region}",
        name=f"{region}认定单位",
        document_prefix=region,
        kind=Organ.Kind.IDENTIFYING_UNIT,
        level=level,
        region=region,
        uscc=make_uscc("11", region, 9),
    )


@pytest.fixture
def chen(credit_department):
    """A second supervisor of Nanjing's department."""
    return make_user("chen@example.com", "陈复核", credit_department, Role.SUPERVISOR)


@pytest.fixture
def suzhou(ecology_bureau):
    """A supervisor of Suzhou's department."""
    department = organ("city", "320500")
    department.kind = Organ.Kind.CREDIT_MANAGEMENT
    department.save()
    return make_user("gu@example.com", "顾监督", department, Role.SUPERVISOR)


def proposed(actor, **changes) -> Destination:
    facts = {"name": "南京新平台", "region": "320100", "address": NEW, "key": "a new key"}
    return propose_destination(**(facts | changes), actor=actor, at=WRITTEN)


# -- Which platform


def test_each_level_has_its_own(nanjing):
    province, county = platform_of("320000"), platform_of("320102")
    assert destination_for(organ("province", "320000")) == province
    assert destination_for(organ("city", "320100")) == nanjing
    assert destination_for(organ("county", "320102")) == county


def test_where_there_is_none_the_next_above_that_covers_the_region_takes_it(nanjing):
    province = platform_of("320000")
    assert destination_for(organ("county", "320102")) == nanjing
    assert destination_for(organ("county", "320583")) == province
    assert destination_for(organ("city", "320500")) == province


def test_a_decision_never_goes_below_its_level_nor_to_another_city(nanjing):
    platform_of("320583")
    assert destination_for(organ("province", "320000")) is None
    assert destination_for(organ("city", "320500")) is None


def test_two_cities_decisions_go_each_to_its_own(write, platform, tmp_path):
    other = SandboxProcess(tmp_path / "suzhou").start()
    platform.start()
    move(platform_of("320500"), other.url)
    try:
        ours, theirs = write(1), write(2, **SUZHOU)
        assert push_deliveries(at=WRITTEN) == {"delivered": 2}
        assert [each["payload"]["message_id"] for each in platform.received()] == [str(ours.pk)]
        assert [each["payload"]["message_id"] for each in other.received()] == [str(theirs.pk)]
    finally:
        other.stop()


def test_each_is_spoken_to_with_its_own_key(write, platform):
    """The sandbox refuses what is not signed with the key that it was started with."""
    platform.start()
    register_destination(name="南京", region="320100", address=platform.url, key="another key", at=WRITTEN)
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    delivery.refresh_from_db()
    assert "401" in delivery.last_error


def test_a_dead_platform_delays_no_other(write, platform):
    """Nobody listens in Suzhou, whose ten decisions are due the longest."""
    platform.start()
    platform_of("320500")
    for case in range(1, 11):
        write(case, at=WRITTEN - MINUTE, **SUZHOU)
    ours = [write(case) for case in range(11, 16)]
    assert push_deliveries(at=WRITTEN) == {"waiting": 3, "delivered": 5}
    assert len(platform.received()) == len(ours)


def test_a_nudge_leaves_a_platform_that_is_down_to_the_sweep(write):
    write(1), write(2), write(3)
    push_deliveries(at=WRITTEN)
    latest = write(4)
    assert push_delivery(delivery_id=latest.pk, at=WRITTEN) == "waiting"
    latest.refresh_from_db()
    assert latest.attempts == 0


# -- None at all


def test_without_any_platform_a_decision_waits_and_people_are_told(
    write, nanjing, zhao, keeper, sun, platform
):
    Destination.objects.filter(pk=nanjing.pk).update(active_to=WRITTEN)
    delivery = write()
    assert delivery.destination is None
    assert push_deliveries(at=WRITTEN) == {}
    push_deliveries(at=WRITTEN + MINUTE)
    for person in (zhao, keeper, sun):
        [message] = Message.objects.filter(recipient=person, channel="inbox")
        assert message.subject == "没有可以接收共享信息的共享平台：南京市市场监督管理局"
        assert "有1条信息等待共享" in message.body
    push_deliveries(at=WRITTEN + timedelta(days=1))
    assert Message.objects.filter(recipient=sun, channel="inbox").count() == 2
    # Nobody is sent to a platform that there is not.
    assert not Message.objects.filter(subject__startswith="修复决定尚未共享").exists()

    platform.start()
    platform_of("320000", platform.url, at=WRITTEN)
    assert push_deliveries(at=WRITTEN + timedelta(days=1, minutes=1)) == {"delivered": 1}
    delivery.refresh_from_db()
    assert delivery.destination.region == "320000"


# -- Changed by two people


def test_an_address_changes_only_with_the_second_person(write, nanjing, platform, sun, chen):
    platform.start()
    old = f"http://127.0.0.1:{free_port()}"
    move(nanjing, old)
    change = proposed(sun, address=platform.url, key="a key for tests")
    delivery = write()
    assert push_deliveries(at=WRITTEN) == {"waiting": 1}
    assert platform.received() == []

    with pytest.raises(PermissionDenied):
        approve_destination(destination=change, actor=sun, at=WRITTEN)
    approve_destination(destination=change, actor=chen, at=WRITTEN + 2 * MINUTE)
    assert push_deliveries(at=WRITTEN + 2 * MINUTE) == {"delivered": 1}
    delivery.refresh_from_db()
    change.refresh_from_db()
    assert delivery.destination == change
    assert (change.proposed_by, change.decided_by, change.active_from) == (sun, chen, WRITTEN + 2 * MINUTE)
    # The row before is kept, with its last moment.
    nanjing.refresh_from_db()
    assert (nanjing.address, nanjing.active_to) == (old, WRITTEN + 2 * MINUTE)


def test_the_database_itself_refuses_one_person_alone(sun):
    change = proposed(sun)
    with pytest.raises(IntegrityError, match="destination_second_person"), transaction.atomic():
        Destination.objects.filter(pk=change.pk).update(
            state="approved", decided_by=sun, decided_at=WRITTEN, active_from=WRITTEN
        )


def test_a_second_platform_for_the_same_place_does_not_stand_beside_the_first(nanjing):
    with pytest.raises(IntegrityError), transaction.atomic():
        Destination.objects.create(
            name="x", level="city", region="320100", address=NEW, sealed_key="x", state="approved",
            proposed_at=WRITTEN, active_from=WRITTEN,
        )  # fmt: skip


def test_a_proposal_is_decided_once(sun, chen):
    change = proposed(sun)
    reject_destination(destination=change, actor=chen, reason="地址有误", at=WRITTEN)
    with pytest.raises(NotProposed, match="已驳回"):
        approve_destination(destination=change, actor=chen, at=WRITTEN)
    told = Message.objects.get(recipient=sun, channel="inbox")
    assert told.subject == "已驳回：共享平台“南京新平台”"
    assert "地址有误" in told.body


def test_a_platform_is_closed_and_the_level_above_takes_over(write, nanjing, sun, chen):
    province = platform_of("320000")
    delivery = write()
    change = proposed(sun, closes=True, name="", address="", key="")
    approve_destination(destination=change, actor=chen, at=WRITTEN)
    delivery.refresh_from_db()
    assert delivery.destination == province
    assert destination_for(Organ.objects.get(code="nj-scjg")) == province


def test_what_was_delivered_stays_with_whom_it_went_to(write, nanjing, platform, sun, chen):
    platform.start()
    delivery = write()
    push_deliveries(at=WRITTEN)
    approve_destination(destination=proposed(sun), actor=chen, at=WRITTEN)
    delivery.refresh_from_db()
    assert delivery.destination == nanjing


def test_nobody_changes_anothers_platform(nanjing, suzhou, zhao, sun, li):
    for stranger in (suzhou, zhao, li):
        with pytest.raises(PermissionDenied):
            proposed(stranger)
    change = proposed(sun)
    for stranger in (suzhou, zhao, li):
        with pytest.raises(PermissionDenied):
            approve_destination(destination=change, actor=stranger, at=WRITTEN)


def test_those_who_may_decide_are_told(sun, chen, suzhou):
    proposed(sun)
    told = set(Message.objects.values_list("recipient__email", flat=True))
    assert told == {"chen@example.com"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"region": "310100"}, "region"),
        ({"name": " "}, "name"),
        ({"address": ""}, "address"),
        ({"address": "share.example.cn"}, "address"),
        ({"address": "ftp://share.example.cn"}, "address"),
        ({"address": "https://user:secret@share.example.cn"}, "address"),
        ({"address": "https://share.example.cn/?key=secret"}, "address"),
        ({"address": "https://share.example.cn:0x"}, "address"),
        ({"address": "https://share.exa mple.cn"}, "address"),
        ({"key": ""}, "key"),
        ({"closes": True}, "region"),
    ],
)
def test_what_is_wrong_is_named(sun, changes, field):
    with pytest.raises(InputError) as refusal:
        proposed(sun, **changes)
    assert refusal.value.path == field
    assert not Destination.objects.exists()


def test_nothing_that_would_change_nothing(nanjing, sun):
    with pytest.raises(InputError, match="完全一致"):
        proposed(sun, name=nanjing.name, address=nanjing.address + "/", key="")


def test_without_a_key_the_one_in_force_stays(nanjing, sun, chen):
    change = proposed(sun, key="")
    assert approve_destination(destination=change, actor=chen, at=WRITTEN).key == nanjing.key


def test_a_key_that_was_changed_meanwhile_does_not_come_back(nanjing, sun, chen):
    renamed = proposed(sun, key="")
    approve_destination(destination=proposed(sun, key="rotated"), actor=chen, at=WRITTEN)
    assert approve_destination(destination=renamed, actor=chen, at=WRITTEN + MINUTE).key == "rotated"


def test_no_key_of_a_platform_that_has_ended_is_kept(nanjing, sun, chen):
    renamed = proposed(sun, key="")
    approve_destination(
        destination=proposed(sun, closes=True, name="", address="", key=""), actor=chen, at=WRITTEN
    )
    with pytest.raises(NotProposed, match="没有可以沿用的密钥"):
        approve_destination(destination=renamed, actor=chen, at=WRITTEN + MINUTE)
    renamed.refresh_from_db()
    assert renamed.state == "proposed"
    reject_destination(destination=renamed, actor=chen, reason="请填写密钥", at=WRITTEN + MINUTE)


def test_the_database_itself_refuses_a_platform_without_a_key(nanjing, sun, chen):
    change = proposed(sun, key="")
    with pytest.raises(IntegrityError, match="destination_is_somewhere"), transaction.atomic():
        Destination.objects.filter(pk=change.pk).update(
            state="approved", decided_by=chen, decided_at=WRITTEN, active_from=WRITTEN, active_to=WRITTEN
        )


# -- The key


def test_the_key_is_in_no_row_ledger_or_log(write, nanjing, sun, chen, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "s3cr3t-of-the-platform"
    change = proposed(sun, key=secret)
    write()
    push_deliveries(at=WRITTEN)
    approve_destination(destination=change, actor=chen, at=WRITTEN + 2 * MINUTE)
    push_deliveries(at=WRITTEN + 2 * MINUTE)
    assert change.key == secret
    rows = [Destination, Delivery, Event, Message]
    assert secret not in str([list(model.objects.values()) for model in rows])
    assert secret not in caplog.text
    assert secret not in repr(change)


def test_the_operator_changes_nothing_that_two_people_put_there(sun, chen):
    approve_destination(destination=proposed(sun), actor=chen, at=WRITTEN)
    register_destination(name="x", region="320100", address="http://127.0.0.1:1", key="k", at=WRITTEN)
    assert Destination.objects.get().address == NEW


def test_the_same_is_not_proposed_twice(nanjing, sun, chen):
    proposed(sun, key="")
    with pytest.raises(InputError, match=f"{sun.name}已于.+提出，正等待复核"):
        proposed(chen, key="")
    proposed(chen, key="rotated")
