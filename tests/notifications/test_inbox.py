"""The pages of one's messages: works, not yours, wrong state, bad input."""

import pytest
from django.urls import reverse

from applications.notifications.models import Message
from applications.notifications.sending import send_messages
from applications.notifications.services import notify
from tests.fixtures import moment

NOW = moment("2026-11-23 10:00")
INBOX = reverse("notifications:inbox")


@pytest.fixture
def tell():
    def one(user, number=1, **changes) -> Message:
        words = {"subject": f"第{number}条通知", "body": "请于2026年12月2日前补正。", "link": "/a/XF-1/"}
        notify(key=f"test:{number}", recipients=[user], at=NOW, **(words | changes))
        return Message.objects.get(recipient=user, channel="inbox", key__startswith=f"test:{number}/")

    return one


def page(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_inbox_lists_own_messages_with_what_is_unread(client, tell, alice, bob):
    tell(alice, 1)
    tell(bob, 2)
    client.force_login(alice)
    text = page(client, INBOX)
    assert "第1条通知" in text
    assert "第2条通知" not in text
    assert "您有 1 条未读消息" in text
    assert "未读</span>" in text
    assert "2026年11月23日（周一） 10:00" in text


def test_an_empty_inbox_says_what_will_come(client, alice):
    client.force_login(alice)
    text = page(client, INBOX)
    assert "还没有消息" in text
    assert "全部标为已读" not in text


def test_officers_have_an_inbox_too(client, tell, zhao):
    tell(zhao)
    client.force_login(zhao)
    assert "第1条通知" in page(client, INBOX)


def test_opening_a_message_marks_it_read_once(client, tell, alice):
    message = tell(alice)
    client.force_login(alice)
    text = page(client, reverse("notifications:message", args=[message.pk]))
    assert "请于2026年12月2日前补正。" in text
    assert 'href="/a/XF-1/"' in text
    message.refresh_from_db()
    first = message.read_at
    assert first is not None
    page(client, reverse("notifications:message", args=[message.pk]))
    message.refresh_from_db()
    assert message.read_at == first
    assert "没有未读消息" in page(client, INBOX)


def test_a_message_says_truly_what_became_of_its_mail(client, tell, alice, settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    message = tell(alice)
    client.force_login(alice)
    url = reverse("notifications:message", args=[message.pk])
    assert "电子邮件：等待发送" in page(client, url)
    send_messages(at=moment("2026-11-23 10:05"))
    text = page(client, url)
    assert "电子邮件：已交付邮件服务器" in text
    assert "2026年11月23日（周一） 10:05" in text
    Message.objects.filter(channel="email").update(status="failed")
    assert "电子邮件：发送失败" in page(client, url)


@pytest.mark.parametrize("name", ["message", "mark_read"])
def test_anothers_message_does_not_exist(client, tell, alice, bob, charlie, name):
    message = tell(alice)
    for person in (bob, charlie):
        client.force_login(person)
        url = reverse(f"notifications:{name}", args=[message.pk])
        answer = client.post(url) if name == "mark_read" else client.get(url)
        assert answer.status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_a_mail_is_no_page(client, tell, alice):
    tell(alice)
    mail = Message.objects.get(recipient=alice, channel="email")
    client.force_login(alice)
    assert client.get(reverse("notifications:message", args=[mail.pk])).status_code == 404


@pytest.mark.parametrize("url", ["", "1/", "read/", "1/read/"])
def test_nobody_reads_without_signing_in(client, db, url):
    for answer in (client.get(INBOX + url), client.post(INBOX + url)):
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer.url.startswith(reverse("account_login"))


def test_marking_one_and_all_read(client, tell, alice, bob):
    first, second, other = tell(alice, 1), tell(alice, 2), tell(bob, 3)
    client.force_login(alice)
    client.post(reverse("notifications:mark_read", args=[first.pk]))
    assert "您有 1 条未读消息" in page(client, INBOX)
    tell(alice, 4)
    text = client.post(reverse("notifications:mark_all_read"), follow=True).content.decode()
    assert "已将 2 条消息标为已读" in text
    for message in (first, second, other):
        message.refresh_from_db()
    assert second.read_at is not None
    assert other.read_at is None
    again = client.post(reverse("notifications:mark_all_read"), follow=True).content.decode()
    assert "没有未读消息。" in again


def test_marking_needs_a_post(client, tell, alice):
    message = tell(alice)
    client.force_login(alice)
    for url in (
        reverse("notifications:mark_all_read"),
        reverse("notifications:mark_read", args=[message.pk]),
    ):
        assert client.get(url).status_code == 405
    message.refresh_from_db()
    assert message.read_at is None


def test_markup_in_a_message_is_text(client, tell, alice):
    message = tell(alice, subject="<script>1</script>", body="<img src=x>")
    client.force_login(alice)
    for url in (INBOX, reverse("notifications:message", args=[message.pk])):
        text = page(client, url)
        assert "<script>1" not in text
        assert "<img src=x>" not in text


def test_twenty_a_page_newest_first_and_an_odd_page_number(
    client, tell, alice, django_assert_max_num_queries
):
    for number in range(1, 22):
        tell(alice, number)
    client.force_login(alice)
    with django_assert_max_num_queries(8):
        first = page(client, INBOX)
    assert first.index("第21条通知") < first.index("第20条通知")
    assert "第1条通知" not in first
    assert "第1条通知" in page(client, INBOX + "?page=2")
    # Too far and nonsense show a page that exists.
    assert "第1条通知" in page(client, INBOX + "?page=99")
    assert "第21条通知" in page(client, INBOX + "?page=x")
