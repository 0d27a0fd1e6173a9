"""抄送: whom a grant names as getting a copy gets one, and may open it."""

import pytest
from django.urls import reverse

from applications.accounts.models import Role
from applications.documents.models import Document
from applications.notifications.models import Message
from tests.fixtures import make_user
from tests.repairs.steps import granted

pytestmark = pytest.mark.django_db


def test_the_identifying_unit_gets_the_bureaus_grant(
    client, general_record, credit_bureau, alice, qian, zhao, outsider
):
    approver = make_user("lei@example.com", "雷审批", credit_bureau, Role.APPROVER)
    granted(general_record, credit_bureau, alice, qian, qian, approver)
    grant = Document.objects.get(kind="grant_decision")
    assert grant.content["copies"] == ["公共信用信息共享平台", "南京市市场监督管理局"]
    message = Message.objects.get(recipient=zhao, subject__startswith="抄送", channel="inbox")
    assert grant.number in message.body and "准予信用修复" in message.body
    address = reverse("documents:download", args=[grant.pk])
    assert client.get(message.link).url == address
    # Its PDF is being made.
    for person, status in ((zhao, 202), (outsider, 404)):
        client.force_login(person)
        assert client.get(address).status_code == status
    # The other papers of the case are the bureau's.
    client.force_login(zhao)
    receipt = Document.objects.get(kind="receipt")
    assert client.get(reverse("documents:download", args=[receipt.pk])).status_code == 404


def test_a_unit_sends_itself_no_copy(general_record, market_bureau, alice, wang, li, zhao):
    granted(general_record, market_bureau, alice, wang, li, zhao)
    assert Document.objects.get(kind="grant_decision").content["copies"] == ["公共信用信息共享平台"]
    assert not Message.objects.filter(subject__startswith="抄送").exists()


def test_publicity_that_was_over_is_not_said_to_end_with_the_grant(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    type(general_record).objects.update(publicity="expired", publicity_ended_at="2026-11-01T00:00:00+08:00")
    general_record.refresh_from_db()
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    assert Document.objects.get(kind="grant_decision").content["publicity_withdrawn_at"] == ""
    client.force_login(alice)
    page = client.get(reverse("repairs:status", args=[case.number])).text
    assert "11月1日 00:00 撤销" not in page and "公示期满" in page
