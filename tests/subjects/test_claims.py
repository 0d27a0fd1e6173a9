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
from applications.subjects.services import claim_subject, decide_claim, register_subject
from tests.fixtures import make_user, moment
from tests.subjects.claims import COMPANY_FORM, DESK, MINE, NANJING, NOW, PERSON, PERSON_FORM, paper

# -- A natural person


def test_the_right_name_and_number_verify_at_once(client, charlie, zhang):
    client.force_login(charlie)
    page = client.post(
        PERSON_FORM, {"name": "张 小明", "identity_type": "resident_id", "code": PERSON.lower()}, follow=True
    ).content.decode()
    assert "已核验" in page
    assert "已通过" in page
    assert "3201**********6515" in page and PERSON not in page
    assert list(subjects_of(charlie)) == [zhang]
    verbs = Event.objects.filter(chain=f"subject-{zhang.pk}").values_list("verb", flat=True)
    assert list(verbs) == ["subject.registered", "subject.claimed", "subject.claim_verified"]


def test_a_stranger_learns_nothing_about_who_has_a_record(client, charlie, bob, zhang):
    """An unknown number and a wrong name get the same page, letter by letter, but for what was typed."""

    def answer(user, name, number):
        client.force_login(user)
        page = client.post(
            PERSON_FORM, {"name": name, "identity_type": "resident_id", "code": number}
        ).content.decode()
        assert "<title>错误：" in re.sub(r"\s+", " ", page)
        page = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", page)
        return page.replace(number, "N").replace(name, "X").replace(str(user), "U")

    wrong_name = answer(charlie, "张大明", PERSON)
    unknown = answer(bob, "王小二", "320102199003076523")
    assert wrong_name == unknown
    assert "没有找到姓名、证件类型和证件号码都与您填写的一致的信用主体" in wrong_name
    assert "还可以再试4次" in wrong_name
    assert not Claim.objects.filter(user=charlie).exists()
    # What was tried is kept nowhere.
    event = Event.objects.get(verb="subject.claim_failed", actor=charlie)
    assert event.payload == {}


