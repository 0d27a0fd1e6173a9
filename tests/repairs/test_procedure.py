"""The case through Articles 7, 8, 9, 11 and 13. Days are worked out by hand from the 2026 calendar:
11-20 is a Friday, no holiday follows before the new year."""

from datetime import date

import pytest

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.objections.steps import file_objection
from applications.repairs import services, steps
from applications.repairs.models import RepairCase
from applications.repairs.steps import Defect
from applications.sharing.models import Delivery
from rules.procedure import TABLE, IllegalAction, State
from tests.fixtures import make_record, moment
from tests.repairs.steps import accepted, all_confirmed, granted, pdf, prepared, refused, reviewed, submitted

pytestmark = pytest.mark.django_db


def clock(case, kind, round=1):
    return Deadline.objects.get(case_number=case.number, kind=kind, round=round)


def verbs(case):
    return list(
        Event.objects.filter(chain=case.number, verb__startswith="repair.")
        .values_list("verb", flat=True)
        .order_by("position")
    )


def test_submission_starts_three_working_days(general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    assert case.status == "submitted"
    running = clock(case, "acceptance")
    # Friday 20th; Monday 1, Tuesday 2, Wednesday 3.
    assert (running.started_on, running.due_on, running.article) == (
        date(2026, 11, 20),
        date(2026, 11, 25),
        "八",
    )
    receipt = Document.objects.get(about=case.number, kind="receipt")
    assert receipt.content["answer_by"]["date"] == "2026-11-25"
    assert [one["name"] for one in receipt.content["materials"]] == [
        "履行完毕证明.pdf",
        "证照材料复印件（加盖公章）.pdf",
    ]


def test_acceptance_answers_the_first_clock_and_starts_seven_days(general_record, market_bureau, alice, wang):
    case = accepted(general_record, market_bureau, alice, wang)
    assert clock(case, "acceptance").met_on == date(2026, 11, 23)
    # Accepted on Monday the 23rd: the 24th is day 1, the 30th day 5, 2 December day 7.
    assert clock(case, "decision").due_on == date(2026, 12, 2)
    assert case.accepted_on == date(2026, 11, 23)


def test_grant_annotates_withdraws_publicity_and_shares_in_one_go(
    general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    general_record.refresh_from_db()
    assert case.status == "granted"
    assert general_record.publicity == "withdrawn"
    assert general_record.publicity_ended_at == moment("2026-11-25 10:00")
    assert general_record.annotation.decision_number == case.decision_number
    # Decided on Wednesday: Thursday 1, Friday 2.
    assert clock(case, "sharing").due_on == date(2026, 11, 27)
    assert clock(case, "decision").met_on == date(2026, 11, 25)
    payload = Delivery.objects.get(stream=case.number).payload
    assert (payload["decision"], payload["decision_number"], payload["method"]) == (
        "granted",
        case.decision_number,
        "annotate_and_withdraw",
    )
    assert payload["subject"]["code"] == "91350100M000100Y43"
    assert case.filing.commitment.published_at == moment("2026-11-25 10:00")
    assert verbs(case) == [
        "repair.drafted",
        "repair.material_added",
        "repair.material_added",
        "repair.commitment_signed",
        "repair.submitted",
        "repair.accepted",
        "repair.reviewed",
        "repair.granted",
    ]


def test_the_reviewer_cannot_approve(general_record, market_bureau, alice, wang, li, zhao):
    from applications.accounts.models import StaffRole

    StaffRole.objects.create(user=li, role="approver")
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    with pytest.raises(services.NotReady, match="不同的人员"):
        steps.grant_case(case=case, actor=li, at=moment("2026-11-25 10:00"))
    general_record.refresh_from_db()
    assert general_record.publicity == "published"
    assert not Document.objects.filter(kind="grant_decision").exists()


def test_a_grant_needs_every_condition(general_record, market_bureau, alice, wang, li, zhao):
    case = reviewed(
        accepted(general_record, market_bureau, alice, wang), li, obligations_fulfilled="罚款尚有2000元未缴。"
    )
    assert case.reviews.get().proposal == "refuse"
    with pytest.raises(services.NotReady, match="第四条"):
        steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))


def test_a_refusal_needs_a_failed_condition(general_record, market_bureau, alice, wang, li, zhao):
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    with pytest.raises(services.NotReady, match="不能不予修复"):
        steps.refuse_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))


