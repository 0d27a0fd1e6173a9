"""The pages on which the picture of a seal is proposed, looked at and decided on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.accounts.models import Role
from applications.documents.models import SealPicture
from applications.files.models import StoredFile
from tests.documents.seals import seal
from tests.fixtures import make_user, moment

AT = moment("2026-12-01 09:00")
ADD = reverse("admin:documents_sealpicture_add")
WITHDRAW = reverse("admin:documents_sealpicture_withdraw")


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def keeper(market_bureau):
    return make_user("keeper@example.com", "印信", market_bureau, Role.APPROVER)


@pytest.fixture
def head(market_bureau):
    return make_user("head@example.com", "郑局", market_bureau, Role.SUPERVISOR)


def page(proposal, verb="change"):
    return reverse(f"admin:documents_sealpicture_{verb}", args=[proposal.pk])


def said(response):
    return response.content.decode()


def propose(client):
    return client.post(ADD, {"picture": SimpleUploadedFile("章.png", seal()), "millimetres": "42"})


def test_one_proposes_another_approves_and_two_put_it_out_of_use(client, keeper, head):
    client.force_login(keeper)
    begun = said(client.get(ADD))
    assert "它只是图样，不是电子签名" in begun and 'enctype="multipart/form-data"' in begun
    assert propose(client).status_code == 302
    proposal = SealPicture.objects.get()
    assert "同意" not in said(client.get(page(proposal))) and "待复核" in said(client.get(page(proposal)))
    assert client.post(page(proposal, "approve")).status_code == 404, "one's own"
    shown = client.get(page(proposal, "picture"))
    assert shown["Content-Type"] == "image/png" and shown["X-Content-Type-Options"] == "nosniff"
    client.force_login(head)
    assert "与实物一致，启用" in said(client.get(page(proposal)))
    assert "请写明理由" in said(client.post(page(proposal, "reject"), {"reason": ""}))
    assert client.post(page(proposal, "approve")).status_code == 302
    used = said(client.get(page(proposal)))
    assert "签发的文书正在使用这个图样" in used and WITHDRAW in used
    # The head proposes to use it no more, and cannot decide on that.
    assert "请写明停用的原因" in said(client.post(WITHDRAW, {"grounds": ""}))
    assert client.post(WITHDRAW, {"grounds": "印章遗失"}).status_code == 302
    gone = SealPicture.objects.get(picture=None)
    assert "印章遗失" in said(client.get(page(gone)))
    assert client.post(page(gone, "approve")).status_code == 404
    assert client.get(page(gone, "picture")).status_code == 404
    assert "签发的文书正在使用这个图样" in said(client.get(page(proposal)))


def test_what_is_over_says_so(client, keeper, head, credit_department):
    chief = make_user("chief@example.com", "钱处", credit_department, Role.SUPERVISOR)
    client.force_login(keeper)
    propose(client)
    proposal = SealPicture.objects.get()
    client.force_login(head)
    client.post(page(proposal, "approve"))
    client.post(WITHDRAW, {"grounds": "印章遗失"})
    gone = SealPicture.objects.get(picture=None)
    client.force_login(chief)
    asked = said(client.get(page(gone)))
    assert "同意停用" in asked and "现在使用的" in asked and page(proposal, "picture") in asked
    assert client.post(page(gone, "approve")).status_code == 302
    assert "签发的文书不使用印章图样" in said(client.get(page(gone)))
    assert "已被以后的变更取代" in said(client.get(page(proposal)))
    client.force_login(head)
    assert "没有正在使用的印章图样" in said(client.post(WITHDRAW, {"grounds": "再停"}))


def test_a_name_that_is_over_is_named(client, keeper, head, market_bureau):
    client.force_login(keeper)
    propose(client)
    proposal = SealPicture.objects.get()
    market_bureau.name = "南京市市场监管委员会"
    market_bureau.save()
    client.force_login(head)
    refused = client.post(page(proposal, "approve"))
    assert refused.status_code == 409 and "提出以后单位已更名" in said(refused)
    assert "单位现名南京市市场监管委员会，不使用这个图样" in said(client.get(page(proposal)))


def test_a_good_picture_waits_while_the_diameter_is_put_right(client, keeper):
    client.force_login(keeper)
    bad = client.post(ADD, {"picture": SimpleUploadedFile("章.png", seal()), "millimetres": "420"})
    assert bad.status_code == 422 and "印章直径不超过60毫米" in said(bad)
    assert "已上传：章.png" in said(bad) and not StoredFile.objects.exists()
    kept = bad.context["form"].kept_reference
    assert client.post(ADD, {"kept": kept, "millimetres": "42"}).status_code == 302
    assert SealPicture.objects.get().picture.name == "章.png"


def test_a_bad_picture_is_named_and_not_kept(client, keeper):
    client.force_login(keeper)
    white = SimpleUploadedFile("章.png", seal(paper=(255, 255, 255, 255)))
    bad = client.post(ADD, {"picture": white, "millimetres": "42"})
    assert bad.status_code == 422 and "“章.png”没有透明背景" in said(bad)
    assert "已上传" not in said(bad)
    none = client.post(ADD, {"millimetres": "42"})
    assert "请上传印章图样" in said(none)
    assert not SealPicture.objects.exists()


def test_who_may_not_is_told(client, market_bureau, credit_department):
    for actor in (
        make_user("intake@example.com", "受理", market_bureau, Role.INTAKE),
        make_user("chief@example.com", "钱处", credit_department, Role.SUPERVISOR),
    ):
        client.force_login(actor)
        assert client.get(ADD).status_code == 403
        assert client.get(WITHDRAW).status_code == 403


def test_who_renames_an_organ_sees_that_its_seal_is_over(client, keeper, head, market_bureau, credit_bureau):
    operator = make_user("operator@example.com", "系统员", credit_bureau, Role.SYSTEM_ADMIN)
    client.force_login(keeper)
    propose(client)
    client.force_login(head)
    client.post(page(SealPicture.objects.get(), "approve"))
    client.force_login(operator)
    address = reverse("admin:organs_organ_change", args=[market_bureau.pk])
    assert "文书使用本单位的印章图样" in said(client.get(address))
    market_bureau.name = "南京市市场监管委员会"
    market_bureau.save()
    shown = said(client.get(address))
    assert "印章图样上的名称是“南京市市场监督管理局”" in shown and "须由本单位上传新印章的图样" in shown
