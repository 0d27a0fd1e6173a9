"""A claim has a day by which it is answered; until then its claimant can put it right or take it back."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.deadlines.models import Deadline
from applications.deadlines.services import sweep_deadlines
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.subjects.models import Claim
from applications.subjects.services import correct_claim, decide_claim, withdraw_claim
from tests.fixtures import make_user, moment
from tests.subjects.claims import (
    COMPANY_DATA,
    COMPANY_FORM,
    DESK,
    MINE,
    NANJING,
    NOW,
    SUZHOU,
    approved,
    bureau_officer,
    claimed,
    paper,
    stored,
)

pytestmark = pytest.mark.django_db


def clock_of(claim):
    return Deadline.objects.get(case_number=claim.number, met_on=None, cancelled_on=None)


def test_the_answer_day_is_three_working_days_on_and_said_to_both_sides(client, charlie, qian, waiting):
    """Monday 23 November; the bureau has until Thursday."""
    clock = clock_of(waiting)
    assert (clock.kind, clock.organ, clock.due_on) == ("claim", qian.organ, date(2026, 11, 26))
    assert (waiting.number, waiting.due_on) == ("RL-320100-2026-000001", date(2026, 11, 26))
    # The Notice has no such number, and nobody says that it has.
    assert clock.basis == "《通知》没有规定，按门户的答复承诺"
    client.force_login(charlie)
    for address in (MINE, "/desk/"):
        page = client.get(address).content.decode()
        assert "南京市公共信用信息中心须在 2026年11月26日（周四）前答复" in page and "剩3个工作日" in page
    client.force_login(qian)
    page = client.get(f"{DESK}{waiting.pk}/change/").content.decode()
    assert "须在 2026年11月26日（周四）前答复" in page
    assert "请在2026年11月26日前答复" in Message.objects.filter(recipient=qian, channel="inbox").get().body


def test_the_first_page_counts_and_leads_to_what_waits(client, charlie, qian, waiting, time_machine):
    elsewhere = bureau_officer("320500")
    claimed(make_user("suzhou@example.com", "苏"), code=SUZHOU, name="苏州新办有限公司")
    client.force_login(qian)
    page = client.get("/admin/").content.decode()
    assert "<strong>1</strong>待本单位答复的认领" in page and "<strong>0</strong>其中已逾期" in page
    assert "南京新办有限公司" in client.get(f"{DESK}?queue=mine").content.decode()
    time_machine.move_to(moment("2026-11-27 09:00"))
    client.force_login(qian)
    page = client.get("/admin/").content.decode()
    assert "<strong>1</strong>其中已逾期" in page
    page = client.get(f"{DESK}?queue=overdue").content.decode()
    assert "2026年11月26日" in page and "已逾期" in page
    client.force_login(elsewhere)
    assert "<strong>1</strong>待本单位答复的认领" in client.get("/admin/").content.decode()
    assert "南京新办有限公司" not in client.get(f"{DESK}?queue=mine").content.decode()


def test_what_is_late_is_raised_like_any_other_clock(waiting, qian, sun):
    sweep_deadlines(at=moment("2026-11-27 09:00"))
    for person in (qian, sun):
        subject = Message.objects.filter(recipient=person, channel="inbox").latest("id").subject
        assert subject == f"逾期上报：{waiting.number} 答复主体认领"


@pytest.mark.parametrize("approve", [True, False])
def test_the_answer_stops_the_clock(waiting, qian, approve):
    at = moment("2026-11-27 10:00")
    if approve:
        approved(waiting, qian, at)
    else:
        decide_claim(claim=waiting, approve=False, reason="不符", actor=qian, at=at)
    clock = Deadline.objects.get(case_number=waiting.number)
    assert (clock.met_on, clock.breached_on, clock.days_late) == (date(2026, 11, 27), date(2026, 11, 27), 1)


def test_a_correction_keeps_what_was_wrong_and_the_answer_is_owed_from_then_on(
    client, charlie, qian, waiting, time_machine
):
    first = waiting.proof_id
    time_machine.move_to(moment("2026-11-25 10:00"))
    client.force_login(charlie)
    address = f"{MINE}claims/{waiting.pk}/correct/"
    page = client.get(address).content.decode()
    assert 'value="南京新办有限公司"' in page and "营业执照.pdf" in page
    again = client.post(address, COMPANY_DATA).content.decode()
    assert "没有改动" in again
    page = client.post(
        address, {**COMPANY_DATA, "name": "南京新办科技有限公司", "proof": paper("新执照.pdf")}, follow=True
    ).content.decode()
    assert "已更正，从今天起重新计算答复期限" in page
    # What was said before stays to be read, by both sides.
    assert "南京新办有限公司" in page and "营业执照.pdf" in page and "新执照.pdf" in page
    waiting.refresh_from_db()
    assert (waiting.name, waiting.due_on) == ("南京新办科技有限公司", date(2026, 11, 30))
    assert [each.cancelled_on for each in Deadline.objects.order_by("round")] == [date(2026, 11, 25), None]
    assert Event.objects.filter(verb="subject.claim_corrected", actor=charlie).count() == 1
    client.force_login(qian)
    page = client.get(f"{DESK}{waiting.pk}/change/").content.decode()
    assert "南京新办有限公司" in page and "营业执照.pdf" in page
    # The proof that was replaced can be opened, and does not count as that of today.
    assert client.get(f"/subjects/proofs/{first}/").status_code == 200
    with pytest.raises(ValidationError, match="还没有打开证明材料"):
        decide_claim(claim=waiting, approve=True, actor=qian, at=moment("2026-11-25 11:00"))
    approved(waiting, qian, moment("2026-11-25 12:00"))


def test_a_correction_without_another_proof_keeps_the_one_there_is(charlie, waiting):
    correct_claim(
        claim=waiting, user=charlie, capacity="employee", name="南京新办有限公司", code=NANJING, at=NOW
    )
    waiting.refresh_from_db()
    assert (waiting.capacity, waiting.proof) == ("employee", waiting.earlier.get().proof)


def test_a_bad_correction_is_said_and_nothing_is_changed(client, charlie, waiting):
    client.force_login(charlie)
    address = f"{MINE}claims/{waiting.pk}/correct/"
    page = client.post(address, {**COMPANY_DATA, "code": "123"}).content.decode()
    assert "现有3位" in page
    claimed(charlie, code=SUZHOU)
    page = client.post(address, {**COMPANY_DATA, "code": SUZHOU}).content.decode()
    assert "您对这个代码已有一件认领在等待核验" in page
    assert not waiting.earlier.exists()


def test_a_claim_is_taken_back_by_its_claimant(client, charlie, qian, waiting):
    client.force_login(charlie)
    address = f"{MINE}claims/{waiting.pk}/withdraw/"
    assert "撤回这件认领" in client.get(address).content.decode()
    page = client.post(address, follow=True).content.decode()
    assert "已撤回对“南京新办有限公司”的认领" in page
    clock = Deadline.objects.get(case_number=waiting.number)
    assert (clock.cancelled_on, clock.met_on) == (date(2026, 11, 23), None)
    with pytest.raises(ValidationError, match="查路人办理：已撤回"):
        decide_claim(claim=waiting, approve=False, reason="不符", actor=qian, at=NOW)
    client.force_login(qian)
    assert "申请人于" in client.get(f"{DESK}{waiting.pk}/change/").content.decode()
    # And can be made again.
    assert claimed(charlie).number == "RL-320100-2026-000002"


def test_what_was_answered_is_neither_corrected_nor_taken_back(client, charlie, qian, waiting):
    decide_claim(claim=waiting, approve=False, reason="不符", actor=qian, at=NOW)
    client.force_login(charlie)
    page = client.get(f"{MINE}claims/{waiting.pk}/correct/", follow=True).content.decode()
    assert "现为“未通过”，不能再更改" in page
    page = client.post(f"{MINE}claims/{waiting.pk}/withdraw/", follow=True).content.decode()
    assert "现为“未通过”，不能再更改" in page
    waiting.refresh_from_db()
    assert waiting.status == "rejected"


def test_it_is_nobody_elses(client, bob, waiting):
    client.force_login(bob)
    for act in ("correct", "withdraw", "end"):
        address = f"{MINE}claims/{waiting.pk}/{act}/"
        assert client.get(address).status_code == client.post(address, COMPANY_DATA).status_code == 404
    with pytest.raises(PermissionDenied):
        withdraw_claim(claim=waiting, user=bob, at=NOW)


def test_where_there_is_no_bureau_no_day_is_promised(client, charlie, db):
    client.force_login(charlie)
    client.post(COMPANY_FORM, {**COMPANY_DATA, "proof": paper()})
    claim = Claim.objects.get()
    assert (claim.organ, claim.due_on) == (None, None)
    page = client.get(MINE).content.decode()
    assert "公共信用信息工作机构正在核验" in page and "须在" not in page


def test_a_claim_that_stands_in_no_calendar_any_more_keeps_its_day(charlie, waiting, qian):
    """The list is sorted by the day, whatever was there first."""
    with_proof = stored(charlie)
    later = claimed(make_user("later@example.com", "后"), at=moment("2026-11-24 09:00"), proof=with_proof)
    assert [waiting.due_on, later.due_on] == [date(2026, 11, 26), date(2026, 11, 27)]
