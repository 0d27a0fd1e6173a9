"""What is kept, sent, signed and printed is Chinese, whatever the language of whoever's request it is."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.language import as_kept, to_reader
from applications.notifications.models import Message, address_digest
from applications.notifications.services import mail_address, notify
from applications.notifications.sms import send_texts
from applications.portal.reminders import of_addresses, of_records
from applications.records.models import InformationObjection
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.subjects.models import Claim
from tests.english.pages import ENGLISH, chinese_in, filled_in, send
from tests.fixtures import PASSWORD, make_record, moment
from tests.notifications.gateway import serving, texts
from tests.pages import text
from tests.portal.checking import answers, token_of, walk
from tests.repairs.steps import pdf, prepared, refused_as
from tests.subjects.claims import COMPANY_DATA, COMPANY_FORM, stored

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-23 10:00")

# What is drawn by lot or counted, alone or among words: the words are compared.
CODE = re.compile(r"(?=.*\d)[\w.:/+=@-]*", re.ASCII)
BY_LOT = re.compile(
    r"<svg.*?</svg>|/confirm-email/[^/\s]+|/reset/key/[^/\s]+|(?:[A-Z0-9]{4}[ -]){3}[A-Z0-9]{4}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|\b[A-Z2-9]{16}\b|gAAAAA[\w=-]+|[A-Za-z0-9_-]{32}|\d+",
    re.DOTALL,
)
TEXTS = (models.CharField, models.TextField, models.JSONField)


def words_kept() -> list[str]:
    """Every text in every table of the portal, and the letters as they are printed."""
    found = []
    for model in apps.get_models():
        if not model.__module__.startswith("applications.") or not model._meta.managed:
            continue
        names = [
            each.attname
            for each in model._meta.concrete_fields
            if isinstance(each, TEXTS) and each.name != "password"
        ]
        for row in model._default_manager.values(*names):
            found += [
                f"{model.__name__}.{name}: {_plain(value)}" for name, value in row.items() if _is_text(value)
            ]
    found += [f"letter: {_plain(render_html(each))}" for each in Document.objects.select_related("organ")]
    return sorted(found)


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return not CODE.fullmatch(value) and _plain(value) != "#"
    return isinstance(value, dict | list)


def _plain(value: Any) -> str:
    return BY_LOT.sub(
        "#", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    )


def filed(client: Client, record, organ) -> RepairCase:
    """An application from the first page to its receipt, as a browser would send it."""
    client.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
    send(client, reverse("repairs:start", args=[record.pk]), organ=organ.pk)
    case = RepairCase.objects.get(record=record)
    at = [case.number]
    send(client, reverse("repairs:contact", args=at), name="陈经办", phone="025-12345678")
    page = {"corrected_on": "2026-06-01"} | {
        f"duty_{duty.pk}": "2026-06-02" for duty in case.obligations.all()
    }
    send(client, reverse("repairs:fulfilment", args=at), **page)
    for kind in ("licence", "fulfilment"):
        send(client, reverse("repairs:files", args=[*at, kind]), uploads=pdf(f"{kind}.pdf"))
    send(
        client,
        reverse("repairs:commitment", args=at),
        signatory="陈示例",
        publication_consent="yes",
        password=PASSWORD,
    )
    send(client, reverse("repairs:check", args=at))
    case.refresh_from_db()
    return case


def reminders(client: Client, language: str, acme, market_bureau, alice) -> None:
    """Somebody with an account, and somebody without one, are reminded of the first day to apply."""
    young = make_record(
        acme, market_bureau, document_number="宁市监处罚〔2026〕9号", decided_on=date(2026, 9, 10)
    )
    client.post(reverse("portal:remind_record", args=[young.pk]), {"want": "1"})
    checked = answers(
        identification={"region": "320100", "identified_on": "2026-09-10"},
        fulfilment={
            "corrected": "yes",
            "corrected_on": "2026-10-01",
            "duties": "yes",
            "duties_on": "2026-10-02",
        },
    )
    page = f"{reverse('portal:remind_address')}?s={token_of(walk(client, checked))}"
    client.post(page, {"email": "lin@example.com"})
    confirm = re.findall(
        r"/remind/\w+/\S+/", Message.objects.get(address_digest=address_digest("lin@example.com")).body
    )[0]
    client.post(confirm)
    with translation.override(language):
        assert of_records.send_due(at=moment("2026-12-11 08:00")) == 1
        assert of_addresses.send_due(at=moment("2026-12-11 08:00")) == 1


def everything(
    client: Client, language: str, acme, market_bureau, credit_bureau, alice, wang, li, zhao
) -> None:
    """What an applicant's side can do so that something is written; the officers act in Chinese."""
    first, second, third = (
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{number}号")
        for number in (1, 2, 3)
    )
    case = filed(client, first, market_bureau)
    assert case.status == "submitted"
    client.post(reverse("repairs:urge", args=[case.number]))
    with translation.override("zh-hans"):
        defects = [steps.Defect("fulfilment", "凭证不清晰。", "请重新扫描。")]
        steps.draft_correction(case=case, defects=defects, actor=wang, at=NOW)
        steps.ask_for_correction(case=case, actor=wang, at=NOW)
    answers = send(client, reverse("repairs:correction", args=[case.number]))
    answers = {name: "已经重新扫描。" for name in filled_in(answers) if name.endswith("answer")}
    client.post(reverse("repairs:correction", args=[case.number]), answers | {"send": ""})
    case.refresh_from_db()
    assert case.status == "submitted"
    client.post(reverse("repairs:withdraw", args=[case.number]), {"version": case.version})

    with translation.override("zh-hans"):
        draft = prepared(second, market_bureau, alice)
    link = {"signatory": "陈示例", "delivery": "email", "email": "chen@example.com"}
    client.post(reverse("repairs:signing_link", args=[draft.number]), link)
    assert Message.objects.filter(address_digest=address_digest("chen@example.com")).exists()
    with translation.override("zh-hans"):
        refused_as(steps.submit_case(case=draft, actor=alice, at=moment("2026-11-23 09:30")), wang, li, zhao)
    with time_machine.travel(moment("2026-11-26 10:00"), tick=False):
        client.post(reverse("account_login"), {"login": "alice@example.com", "password": PASSWORD})
        page = reverse("objections:file", args=[draft.number])
        client.post(page, {"disputed": "obligations_fulfilled", "grounds": "已经缴清。", "submit": ""})
        draft.refresh_from_db()
        assert draft.status == "objecting"

    reminders(client, language, acme, market_bureau, alice)
    client.post(reverse("notifications:phone"), {"number": "13987654321"})
    send(client, reverse("records:object", args=[third.pk]), grounds="金额不对。", fine_amount="0.3")
    assert InformationObjection.objects.count() == 1
    client.post(COMPANY_FORM, COMPANY_DATA | {"proof": pdf("执照.pdf")})
    assert Claim.objects.filter(user=alice).count() == 2
    # From before the capacity was asked.
    old = acme.claims.get(user=alice)
    acme.claims.filter(pk=old.pk).update(capacity="", proof=stored(alice))
    client.post(reverse("subjects:capacity", args=[old.pk]), {"capacity": "employee"})
    assert acme.claims.filter(user=alice, status="pending").exists()
    client.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    client.post(reverse("subjects:end", args=[old.pk]), {"reason": "离职。"})
    client.post(reverse("account_logout"))
    new = {"email": "new@example.com", "name": "新示例", "phone": "025-12345678"}
    client.post(reverse("account_signup"), new | {"password1": PASSWORD, "password2": PASSWORD})


