"""The nightly check: a case that is in no queue, or whose clocks are not those of its state, does not stay unseen."""

import logging

import pytest
from django.core.management import call_command

from applications.accounts.models import Role
from applications.deadlines.models import Deadline
from applications.deadlines.services import cancel_deadlines, start_deadline
from applications.notifications.models import Message
from applications.objections.steps import file_objection
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.repairs.services import check_queues
from applications.sharing.models import Delivery
from tests.fixtures import make_user, moment
from tests.ledger.tampering import triggers_off
from tests.repairs.steps import accepted, granted, prepared, refused, reviewed, submitted

NIGHT = moment("2026-11-27 02:30")


@pytest.fixture
def guo(credit_department):
    return make_user("guo@example.com", "郭系统", credit_department, Role.SYSTEM_ADMIN)


@pytest.fixture
def waiting(general_record, market_bureau, alice) -> RepairCase:
    return submitted(general_record, market_bureau, alice)


def start(case: RepairCase, kind: str, round: int = 1) -> Deadline:
    return start_deadline(
        kind=kind,
        organ=case.organ,
        case_number=case.number,
        link="/admin/",
        round=round,
        started_on=moment("2026-11-25 10:00").date(),
        working_days=3,
        article="八",
    )


def test_every_state_has_its_clocks(
    general_record, serious_record, market_bureau, alice, wang, li, zhao, guo
):
    def agrees() -> bool:
        return check_queues(at=NIGHT) == [] and not Message.objects.filter(recipient=guo).exists()

    case = prepared(general_record, market_bureau, alice)
    assert agrees()
    case = steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
    assert agrees()
    case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
    assert agrees()
    case = reviewed(case, li)
    assert agrees()
    case = steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    assert agrees()
    case = refused(serious_record, market_bureau, alice, wang, li, zhao)
    assert agrees()
    # An objection while the refusal is still on its way to the platform: two clocks, and both are owed.
    file_objection(case=case, disputed=[], grounds="已全部缴清。", actor=alice, at=moment("2026-11-26 09:00"))
    assert Deadline.objects.filter(case_number=case.number, met_on=None).count() == 2
    assert agrees()


def test_a_case_that_nobody_times_is_named_to_the_system_administrators(waiting, guo, wang, caplog):
    Deadline.objects.all().delete()

    with caplog.at_level(logging.ERROR, "applications.repairs.services.queues"):
        found = check_queues(at=NIGHT)

    assert found == [f"{waiting.number}（已提交）的“受理答复”期限应有1个在进行，实有0个。"]
    assert found[0] in caplog.text
    (inbox,) = Message.objects.filter(recipient=guo, channel="inbox")
    assert inbox.subject == "夜间核对发现1处不一致" and inbox.body == found[0]
    assert not Message.objects.filter(recipient=wang, subject=inbox.subject).exists()

    check_queues(at=NIGHT)
    assert Message.objects.filter(recipient=guo, channel="inbox").count() == 1, "one message a day"


def test_a_second_clock_of_the_same_kind_is_one_too_many(waiting):
    start(waiting, "acceptance", round=2)
    assert check_queues(at=NIGHT) == [f"{waiting.number}（已提交）的“受理答复”期限应有1个在进行，实有2个。"]


def test_a_clock_of_another_state_is_named(general_record, market_bureau, alice, wang):
    case = accepted(general_record, market_bureau, alice, wang)
    start(case, "objection")
    assert check_queues(at=NIGHT) == [f"{case.number}（已受理）的“处理异议”期限应有0个在进行，实有1个。"]


def test_a_closed_case_has_no_running_clock(waiting, wang):
    steps.decline_case(
        case=waiting, ground="elsewhere", reason="不在本省认定。", actor=wang, at=moment("2026-11-23 10:00")
    )
    assert check_queues(at=NIGHT) == []
    start(waiting, "decision")
    assert check_queues(at=NIGHT) == [f"{waiting.number}（不予受理）的“作出决定”期限应有0个在进行，实有1个。"]


