"""The officers' pages of the platforms: proposing, comparing, deciding, and who sees what."""

import re

import pytest
from django.urls import reverse

from applications.accounts.models import Role
from applications.notifications.models import Message
from applications.sharing.models import Destination
from tests.fixtures import make_user
from tests.sharing.platforms import platform_of

LIST, ADD = (reverse(f"admin:sharing_destination_{page}") for page in ("changelist", "add"))
SECRET = "s3cr3t-of-the-platform"
FACTS = {
    "region": "320100",
    "name": "南京市公共信用信息共享平台",
    "address": "https://share.nj.example.cn",
    "key": SECRET,
}


@pytest.fixture
def chen(credit_department):
    return make_user("chen@example.com", "陈复核", credit_department, Role.SUPERVISOR)


@pytest.fixture
def proposal(client, sun, nanjing) -> Destination:
    client.force_login(sun)
    client.post(ADD, FACTS)
    return Destination.objects.get(state="proposed")


def address(verb: str, destination: Destination) -> str:
    return reverse(f"admin:sharing_destination_{verb}", args=[destination.pk])


def text(answer) -> str:
    return answer.content.decode()


def test_one_proposes_and_another_puts_it_into_effect(client, proposal, nanjing, chen):
    page = text(client.get(address("change", proposal)))
    assert "须由社会信用管理部门的另一位负责人复核" in page
    assert "复核通过" not in page
    assert client.post(address("approve", proposal)).status_code == 404

    client.force_login(chen)
    assert "待您处理" in text(client.get(LIST))
    assert FACTS["name"] in text(client.get(reverse("oversight:desk")))
    page = text(client.get(address("change", proposal)))
    assert f"https://share.nj.example.cn（现为 {nanjing.address}）" in page
    assert "更换，复核后启用；不显示" in page
    page = text(client.post(address("approve", proposal), follow=True))
    assert "已生效，本地区等待推送的信息改送现行的平台；推送失败的，须在“共享推送”中重新推送。" in page
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.key) == ("approved", chen, SECRET)


def test_an_end_is_called_an_end_from_its_proposal_on(client, sun, chen, nanjing):
    client.force_login(sun)
    client.post(ADD, {"region": "320100", "closes": "on"})
    end = Destination.objects.get(state="proposed")
    asked = Message.objects.get(recipient=chen, channel="inbox")
    assert asked.body.startswith(f"{sun}提出停用南京市的共享平台“{nanjing}”，请复核。复核前推送去向不变。")
    page = text(client.get(address("change", end)))
    assert "停用该平台。停用后送往上级在用的平台；上级没有的，等待登记新平台" in page
    client.force_login(chen)
    page = text(client.post(address("approve", end), follow=True))
    assert "已停用，等待推送的信息改送上级在用的平台；上级没有的，等待登记新平台。" in page
    told = Message.objects.get(recipient=sun, channel="inbox")
    assert told.subject == f"已复核：停用共享平台“{nanjing}”"
    assert told.body.startswith(f"南京市的共享平台“{nanjing}”已停用。")
    assert "column-closes" in text(client.get(LIST))


def test_an_end_that_is_turned_down_leaves_the_platform(client, sun, chen, nanjing):
    client.force_login(sun)
    client.post(ADD, {"region": "320100", "closes": "on"})
    client.force_login(chen)
    client.post(address("reject", Destination.objects.get(state="proposed")), {"reason": "仍在使用"})
    told = Message.objects.get(recipient=sun, channel="inbox")
    assert told.body.startswith(f"停用南京市的共享平台“{nanjing}”的提议已驳回。仍在使用")


def test_a_proposal_without_a_key_says_that_it_keeps_the_one_in_force(client, sun, chen, nanjing):
    client.force_login(sun)
    client.post(ADD, FACTS | {"key": ""})
    kept = Destination.objects.get(state="proposed")
    assert "沿用现有的密钥" in text(client.get(address("change", kept)))
    client.force_login(chen)
    client.post(address("approve", kept))
    assert "已加密保存，不显示" in text(client.get(address("change", kept)))


