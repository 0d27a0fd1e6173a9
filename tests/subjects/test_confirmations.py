"""A code that fails its check and stands on a licence: one officer hands it in, a second one agrees."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse

from applications.accounts.four_eyes import NotProposed
from applications.files.inspection import inspected
from applications.ledger.models import Event
from applications.records.services import preview_import
from applications.subjects.access import confirmations_visible_to
from applications.subjects.confirmations import confirmed_codes, propose_code, refuse_code
from applications.subjects.forms import OrganisationForm
from applications.subjects.models import CodeConfirmation
from rules.errors import InputError
from tests.files.test_uploads import make_pdf
from tests.fixtures import moment
from tests.opening import confirm_code
from tests.records.files import as_csv, row
from tests.records.previews import CODE

NOW = moment("2026-11-23 10:00")
# The right check character would be 3.
FAILING = "91350100M000100Y44"


@pytest.fixture
def licence():
    return inspected(paper())


def paper():
    return SimpleUploadedFile("执照.pdf", make_pdf())


@pytest.fixture
def proposed(wang, licence):
    return propose_code(code=FAILING, name="南京示例食品有限公司", licence=licence, actor=wang, at=NOW)


def created(organ):
    content = as_csv(row(**{CODE: FAILING}))
    return preview_import(content=content, file_name="a.csv", organ=organ, at=NOW).created


def test_two_officers_make_it_count(proposed, market_bureau, li):
    assert created(market_bureau) == 0
    confirm_code(confirmation=proposed, actor=li, at=NOW)
    assert confirmed_codes() == {FAILING}
    assert created(market_bureau) == 1
    verbs = Event.objects.filter(chain=f"code-{FAILING}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["subject.code_proposed", "subject.code_confirmed"]


def test_one_alone_cannot(proposed, wang):
    with pytest.raises(PermissionDenied):
        confirm_code(confirmation=proposed, actor=wang, at=NOW)
    with pytest.raises(IntegrityError):
        CodeConfirmation.objects.filter(pk=proposed.pk).update(
            state="approved", decided_by=wang, decided_at=NOW
        )


def test_nobody_from_elsewhere_can(proposed, outsider):
    assert not confirmations_visible_to(outsider).exists()
    with pytest.raises(PermissionDenied):
        confirm_code(confirmation=proposed, actor=outsider, at=NOW)


def test_a_refusal_has_a_reason_and_leaves_the_way_open(proposed, market_bureau, li, wang, licence):
    with pytest.raises(InputError):
        refuse_code(confirmation=proposed, reason=" ", actor=li, at=NOW)
    refuse_code(confirmation=proposed, reason="末位是3", actor=li, at=NOW)
    assert created(market_bureau) == 0
    with pytest.raises(NotProposed):
        confirm_code(confirmation=proposed, actor=li, at=NOW)
    assert propose_code(code=FAILING, name="南京示例食品有限公司", licence=licence, actor=wang, at=NOW).pk


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91350100M000100Y43", "符合标准"),
        ("91350100M000100Y4", "18位"),
        ("11010519491231002X", "身份证号码"),
        (FAILING.lower(), "王受理已于11月23日 10:00提出这个代码"),
    ],
)
def test_what_needs_no_word_or_cannot_have_one(proposed, wang, licence, code, said):
    with pytest.raises(ValidationError, match=said):
        propose_code(code=code, name="示例", licence=licence, actor=wang, at=NOW)


def test_on_the_pages(client, market_bureau, wang, li):
    client.force_login(wang)
    page = client.post(
        reverse("admin:subjects_code_new"),
        {"name": "南京示例食品有限公司", "code": FAILING, "proof": paper()},
        follow=True,
    )
    assert "等待另一名工作人员复核" in page.text
    (confirmation,) = CodeConfirmation.objects.all()
    own, approve, reject = (
        reverse(f"admin:subjects_codeconfirmation_{verb}", args=[confirmation.pk])
        for verb in ("change", "approve", "reject")
    )
    assert client.post(approve).status_code == 404
    assert '<span class="tag">待复核</span>' in client.get(own).text
    client.force_login(li)
    assert "请对照证照" in client.get(own).text
    refused = client.post(reject, {"reason": " "})
    assert refused.status_code == 409 and "没有驳回：请写明理由" in refused.text
    assert client.get(reverse("admin:subjects_code_licence", args=[confirmation.pk])).status_code == 200
    assert "可以用于导入和认领" in client.post(approve, follow=True).text
    confirmation.refresh_from_db()
    assert (confirmation.state, confirmation.decided_by) == ("approved", li)
    assert client.post(approve).status_code == 409


def test_others_are_told_how_a_code_stands(proposed, li, qian, licence):
    again = {"code": FAILING, "name": "示例", "licence": licence, "actor": qian, "at": NOW}
    with pytest.raises(ValidationError, match="南京市市场监督管理局已经提出这个代码，正在复核"):
        propose_code(**again)
    confirm_code(confirmation=proposed, actor=li, at=NOW)
    with pytest.raises(ValidationError, match="已经确认，可以直接使用"):
        propose_code(**again)


def test_an_applicant_can_claim_it_then(proposed, li, alice):
    form = OrganisationForm({"name": "示例", "code": FAILING}, user=alice)
    assert "校验位不正确" in str(form.errors["code"])
    confirm_code(confirmation=proposed, actor=li, at=NOW)
    form = OrganisationForm({"name": "示例", "code": FAILING}, user=alice)
    assert "code" not in form.errors
