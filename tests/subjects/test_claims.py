"""Claiming a subject: who may act for whom, and who decides."""

import io
import re
from datetime import timedelta

import pikepdf
import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from applications.accounts.models import Role, User
from applications.files.models import StoredFile
from applications.files.services import store_content
from applications.files.tasks import remove_old_pending_uploads
from applications.ledger.models import Event
from applications.ledger.selectors import readings_about
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.subjects.access import claims_verified_by, may_act_for, may_verify, subjects_of
from applications.subjects.models import Claim, Subject
from applications.subjects.selectors import verifiers_of
from applications.subjects.services import claim_subject, decide_claim, register_subject
from tests.fixtures import make_user, moment

NOW = moment("2026-11-20 10:00")
# Invented codes, their check digits worked out apart from the code.
NANJING = "91320102MA1TE5T18C"
SUZHOU = "91320505MA1ABCD54C"
PARK = "91320576MA1ABCD38H"  # 320576: a development zone, not in GB/T 2260
BEIJING = "91110105MA1ABCD46B"
PERSON = "320102199003076515"

MINE, CLAIM = "/subjects/", "/subjects/claim/"
PERSON_FORM = CLAIM + "?kind=natural_person"
COMPANY_FORM = CLAIM + "?kind=organisation"
DESK = "/admin/subjects/claim/"


def paper(name: str = "营业执照.pdf") -> SimpleUploadedFile:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out)
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def zhang(db) -> Subject:
    return register_subject(
        kind="natural_person", name="张小明", identity_type="resident_id", identity_number=PERSON, at=NOW
    )


@pytest.fixture
def waiting(client, charlie, credit_bureau) -> Claim:
    """charlie's claim to a company of Nanjing that nobody knows yet."""
    client.force_login(charlie)
    data = {"name": "南京新办有限公司", "code": NANJING, "proof": paper()}
    assert client.post(COMPANY_FORM, data).status_code == 302
    client.logout()
    return Claim.objects.get(user=charlie)


def bureau_officer(region: str, *roles: str, kind=Organ.Kind.CREDIT_BUREAU) -> User:
    organ = Organ.objects.create(
        code=f"b{region}{kind}",
        name=f"中心{region}{kind}",
        document_prefix=f"信{region}{kind}"[:20],
        kind=kind,
        level="city",
        region=region,
        uscc=f"U{region}{kind}"[:18],
    )
    return make_user(f"officer{region}{kind}@example.com", f"员{region}", organ, *(roles or (Role.INTAKE,)))


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


# -- Who sees and decides what


@pytest.mark.parametrize(
    ("code", "officer_region", "expected"),
    [
        (NANJING, "320100", True),
        (NANJING, "320102", True),
        (NANJING, "320000", True),
        (NANJING, "320500", False),
        (NANJING, "320104", False),
        (SUZHOU, "320500", True),
        (SUZHOU, "320100", False),
        (PARK, "320100", True),
        (BEIJING, "320500", True),
    ],
)
def test_the_bureau_of_the_codes_region_decides(charlie, code, officer_region, expected):
    officer = bureau_officer(officer_region)
    claim = Claim.objects.create(user=charlie, kind="organisation", name="示例", uscc=code, made_at=NOW)
    assert may_verify(officer, claim) is expected
    assert claims_verified_by(officer).exists() is expected
    if not expected:
        with pytest.raises(PermissionDenied):
            decide_claim(claim=claim, approve=True, actor=officer, at=NOW)


def test_only_verifying_officers_of_a_bureau_decide(charlie, waiting, wang, sun, alice, credit_bureau):
    reporter = make_user("r@example.com", "报告员", credit_bureau, Role.REPORT_OFFICER)
    unit = bureau_officer("320000", kind=Organ.Kind.IDENTIFYING_UNIT)
    for person in (wang, sun, alice, charlie, reporter, unit):
        assert not may_verify(person, waiting)
        with pytest.raises(PermissionDenied):
            decide_claim(claim=waiting, approve=True, actor=person, at=NOW)


def test_a_new_claim_is_brought_to_the_nearest_bureau(charlie, waiting, qian):
    province = bureau_officer("320000")
    assert set(verifiers_of(waiting)) == {qian}
    district = bureau_officer("320102")
    assert set(verifiers_of(waiting)) == {district}
    far = Claim.objects.create(user=charlie, kind="organisation", name="示例", uscc=SUZHOU, made_at=NOW)
    assert set(verifiers_of(far)) == {province}


