"""A code that fails its check and stands on a licence: one officer hands it in, a second one agrees."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse

from applications.files.inspection import inspected
from applications.ledger.models import Event
from applications.records.services import preview_import
from applications.subjects.access import codes_visible_to
from applications.subjects.confirmations import confirmed_codes, decide_code, propose_code
from applications.subjects.forms import OrganisationClaimForm
from applications.subjects.models import CodeConfirmation
from tests.files.test_uploads import make_pdf
from tests.fixtures import moment
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
    decide_code(confirmation=proposed, agree=True, actor=li, at=NOW)
    assert confirmed_codes() == {FAILING}
    assert created(market_bureau) == 1
    verbs = Event.objects.filter(chain=f"code-{FAILING}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["subject.code_proposed", "subject.code_confirmed"]


def test_one_alone_cannot(proposed, wang):
    with pytest.raises(PermissionDenied):
        decide_code(confirmation=proposed, agree=True, actor=wang, at=NOW)
    with pytest.raises(IntegrityError):
        CodeConfirmation.objects.filter(pk=proposed.pk).update(
            status="confirmed", decided_by=wang, decided_at=NOW
        )


def test_nobody_from_elsewhere_can(proposed, outsider):
    assert not codes_visible_to(outsider).exists()
    with pytest.raises(PermissionDenied):
        decide_code(confirmation=proposed, agree=True, actor=outsider, at=NOW)


def test_a_refusal_has_a_reason_and_leaves_the_way_open(proposed, market_bureau, li, wang, licence):
    with pytest.raises(ValidationError):
        decide_code(confirmation=proposed, agree=False, actor=li, at=NOW)
    decide_code(confirmation=proposed, agree=False, reason="末位是3", actor=li, at=NOW)
    assert created(market_bureau) == 0
    with pytest.raises(ValidationError):
        decide_code(confirmation=proposed, agree=True, actor=li, at=NOW)
    assert propose_code(code=FAILING, name="南京示例食品有限公司", licence=licence, actor=wang, at=NOW).pk


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("91350100M000100Y43", "符合标准"),
        ("91350100M000100Y4", "18位"),
        ("11010519491231002X", "身份证号码"),
        (FAILING.lower(), "已经提出过"),
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
    own = reverse("admin:subjects_codeconfirmation_change", args=[confirmation.pk])
    assert client.post(own, {"agree": "yes"}).status_code == 403
    client.force_login(li)
    assert "请对照证照" in client.get(own).text
    assert "请选择一项" in client.post(own, {}).text
    assert "请写明不予确认的原因" in client.post(own, {"agree": "no"}).text
    assert "已办理" in client.post(own, {"agree": "yes"}, follow=True).text
    confirmation.refresh_from_db()
    assert (confirmation.status, confirmation.decided_by) == ("confirmed", li)


def test_an_applicant_can_claim_it_then(proposed, li, alice):
    form = OrganisationClaimForm({"name": "示例", "code": FAILING}, user=alice)
    assert "校验位不正确" in str(form.errors["code"])
    decide_code(confirmation=proposed, agree=True, actor=li, at=NOW)
    form = OrganisationClaimForm({"name": "示例", "code": FAILING}, user=alice)
    assert "code" not in form.errors