def test_a_refusal_gives_a_reason_for_each_failed_condition(
    general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    letter = Document.objects.get(about=case.number, kind="refusal_decision").content
    assert [finding["code"] for finding in letter["findings"]] == ["obligations_fulfilled"]
    assert letter["findings"][0]["article"] == "四"
    assert letter["findings"][0]["note"] == "缴款凭证金额与决定书不符。"
    assert letter["objection"] == {"organ": "南京市市场监督管理局", "working_days": 5, "article": "十三"}
    general_record.refresh_from_db()
    assert general_record.publicity == "published"
    assert Delivery.objects.get(stream=case.number).payload["decision"] == "refused"


def test_verdict_without_a_note_is_sent_back(general_record, market_bureau, alice, wang, li):
    case = accepted(general_record, market_bureau, alice, wang)
    checklist = all_confirmed(case)
    checklist["corrected"] = {"confirmed": False, "note": " "}
    with pytest.raises(services.NotReady, match="失信行为已经纠正"):
        steps.review_case(case=case, checklist=checklist, actor=li, at=moment("2026-11-24 10:00"))
    case.refresh_from_db()
    assert case.status == "accepted"


def test_not_accepting_needs_a_reason_and_frees_the_record(general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    with pytest.raises(services.NotReady, match="理由"):
        steps.decline_case(
            case=case, ground="elsewhere", reason=" ", actor=wang, at=moment("2026-11-23 10:00")
        )
    case = steps.decline_case(
        case=case,
        ground="elsewhere",
        reason="决定由安徽省的单位作出。",
        actor=wang,
        at=moment("2026-11-23 10:00"),
    )
    assert case.status == "not_accepted"
    letter = Document.objects.get(about=case.number, kind="non_acceptance_notice").content
    assert letter["whereto"].startswith("请向认定地的认定单位或者信用工作机构申请。")
    again = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-24 10:00")
    )
    assert again.number != case.number


def test_one_open_case_a_record_across_both_channels(
    general_record, market_bureau, credit_bureau, alice, bob
):
    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    with pytest.raises(services.NotReady, match=case.number):
        services.start_case(
            record=general_record, organ=credit_bureau, applicant=bob, at=moment("2026-11-20 09:00")
        )
    assert RepairCase.objects.count() == 1


def test_only_the_two_bodies_of_article_7_can_be_asked(general_record, ecology_bureau, market_bureau, alice):
    with pytest.raises(services.NotReady, match="认定单位"):
        services.start_case(
            record=general_record, organ=ecology_bureau, applicant=alice, at=moment("2026-11-20 09:00")
        )


@pytest.mark.parametrize(("day", "ready"), [("2026-08-01", False), ("2026-08-02", True)])
def test_the_first_day_to_submit_is_the_day_after_three_months(acme, market_bureau, alice, day, ready):
    """Identified on 1 May: the period is over with 1 August."""
    record = make_record(acme, market_bureau)
    case = prepared(record, market_bureau, alice, at="2026-07-20 09:00")
    if ready:
        assert steps.submit_case(case=case, actor=alice, at=moment(f"{day} 08:00")).status == "submitted"
    else:
        with pytest.raises(services.NotReady, match="8月2日"):
            steps.submit_case(case=case, actor=alice, at=moment(f"{day} 23:59"))


def test_everything_missing_is_said_at_once(general_record, market_bureau, alice):
    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    with pytest.raises(services.NotReady) as refused_now:
        steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
    said = "".join(refused_now.value.problems)
    for word in ("联系电话", "证照材料", "履行完毕证明", "纠正", "承诺"):
        assert word in said
    assert not Document.objects.filter(kind="receipt").exists()


def test_withheld_consent_is_a_missing_condition(general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice, consent=False)
    with pytest.raises(services.NotReady, match="公开"):
        steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))


def test_changing_the_facts_asks_for_a_new_signature(general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    services.save_fulfilment(
        case=case, corrected_on=date(2026, 6, 5), fulfilled={}, actor=alice, at=moment("2026-11-20 09:30")
    )
    case.refresh_from_db()
    with pytest.raises(services.NotReady, match="重新签署"):
        steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))


def test_a_serious_record_needs_training_and_report(serious_record, market_bureau, alice):
    case = prepared(serious_record, market_bureau, alice)
    case.materials.filter(kind="training").delete()
    with pytest.raises(services.NotReady, match="培训证书"):
        steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))


def test_a_stale_tab_changes_nothing_and_says_who_was_quicker(general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    seen = case.version
    steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"), version=seen)
    with pytest.raises(services.StaleCase, match="王受理已于11月23日 10:00处理"):
        steps.decline_case(
            case=case,
            ground="elsewhere",
            reason="重复",
            actor=wang,
            at=moment("2026-11-23 10:01"),
            version=seen,
        )
    assert Document.objects.filter(about=case.number, kind="non_acceptance_notice").count() == 0


def test_people_without_a_part_are_turned_away(
    general_record, market_bureau, alice, charlie, wang, li, outsider
):
    case = submitted(general_record, market_bureau, alice)
    for person in (alice, charlie, li, outsider):
        with pytest.raises(services.NotAllowed):
            steps.accept_case(case=case, actor=person, at=moment("2026-11-23 10:00"))
    with pytest.raises(services.NotAllowed):
        steps.withdraw_case(case=case, actor=charlie, at=moment("2026-11-23 10:00"))
    with pytest.raises(services.NotAllowed):
        steps.withdraw_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))


