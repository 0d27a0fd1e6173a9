"""Officers see telephones, addresses and numbers masked until one says what they are needed for; whom it is about sees who did."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from applications.audit.payloads import KEYS, lines
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.masking import mask_address, mask_email, mask_phone
from applications.repairs.models import RepairCase
from applications.subjects.models import Claim, Subject
from tests.fixtures import moment
from tests.privacy.conftest import EMAIL, HOME, NUMBER, PHONE, SECRETS


def reveal_page(obj) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_reveal", args=[obj.pk])


def page_of(obj) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def shown(client, at: str) -> str:
    return client.get(at).content.decode()


@pytest.mark.django_db
def test_who_says_why_sees_it_for_half_an_hour_and_nobody_else_does(client, world):
    case, claim, subject = (world.objects[model] for model in (RepairCase, Claim, Subject))
    for obj, who, masked, full in (
        (case, "li", "139****5678", PHONE),
        (claim, "qian", "l***@example.com", EMAIL),
        (subject, "qian", "1101**********002X", NUMBER),
    ):
        client.force_login(world.officers[who])
        before = shown(client, page_of(obj))
        assert masked in before and full not in before and reveal_page(obj) in before
        answer = client.post(reveal_page(obj), {"purpose": "call", "back": page_of(obj)})
        assert (answer.status_code, answer.url) == (302, page_of(obj))
        after = shown(client, page_of(obj))
        assert full in after and reveal_page(obj) not in after
        if obj == claim:
            # What was asked for one thing opens no other.
            assert NUMBER not in shown(client, page_of(subject))
        if obj == subject:
            assert "南京市****" in before and HOME in after
        with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
            assert full not in shown(client, page_of(obj))
    client.force_login(world.officers["zhao"])
    assert PHONE not in shown(client, page_of(case))


@pytest.mark.django_db
def test_the_reading_says_why_and_whom_it_is_about_is_told(client, world):
    case = world.objects[RepairCase]
    client.force_login(world.officers["li"])
    client.post(reveal_page(case), {"purpose": "other", "note": f"核对 {PHONE} 是否有误"})
    event = Event.objects.get(verb="contact.revealed")
    assert event.chain == f"reading-{world.officers['li'].pk}"
    assert (event.payload["about"], event.payload["purpose"]) == (case.number, "other")
    # The ledger names nobody.
    assert PHONE not in str(event.payload) and "是否有误" in event.payload["note"]
    assert set(event.payload) <= set(KEYS) and ("用途", "其他") in list(lines(event.payload))
    client.force_login(world.officers["qian"])
    client.post(reveal_page(world.objects[Claim]), {"purpose": "check"})
    client.post(reveal_page(world.objects[Subject]), {"purpose": "service"})
    assert verify_ledger(at=moment("2026-11-27 15:00")).broken is None

    client.force_login(world.agent)
    told = shown(client, reverse("repairs:status", args=[case.number]))
    row = told[told.index("谁看过我的申请和材料") :]
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
    assert cells[3] == "显示联系方式和号码" and cells[4].startswith("其他：核对") and PHONE not in row
    told = re.sub(r"<[^>]+>", "", shown(client, reverse("subjects:mine")))
    assert "您的账号，核对、更正登记的内容" in told and "周示安，送达文书" in told


@pytest.mark.django_db
def test_who_is_only_asked_for_a_reason_has_read_nothing(client, world):
    case, claim, subject = (world.objects[model] for model in (RepairCase, Claim, Subject))
    for obj, who, veiled in ((case, "li", case.number), (claim, "qian", "吕*办"), (subject, "qian", "周*安")):
        client.force_login(world.officers[who])
        before = Event.objects.count()
        asked = client.get(reveal_page(obj)).content.decode()
        assert veiled in asked and not [secret for secret in SECRETS if secret in asked]
        assert client.post(reveal_page(obj), {}).status_code == 400
        assert Event.objects.count() == before


@pytest.mark.django_db
def test_without_a_reason_or_the_right_nothing_is_shown(client, world):
    case = world.objects[RepairCase]
    client.force_login(world.officers["li"])
    for form, said in (
        ({}, "请选择为什么要看"),
        ({"purpose": "x"}, "请选择为什么要看"),
        ({"purpose": "other"}, "请写明为什么要看"),
    ):
        answer = client.post(reveal_page(case), form)
        assert answer.status_code == 400 and said in answer.content.decode()
    assert PHONE not in shown(client, page_of(case))
    for person in (world.officers["qian"], world.officers["security"], world.agent):
        client.force_login(person)
        answer = client.post(reveal_page(case), {"purpose": "call"})
        assert answer.status_code in (403, 404) or answer.url.startswith("/admin/login/")
    assert not Event.objects.filter(verb="contact.revealed").exists()
    # And the way back leads to no other site.
    client.force_login(world.officers["li"])
    for back in ("https://elsewhere.example/", "//elsewhere.example/", reveal_page(case)):
        assert client.post(reveal_page(case), {"purpose": "call", "back": back}).url == page_of(case)


def test_what_masks_leave_to_be_seen():
    assert [mask_phone(each) for each in ("13912345678", "+86 139-1234-5678", "025-83312345", "110", "")] == [
        "139****5678", "139****5678", "*********45", "***", "",
    ]  # fmt: skip
    assert [mask_email(each) for each in ("zhang@example.com", "zhang", "")] == [
        "z***@example.com",
        "*****",
        "",
    ]
    assert [mask_address(each) for each in ("江苏省南京市玄武区示例路9号", "示例路9号", "")] == [
        "江苏省南京市****", "示例****", "",
    ]  # fmt: skip