def test_the_sixth_attempt_of_a_day_is_sent_to_the_window_even_if_it_is_right(charlie, bob, zhang):
    def attempt(user, name, at=NOW):
        return claim_subject(
            user=user, kind="natural_person", name=name, code=PERSON, identity_type="resident_id", at=at
        )

    for left in (4, 3, 2, 1):
        with pytest.raises(ValidationError, match=f"再试{left}次"):
            attempt(charlie, "错")
    with pytest.raises(ValidationError, match="窗口"):
        attempt(charlie, "错")
    with pytest.raises(ValidationError, match="窗口"):
        attempt(charlie, "张小明")
    assert attempt(bob, "张小明").status == "verified"
    # A new day of Shanghai, 14 hours later.
    with pytest.raises(ValidationError, match="再试4次"):
        attempt(charlie, "错", at=moment("2026-11-21 00:00"))


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": ""}, "name", "请填写姓名"),
        ({"code": ""}, "code", "请填写证件号码"),
        ({"code": "320102199003076510"}, "code", "校验位有误"),
        ({"identity_type": "visa"}, "identity_type", "visa"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_costs_no_attempt(client, charlie, zhang, change, field, said):
    client.force_login(charlie)
    data = {"name": "张小明", "identity_type": "resident_id", "code": PERSON, **change}
    page = client.post(PERSON_FORM, data).content.decode()
    assert said in page
    assert f'href="#id_{field}"' in page
    assert not Event.objects.filter(verb="subject.claim_failed").exists()
    assert not Claim.objects.exists()


def test_a_second_account_for_a_person_needs_an_officer_and_ends_the_first(charlie, bob, zhang, qian):
    data = {
        "kind": "natural_person",
        "name": "张小明",
        "code": PERSON,
        "identity_type": "resident_id",
        "at": NOW,
    }
    first = claim_subject(user=charlie, **data)
    second = claim_subject(user=bob, **data)
    assert second.status == "pending"
    assert may_act_for(charlie, zhang) and not may_act_for(bob, zhang)
    decide_claim(claim=second, approve=True, actor=qian, at=NOW)
    first.refresh_from_db()
    assert first.status == "rejected"
    assert may_act_for(bob, zhang) and not may_act_for(charlie, zhang)
    assert Message.objects.filter(recipient=charlie, subject="主体认领未通过").exists()


def test_claiming_again_changes_nothing(charlie, zhang):
    data = {
        "kind": "natural_person",
        "name": "张小明",
        "code": PERSON,
        "identity_type": "resident_id",
        "at": NOW,
    }
    assert claim_subject(user=charlie, **data) == claim_subject(user=charlie, **data)
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
    # The button asks once more; only its POST decides.
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
    decide_claim(claim=waiting, approve=True, actor=qian, at=NOW)
    assert list(subjects_of(charlie)) == [imported]


def test_the_officer_is_warned_when_the_files_have_another_name(client, charlie, qian, waiting):
    register_subject(kind="organisation", name="南京旧名有限公司", uscc=NANJING, at=NOW)
    again = claim_subject(user=charlie, kind="organisation", name="x", code=NANJING, at=NOW)
    assert again == waiting
    decide_claim(claim=waiting, approve=False, reason="名称不符", actor=qian, at=NOW)
    claim = claim_subject(
        user=charlie, kind="organisation", name="南京新办有限公司", code=NANJING, proof=waiting.proof, at=NOW
    )
    client.force_login(qian)
    assert "南京旧名有限公司" in client.get(f"{DESK}{claim.pk}/change/").content.decode()


def test_a_rejection_needs_a_reason_and_the_claimant_reads_it(client, charlie, qian, waiting):
    client.force_login(qian)
    url = f"{DESK}{waiting.pk}/reject/"
    assert "请写明不予通过的原因" in client.post(url, {"reason": "  "}).content.decode()
    waiting.refresh_from_db()
    assert waiting.status == "pending"
    client.post(url, {"reason": "执照已过期，请上传新执照。"})
    client.force_login(charlie)
    page = client.get(MINE).content.decode()
    assert "未通过" in page and "执照已过期，请上传新执照。" in page
    assert "执照已过期" in Message.objects.get(recipient=charlie, channel="inbox").body
    # After a rejection one may try again.
    assert (
        client.post(COMPANY_FORM, {"name": "南京新办有限公司", "code": NANJING, "proof": paper()}).status_code
        == 302
    )
    assert Claim.objects.filter(user=charlie, status="pending").count() == 1


def test_of_two_officers_the_second_hears_who_was_quicker(client, credit_bureau, qian, waiting):
    other = make_user("feng@example.com", "冯受理", credit_bureau, Role.INTAKE)
    decide_claim(claim=waiting, approve=True, actor=other, at=NOW)
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
        client.post(COMPANY_FORM, {"name": "示例", "code": NANJING, "proof": paper()})
    assert Claim.objects.count() == 1


def test_a_good_file_survives_a_mistake_elsewhere(client, charlie):
    client.force_login(charlie)
    page = client.post(
        COMPANY_FORM, {"name": "示例", "code": NANJING[:-1] + "0", "proof": paper("执照 (1).pdf")}
    ).content.decode()
    assert "校验位不正确" in page
    assert "已上传" in page and "执照 (1).pdf" in page
    kept = re.search(r'name="kept" value="([^"]+)"', page)[1]
    assert client.post(COMPANY_FORM, {"name": "示例", "code": NANJING, "kept": kept}).status_code == 302
    assert Claim.objects.get().proof == StoredFile.objects.get()


def test_a_kept_file_is_of_use_to_its_sender_alone(client, charlie, bob):
    client.force_login(charlie)
    page = client.post(COMPANY_FORM, {"name": "", "code": NANJING, "proof": paper()}).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', page)[1]
    client.force_login(bob)
    for reference in (kept, "rubbish", "0" * 32):
        page = client.post(
            COMPANY_FORM, {"name": "示例", "code": NANJING, "kept": reference}
        ).content.decode()
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
    data = {"name": "示例有限公司", "code": NANJING, "proof": paper(), **change}
    page = client.post(
        COMPANY_FORM, {key: value for key, value in data.items() if value is not None}
    ).content.decode()
    assert said in page
    assert data["name"] in page and data["code"] in page
    assert not Claim.objects.filter(user=charlie).exists()