@pytest.mark.parametrize("status", ["waiting", "sending", "dead"])
def test_a_decision_on_its_way_is_timed_until_the_platform_has_it(
    general_record, market_bureau, alice, wang, li, zhao, status
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    Delivery.objects.update(status=status)
    assert check_queues(at=NIGHT) == []
    cancel_deadlines(case_number=case.number, on=NIGHT.date())
    assert check_queues(at=NIGHT) == [
        f"{case.number}（准予修复）的“共享决定（第1次决定）”期限应有1个在进行，实有0个。"
    ]


def test_a_case_in_no_queue_is_named(waiting, guo):
    cancel_deadlines(case_number=waiting.number, on=NIGHT.date())
    with triggers_off():
        RepairCase.objects.filter(pk=waiting.pk).update(status="lost")
    assert check_queues(at=NIGHT) == [f"{waiting.number}的状态“lost”不在办理程序中，没有任何队列。"]


def test_a_clock_of_no_case_is_named(waiting):
    RepairCase.objects.filter(pk=waiting.pk).update(number="XF-320100-2026-000099-0")
    assert f"期限或推送指向不存在的办件{waiting.number}。" in check_queues(at=NIGHT)


def test_the_cost_is_that_of_what_is_open(waiting, django_assert_num_queries):
    with django_assert_num_queries(7):
        assert check_queues(at=NIGHT) == []


def test_the_command_says_how_many_and_fails_if_any(waiting, capsys):
    call_command("check_queues")
    assert capsys.readouterr().out == "不一致 0 处。\n"
    Deadline.objects.all().delete()
    with pytest.raises(SystemExit) as ended:
        call_command("check_queues")
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert waiting.number in out and out.endswith("不一致 1 处。\n")


class TestDueDay:
    """The day in a case's row, by which the officers' queue is sorted and counted."""

    def test_it_is_that_of_the_clock_that_ends_first(
        self, general_record, serious_record, market_bureau, alice, wang, li, zhao
    ):
        def day(case: RepairCase) -> str:
            return str(RepairCase.objects.get(pk=case.pk).due_on)

        case = prepared(general_record, market_bureau, alice)
        assert day(case) == "None"
        # Friday 20 November: 23, 24, 25.
        case = steps.submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
        assert day(case) == "2026-11-25"
        # Monday 23 November: 24 to 27, 30, 1 and 2 December.
        case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 10:00"))
        assert day(case) == "2026-12-02"
        case = reviewed(case, li)
        case = steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
        # To be shared by Friday.
        assert day(case) == "2026-11-27"
        steps.record_platform_receipts(
            receipts=[steps.PlatformReceipt(case.number, 1, "P1", moment("2026-11-25 11:00"))],
            at=moment("2026-11-25 11:00"),
        )
        assert day(case) == "None"

    def test_of_two_clocks_the_earlier_counts(self, serious_record, market_bureau, alice, wang, li, zhao):
        case = refused(serious_record, market_bureau, alice, wang, li, zhao)
        sharing = Deadline.objects.get(case_number=case.number, kind="sharing")
        file_objection(
            case=case, disputed=[], grounds="已全部缴清。", actor=alice, at=moment("2026-11-26 09:00")
        )
        objection = Deadline.objects.get(case_number=case.number, kind="objection")
        assert sharing.due_on < objection.due_on
        assert RepairCase.objects.get(pk=case.pk).due_on == sharing.due_on

    def test_a_wrong_one_is_named_and_set_right_by_the_clocks(self, waiting, guo):
        right = waiting.due_on
        RepairCase.objects.filter(pk=waiting.pk).update(due_on="2026-12-31")
        assert check_queues(at=NIGHT) == [
            f"{waiting.number}的截止日记为2026-12-31，按期限应为{right}，已更正。"
        ]
        assert RepairCase.objects.get(pk=waiting.pk).due_on == right
        assert check_queues(at=NIGHT) == []

    def test_one_that_is_missing_or_left_over_is_named(self, waiting):
        RepairCase.objects.filter(pk=waiting.pk).update(due_on=None)
        assert check_queues(at=NIGHT) == [f"{waiting.number}的截止日记为无，按期限应为2026-11-25，已更正。"]

    def test_a_wrong_officer_or_reviewer_is_named_and_set_right(
        self, serious_record, market_bureau, alice, wang, li, zhao, guo
    ):
        case = reviewed(accepted(serious_record, market_bureau, alice, wang), li)
        assert RepairCase.objects.get(pk=case.pk).reviewed_by == li
        RepairCase.objects.filter(pk=case.pk).update(officer=wang, reviewed_by=None)
        assert check_queues(at=NIGHT) == [
            f"{case.number}的承办人记为王受理，按期限应为无，已更正。",
            f"{case.number}的审查人记为无，按审查意见应为李审查，已更正。",
        ]
        right = RepairCase.objects.get(pk=case.pk)
        assert (right.officer, right.reviewed_by) == (None, li)
        assert check_queues(at=NIGHT) == []
