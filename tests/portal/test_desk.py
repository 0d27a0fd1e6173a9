"""The desk: who lands where, and what an applicant finds there."""

import pytest
import time_machine
from django.urls import reverse

from applications.notifications.services import notify
from tests.fixtures import make_record, moment
from tests.repairs.steps import accepted, granted, prepared, refused, submitted

DESK = "/desk/"


def test_it_asks_to_sign_in(client, db):
    assert client.get(DESK).url == f"{reverse('account_login')}?next={DESK}"


def test_officers_go_to_their_queues(client, wang):
    client.force_login(wang)
    assert client.get(DESK).url == reverse("admin:index")


def test_without_a_subject_it_says_how_to_claim_one(client, charlie):
    client.force_login(charlie)
    page = client.get(DESK).content.decode()
    assert "您还没有可以代表的单位或者个人" in page
    assert f'href="{reverse("subjects:claim")}"' in page
    assert "正在办理" not in page


def test_without_a_case_it_leads_to_the_records(client, alice):
    client.force_login(alice)
    page = client.get(DESK).content.decode()
    assert "没有正在办理的申请" in page
    assert f'href="{reverse("records:list")}"' in page
    assert "南京示例食品有限公司" in page


@time_machine.travel(moment("2026-11-24 09:00"), tick=False)
def test_a_running_case_is_told_in_a_sentence_with_its_day(
    client, general_record, market_bureau, alice, wang
):
    # Accepted on Monday, 23 November: the seventh working day after it is Wednesday, 2 December.
    case = accepted(general_record, market_bureau, alice, wang)
    client.force_login(alice)
    page = client.get(DESK).content.decode()
    assert (
        "南京市市场监督管理局正在审查您的申请，最迟 2026年12月2日（周三） 24:00 前作出决定，还剩 6 个工作日。"
        in page
    )
    assert case.number in page
    assert f'href="{reverse("repairs:status", args=[case.number])}"' in page


def test_a_draft_leads_back_into_it(client, general_record, market_bureau, alice, bob):
    case = prepared(general_record, market_bureau, alice)
    # Bob acts for the same company and may go on where Alice stopped.
    client.force_login(bob)
    page = client.get(DESK).content.decode()
    assert "草稿，保存于 2026年11月20日 09:00" in page
    assert f'href="{reverse("repairs:tasks", args=[case.number])}"' in page


def test_strangers_do_not_see_it(client, general_record, market_bureau, alice, charlie):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(charlie)
    assert case.number not in client.get(DESK).content.decode()


def test_a_refused_case_is_no_longer_under_way(client, general_record, market_bureau, alice, wang, li, zhao):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    assert case.number not in client.get(DESK).content.decode()


def test_a_granted_case_stays_until_the_platform_has_it(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    assert case.number in client.get(DESK).content.decode()
    type(case).objects.filter(pk=case.pk).update(shared_at=moment("2026-11-25 10:01"))
    assert case.number not in client.get(DESK).content.decode()


def test_unread_messages_are_counted(client, alice, bob):
    for recipient, key in ((alice, "a"), (alice, "b"), (bob, "c")):
        notify(key=key, recipients=[recipient], subject="通知", body="内容", at=moment("2026-11-20 10:00"))
    client.force_login(alice)
    page = client.get(DESK).content.decode()
    assert "您有 2 条未读消息" in page
    assert f'href="{reverse("notifications:inbox")}"' in page


@pytest.mark.parametrize("cases", [1, 6])
def test_the_number_of_queries_does_not_grow(
    client, acme, market_bureau, alice, cases, django_assert_num_queries
):
    for index in range(cases):
        record = make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{index}号")
        submitted(record, market_bureau, alice)
    client.force_login(alice)
    # Session (read, kept alive in a savepoint: 3), user, subjects, claims, cases, clocks, unread; and for the subjects and for
    # the cases the claims and whose duties came to their subjects.
    with django_assert_num_queries(14):
        client.get(DESK)


def test_what_waits_for_the_applicant_comes_first(client, acme, market_bureau, alice):
    draft = prepared(make_record(acme, market_bureau, document_number="甲"), market_bureau, alice)
    filed = submitted(make_record(acme, market_bureau, document_number="乙"), market_bureau, alice)
    client.force_login(alice)
    page = client.get(DESK).content.decode()
    assert page.index(draft.number) < page.index(filed.number)
