"""A missed correction notice: by default it is only escalated; a policy may have it count as acceptance."""

from datetime import date

import pytest

from applications.deadlines.models import Escalation
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import sweep_deadlines
from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.notifications.models import Fault, Message
from applications.policies.reading import read_policy
from applications.policies.services import approve_adoption, propose_adoption
from applications.repairs.services import NotReady, check_queues
from applications.repairs.steps import (
    Defect,
    deem_case_accepted,
    deem_overdue_cases_accepted,
    draft_correction,
    withdraw_case,
)
from tests.fixtures import moment
from tests.policies.texts import policy_text
from tests.refusing import key_of, refuse
from tests.repairs.steps import accepted, submitted

# Submitted on Friday 20 November: 23, 24 and 25 November are the three working days.
LAST_DAY, DAY_AFTER = moment("2026-11-25 23:00"), moment("2026-11-26 06:00")


@pytest.fixture
def deeming(zheng, feng) -> None:
    """The province adopts a policy in which silence is acceptance."""
    policy = read_policy(
        policy_text(
            ('on_missed_correction_notice = "escalate"', 'on_missed_correction_notice = "deemed_accepted"'),
            ("2027-01-01", "2026-11-01"),
        )
    )
    at = moment("2026-10-20 10:00")
    adoption = propose_adoption(policy=policy, starts_on=date(2026, 11, 1), replay={}, actor=zheng, at=at)
    approve_adoption(adoption=adoption, actor=feng, at=at)


