"""The officers' page of deliveries: who sees what, and pushing again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.accounts.models import Role
from applications.ledger.models import Event
from applications.sharing.admin import DeliveryAdmin
from applications.sharing.models import Delivery
from applications.sharing.services import NotResendable, push_deliveries, resend_delivery
from tests.fixtures import make_user
from tests.sharing.conftest import WRITTEN

LIST = reverse("admin:sharing_delivery_changelist")
ELSEWHERE = {"deciding_organ__uscc": "11320500000000001A", "deciding_organ__name": "苏州市生态环境局"}


@pytest.fixture
def keeper(credit_bureau):
    return make_user("keeper@example.com", "柯系统", credit_bureau, Role.SYSTEM_ADMIN)


def address(delivery: Delivery) -> str:
    return reverse("admin:sharing_delivery_change", args=[delivery.pk])


def test_a_supervisor_sees_the_own_organs_deliveries(client, write, zhao):
    ours, theirs = write(1), write(2, **ELSEWHERE)
    client.force_login(zhao)
    page = client.get(LIST).content.decode()
    assert ours.stream in page
    assert theirs.stream not in page
    assert client.get(address(ours)).status_code == 200
    assert client.get(address(theirs)).status_code == 404


def test_a_system_administrator_sees_every_delivery(client, write, keeper):
    ours, theirs = write(1), write(2, **ELSEWHERE)
    client.force_login(keeper)
    page = client.get(LIST).content.decode()
    assert ours.stream in page
    assert theirs.stream in page
    assert "苏州市生态环境局" in page


def test_a_department_sees_its_region(client, write, sun):
    ours, theirs = write(1), write(2, **ELSEWHERE)
    client.force_login(sun)
    page = client.get(LIST).content.decode()
    assert ours.stream in page
    assert theirs.stream not in page


def test_other_officers_see_none(client, write, li, wang):
    delivery = write()
    for officer in (li, wang):
        client.force_login(officer)
        assert client.get(LIST).status_code == 403
        assert client.get(address(delivery)).status_code in (403, 404)


def test_applicants_and_strangers_see_none(client, write, alice):
    write()
    assert client.get(LIST).status_code == 302
    client.force_login(alice)
    assert client.get(LIST).status_code in (302, 403)


def test_one_delivery_in_full(client, write, platform, zhao):
    platform.start()
    delivery = write()
    push_deliveries(at=WRITTEN)
    delivery.refresh_from_db()
    client.force_login(zhao)
    page = client.get(address(delivery)).content.decode()
    for words in (
        "平台已签收",
        "准予修复",
        "南京示例食品有限公司",
        delivery.receipt["receipt_number"],
        str(delivery.pk),
    ):
        assert words in page
    assert 'name="_save"' not in page


def test_nothing_is_added_changed_or_deleted_here(client, write, zhao, keeper):
    delivery = write()
    for person in (zhao, keeper):
        client.force_login(person)
        assert client.get(reverse("admin:sharing_delivery_add")).status_code == 403
        delete = reverse("admin:sharing_delivery_delete", args=[delivery.pk])
        assert client.post(delete, {"post": "yes"}).status_code == 403
        client.post(address(delivery), {"status": "delivered", "stream": "X"})
        assert 'value="delete_selected"' not in client.get(LIST).content.decode()
    delivery.refresh_from_db()
    assert delivery.status == "waiting"


def resend(client, *deliveries: Delivery) -> str:
    answer = client.post(
        LIST, {"action": "resend", "_selected_action": [str(row.pk) for row in deliveries]}, follow=True
    )
    return answer.content.decode()


def test_pushing_a_dead_delivery_again(client, write, platform, zhao):
    platform.start()
    delivery = write()
    Delivery.objects.update(status="dead", attempts=341, next_try_at=None, last_error="拒收")
    client.force_login(zhao)
    assert "已安排重新推送 1 条" in resend(client, delivery)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("waiting", 0)
    event = Event.objects.get(chain=delivery.stream)
    assert (event.verb, event.actor) == ("delivery.requeued", zhao)
    assert push_deliveries(at=timezone.now()) == {"delivered": 1}


def test_pushing_again_a_delivery_that_the_platform_has(client, write, platform, zhao):
    platform.start()
    delivery = write()
    push_deliveries(at=WRITTEN)
    client.force_login(zhao)
    page = resend(client, delivery)
    assert "平台已经签收，无需重新推送" in page
    assert "已安排" not in page
    assert len(platform.received()) == 1


def test_nobody_pushes_anothers_delivery_again(client, write, zhao):
    theirs = write(1, **ELSEWHERE)
    Delivery.objects.update(status="dead", next_try_at=None)
    client.force_login(zhao)
    resend(client, theirs)
    theirs.refresh_from_db()
    assert theirs.status == "dead"


def test_pushing_again_what_waits_for_its_next_try(write, platform, zhao):
    delivery = write()
    push_deliveries(at=WRITTEN)
    platform.start()
    now = WRITTEN + timedelta(seconds=30)
    resend_delivery(delivery=delivery, actor=zhao, at=now)
    assert push_deliveries(at=now) == {"delivered": 1}


def test_pushing_again_what_a_sender_left_behind(write, zhao):
    delivery = write()
    ended = WRITTEN + timedelta(minutes=2)
    Delivery.objects.update(status="sending", attempts=1, leased_until=ended, next_try_at=ended)
    with pytest.raises(NotResendable, match="正在推送"):
        resend_delivery(delivery=delivery, actor=zhao, at=WRITTEN + timedelta(minutes=1))
    resend_delivery(delivery=delivery, actor=zhao, at=WRITTEN + timedelta(minutes=2))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("waiting", 0)


def order_of(page) -> str:
    """How the database finds which deliveries a page of the list shows."""
    with CaptureQueriesContext(connection) as asked:
        assert page().status_code == 200
    [keys] = [
        each["sql"]
        for each in asked
        if 'SELECT "sharing_delivery"."id" AS' in each["sql"] and "LIMIT" in each["sql"]
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Few rows are read and sorted quicker; what is asked is whether an index can answer.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {keys}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {keys}")
        return str(cursor.fetchall())


def test_the_list_is_read_in_the_order_of_an_index(client, write, zhao, keeper, monkeypatch):
    monkeypatch.setattr(DeliveryAdmin, "list_per_page", 2)
    for case in range(1, 4):
        write(case)
    for person, index in ((zhao, "delivery_of_organ"), (keeper, "delivery_newest")):
        client.force_login(person)
        plan = order_of(lambda: client.get(LIST))
        assert index in plan and "TEMP B-TREE" not in plan and "Sort" not in plan


def test_the_list_speaks_of_records_too(client, write, zhao):
    """What becomes of a record goes out under the record's number."""
    write()
    client.force_login(zhao)
    page = client.get(LIST).content.decode()
    assert "办件或者信息编号" in page and "按编号开头查找" in page


def test_the_list_costs_the_same_with_thirty_rows(client, write, zhao, django_assert_max_num_queries):
    client.force_login(zhao)
    for case in range(1, 4):
        write(case)
    with django_assert_max_num_queries(16) as few:
        client.get(LIST)
    for case in range(4, 31):
        write(case)
    with django_assert_max_num_queries(len(few)):
        client.get(LIST)
