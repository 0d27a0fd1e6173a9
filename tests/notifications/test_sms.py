"""Text messages: through a real gateway over loopback, to a confirmed telephone, and never more than is known said of them."""

import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from applications.notifications import phones
from applications.notifications.models import Group, Message, Phone
from applications.notifications.preferences import choose
from applications.notifications.services import notify
from applications.notifications.sms import idempotency_key, send_texts
from applications.outbox.signed import sign
from applications.repairs import steps
from applications.repairs.messages import text_of
from applications.repairs.models import RepairCase
from applications.repairs.steps import Defect
from rules.procedure import find_step
from tests.fixtures import TODAY, moment
from tests.notifications.gateway import KEY, serving, texts
from tests.repairs.steps import accepted, submitted

pytestmark = pytest.mark.django_db

SETTINGS = "/messages/settings/"
NUMBER = "13987654321"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _alone(settings):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    cache.clear()


@pytest.fixture
def gateway(settings):
    with serving(settings) as gateway:
        yield gateway


@pytest.fixture
def reached(gateway, alice):
    """Alice has confirmed a telephone and wants notices and reminders there."""
    phone = phones.name_phone(user=alice, number=NUMBER, at=TODAY)
    phones.confirm_phone(user=alice, code=phones.code_of(phone), at=TODAY)
    Message.objects.all().delete()
    choose(user=alice, wanted={(Group.NOTICE, "sms"): True, (Group.REMINDER, "sms"): True})
    return alice


def tell(user, key="one", text="南京市市场监督管理局：请登录查看。") -> Message:
    notify(key=key, recipients=[user], subject="标题", body="正文", text=text, at=TODAY)
    return Message.objects.get(key=f"{key}/{user.pk}/sms")


def again(message) -> Message:
    return Message.objects.get(pk=message.pk)


def receipt(client, message, status, *, key=KEY, at=TODAY, **more):
    content = {"idempotency_key": idempotency_key(message), "status": status, **more}
    return post(client, json.dumps(content).encode(), key=key, at=at)


def post(client, body, *, key=KEY, at=TODAY):
    stamp = str(int(at.timestamp()))
    return client.post(
        "/messages/texts/receipts/",
        body,
        content_type="application/json",
        headers={"X-Timestamp": stamp, "X-Signature": sign(key, stamp, body)},
    )


# -- Off


def test_without_a_gateway_nothing_is_said_of_it(client, alice, settings):
    settings.SMS_GATEWAY_URL = ""
    client.force_login(alice)
    assert "短信" not in client.get(SETTINGS).content.decode()
    for address in ("phone/", "phone/code/", "phone/remove/"):
        assert client.post(SETTINGS + address, {"number": NUMBER}).status_code == 404
    assert post(client, b"{}").status_code == 404
    notify(key="k", recipients=[alice], subject="标题", body="正文", text="短", at=TODAY)
    assert not Message.objects.filter(channel="sms").exists() and not Phone.objects.exists()
    assert not send_texts(at=TODAY)


# -- A telephone


def test_a_telephone_is_confirmed_by_the_code_that_was_sent_to_it(client, gateway, alice):
    client.force_login(alice)
    page = client.post(SETTINGS + "phone/", {"number": "+86 139-8765-4321"}, follow=True).content.decode()
    assert (
        "139****4321" in page and "待确认" in page and "的验证码短信：待发。" in page and NUMBER not in page
    )
    choose(user=alice, wanted={(Group.NOTICE, "sms"): True})
    notify(key="k", recipients=[alice], subject="标题", body="正文", text="短", at=TODAY)
    send_texts(at=TODAY)
    (sent,) = gateway.taken.values()
    assert sent["to"] == NUMBER, "and nothing else to a number that is not confirmed"
    code = re.search(r"验证码(\d{6})，10分钟内有效", sent["text"])[1]
    # Neither stands in the database.
    assert NUMBER.encode() not in bytes(Phone.objects.get().sealed_number)
    assert code not in "".join(
        map(str, Message.objects.filter(channel="sms").values_list("subject", "body", "key"))
    )
    assert "的验证码短信：已交短信网关。" in client.get(SETTINGS).content.decode()
    page = client.post(
        SETTINGS + "phone/code/", {"code": f" {code[:3]} {code[3:]}"}, follow=True
    ).content.decode()
    assert "手机号码已确认" in page and 'name="notice-sms"' in page
    page = client.post(SETTINGS + "phone/remove/", follow=True).content.decode()
    assert "手机号码已删除" in page and not Phone.objects.exists()


