"""An objection that was brought to the window or came by post (Articles 13 and 19)."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import localdate

from applications.deadlines.models import Deadline
from applications.ledger.models import Event
from applications.objections.models import Objection
from tests.fixtures import moment
from tests.repairs.receptions import filed
from tests.repairs.steps import pdf, refused, refused_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(general_record, wang, li, zhao):
    with time_machine.travel(moment("2026-11-27 10:00"), tick=False):
        yield refused_as(
            filed(general_record, wang, "2026-11-20 10:00", received_on=date(2026, 11, 20)), wang, li, zhao
        )


def page(case):
    return reverse("admin:objections_objection_enter", args=[case.pk])


def objection(**changed):
    return {"received_on": "2026-11-26", "disputed": "obligations_fulfilled", "grounds": "已缴清"} | changed


def test_it_is_counted_from_its_receipt(client, case, wang):
    client.force_login(wang)
    assert "收到异议的日期" in client.get(page(case)).content.decode()
    client.post(page(case), objection(uploads=pdf("异议申请书.pdf")))
    found = Objection.objects.get()
    # What letters, lists and desks give as the day of receipt.
    assert localdate(found.filed_at) == date(2026, 11, 26)
    assert (found.filed_by, found.evidence.get().file.name) == (wang, "异议申请书.pdf")
    # Received on Thursday the 26th: Friday 1, Monday 2, Tuesday 3, Wednesday 4, Thursday 3 December 5.
    clock = Deadline.objects.get(case_number=case.number, kind="objection")
    assert (clock.started_on, clock.due_on) == (date(2026, 11, 26), date(2026, 12, 3))
    event = Event.objects.get(chain=case.number, verb="repair.objected")
    assert (event.actor, event.payload["channel"]) == (wang, "window")
    # Twice the same button leaves one.
    client.post(page(case), objection())
    assert Objection.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"received_on": "2026-11-28"}, "不能晚于今天"),
        ({"received_on": "2026-11-24"}, "不能早于决定日期（2026-11-25）"),
        ({"grounds": ""}, "必填"),
        ({"disputed": "nothing"}, "nothing"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(client, case, wang, changed, words):
    client.force_login(wang)
    reply = client.post(page(case), objection(uploads=pdf("书.pdf"), **changed))
    assert reply.status_code == 200 and words in reply.content.decode()
    assert not Objection.objects.exists() and not case.objection_evidence.exists()


def test_only_the_acceptors_of_the_organ_that_received_it(client, case, li, zhao, outsider, qian):
    for person in (li, zhao, outsider, qian):
        client.force_login(person)
        assert client.post(page(case), objection()).status_code in (403, 404)
    assert not Objection.objects.exists()


def test_of_a_case_that_came_online_its_applicant_objects(
    client, serious_record, market_bureau, alice, wang, li, zhao
):
    online = refused(serious_record, market_bureau, alice, wang, li, zhao)
    client.force_login(wang)
    assert client.get(page(online)).status_code == 404
