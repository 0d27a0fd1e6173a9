"""Annotation and withdrawal (Article 9), the end of publicity by lapse of time, and who sees what."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.db import transaction

from applications.accounts.models import Role
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records import access, selectors
from applications.records.models import Annotation
from applications.records.services import AlreadyAnnotated, annotate_and_withdraw, end_publicity
from applications.records.tasks import end_publicity as end_publicity_task
from rules.eligibility import assess
from rules.facts import Facts
from rules.policy import policy_for
from tests.fixtures import make_record, make_user, moment
from tests.refusing import key_of, refuse

NOW = moment("2026-11-23 10:00")


def annotate(record, organ, number="宁市监信修〔2026〕1号"):
    return annotate_and_withdraw(
        record=record,
        case_number="XF-320100-2026-000001-1",
        decision_number=number,
        organ=organ,
        decided_on=date(2026, 11, 23),
        at=NOW,
        actor=None,
    )


@time_machine.travel(NOW, tick=False)
def test_a_repaired_record_is_annotated_and_leaves_publicity_at_once(general_record, market_bureau):
    assert general_record in selectors.published()
    with transaction.atomic():
        annotate(general_record, market_bureau)
    assert general_record not in selectors.published()
    assert (general_record.publicity, general_record.publicity_ended_at) == ("withdrawn", NOW)
    general_record.refresh_from_db()
    assert (general_record.publicity, general_record.publicity_ended_at) == ("withdrawn", NOW)
    assert general_record.annotation.deciding_organ == market_bureau
    event = Event.objects.get(chain=general_record.reference)
    assert event.verb == "record.annotated"
    assert event.payload["decision"] == "宁市监信修〔2026〕1号"


def test_a_second_annotation_is_refused_and_leaves_the_first(general_record, market_bureau):
    with transaction.atomic():
        annotate(general_record, market_bureau)
    with pytest.raises(AlreadyAnnotated, match="宁市监信修〔2026〕1号"), transaction.atomic():
        annotate(general_record, market_bureau, "宁市监信修〔2026〕2号")
    assert Annotation.objects.get().decision_number == "宁市监信修〔2026〕1号"


def test_a_decision_that_fails_leaves_no_annotation(general_record, market_bureau):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        annotate(general_record, market_bureau)
        raise ZeroDivisionError
    general_record.refresh_from_db()
    assert general_record.publicity == "published"
    assert not Annotation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_annotation_needs_the_transaction_of_the_decision(general_record, market_bureau):
    with pytest.raises(RuntimeError, match="transaction"):
        annotate(general_record, market_bureau)


def test_the_last_day_of_publicity_still_counts(general_record):
    """Decided on 2026-05-01: one year is over when 2027-05-01 is."""
    assert end_publicity(at=moment("2027-05-01 23:59")) == 0
    with time_machine.travel(moment("2027-05-01 23:59"), tick=False):
        assert general_record in selectors.published()
    with time_machine.travel(moment("2027-05-02 00:00"), tick=False):
        # Before any task has run.
        assert general_record not in selectors.published()
    assert end_publicity(at=moment("2027-05-02 00:00")) == 1
    general_record.refresh_from_db()
    assert (general_record.publicity, general_record.publicity_ended_at) == (
        "expired",
        moment("2027-05-02 00:00"),
    )
    assert Event.objects.get(chain=general_record.reference).verb == "record.publicity_ended"
    assert end_publicity(at=moment("2027-05-03 00:00")) == 0


def test_the_task_ends_publicity_for_all_that_are_due(acme, market_bureau, general_record):
    make_record(acme, market_bureau, document_number="〔2025〕1号", decided_on=date(2025, 1, 1))
    with time_machine.travel(NOW, tick=False):
        assert end_publicity_task() == 1


def test_a_record_that_fails_keeps_no_other_public_and_is_an_alarm(acme, market_bureau, credit_bureau):
    keeper = make_user("keeper@example.com", "纪系统", credit_bureau, Role.SYSTEM_ADMIN)
    first, second, third = (
        make_record(acme, market_bureau, document_number=f"〔2025〕{n}号", decided_on=date(2025, 1, n))
        for n in (1, 2, 3)
    )
    refuse(
        "records_dishonestyrecord",
        f"NEW.id = {key_of(second)} AND NEW.publicity = 'expired'",
    )
    assert end_publicity(at=NOW) == 2
    for record, publicity in ((first, "expired"), (second, "published"), (third, "expired")):
        record.refresh_from_db()
        assert record.publicity == publicity
    told = Message.objects.get(recipient=keeper, channel="inbox")
    assert told.subject == "系统未能登记一项失败：公示期满下架"


def test_what_a_decision_withdrew_does_not_expire(general_record, market_bureau):
    with transaction.atomic():
        annotate(general_record, market_bureau)
    assert end_publicity(at=moment("2028-01-01 00:00")) == 0
    general_record.refresh_from_db()
    assert general_record.publicity == "withdrawn"


def test_the_facts_of_a_record_are_those_that_the_rules_ask_for(serious_record):
    duty = serious_record.obligations.get()
    duty.fulfilled_on = date(2026, 4, 1)
    duty.save()
    facts = selectors.base_facts(serious_record)
    assert facts["obligations"] == [
        {"name": "罚款", "source": "administrative", "fulfilled_on": "2026-04-01"}
    ]
    # Serious, identified on 2026-03-02: six months are over when 2026-09-02 is.
    on = date(2026, 11, 23)
    period = assess(Facts.from_json(facts), policy_for(on), on).finding("minimum_period")
    assert (period.met, period.earliest_on) == (True, date(2026, 9, 3))


# -- Who sees what: each rule for one record and for all of them


@pytest.fixture
def province_officer(province_department):
    return make_user("zhong@example.com", "钟监督", province_department, Role.SUPERVISOR)


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        ("alice", True),
        ("bob", True),
        ("charlie", False),
        ("wang", True),
        ("li", True),
        ("outsider", False),
        ("qian", True),
        ("sun", True),
        ("province_officer", True),
    ],
)
def test_who_sees_a_record(request, general_record, person, sees):
    user = request.getfixturevalue(person)
    assert access.may_see(user, general_record) is sees
    assert access.visible_to(user).filter(pk=general_record.pk).exists() is sees


def test_administrators_and_strangers_see_none(general_record, market_bureau):
    from django.contrib.auth.models import AnonymousUser

    admin = make_user("admin@example.com", "管理员", market_bureau, Role.SYSTEM_ADMIN)
    for user in (admin, AnonymousUser()):
        assert not access.may_see(user, general_record)
        assert not access.visible_to(user).exists()


@pytest.mark.parametrize(
    ("person", "may"),
    [("wang", True), ("li", False), ("qian", True), ("outsider", False), ("sun", False), ("alice", False)],
)
def test_who_imports_for_a_unit(request, market_bureau, person, may):
    from applications.organs.models import Organ

    user = request.getfixturevalue(person)
    assert access.may_import_for(user, market_bureau) is may
    assert Organ.objects.filter(access.importable_organs(user), pk=market_bureau.pk).exists() is may
