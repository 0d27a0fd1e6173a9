"""Who acts for a subject: it sees them, removes them, and a power of attorney has a scope and an end."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.accounts.models import User
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.access import visible_to as records_of
from applications.repairs import services as repairs
from applications.repairs.models import Filing
from applications.subjects.access import may_act_for, may_end, subjects_of
from applications.subjects.changing import record_subject_change
from applications.subjects.models import Subject
from applications.subjects.services import decide_claim, end_claim, end_powers
from applications.subjects.tasks import end_powers as task
from tests.fixtures import make_record, make_user, moment
from tests.repairs import steps
from tests.subjects.claims import COMPANY_FORM, DESK, MINE, NOW, approved, claimed, paper

pytestmark = pytest.mark.django_db

AGENT = {"capacity": "agent", "ends_on": date(2026, 12, 31)}


@pytest.fixture
def agent(acme, qian):
    """zhou acts for Acme by a power of attorney until the end of the year."""
    zhou = make_user("zhou.agent@example.com", "周代理")
    return approved(claimed(zhou, name=acme.name, code=acme.uscc, **AGENT), qian)


def filed(record, organ, user):
    """A case that the user filed, as who is named like the register's representative signs."""
    User.objects.filter(pk=user.pk).update(name="陈示例")
    case = steps.submitted(record, organ, User.objects.get(pk=user.pk))
    User.objects.filter(pk=user.pk).update(name=user.name)
    return case


def subjects(recipient):
    return list(
        Message.objects.filter(recipient=recipient, channel="inbox").values_list("subject", flat=True)
    )


# -- The subject sees them


def test_everybody_who_acts_for_it_sees_who_else_does(client, acme, alice, bob, agent):
    client.force_login(bob)
    page = client.get(MINE).content.decode()
    for said in (
        "陈示例", "法定代表人（负责人、经营者）", "鲍经办（您）", "本单位工作人员", "周代理", "受委托的代理人",
        "全部事项", "2026年11月23日（周一）起，到2026年12月31日（周四）为止", "2026年1月6日（周二）起",
    ):  # fmt: skip
        assert said in page, said
    # Only who represents it removes others; everybody can stop.
    assert "不再代办" in page and ">移除<" not in page
    client.force_login(alice)
    assert client.get(MINE).content.decode().count(">移除<") == 2


def test_the_subject_is_told_of_a_new_claim_and_of_its_result(acme, alice, bob, qian):
    stranger = make_user("he@example.com", "何人")
    claim = claimed(stranger, name=acme.name, code=acme.uscc, **AGENT)
    for person in (alice, bob):
        told = Message.objects.filter(recipient=person, channel="inbox").get()
        assert told.subject == "有人申请代“南京示例食品有限公司”办理信用修复"
        assert "何人（受委托的代理人，授权至2026年12月31日）于2026年11月23日申请" in told.body
    decide_claim(claim=claim, approve=False, reason="没有盖章", actor=qian, at=NOW)
    told = Message.objects.filter(recipient=alice, channel="inbox").latest("id")
    assert "何人" in told.body and "未通过，不能代“南京示例食品有限公司”办理" in told.body
    # Why, is the claimant's alone.
    assert "没有盖章" not in told.body


# -- And removes them


def test_the_representative_removes_somebody(client, acme, alice, bob, general_record):
    client.force_login(alice)
    address = f"{MINE}claims/{bob.claims.get().pk}/end/"
    page = client.get(address).content.decode()
    assert "移除鲍经办？" in page and "此前由其提交的申请仍然有效，由您继续办理" in page
    assert may_act_for(bob, acme), "asking changes nothing"
    page = client.post(address, {"reason": "已离职"}, follow=True).content.decode()
    assert "鲍经办不再代“南京示例食品有限公司”办理，已经通知" in page
    assert not may_act_for(bob, acme) and not records_of(bob).exists()
    told = Message.objects.filter(recipient=bob, channel="inbox").get()
    assert "陈示例已移除您的代办资格。原因：已离职。" in told.body and "此前提交的申请仍然有效" in told.body
    event = Event.objects.get(chain=f"subject-{acme.pk}", verb="subject.claim_ended")
    assert (event.actor, event.payload["by"]) == (alice, "representative")
    client.force_login(bob)
    page = client.get(MINE).content.decode()
    assert "已终止" in page and "陈示例已移除您的代办资格" in page


def test_only_the_representative_removes_others(client, acme, alice, bob, agent, charlie):
    for person in (bob, agent.user, charlie):
        assert not may_end(person, alice.claims.get(), date(2026, 11, 23))
        client.force_login(person)
        assert client.post(f"{MINE}claims/{alice.claims.get().pk}/end/").status_code == 404
        with pytest.raises(PermissionDenied):
            end_claim(claim=alice.claims.get(), actor=person, at=NOW)
    assert may_act_for(alice, acme)