def test_a_colleague_of_the_applicant_can_withdraw_and_clocks_end(general_record, market_bureau, alice, bob):
    case = submitted(general_record, market_bureau, alice)
    case = steps.withdraw_case(case=case, actor=bob, at=moment("2026-11-23 10:00"))
    ended = clock(case, "acceptance")
    assert (case.status, ended.cancelled_on, ended.met_on) == ("withdrawn", date(2026, 11, 23), None)
    told = Message.objects.filter(about=case.number, channel="inbox").order_by("id")
    # Each of what the other did, and nobody of his own acts.
    assert [(message.recipient, message.body.split("\n")[:2]) for message in told] == [
        (
            bob,
            [
                "申请已提交。南京市市场监督管理局最迟2026年11月25日（周三）答复材料是否齐全。",
                "经办人：陈示例。",
            ],
        ),
        (alice, ["申请已撤回，需要时可以重新申请。", f"经办人：{bob}。"]),
    ]


def test_no_step_is_dated_before_what_was_done_last(general_record, market_bureau, alice, wang):
    """The clock of a resubmission would be set back by it."""
    case = submitted(general_record, market_bureau, alice)
    steps.draft_correction(
        case=case,
        defects=[Defect("licence", "没有盖章", "请盖章")],
        actor=wang,
        at=moment("2026-11-25 10:00"),
    )
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-25 11:00"))
    # Nor does a file bring the case back to an earlier day.
    services.add_material(
        case=case, kind="licence", upload=pdf("盖章.pdf"), actor=alice, at=moment("2026-11-21 09:00")
    )

    with pytest.raises(
        services.NotReady, match=r"2026年11月25日 11:00.*2026年11月21日 10:00.*法定期限会被倒拨"
    ):
        steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-21 10:00"))

    case.refresh_from_db()
    assert (case.status, case.round) == ("correcting", 1)
    assert Deadline.objects.filter(case_number=case.number).count() == 1
    # Two machines' clocks may differ by some minutes.
    steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-25 10:57"))
    assert clock(case, "acceptance", 2).started_on == date(2026, 11, 25)


def test_receipt_of_the_platform_stops_the_sharing_clock(
    general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    steps.record_platform_receipts(
        receipts=[steps.PlatformReceipt(case.number, 1, "P-1", moment("2026-11-26 09:00"))],
        at=moment("2026-11-26 09:01"),
    )
    case.refresh_from_db()
    assert clock(case, "sharing").met_on == date(2026, 11, 26)
    assert case.shared_at == moment("2026-11-26 09:00")


def test_each_step_tells_the_applicant_as_the_table_says(
    general_record, market_bureau, alice, wang, li, zhao
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    titles = list(
        Message.objects.filter(about=case.number, channel="inbox")
        .order_by("id")
        .values_list("subject", flat=True)
    )
    name = case.record.subject.name
    # Not what the applicant did.
    assert titles == [f"{case.number} {name} {case.record}：{label}" for label in ("受理", "准予修复")]


def test_every_state_and_action_outside_the_table_is_refused(
    general_record, market_bureau, alice, wang, li, zhao
):
    """For each state that a case can be brought to: each action of the table that does not leave it."""
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    legal = {step.action for step in TABLE if step.source == State.GRANTED}
    calls = {
        "submit": lambda: steps.submit_case(case=case, actor=alice, at=moment("2026-11-26 10:00")),
        "withdraw": lambda: steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-26 10:00")),
        "accept": lambda: steps.accept_case(case=case, actor=wang, at=moment("2026-11-26 10:00")),
        "decline": lambda: steps.decline_case(
            case=case, ground="elsewhere", reason="否", actor=wang, at=moment("2026-11-26 10:00")
        ),
        "request_correction": lambda: steps.ask_for_correction(
            case=case, actor=wang, at=moment("2026-11-26 10:00")
        ),
        "review": lambda: steps.review_case(case=case, checklist={}, actor=li, at=moment("2026-11-26 10:00")),
        "grant": lambda: steps.grant_case(case=case, actor=zhao, at=moment("2026-11-26 10:00")),
        "refuse": lambda: steps.refuse_case(case=case, actor=zhao, at=moment("2026-11-26 10:00")),
        "object": lambda: file_objection(
            case=case, disputed=[], grounds="理由", actor=alice, at=moment("2026-11-26 10:00")
        ),
    }
    for action in set(calls) - legal:
        with pytest.raises(IllegalAction, match=r"不能执行“.+”。赵审批已于.+处理该申请。"):
            calls[action]()
    case.refresh_from_db()
    assert case.status == "granted"


def test_case_numbers_carry_a_check_digit(general_record, market_bureau, alice):
    from stdnum.iso7064 import mod_11_10

    case = services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-20 09:00")
    )
    assert case.number.startswith("XF-320100-2026-000001-")
    assert mod_11_10.is_valid(case.number[2:].replace("-", ""))


def test_sharing_fails_inside_the_decision_and_nothing_is_half_done(
    general_record, market_bureau, alice, wang, li, zhao, monkeypatch
):
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)

    def broken(**kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr("applications.repairs.steps.frame.enqueue", broken)
    with pytest.raises(RuntimeError):
        steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    case.refresh_from_db()
    general_record.refresh_from_db()
    assert (case.status, general_record.publicity) == ("under_review", "published")
    assert not Document.objects.filter(kind="grant_decision").exists()
    assert verbs(case)[-1] == "repair.reviewed"