@pytest.mark.parametrize("step", ["change/", "approve/", "reject/"])
def test_the_desk_is_closed_to_others(client, waiting, wang, outsider, alice, step):
    url = f"{DESK}{waiting.pk}/{step}"
    assert client.get(url).status_code == 302
    client.force_login(alice)
    assert client.get(url, follow=True).status_code == 403
    for person in (wang, outsider, bureau_officer("320500")):
        client.force_login(person)
        assert client.get(url).status_code == 404
        assert client.post(url, {"reason": "x"}).status_code == 404
    waiting.refresh_from_db()
    assert waiting.status == "pending"


def test_officers_of_a_unit_do_not_have_the_claims_desk(client, wang):
    client.force_login(wang)
    assert client.get(DESK).status_code == 403


def test_the_proof_opens_for_claimant_and_verifying_officers_only(
    client, waiting, charlie, alice, wang, qian
):
    url = reverse("subjects:proof", args=[waiting.proof_id])
    assert client.get(url).status_code == 302
    client.force_login(charlie)
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert not Event.objects.filter(verb="subject.proof_read").exists()
    for person in (alice, wang, bureau_officer("320500")):
        client.force_login(person)
        assert client.get(url).status_code == 404
    client.force_login(qian)
    assert client.get(url).status_code == 200
    event = Event.objects.get(verb="subject.proof_read")
    assert (event.actor, event.payload["claim"]) == (qian, waiting.pk)


def test_a_file_that_proves_nothing_cannot_be_opened(client, charlie):
    client.force_login(charlie)
    stored = store_content(name="a.pdf", content=b"x", content_type="application/pdf", at=NOW, user=charlie)
    assert client.get(reverse("subjects:proof", args=[stored.pk])).status_code == 404


def test_an_invalid_form_leaves_no_file(client, charlie, tmp_path):
    client.force_login(charlie)
    for wrong in ({"name": ""}, {"code": NANJING[:-1] + "0"}):
        client.post(COMPANY_FORM, {"name": "示例", "code": NANJING, "proof": paper(), **wrong})
    assert not StoredFile.objects.exists()
    # One waits for its form, and no longer than half an hour.
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        remove_old_pending_uploads()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_repeated_claim_leaves_no_second_file(client, charlie, tmp_path):
    client.force_login(charlie)
    for _ in range(2):
        client.post(COMPANY_FORM, {"name": "示例", "code": NANJING, "proof": paper()})
    assert Claim.objects.get().proof == StoredFile.objects.get()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_colleagues_share_the_subject_and_not_the_claim(client, alice, bob, charlie, acme):
    assert may_act_for(alice, acme) and may_act_for(bob, acme) and not may_act_for(charlie, acme)
    client.force_login(bob)
    page = client.get(MINE).content.decode()
    assert page.count(acme.name) == 1
    client.force_login(charlie)
    page = client.get(MINE).content.decode()
    assert acme.name not in page
    assert "您还没有认领信用主体" in page


def test_staff_claim_nothing(client, wang):
    client.force_login(wang)
    assert client.get(MINE).status_code == 403
    assert client.get(COMPANY_FORM).status_code == 403
    with pytest.raises(PermissionDenied):
        claim_subject(user=wang, kind="organisation", name="x", code=NANJING, at=NOW)


def test_the_kind_is_asked_first_and_a_made_up_one_is_refused(client, charlie):
    assert client.get(CLAIM).status_code == 302
    client.force_login(charlie)
    page = client.get(CLAIM).content.decode()
    assert all(kind in page for kind in ("法人及非法人组织", "个体工商户", "自然人"))
    assert "错误：" not in page
    page = client.get(CLAIM + "?kind=king").content.decode()
    assert "错误：" in page and 'href="#id_kind_0"' in page
    assert client.put(CLAIM).status_code == 405


def test_the_bureau_looks_subjects_up_with_masked_numbers(client, zhang, acme, qian, wang):
    client.force_login(qian)
    page = client.get("/admin/subjects/subject/").content.decode()
    assert "3201**********6515" in page and acme.uscc in page
    page = client.get(f"/admin/subjects/subject/{zhang.pk}/change/").content.decode()
    assert PERSON not in page
    assert readings_about(f"subject-{zhang.pk}", "subject.read").get().actor == qian
    client.get(f"/admin/subjects/subject/{acme.pk}/change/")
    assert readings_about(f"subject-{acme.pk}", "subject.read").count() == 1
    shown = Event.objects.get(verb="subject.listed", actor=qian).payload["objects"]
    assert sorted(shown) == sorted([zhang.pk, acme.pk])
    client.force_login(wang)
    assert client.get("/admin/subjects/subject/").status_code == 403
    assert client.get(f"/admin/subjects/subject/{acme.pk}/change/").status_code == 404