def test_somebody_gives_it_up(client, acme, alice, bob):
    client.force_login(bob)
    address = f"{MINE}claims/{bob.claims.get().pk}/end/"
    assert "不再代“南京示例食品有限公司”办理？" in client.get(address).content.decode()
    client.post(address)
    assert not may_act_for(bob, acme)
    assert "鲍经办不再代“南京示例食品有限公司”办理" in subjects(alice)
    with pytest.raises(PermissionDenied):
        end_claim(claim=bob.claims.get(), actor=make_user("x@example.com", "无关"), at=NOW)
    with pytest.raises(ValidationError, match="已经不再代办"):
        end_claim(claim=bob.claims.get(), actor=alice, at=NOW)


def test_what_was_filed_stands_and_goes_to_whoever_removed(client, alice, bob, acme, market_bureau, wang):
    case = filed(make_record(acme, market_bureau), market_bureau, bob)
    end_claim(claim=bob.claims.get(), actor=alice, at=moment("2026-11-24 10:00"))
    assert Filing.objects.get(cases=case).applicant == alice
    assert Event.objects.filter(chain=case.number, verb="repair.applicant_changed").exists()
    client.force_login(alice)
    assert client.get(f"/a/{case.number}/").status_code == 200
    client.force_login(bob)
    refused = client.get(f"/a/{case.number}/")
    page = refused.content.decode()
    assert refused.status_code == 403
    assert "您不再代“南京示例食品有限公司”办理，这一步没有执行。陈示例已移除您的代办资格。" in page


def test_where_nobody_is_left_the_officers_hear_it(alice, acme, market_bureau, wang):
    case = filed(make_record(acme, market_bureau), market_bureau, alice)
    end_claim(claim=alice.claims.get(), actor=alice, at=moment("2026-11-24 10:00"))
    told = Message.objects.filter(recipient=wang, channel="inbox", about=case.number).latest("id")
    assert told.subject == f"{case.number} 现在没有人代信用主体办理"
    assert "文书请按其他方式送达信用主体" in told.body


def test_what_was_filed_goes_on_with_who_acts_for_the_successor(
    alice, bob, charlie, acme, market_bureau, qian, wang
):
    heir = Subject.objects.create(kind=acme.kind, name="南京承继有限公司", uscc="91320100MA1MHT8H5Q")
    charlie.claims.create(subject=heir, status="verified", made_at=NOW)
    case = filed(make_record(acme, market_bureau), market_bureau, alice)
    record_subject_change(
        subject=acme, kind="merge", successor=heir, changed_on=date(2026, 11, 20),
        proof=steps.paper("变更通知书.pdf"), actor=qian, at=NOW,
    )  # fmt: skip
    for person in (bob, alice):
        end_claim(claim=person.claims.get(), actor=person, at=moment("2026-11-24 10:00"))
    assert Filing.objects.get(cases=case).applicant == charlie
    assert not Message.objects.filter(subject__contains="没有人代信用主体办理").exists()


def test_who_gives_it_up_reads_who_goes_on_or_that_nobody_does(client, acme, alice, bob, market_bureau, wang):
    address = f"{MINE}claims/{alice.claims.get().pk}/end/"
    client.force_login(alice)
    assert "由它的其他代办人继续办理" in client.get(address).content.decode()
    end_claim(claim=bob.claims.get(), actor=bob, at=NOW)
    page = client.get(address).content.decode()
    assert "没有其他代办人" in page and "继续办理" not in page.split("<main")[1]


# -- A power of attorney


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ends_on": ""}, "请填写授权委托书的截止日期"),
        ({"ends_on": "2026-11-22"}, "从今天到2027年11月23日之间"),
        ({"ends_on": "2027-11-24"}, "从今天到2027年11月23日之间"),
        ({"scope": ""}, "请选择委托办理什么"),
        ({"scope": "one"}, "请填写这条记录的决定书文号"),
    ],
)
def test_an_agent_says_until_when_and_for_what(client, charlie, acme, change, said):
    client.force_login(charlie)
    data = {
        "capacity": "agent", "name": acme.name, "code": acme.uscc, "scope": "all", "ends_on": "2026-12-31",
        "proof": paper(),
    } | change  # fmt: skip
    assert said in client.post(COMPANY_FORM, data).content.decode()
    assert not charlie.claims.exists()


def test_it_opens_nothing_from_midnight_on_whether_a_task_ran_or_not(
    acme, agent, general_record, time_machine
):
    time_machine.move_to(moment("2026-12-31 23:59"))
    assert may_act_for(agent.user, acme) and records_of(agent.user).count() == 1
    time_machine.move_to(moment("2027-01-01 00:00"))
    assert not may_act_for(agent.user, acme)
    assert not subjects_of(agent.user).exists() and not records_of(agent.user).exists()