def test_the_key_is_on_no_page(client, proposal, chen, sun):
    """Neither for who typed it nor for who decides, before and after, nor where a form comes back with an error."""
    pages = []
    for person in (sun, chen):
        client.force_login(person)
        pages += [
            client.get(LIST),
            client.get(address("change", proposal)),
            client.get(f"{ADD}?region=320100"),
        ]
    pages.append(client.post(ADD, FACTS | {"address": "nowhere"}))
    assert pages[-1].status_code == 422
    pages.append(client.post(address("approve", proposal), follow=True))
    pages += [client.get(LIST), client.get(address("change", proposal)), client.get(f"{ADD}?region=320100")]
    for page in pages:
        assert SECRET not in text(page)
        assert proposal.sealed_key not in text(page)


def test_turning_a_proposal_down_needs_a_reason(client, proposal, chen, sun, nanjing):
    client.force_login(chen)
    answer = client.post(address("reject", proposal), {"reason": ""})
    assert answer.status_code == 409
    assert text(answer).count("请写明驳回的理由") == 1
    assert "已驳回" in text(client.post(address("reject", proposal), {"reason": "地址有误"}, follow=True))
    assert "驳回理由：地址有误" in text(client.get(address("change", proposal)))
    nanjing.refresh_from_db()
    assert nanjing.active_to is None


def test_a_decision_that_a_colleague_took_first(client, proposal, chen, sun):
    proposal_page = address("approve", proposal)
    client.force_login(chen)
    client.post(proposal_page)
    answer = client.post(proposal_page)
    assert answer.status_code == 409
    assert re.search(f"{chen.name}已于.+复核，这项提议已生效，不能再次复核", text(answer))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": "share.nj.example.cn"}, "应为完整的接口地址"),
        ({"name": ""}, "请填写平台名称"),
        ({"region": "320500"}, "320500"),
        ({"region": ""}, "行政区划"),
    ],
)
def test_bad_input_is_named(client, sun, changes, words):
    client.force_login(sun)
    answer = client.post(ADD, FACTS | changes)
    assert answer.status_code == 422
    assert words in text(answer)
    # The label names the field, and no name of ours does.
    assert not [name for name in FACTS if f"{name}：" in text(answer)]
    assert not Destination.objects.exists()


def test_a_change_begins_with_what_is_in_force(client, sun, nanjing):
    client.force_login(sun)
    page = text(client.get(address("change", nanjing)))
    assert f"{ADD}?region=320100" in page
    form = text(client.get(f"{ADD}?region=320100"))
    assert nanjing.address in form
    platform_of("320500", "https://share.sz.example.cn")
    assert "share.sz.example.cn" not in text(client.get(f"{ADD}?region=320500"))


def test_who_sees_the_platforms(client, sun, zhao, li, alice, keeper, nanjing, credit_bureau):
    elsewhere = platform_of("320500")
    auditor = make_user("audit@example.com", "审计", credit_bureau, Role.AUDIT_ADMIN)
    client.force_login(sun)
    assert nanjing.address in text(client.get(LIST))
    assert elsewhere.address not in text(client.get(LIST))
    assert client.get(address("change", elsewhere)).status_code == 404
    for person in (keeper, auditor):
        client.force_login(person)
        assert elsewhere.address in text(client.get(LIST))
        assert client.get(ADD).status_code == 403
    for person in (zhao, li):
        client.force_login(person)
        assert client.get(LIST).status_code == 403
        assert client.get(address("change", nanjing)).status_code in (403, 404)
        assert client.get(ADD).status_code == 403
    client.force_login(alice)
    assert client.get(LIST).status_code in (302, 403)


def test_the_list_of_deliveries_names_the_platform(client, write, zhao):
    delivery = write()
    client.force_login(zhao)
    assert "南京市公共信用信息共享平台" in text(client.get(reverse("admin:sharing_delivery_changelist")))
    page = client.get(reverse("admin:sharing_delivery_change", args=[delivery.pk]))
    assert "南京市公共信用信息共享平台" in text(page)
