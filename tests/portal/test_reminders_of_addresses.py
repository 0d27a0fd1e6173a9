"""Reminding a visitor without an account: nothing kept before the address agrees, nothing after the mail."""

import re

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from applications.accounts.models import Role
from applications.notifications.models import Message, address_digest
from applications.notifications.sending import send_messages
from applications.portal.models import AddressReminder
from applications.portal.reminders.of_addresses import send_due
from tests.fixtures import make_user, moment
from tests.notifications.test_messages import NOW, mail_server
from tests.portal.checking import answers, token_of, walk

__all__ = ["mail_server"]

pytestmark = pytest.mark.django_db

# Identified on 10 September 2026, so from 11 December on; today is 23 November.
YOUNG = answers(
    identification={"region": "320100", "identified_on": "2026-09-10"},
    fulfilment={"corrected": "yes", "corrected_on": "2026-10-01", "duties": "yes", "duties_on": "2026-10-02"},
)
WHO = "lin@example.com"


@pytest.fixture(autouse=True)
def _nobody_was_counted():
    cache.clear()


@pytest.fixture
def asking(client):
    result = walk(client, YOUNG)
    page = client.get(result).content.decode()
    address = reverse("portal:remind_address")
    assert f"{address}?s=" in page and "result.ics" in page
    return f"{address}?s={token_of(result)}"


def links(message) -> tuple[str, str]:
    """Of the mail: the one by which one agrees, and the one by which one takes it back."""
    confirm, stop = re.findall(r"/remind/\w+/\S+/", message.body)
    return confirm, stop


def mail() -> Message:
    return Message.objects.get(address_digest=address_digest(WHO))


def test_kept_after_the_address_agreed_and_gone_after_the_mail(client, asking):
    page = client.post(asking, {"email": WHO.upper()}).content.decode()
    assert "没有确认的，不登记，也不提醒" in page
    assert not AddressReminder.objects.exists()
    confirm, _stop = links(mail())
    assert WHO not in confirm
    # Programs that look at mail open links.
    assert "确认，到时提醒我" in client.get(confirm).content.decode()
    assert not AddressReminder.objects.exists()
    assert "2026年12月11日（周五）上午" in client.post(confirm).content.decode()
    client.post(confirm)
    kept = AddressReminder.objects.get()
    assert (kept.address, f"{kept.on}") == (WHO, "2026-12-11")
    assert {field.name for field in AddressReminder._meta.get_fields()} == {
        "id", "address", "address_digest", "on",
    }  # fmt: skip
    Message.objects.all().delete()
    assert send_due(at=moment("2026-12-10 23:00")) == 0
    assert send_due(at=moment("2026-12-11 08:00")) == 1
    assert send_due(at=moment("2026-12-11 09:00")) == 0
    assert mail().subject == "提醒：按您自查时的回答，最早2026年12月11日起可以申请信用修复"
    assert "系统没有保存您的回答" in mail().body and not AddressReminder.objects.exists()


def test_taken_back_by_the_other_link(client, asking):
    client.post(asking, {"email": WHO})
    confirm, stop = links(mail())
    client.post(confirm)
    client.get(stop)
    assert AddressReminder.objects.exists(), "opening it does nothing"
    assert "已取消提醒" in client.post(stop).content.decode()
    assert not AddressReminder.objects.exists()
    assert "已取消提醒" in client.post(stop).content.decode()


def test_whoever_agreed_and_comes_again_late_is_told_that_it_is_kept(client, asking):
    client.post(asking, {"email": WHO})
    confirm, stop = links(mail())
    client.post(confirm)
    for moment_of_it in ("2026-11-23 11:00", "2026-12-01 10:00", "2026-12-11 00:30"):
        with time_machine.travel(moment(moment_of_it), tick=False):
            for answer in (client.get(confirm), client.post(confirm)):
                page = answer.content.decode()
                assert answer.status_code == 200 and "已登记提醒" in page
                assert "/remind/stop/" in page and "取消提醒" in page
    assert AddressReminder.objects.count() == 1
    # Once it is gone the old link begins nothing.
    client.post(stop)
    with time_machine.travel(moment("2026-12-01 10:00"), tick=False):
        assert "现在没有登记提醒" in client.post(confirm).content.decode()
    assert not AddressReminder.objects.exists()


def test_the_mails_end_as_all_others_do_and_nobody_is_told_of_one_that_fails(
    client, asking, mail_server, wang, market_bureau, settings
):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    make_user("keeper@example.com", "安全员", market_bureau, Role.SECURITY_ADMIN)
    client.post(asking, {"email": WHO})
    send_messages(at=NOW)
    [sent] = mail_server.mails
    text = sent.get_payload(decode=True).decode()
    assert text.count("本邮件由系统发出，请勿直接回复") == text.count("任何机构收费代办均与本部门无关") == 1
    mail_server.says[b"RCPT"] = b"550 no such mailbox\r\n"
    client.post(asking, {"email": wang.email})
    assert send_messages(at=NOW) == {"failed": 1}
    assert not Message.objects.exists()


def test_wrong_state_the_link_is_broken_or_old_or_the_day_has_come(client, asking):
    client.post(asking, {"email": WHO})
    confirm, stop = links(mail())
    for address in (confirm[:-9] + "/", confirm.replace("confirm/", "confirm/x"), "/remind/stop/abc/"):
        answer = client.post(address)
        assert answer.status_code == 400 and "链接不完整" in answer.content.decode()
    with time_machine.travel(moment("2026-11-26 10:01"), tick=False):
        answer = client.post(confirm)
        assert answer.status_code == 400 and "链接已过期" in answer.content.decode()
        assert client.post(stop).status_code == 200
    assert not AddressReminder.objects.exists()
    with time_machine.travel(moment("2026-12-10 10:00"), tick=False):
        client.post(asking, {"email": "late@example.com"})
        confirm, _stop = links(Message.objects.get(address_digest=address_digest("late@example.com")))
    with time_machine.travel(moment("2026-12-11 00:30"), tick=False):
        assert "这一天已经到了" in client.post(confirm).content.decode()
    assert not AddressReminder.objects.exists()


def test_bad_input(client, asking):
    for given, said in (("", "请填写接收提醒的电子邮箱。"), ("lin@", "电子邮箱的格式不对")):
        page = client.post(asking, {"email": given}).content.decode()
        assert said in page and f'value="{given}"' in page + 'value=""'
    assert client.get(reverse("portal:remind_address") + "?s=broken").status_code == 400
    # Without answers there is no day.
    assert client.get(reverse("portal:remind_address")).url == reverse("portal:check")
    assert not Message.objects.exists()


def test_so_often_from_a_network_and_to_an_address(client, asking):
    for _time in range(3):
        assert client.post(asking, {"email": WHO}).status_code == 200
    refused = client.post(asking, {"email": WHO})
    assert refused.status_code == 429 and "没有发送" in refused.content.decode()
    client.post(asking, {"email": "other@example.com"})
    assert client.post(asking, {"email": "third@example.com"}).status_code == 429
    assert client.post(asking, {"email": "third@example.com"}, REMOTE_ADDR="192.0.2.9").status_code == 200
    assert Message.objects.count() == 5