def test_a_code_has_few_tries_and_an_end(client, gateway, alice):
    client.force_login(alice)
    client.post(SETTINGS + "phone/", {"number": NUMBER})
    code = phones.code_of(Phone.objects.get())
    wrong = "000000" if code != "000000" else "111111"
    for left in (4, 3, 2, 1):
        page = client.post(SETTINGS + "phone/code/", {"code": wrong}).content.decode()
        assert f"验证码不正确，请对照短信重新输入，还可以试{left}次。" in page
    assert "连续输错5次" in client.post(SETTINGS + "phone/code/", {"code": wrong}).content.decode()
    assert "验证码已失效" in client.post(SETTINGS + "phone/code/", {"code": code}).content.decode()
    phone = phones.name_phone(user=alice, number=NUMBER, at=TODAY - Phone.CODE_FOR)
    late = client.post(SETTINGS + "phone/code/", {"code": phones.code_of(phone)}).content.decode()
    assert "验证码已失效" in late and Phone.objects.get().confirmed_at is None
    send_texts(at=TODAY)
    assert not gateway.taken and "未送达" in client.get(SETTINGS).content.decode()


def test_bad_input_of_a_telephone(client, gateway, alice):
    client.force_login(alice)
    for number in ("02512345678", "1381234567", "abc"):
        page = client.post(SETTINGS + "phone/", {"number": number}).content.decode()
        assert "请填写11位的手机号码" in page and f'value="{number}"' in page
    assert "验证码是6位数字" in client.post(SETTINGS + "phone/code/", {"code": "12345"}).content.decode()
    assert "请先填写手机号码" in client.post(SETTINGS + "phone/code/", {"code": "123456"}).content.decode()
    assert not Phone.objects.exists()


def test_codes_are_limited_for_account_and_number(client, gateway, alice, bob):
    client.force_login(alice)
    for _time in range(5):
        assert client.post(SETTINGS + "phone/", {"number": NUMBER}).status_code == 302
    assert client.post(SETTINGS + "phone/", {"number": "13900000001"}).status_code == 429
    client.force_login(bob)
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.post(SETTINGS + "phone/", {"number": NUMBER}, **elsewhere).status_code == 429
    assert client.post(SETTINGS + "phone/", {"number": "13900000001"}, **elsewhere).status_code == 302
    # Of several that waited the last is sent alone.
    assert Message.objects.filter(recipient=alice, channel="sms").count() == 1


def test_a_number_that_is_replaced_gets_nothing_more_nor_the_new_one_before_it_is_confirmed(gateway, reached):
    message = tell(reached)
    phones.name_phone(user=reached, number="13900000001", at=TODAY)
    send_texts(at=TODAY)
    assert [sent["to"] for sent in gateway.taken.values()] == ["13900000001"]
    assert (again(message).status, again(message).state) == ("failed", "未送达")


# -- What is sent


def test_a_step_of_the_organ_in_seventy_characters_and_without_a_name(
    gateway, reached, bob, general_record, market_bureau, wang
):
    case = submitted(general_record, market_bureau, reached)
    defects = [Defect("licence", "没有盖章", "请盖章")]
    steps.draft_correction(case=case, defects=defects, actor=wang, at=moment("2026-11-23 10:00"))
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 11:00"))
    send_texts(at=moment("2026-11-23 11:01"))
    # Nothing of his own submission.
    (text,) = texts(gateway)
    assert (
        text
        == f"南京市市场监督管理局：申请{case.number}，一次性告知补正。请补正材料，没有期限。详情请登录江苏信用修复查看。"
    )
    assert len(text) <= 70


def test_until_when_it_is_decided(gateway, reached, general_record, market_bureau, wang):
    case = accepted(general_record, market_bureau, reached, wang)
    send_texts(at=moment("2026-11-23 10:01"))
    (text,) = texts(gateway)
    assert text.startswith(f"南京市市场监督管理局：申请{case.number}，受理。最迟2026年12月2日作出决定。")
    assert general_record.subject.name not in text and len(text) <= 70


def test_too_long_is_an_error_of_ours(alice):
    with pytest.raises(ValueError, match="at most 70"):
        notify(key="k", recipients=[alice], subject="标题", body="正文", text="字" * 71, at=TODAY)


def test_only_who_wants_it(gateway, reached, bob):
    assert notify(key="k", recipients=[reached, bob], subject="标题", body="正文", text="短", at=TODAY) == 5
    choose(user=reached, wanted={(Group.NOTICE, "sms"): False})
    assert notify(key="l", recipients=[reached], subject="标题", body="正文", text="短", at=TODAY) == 2


# -- How it stands


def test_each_state_is_what_is_known(client, gateway, reached):
    message = tell(reached)
    client.force_login(reached)
    page = reverse("notifications:message", args=[Message.objects.get(channel="inbox").pk])
    assert "短信：待发" in client.get(page).content.decode()
    assert send_texts(at=TODAY) == {"handed_over": 1}
    assert "短信：已交短信网关" in client.get(page).content.decode()
    assert receipt(client, message, "undelivered", reason="关机\x00").status_code == 200
    assert "短信：未送达" in client.get(page).content.decode() and "\x00" not in again(message).last_error
    assert receipt(client, message, "delivered").json() == {"noted": True}
    assert "短信：已送达" in client.get(page).content.decode()
    receipt(client, message, "undelivered")
    assert again(message).state == "已送达", "what has arrived has arrived"
    assert not send_texts(at=TODAY + 60 * MINUTE)


