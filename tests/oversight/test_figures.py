"""The figures that are kept: never older than a minute, and every night compared with the lists."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from applications.accounts.models import Role
from applications.calendars.services import approve, propose_closure
from applications.deadlines.models import Deadline
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.objections.steps import file_objection
from applications.oversight import counting, figures
from applications.oversight.checking import check_figures
from applications.oversight.models import DayOfFigures, Figure
from applications.repairs.steps import accept_case
from tests.fixtures import make_record, make_user, moment
from tests.pages import text
from tests.repairs.steps import granted, refused, submitted

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-25 15:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def case(acme, market_bureau, alice):
    """Submitted on Friday the 20th and to be answered by Wednesday the 25th."""
    return submitted(make_record(acme, market_bureau), market_bureau, alice)


@pytest.fixture
def desk(client, sun):
    """desk(at): how many answers run and were given this year, and when that was counted, as the page says."""

    def read(at):
        with time_machine.travel(at, tick=False):
            client.force_login(sun)
            page = text(client.get("/oversight/"))
        numbers = [
            int(re.search(rf'clocks/{shown}/\?kind=acceptance">(\d+)<', page).group(1))
            for shown in ("open", "ended")
        ]
        return (*numbers, re.search(r"统计于 2026年11月\d+日 ([0-9:]+)", page).group(1))

    return read


class TestAge:
    def test_what_is_kept_is_shown_with_its_time(self, case, desk, wang):
        figures.keep_figures(at=NOW)
        accept_case(case=case, actor=wang, at=NOW + 10 * SECOND)
        assert desk(NOW + 59 * SECOND) == (1, 0, "15:00:00")

    def test_what_is_a_minute_old_is_not(self, case, desk, wang):
        figures.keep_figures(at=NOW)
        accept_case(case=case, actor=wang, at=NOW + 10 * SECOND)
        assert desk(NOW + 60 * SECOND) == (0, 1, "15:01:00")

    def test_where_nothing_is_kept_the_page_counts(self, case, desk):
        assert desk(NOW) == (1, 0, "15:00:00")

    def test_yesterdays_are_not_todays(self, case, desk):
        """Overdue is what was due yesterday; nobody has counted that yet."""
        figures.keep_figures(at=moment("2026-11-25 23:59:50"))
        assert desk(moment("2026-11-26 00:00:05")) == (1, 0, "00:00:05")


class TestKeeping:
    def test_it_follows_what_changes(self, case, wang):
        figures.keep_figures(at=NOW)
        kept = Figure.objects.get(subject="acceptance")
        assert (kept.organ, kept.counts) == (case.organ, {"due:2026-11-25": 1})
        accept_case(case=case, actor=wang, at=NOW)
        figures.keep_figures(at=NOW + 30 * SECOND)
        # From Friday to Wednesday: Monday, Tuesday, Wednesday.
        assert Figure.objects.get(subject="acceptance").counts == {"took:3": 1}
        assert Figure.objects.get(subject="decision").counts == {"due:2026-12-04": 1}
        assert DayOfFigures.objects.get().counted_at == NOW + 30 * SECOND

    def test_what_is_no_more_is_kept_no_longer(self, case):
        figures.keep_figures(at=NOW)
        Deadline.objects.all().delete()
        figures.keep_figures(at=NOW + 30 * SECOND)
        assert not Figure.objects.exists()

    def test_a_late_answer_is_late(self, case, wang):
        accept_case(case=case, actor=wang, at=moment("2026-11-27 10:00"))
        figures.keep_figures(at=moment("2026-11-27 10:01"))
        assert Figure.objects.get(subject="acceptance").counts == {"took:5": 1, "late": 1}

    def test_those_of_the_day_before_go(self, case, wang):
        figures.keep_figures(at=NOW)
        accept_case(case=case, actor=wang, at=NOW + timedelta(hours=1))
        figures.keep_figures(at=NOW + timedelta(days=1))
        days = Figure.objects.filter(subject="acceptance").values_list("day", "counts")
        assert dict(days) == {date(2026, 11, 26): {"took:3": 1}}
        assert [day.day for day in DayOfFigures.objects.all()] == [date(2026, 11, 26)]

    def test_a_closure_moves_them_with_the_clocks(
        self, case, acme, market_bureau, alice, wang, sun, credit_department
    ):
        """One clock runs and one was met; Tuesday the 24th turns out to have been no working day."""
        met = submitted(make_record(acme, market_bureau, document_number="乙1号"), market_bureau, alice)
        accept_case(case=met, actor=wang, at=NOW)
        figures.keep_figures(at=NOW)
        assert Figure.objects.get(subject="acceptance").counts == {"due:2026-11-25": 1, "took:3": 1}
        closure = propose_closure(
            region="320100", first_on=date(2026, 11, 24), last_on=date(2026, 11, 24), name="暴雪停工",
            document_number="宁防指〔2026〕9号", proposed_by=sun, at=NOW,
        )  # fmt: skip
        colleague = make_user("ling@example.com", "凌复核", credit_department, Role.SUPERVISOR)
        approve(change=closure, approver=colleague, at=NOW)
        figures.keep_figures(at=NOW + 30 * SECOND)
        assert Figure.objects.get(subject="acceptance").counts == {"due:2026-11-26": 1, "took:2": 1}
        assert check_figures(at=NOW + 40 * SECOND) == []


class TestNightlyCheck:
    @pytest.fixture
    def guo(self, credit_department):
        return make_user("guo@example.com", "郭系统", credit_department, Role.SYSTEM_ADMIN)

    @pytest.fixture
    def work(self, case, acme, market_bureau, alice, wang, li, zhao):
        def record(number):
            return make_record(acme, market_bureau, document_number=number)

        granted(record("丙1号"), market_bureau, alice, wang, li, zhao)
        no = refused(record("丙2号"), market_bureau, alice, wang, li, zhao)
        file_objection(case=no, disputed=[], grounds="已全部缴清。", actor=alice, at=NOW)
        figures.keep_figures(at=NOW)

    def test_all_is_well(self, work, guo):
        assert check_figures(at=NOW + 30 * SECOND) == []
        assert not Message.objects.filter(recipient=guo).exists()

    def test_a_clock_that_is_not_counted_is_named(self, work, guo, monkeypatch):
        count = counting.count

        def forgetful(prefix, today):
            return {key: counts for key, counts in count(prefix, today).items() if key[1] != "acceptance"}

        monkeypatch.setattr(counting, "count", forgetful)
        found = check_figures(at=NOW + 30 * SECOND)
        assert "南京市市场监督管理局，受理答复，办理中：统计为0件，实有1件。" in found
        assert "南京市市场监督管理局，受理答复，今年办结：统计为0件，实有2件。" in found
        [told] = Message.objects.filter(recipient=guo, channel="inbox")
        assert told.subject == f"监督管理的数字有{len(found)}处不符" and told.body == "\n".join(found)
        check_figures(at=NOW + 60 * SECOND)
        assert Message.objects.filter(recipient=guo, channel="inbox").count() == 1, "one message a day"

    @pytest.mark.parametrize(
        "subject, sentence",
        [
            ("refusals", "今年不予修复的决定：统计为0件，实有1件。"),
            ("objections", "今年的异议：统计为0件，实有1件。"),
        ],
    )
    def test_so_is_what_else_is_counted(self, work, monkeypatch, subject, sentence):
        count = counting.count
        monkeypatch.setattr(
            counting,
            "count",
            lambda *asked: {key: counts for key, counts in count(*asked).items() if key[1] != subject},
        )
        assert sentence in check_figures(at=NOW + 30 * SECOND)

    def test_figures_that_nobody_keeps_any_more_are_named(self, work, guo):
        assert check_figures(at=moment("2026-11-26 02:40")) == [
            "监督管理的数字没有按时统计，最近一次：2026-11-25 15:00。"
        ]
        assert Message.objects.filter(recipient=guo, channel="inbox").count() == 1

    def test_it_changes_nothing_in_the_archive(self, work):
        before = Event.objects.count()
        check_figures(at=NOW + 30 * SECOND)
        assert Event.objects.count() == before
