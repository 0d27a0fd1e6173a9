"""Claiming a subject: who may act for whom, and who decides."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.accounts.models import Role
from applications.files.models import StoredFile
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.subjects.access import may_act_for, subjects_of
from applications.subjects.models import Claim, Subject
from applications.subjects.services import decide_claim, register_subject
from tests.fixtures import make_user
from tests.pages import seen
from tests.subjects.claims import (
    COMPANY_DATA,
    COMPANY_FORM,
    DESK,
    MINE,
    NANJING,
    NOW,
    PERSON,
    PERSON_DATA,
    PERSON_FORM,
    approved,
    claimed,
    paper,
    second_factor,
)

# -- A natural person


def test_name_and_number_alone_open_nothing(client, charlie, zhang):
    """Without a second factor there is no form; with one an officer decides from the document."""
    client.force_login(charlie)
    page = client.get(PERSON_FORM).content.decode()
    assert "姓名和证件号码不能代替证明" in page and 'name="code"' not in page
    assert client.post(PERSON_FORM, {**PERSON_DATA, "proof": paper()}).status_code == 200
    with pytest.raises(ValidationError, match="两步验证"):
        claimed(charlie, kind="natural_person")
    assert not Claim.objects.exists()
    second_factor(charlie)
    page = client.post(PERSON_FORM, {**PERSON_DATA, "proof": paper()}, follow=True).content.decode()
    assert "待核验" in page and "3201**********6515" in page and PERSON not in page
    assert not subjects_of(charlie).exists()


def test_a_person_is_acted_for_once_an_officer_has_seen_the_document(charlie, qian, zhang):
    second_factor(charlie)
    claim = claimed(charlie, kind="natural_person", name="张 小明", code=PERSON.lower())
    with pytest.raises(ValidationError, match="还没有打开证明材料"):
        decide_claim(claim=claim, approve=True, actor=qian, at=NOW)
    approved(claim, qian)
    assert list(subjects_of(charlie)) == [zhang]
    verbs = Event.objects.filter(chain=f"subject-{zhang.pk}").values_list("verb", flat=True)
    assert list(verbs) == ["subject.registered", "subject.claimed", "subject.claim_verified"]


def test_a_stranger_learns_nothing_about_who_has_a_record(client, charlie, bob, zhang):
    """A known number, an unknown one and a wrong name get the same page, letter by letter, but for what was typed."""

    def answer(user, name, number):
        second_factor(user)
        client.force_login(user)
        page = client.post(
            PERSON_FORM, {**PERSON_DATA, "name": name, "code": number, "proof": paper()}, follow=True
        ).content.decode()
        (claim,) = Claim.objects.filter(user=user, kind="natural_person")
        page = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", page)
        for mine, same in (
            (str(claim.proof_id), "F"), (claim.number, "R"), (name, "X"), (str(user), "U"),
            (claim.own_masked_code, "N"), (f"claims/{claim.pk}/", "C"), (f"claim-{claim.pk}", "C"),
        ):  # fmt: skip
            page = page.replace(mine, same)
        # bob acts for a company besides.
        return page[page.index("我的认领") :]

    known = answer(charlie, "张小明", PERSON)
    Claim.objects.filter(subject__kind="organisation").update(user=make_user("old@example.com", "旧人"))
    assert answer(bob, "王小二", "320102199003076523") == known
    other = make_user("third@example.com", "丙")
    assert answer(other, "张大明", PERSON) == known


def test_another_name_than_that_of_the_number_is_not_approved(client, charlie, qian, zhang):
    second_factor(charlie)
    claim = claimed(charlie, kind="natural_person", name="张大明")
    assert claim.subject is None
    client.force_login(qian)
    assert "名称是“张小明”，与填报的不一致" in client.get(f"{DESK}{claim.pk}/change/").content.decode()
    with pytest.raises(ValidationError, match="其他姓名"):
        approved(claim, qian)
    assert not may_act_for(charlie, zhang)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": ""}, "name", "请填写姓名"),
        ({"code": ""}, "code", "请填写证件号码"),
        ({"code": "320102199003076510"}, "code", "校验位有误"),
        ({"identity_type": "visa"}, "identity_type", "visa"),
        ({"capacity": "representative"}, "capacity_0", "请选择一项"),
        ({"capacity": "agent", "scope": "all"}, "ends_on", "请填写授权委托书的截止日期"),
    ],
)
def test_a_mistake_is_named_at_its_field(client, charlie, zhang, change, field, said):
    second_factor(charlie)
    client.force_login(charlie)
    page = client.post(PERSON_FORM, {**PERSON_DATA, "proof": paper(), **change}).content.decode()
    assert said in page
    assert f'href="#id_{field}"' in page
    assert not Claim.objects.exists()


def test_a_second_account_for_a_person_ends_the_first(charlie, bob, zhang, qian):
    for user in (charlie, bob):
        second_factor(user)
    first = approved(claimed(charlie, kind="natural_person"), qian)
    second = claimed(bob, kind="natural_person")
    assert Message.objects.filter(recipient=charlie, subject="有人申请代“张*明”办理信用修复").exists()
    assert may_act_for(charlie, zhang) and not may_act_for(bob, zhang)
    approved(second, qian)
    first.refresh_from_db()
    assert (first.status, first.reason) == ("ended", "经核验，已改由该自然人的另一账号办理。")
    assert may_act_for(bob, zhang) and not may_act_for(charlie, zhang)
    assert Message.objects.filter(recipient=charlie, subject="您不再代“张*明”办理").exists()


def test_claiming_again_changes_nothing(charlie, zhang):
    second_factor(charlie)
    assert claimed(charlie, kind="natural_person") == claimed(charlie, kind="natural_person")
    assert Claim.objects.count() == 1


# -- An organisation


def test_a_company_waits_for_an_officer_and_then_belongs_to_the_claimant(client, charlie, qian, waiting):
    client.force_login(charlie)
    page = client.get(MINE).content.decode()
    assert "南京新办有限公司" in page and "待核验" in page
    assert not subjects_of(charlie).exists()
    assert not Subject.objects.exists(), "nothing enters the credit files unseen"
    assert Message.objects.filter(recipient=qian, channel="inbox", subject="有一件主体认领待核验").exists()

    client.force_login(qian)
    assert "南京新办有限公司" in client.get(DESK).content.decode()
    page = client.get(f"{DESK}{waiting.pk}/change/").content.decode()
    assert "营业执照.pdf" in page and "尚无该主体" in page
    # Not before the proof was opened; then the button asks once more, and only its POST decides.
    assert "/approve/" not in page and "打开证明材料核对以后，才能通过" in page
    page = client.post(f"{DESK}{waiting.pk}/approve/", follow=True).content.decode()
    assert "您还没有打开证明材料，不能通过" in page
    assert client.get(f"/subjects/proofs/{waiting.proof_id}/").status_code == 200
    assert f"{DESK}{waiting.pk}/approve/" in client.get(f"{DESK}{waiting.pk}/change/").content.decode()
    assert "确定通过吗" in client.get(f"{DESK}{waiting.pk}/approve/").content.decode()
    page = client.post(f"{DESK}{waiting.pk}/approve/", follow=True).content.decode()
    assert "已通过，并已通知申请人" in page
    waiting.refresh_from_db()
    assert (waiting.status, waiting.decided_by) == ("verified", qian)
    subject = subjects_of(charlie).get()
    assert (subject.name, subject.uscc, subject.kind) == ("南京新办有限公司", NANJING, "organisation")
    assert Message.objects.filter(recipient=charlie, channel="inbox", subject="主体认领已通过").exists()
    assert Event.objects.get(verb="subject.claimed").chain == f"claim-{waiting.pk}"
    event = Event.objects.get(verb="subject.claim_verified")
    assert (event.chain, event.actor, event.organ) == (f"subject-{subject.pk}", qian, qian.organ)


def test_records_imported_meanwhile_and_the_claim_meet_in_one_subject(charlie, qian, waiting):
    imported = register_subject(kind="organisation", name="南京新办有限公司", uscc=NANJING, at=NOW)
    approved(waiting, qian)
    assert list(subjects_of(charlie)) == [imported]


def test_the_officer_is_warned_when_the_files_have_another_name(client, charlie, qian, waiting):
    register_subject(kind="organisation", name="南京旧名有限公司", uscc=NANJING, at=NOW)
    again = claimed(charlie, name="x")
    assert again == waiting
    decide_claim(claim=waiting, approve=False, reason="名称不符", actor=qian, at=NOW)
    claim = claimed(charlie)
    client.force_login(qian)
    assert "南京旧名有限公司" in client.get(f"{DESK}{claim.pk}/change/").content.decode()


def test_a_rejection_needs_a_reason_and_the_claimant_reads_it(client, charlie, qian, waiting):
    client.force_login(qian)
    url = f"{DESK}{waiting.pk}/reject/"
    assert "请写明不予通过的原因" in client.post(url, {"reason": "  "}).content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "pending"
    client.post(url, {"reason": "执照已过期。", "advice": "请上传新执照。"})
    client.force_login(charlie)
    page = client.get(MINE).content.decode()
    body = Message.objects.get(recipient=charlie, channel="inbox").body
    for said in (
        "执照已过期。",
        "请上传新执照。",
        "重新提出认领",
        "南京市公共信用信息中心的窗口（电话025-00000002）",
    ):
        assert said in page and said in body
    # After a rejection one may try again.
    assert client.post(COMPANY_FORM, {**COMPANY_DATA, "proof": paper()}).status_code == 302
    assert Claim.objects.filter(user=charlie, status="pending").count() == 1


def test_of_two_officers_the_second_hears_who_was_quicker(client, credit_bureau, qian, waiting):
    other = make_user("feng@example.com", "冯受理", credit_bureau, Role.INTAKE)
    approved(waiting, other)
    client.force_login(qian)
    page = client.post(f"{DESK}{waiting.pk}/reject/", {"reason": "不清楚"}, follow=True).content.decode()
    assert "该认领已由冯受理办理：已通过。" in page
    waiting.refresh_from_db()
    assert waiting.status == "verified"
    assert Event.objects.filter(verb__startswith="subject.claim_").count() == 1


def test_all_mistakes_are_named_at_once(client, charlie):
    client.force_login(charlie)
    page = client.post(COMPANY_FORM, {"name": "", "code": "123"}).content.decode()
    for said in ("请填写名称", "现有3位", "请上传营业执照"):
        assert said in page


def test_a_double_click_makes_one_claim(client, charlie):
    client.force_login(charlie)
    for _ in range(2):
        client.post(COMPANY_FORM, {**COMPANY_DATA, "proof": paper()})
    assert Claim.objects.count() == 1


def test_a_good_file_survives_a_mistake_elsewhere(client, charlie):
    client.force_login(charlie)
    page = client.post(
        COMPANY_FORM, {**COMPANY_DATA, "code": NANJING[:-1] + "0", "proof": paper("执照 (1).pdf")}
    ).content.decode()
    assert "校验位不正确" in page
    assert "已上传" in page and "执照 (1).pdf" in page
    kept = re.search(r'name="kept" value="([^"]+)"', page)[1]
    assert client.post(COMPANY_FORM, {**COMPANY_DATA, "kept": kept}).status_code == 302
    assert Claim.objects.get().proof == StoredFile.objects.get()


def test_a_kept_file_is_of_use_to_its_sender_alone(client, charlie, bob):
    client.force_login(charlie)
    page = client.post(COMPANY_FORM, {**COMPANY_DATA, "name": "", "proof": paper()}).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', page)[1]
    client.force_login(bob)
    for reference in (kept, "rubbish", "0" * 32):
        page = seen(client.post(COMPANY_FORM, {**COMPANY_DATA, "kept": reference}))
        assert "请上传营业执照或登记证书" in page
        assert "已上传" not in page
    assert not Claim.objects.filter(user=bob, uscc=NANJING).exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "9132"}, "现有4位"),
        ({"name": ""}, "请填写名称"),
        ({"proof": None}, "请上传营业执照"),
        ({"proof": SimpleUploadedFile("执照.pdf", b"")}, "“执照.pdf”是空文件"),
        ({"proof": SimpleUploadedFile("执照.pdf", b"<html>")}, "“执照.pdf”的内容不是 PDF"),
    ],
)
def test_a_wrong_company_claim_says_what_is_wrong(client, charlie, change, said):
    client.force_login(charlie)
    data = {**COMPANY_DATA, "proof": paper(), **change}
    page = client.post(
        COMPANY_FORM, {key: value for key, value in data.items() if value is not None}
    ).content.decode()
    assert said in page
    assert data["name"] in page and data["code"] in page
    assert not Claim.objects.filter(user=charlie).exists()