def test_the_same_acts_in_english_leave_the_same_words(
    settings, acme, market_bureau, credit_bureau, alice, bob, wang, li, zhao
):
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:9"
    kept = {}
    for language in ("zh-hans", "en"):
        cache.clear()
        around = transaction.atomic()
        # As Django marks its own tests': nobody waits for this one while a file is examined.
        around._from_testcase = True
        with around:
            client = Client(headers={"Accept-Language": language})
            everything(client, language, acme, market_bureau, credit_bureau, alice, wang, li, zhao)
            kept[language] = words_kept()
            transaction.set_rollback(True)
    assert kept["en"] == kept["zh-hans"]


def test_filing_in_english_from_sign_in_to_receipt(client, acme, market_bureau, alice):
    client = Client(headers=ENGLISH)
    case = filed(client, make_record(acme, market_bureau), market_bureau)
    assert case.status == "submitted"
    page = text(client.get(reverse("repairs:submitted", args=[case.number])))
    assert "<h1>Application submitted</h1>" in page
    assert chinese_in(page) == []


def test_the_code_for_a_telephone_is_sent_in_chinese(settings, alice):
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    client = Client(headers=ENGLISH)
    client.force_login(alice)
    with serving(settings) as gateway:
        client.post(reverse("notifications:phone"), {"number": "13987654321"})
        assert Message.objects.get(channel="sms").subject == "验证码"
        with translation.override("en"):
            send_texts(at=NOW)
        (sent,) = texts(gateway)
    assert "用于确认接收信用修复短信的手机" in str(sent)


def test_words_in_another_language_are_not_kept(alice):
    said = {"key": "k", "recipients": [alice], "subject": "s", "body": "b", "at": NOW}
    with translation.override("en"):
        with pytest.raises(RuntimeError, match="as_kept"):
            notify(**said)
        with pytest.raises(RuntimeError, match="as_kept"):
            mail_address(kind="account", address="a@example.com", subject="s", body="b", at=NOW)
        with as_kept():
            notify(**said)
            with to_reader():
                assert translation.get_language() == "en"
            assert translation.get_language() == "zh-hans"
        assert translation.get_language() == "en"
    assert Message.objects.count() == 2


def test_one_act_inside_another_still_speaks_to_the_reader():
    with translation.override("en"), as_kept(), as_kept(), to_reader():
        assert translation.get_language() == "en"
