"""Many rows in one statement say the same as one by one, whatever kinds of values they have."""

import uuid
from datetime import date, timedelta

import pytest

from applications.database.updating import update_many
from applications.deadlines.models import Deadline
from applications.deadlines.services import start_deadline
from applications.sharing.models import Delivery
from tests.database.test_insertion import ODD
from tests.fixtures import moment

AT = moment("2026-11-20 09:00")


@pytest.fixture
def deliveries(market_bureau):
    return [
        Delivery.objects.create(
            id=uuid.UUID(int=number), kind="repair_decision", about=f"XF-{number}", organ=market_bureau,
            region="320100", stream=f"XF-{number}", position=1, payload={}, next_try_at=AT, created_at=AT,
        )
        for number in range(1, 4)
    ]  # fmt: skip


def test_each_row_has_its_own_values_and_those_of_all(deliveries):
    rows = [(deliveries[0].pk, {"text": ODD}, 3), (deliveries[1].pk, {"n": None}, 4)]
    later = AT + timedelta(microseconds=1)
    update_many(
        Delivery, ["receipt", "attempts"], rows,
        shared={"status": "delivered", "delivered_at": later, "next_try_at": None},
    )  # fmt: skip
    kept = Delivery.objects.order_by("pk").values_list("receipt", "attempts", "status", "delivered_at")
    assert list(kept) == [
        ({"text": ODD}, 3, "delivered", later),
        ({"n": None}, 4, "delivered", later),
        (None, 0, "waiting", None),
    ]
    assert set(Delivery.objects.filter(next_try_at=None)) == set(deliveries[:2])


def test_days_and_nothing(market_bureau):
    clocks = [
        start_deadline(
            kind="sharing", organ=market_bureau, case_number=number, link="/", round=1,
            started_on=date(2026, 11, 20), working_days=2, article="十一",
        )
        for number in ("XF-1", "XF-2")
    ]  # fmt: skip
    update_many(
        Deadline,
        ["met_on", "officer"],
        [(clocks[0].pk, None, None), (clocks[1].pk, date(2026, 11, 23), None)],
    )
    assert [*Deadline.objects.order_by("pk").values_list("met_on", "officer")] == [
        (None, None),
        (date(2026, 11, 23), None),
    ]


def test_no_rows_are_no_statement(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        update_many(Deadline, ["met_on"], [])