def test_a_receipt_that_is_quicker_than_the_answer(client, gateway, reached, monkeypatch):
    message = tell(reached)
    took = gateway.take

    def told_at_once(key, content):
        Message.objects.filter(pk=message.pk).update(status="delivered", next_try_at=None)
        return took(key, content)

    monkeypatch.setattr("applications.notifications.sms.TextSender.speak", _before(told_at_once))
    send_texts(at=TODAY)
    assert again(message).state == "已送达"


def _before(act):
    """Speak, and have the receipt come before the answer is written down."""
    return lambda self, row: act(
        idempotency_key(row), {"to": NUMBER, "text": row.body, "receipt_to": "http://x/"}
    )


@pytest.mark.parametrize("trouble", ["500", "gone"])
def test_a_gateway_that_is_down_loses_nothing(gateway, reached, trouble, settings):
    message, address = tell(reached), settings.SMS_GATEWAY_URL
    if trouble == "gone":
        settings.SMS_GATEWAY_URL = "http://127.0.0.1:9"
    gateway.mode = "500"
    send_texts(at=TODAY)
    assert (again(message).state, again(message).attempts) == ("待发", 1) and not gateway.taken
    assert again(message).last_error and not send_texts(at=TODAY)
    settings.SMS_GATEWAY_URL, gateway.mode = address, "silent"
    send_texts(at=TODAY + 2 * MINUTE)
    assert again(message).state == "已交短信网关" and len(gateway.taken) == 1


def test_an_answer_that_is_lost_makes_no_second_message(gateway, reached):
    message = tell(reached)
    gateway.mode = "lost"
    send_texts(at=TODAY)
    assert again(message).state == "待发" and len(gateway.taken) == 1
    gateway.mode = "silent"
    send_texts(at=TODAY + 2 * MINUTE)
    assert again(message).state == "已交短信网关" and len(gateway.taken) == 1


def test_what_was_written_more_than_a_day_ago_is_not_sent(client, gateway, reached, settings):
    stale = tell(reached, text="南京市市场监督管理局：受理。最迟2026年12月2日作出决定。")
    assert not send_texts(at=TODAY - MINUTE), "not due yet"
    address, settings.SMS_GATEWAY_URL = settings.SMS_GATEWAY_URL, ""
    assert not send_texts(at=TODAY + 2 * DAY)
    settings.SMS_GATEWAY_URL = address
    assert send_texts(at=TODAY + DAY + MINUTE) == {"failed": 1}
    assert not gateway.taken and again(stale).state == "未送达" and "超过一天" in again(stale).last_error
    client.force_login(reached)
    page = client.get(reverse("notifications:message", args=[Message.objects.get(channel="inbox").pk]))
    assert "短信：未送达（原因可能在接收短信的手机，也可能在系统；以站内消息为准。）" in page.content.decode()
    fresh = tell(reached, key="two")
    send_texts(at=TODAY + DAY - MINUTE)
    assert again(fresh).state == "已交短信网关" and len(gateway.taken) == 1


def test_a_final_no_is_not_asked_again(gateway, reached):
    message = tell(reached)
    gateway.mode = "refuse"
    assert send_texts(at=TODAY) == {"failed": 1}
    assert again(message).state == "未送达" and "免打扰" in again(message).last_error
    assert again(message).next_try_at is None


def test_receipts_of_others(client, gateway, reached, alice):
    message = tell(reached)
    for answer, status in (
        (receipt(client, message, "delivered", key="another"), 401),
        (receipt(client, message, "delivered", at=TODAY - 10 * MINUTE), 401),
        (receipt(client, message, "eaten"), 422),
        (post(client, b"[]"), 422),
        (post(client, b'{"idempotency_key": "%d-\\ud800", "status": "delivered"}' % message.pk), 422),
        (post(client, b'{"idempotency_key": "%d-x", "status": "delivered"}' % message.pk), 404),
        (post(client, b'{"idempotency_key": "99999999999999999999-x", "status": "delivered"}'), 404),
    ):
        assert answer.status_code == status
    assert again(message).state == "待发"
    assert client.get("/messages/texts/receipts/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_what_the_gateway_tells_over_http(live_server, gateway, reached, settings):
    settings.SITE_URL = live_server.url
    message = tell(reached)
    send_texts(at=TODAY)
    (key,) = gateway.taken
    gateway.tell(key, "delivered")
    assert again(message).state == "已送达"


def test_of_a_long_name_the_organ_is_left_out_before_what_is_asked(general_record, market_bureau):
    market_bureau.name = "江苏省南京市江宁经济技术开发区市场监督管理局综合行政执法大队"
    case = RepairCase(number="XF-320100-2026-004217-7", record=general_record, organ=market_bureau)
    step = find_step("submitted", "request_correction")
    said = text_of(case, step, "请补正材料，没有期限。")
    assert (
        said
        == "申请XF-320100-2026-004217-7，一次性告知补正。请补正材料，没有期限。详情请登录江苏信用修复查看。"
    )