def test_who_is_in_the_middle_of_it_is_told_why(
    client, acme, agent, general_record, market_bureau, time_machine
):
    time_machine.move_to(moment("2026-12-31 23:50"))
    client.force_login(agent.user)
    case = repairs.start_case(
        record=general_record, organ=market_bureau, applicant=agent.user, at=moment("2026-12-31 23:50")
    )
    page = f"/a/{case.number}/contact/"
    assert client.get(page).status_code == 200
    time_machine.move_to(moment("2027-01-01 00:01"))
    for address in (
        page,
        f"/records/{general_record.pk}/",
        f"/a/start/{general_record.pk}/",
        f"/a/filing/{case.filing_id}/",
    ):
        answer = client.post(address, {"name": "周代理", "phone": "025-1234567"})
        assert answer.status_code in (403, 405), address
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert (
            "您不再代“南京示例食品有限公司”办理，这一步没有执行。您的授权已经到期。"
            in answer.content.decode()
        )
    case.filing.refresh_from_db()
    assert case.filing.contact_phone == ""


def test_the_service_refuses_with_the_reason_too(acme, agent, general_record, market_bureau, time_machine):
    time_machine.move_to(moment("2027-01-01 00:01"))
    with pytest.raises(PermissionDenied, match="授权已经到期"):
        repairs.start_case(
            record=general_record, organ=market_bureau, applicant=agent.user, at=moment("2027-01-01 00:01")
        )


def test_agent_and_subject_are_told_before_and_after(acme, alice, agent, market_bureau, time_machine):
    case = filed(make_record(acme, market_bureau), market_bureau, agent.user)
    before = len(subjects(agent.user))
    assert end_powers(at=moment("2026-12-15 10:00")) == 0
    assert len(subjects(agent.user)) == before
    for hour in (1, 2):
        assert end_powers(at=moment(f"2026-12-16 0{hour}:00")) == 0
    assert subjects(agent.user)[0] == "您代“南京示例食品有限公司”办理的授权将到期"
    assert subjects(alice).count("周代理代“南京示例食品有限公司”办理的授权将到期") == 1
    time_machine.move_to(moment("2027-01-01 00:30"))
    task()
    assert end_powers(at=moment("2027-01-01 01:30")) == 0
    agent.refresh_from_db()
    assert (agent.status, agent.reason) == ("ended", "授权已于2026年12月31日到期。")
    assert subjects(agent.user)[0] == "您不再代“南京示例食品有限公司”办理"
    assert "周代理不再代“南京示例食品有限公司”办理" in subjects(alice)
    case.refresh_from_db()
    assert (case.status, case.filing.applicant) == ("submitted", alice)


def test_a_new_power_takes_the_place_of_the_old(acme, agent, qian):
    at = moment("2026-12-20 10:00")
    new = claimed(agent.user, at, name=acme.name, code=acme.uscc, capacity="agent", ends_on=date(2027, 6, 30))
    assert new != agent and may_act_for(agent.user, acme)
    approved(new, qian, at)
    agent.refresh_from_db()
    assert (agent.status, agent.reason) == ("ended", f"已由新的认领{new.number}代替。")
    assert may_act_for(agent.user, acme)
    assert end_powers(at=moment("2027-01-01 01:00")) == 0


def test_a_power_that_is_over_before_the_answer_is_not_approved(acme, charlie, qian):
    claim = claimed(charlie, name=acme.name, code=acme.uscc, capacity="agent", ends_on=date(2026, 11, 24))
    with pytest.raises(ValidationError, match="已于2026年11月24日到期，不能通过"):
        approved(claim, qian, moment("2026-11-25 10:00"))


def test_one_for_one_record_opens_that_record_alone(client, acme, charlie, qian, market_bureau):
    one = make_record(acme, market_bureau)
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕16号")
    # As somebody types it.
    claim = claimed(charlie, name=acme.name, code=acme.uscc, scope_document="宁市监处罚[2026]15号", **AGENT)
    client.force_login(qian)
    assert "只限 宁市监处罚[2026]15号" in client.get(f"{DESK}{claim.pk}/change/").content.decode()
    approved(claim, qian)
    assert not may_act_for(charlie, acme) and list(records_of(charlie)) == [one]
    client.force_login(charlie)
    assert client.get(f"/records/{one.pk}/").status_code == 200
    assert client.get(f"/records/{other.pk}/").status_code == 404
    assert client.get(f"/a/together/{acme.pk}/").status_code == 404
    assert "南京示例食品有限公司，只限 宁市监处罚[2026]15号" in client.get("/desk/").content.decode()
    case = filed(one, market_bureau, charlie)
    assert client.get(f"/a/{case.number}/").status_code == 200
    assert client.get(f"/a/filing/{case.filing_id}/submitted/").status_code == 200
    with pytest.raises(repairs.NotAllowed):
        repairs.start_case(record=other, organ=market_bureau, applicant=charlie, at=NOW)