def test_by_default_nothing_is_deemed(general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    assert deem_overdue_cases_accepted(at=DAY_AFTER) == 0
    case.refresh_from_db()
    assert case.status == "submitted"


def test_where_the_policy_says_so_silence_is_acceptance_from_the_day_of_submission(
    deeming, general_record, market_bureau, alice, wang
):
    case = submitted(general_record, market_bureau, alice)
    assert deem_overdue_cases_accepted(at=LAST_DAY) == 0, "the last day is not over"

    assert deem_overdue_cases_accepted(at=DAY_AFTER) == 1
    assert deem_overdue_cases_accepted(at=DAY_AFTER) == 0, "once"

    case.refresh_from_db()
    assert (case.status, case.accepted_on) == ("accepted", date(2026, 11, 20))
    answer, decision = clocks_of(case.number).order_by("id")
    assert (answer.met_on, answer.days_late) == (date(2026, 11, 26), 1)
    # 23 to 27 November, 30 November, 1 December.
    assert (decision.started_on, decision.due_on) == (date(2026, 11, 20), date(2026, 12, 1))
    letter = Document.objects.get(about=case.number, kind="acceptance_notice")
    assert letter.content["accepted_on"] == "2026-11-20" and letter.issued_by is None
    words = render_html(letter)
    assert "我单位没有在2026年11月25日以前告知是否受理或者需要补正的内容" in words
    # Nobody has examined the materials.
    assert "自2026年11月20日起视为受理" in words and "经审核" not in words
    assert check_queues(at=DAY_AFTER) == []


def test_the_breach_is_told_of_all_the_same(deeming, general_record, market_bureau, alice, wang, zhao, sun):
    case = submitted(general_record, market_bureau, alice)
    deem_overdue_cases_accepted(at=DAY_AFTER)
    sweep_deadlines(at=moment("2026-11-26 06:05"))
    breach = Escalation.objects.get(deadline__case_number=case.number, level="breach")
    assert breach.on == date(2026, 11, 26) and breach.recipients == 3, "intake, head, department"


def test_a_draft_that_was_not_sent_in_time_is_dropped(deeming, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    draft_correction(
        case=case,
        defects=[Defect("licence", "没有加盖公章。", "请上传加盖公章的复印件。")],
        actor=wang,
        at=moment("2026-11-24 10:00"),
    )
    assert deem_overdue_cases_accepted(at=DAY_AFTER) == 1
    assert not case.correction_notices.exists()


def test_what_was_answered_is_left_alone(deeming, general_record, market_bureau, alice, wang):
    case = accepted(general_record, market_bureau, alice, wang)
    assert deem_overdue_cases_accepted(at=moment("2026-12-31 06:00")) == 0
    case.refresh_from_db()
    assert case.accepted_on == date(2026, 11, 23)


def test_a_policy_that_comes_later_changes_nothing_about_what_was_missed(
    deeming, general_record, market_bureau, alice, wang
):
    """Missed on 16 October; silence counts as acceptance from 1 November on."""
    case = submitted(general_record, market_bureau, alice, at="2026-10-12 10:00")

    assert deem_overdue_cases_accepted(at=moment("2026-11-02 06:00")) == 0
    with pytest.raises(NotReady, match="2026年10月16日施行的规则没有"):
        deem_case_accepted(case=case, at=moment("2026-11-02 06:00"))

    case.refresh_from_db()
    assert case.status == "submitted"
    assert [clock.kind for clock in clocks_of(case.number)] == ["acceptance"]


def test_missed_on_the_first_day_of_the_policy(deeming, general_record, market_bureau, alice, wang):
    # Submitted on Tuesday 27 October: 28, 29, 30 October; missed on Saturday the 31st, a day too early.
    early = submitted(general_record, market_bureau, alice, at="2026-10-27 10:00")
    assert deem_overdue_cases_accepted(at=moment("2026-11-02 06:00")) == 0
    withdraw_case(case=early, actor=alice, at=moment("2026-11-02 10:00"))
    # Submitted on Monday 2 November: 3, 4, 5 November; missed on the 6th.
    submitted(general_record, market_bureau, alice, at="2026-11-02 11:00")
    assert deem_overdue_cases_accepted(at=moment("2026-11-06 06:00")) == 1


def test_nothing_is_deemed_before_the_last_day_is_over(deeming, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    with pytest.raises(NotReady, match="2026年11月25日届满，还没有逾期"):
        deem_case_accepted(case=case, at=LAST_DAY)


def test_nobody_is_reminded_of_days_before_the_clock_was_started(
    deeming, general_record, market_bureau, alice, wang, li, zhao, sun
):
    """The decision was due on 1 December; the acceptance that started its clock is written on the 1st."""
    case = submitted(general_record, market_bureau, alice)
    at = moment("2026-12-01 06:00")
    assert deem_overdue_cases_accepted(at=at) == 1
    sweep_deadlines(at=at)
    decision = clocks_of(case.number).get(kind="decision")
    assert decision.due_on == date(2026, 12, 1)
    assert [(each.level, each.on) for each in decision.escalations.all()] == [("due", date(2026, 12, 1))]


def test_a_breach_is_told_also_of_a_clock_that_was_started_after_it(
    deeming, general_record, market_bureau, alice, wang, li, zhao, sun
):
    case = submitted(general_record, market_bureau, alice)
    at = moment("2026-12-03 06:00")
    assert deem_overdue_cases_accepted(at=at) == 1
    sweep_deadlines(at=at)
    decision = clocks_of(case.number).get(kind="decision")
    assert [(each.level, each.on) for each in decision.escalations.order_by("on")] == [
        ("breach", date(2026, 12, 2)),
        ("daily", date(2026, 12, 3)),
    ]
    breach = decision.escalations.get(level="breach")
    text = Message.objects.filter(key__startswith=f"{breach.message_key}/").first().body
    assert "本通知应于2026年12月2日（周三）发出，现在补发。" in text and "中断" not in text


def test_a_case_that_fails_stops_no_other_and_is_an_alarm(
    deeming, general_record, serious_record, market_bureau, alice
):
    cases = [submitted(record, market_bureau, alice) for record in (general_record, serious_record)]
    refuse("repairs_repaircase", f"NEW.id = {key_of(cases[0])} AND NEW.status = 'accepted'")
    assert deem_overdue_cases_accepted(at=DAY_AFTER) == 1
    for case, status in zip(cases, ("submitted", "accepted"), strict=True):
        case.refresh_from_db()
        assert case.status == status
    assert Fault.objects.values_list("work", "row").get() == ("deemed_acceptance", cases[0].number)
