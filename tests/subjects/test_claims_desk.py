"""Who sees a claim, and who decides it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from applications.accounts.models import Role
from applications.files.models import StoredFile
from applications.files.services import store_content
from applications.files.tasks import remove_old_pending_uploads
from applications.ledger.models import Event
from applications.ledger.selectors import readings_about
from applications.organs.models import Organ
from applications.subjects.access import claims_verified_by, may_act_for, may_verify
from applications.subjects.models import Claim
from applications.subjects.selectors import verifiers_of
from applications.subjects.services import decide_claim
from tests.fixtures import make_user
from tests.subjects.claims import (
    BEIJING,
    CLAIM,
    COMPANY_DATA,
    COMPANY_FORM,
    DESK,
    MINE,
    NANJING,
    NOW,
    PARK,
    PERSON,
    SUZHOU,
    bureau_officer,
    claimed,
    paper,
)


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
    assert (waiting.organ, set(verifiers_of(waiting))) == (qian.organ, {qian})
    province, district = bureau_officer("320000"), bureau_officer("320102")
    assert set(verifiers_of(claimed(make_user("a@example.com", "甲")))) == {district}
    assert set(verifiers_of(claimed(charlie, code=SUZHOU))) == {province}
    # One that nobody sits in is passed over.
    district.staff_roles.all().delete()
    assert set(verifiers_of(claimed(make_user("b@example.com", "乙")))) == {qian}


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
        client.post(COMPANY_FORM, {**COMPANY_DATA, "proof": paper(), **wrong})
    assert not StoredFile.objects.exists()
    # One waits for its form, and no longer than half an hour.
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        remove_old_pending_uploads()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_repeated_claim_leaves_no_second_file(client, charlie, tmp_path):
    client.force_login(charlie)
    for _ in range(2):
        client.post(COMPANY_FORM, {**COMPANY_DATA, "proof": paper()})
    assert Claim.objects.get().proof == StoredFile.objects.get()
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_colleagues_share_the_subject_and_not_the_claim(client, alice, bob, charlie, acme):
    assert may_act_for(alice, acme) and may_act_for(bob, acme) and not may_act_for(charlie, acme)
    client.force_login(bob)
    page = client.get(MINE).content.decode()
    assert page.count("鲍经办（您）") == 1 and "陈示例" in page
    assert page.count("认领编号") == 0 and page.count('aria-labelledby="claim-') == 1
    client.force_login(charlie)
    page = client.get(MINE).content.decode()
    assert acme.name not in page
    assert "您还没有认领信用主体" in page


def test_staff_claim_nothing(client, wang):
    client.force_login(wang)
    assert client.get(MINE).status_code == 403
    assert client.get(COMPANY_FORM).status_code == 403
    with pytest.raises(PermissionDenied):
        claimed(wang)


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
