"""What the public reads of the organs' clocks: counted right, by month and year, and nothing of fewer than five cases."""

import csv
import io
import re
from collections import Counter
from datetime import date

import pytest
import time_machine

from applications.accounts.models import Role
from applications.deadlines.models import Deadline
from applications.notifications.models import Message
from applications.organs.models import Organ
from applications.portal.models import OrganMonth, PublishedMonth
from applications.portal.performance import counting, keeping
from applications.portal.performance.charts import FLOOR, LONGEST, MOST_ROWS, chart_of, comparison_of
from applications.portal.performance.publishing import FEW, FEWEST, MERGED, Line, years_of
from applications.portal.tasks import keep_performance
from tests.fixtures import make_user, moment
from tests.pages import one_line, seen, text

pytestmark = pytest.mark.django_db

# Of Monday, 23 November 2026: October is the last month that is over.
NOW = moment("2026-11-23 03:00")


def clock(organ, number, *, due, met=None, started="2026-10-12", kind="decision", late=0, **more) -> Deadline:
    return Deadline.objects.create(
        kind=kind, organ=organ, case_number=f"XF-{kind}-{number}", link="/", started_on=date.fromisoformat(started),
        working_days=7, due_on=date.fromisoformat(due), calendar_version="x", article="九",
        met_on=met and date.fromisoformat(met), days_late=late, next_step_on=None if met else date(2026, 12, 1), **more,
    )  # fmt: skip


@pytest.fixture
def october(market_bureau):
    """Seven decisions of October: five after 2 working days, one after 9 and late, and one that is overdue."""
    for number in range(5):
        clock(market_bureau, number, due="2026-10-21", met="2026-10-14")
    clock(market_bureau, 5, due="2026-10-21", met="2026-10-23", late=2)
    clock(market_bureau, 6, due="2026-10-30")
    return market_bureau


def kept(organ, kind="decision") -> dict[str, tuple[dict, int, int]]:
    rows = OrganMonth.objects.filter(organ=organ, clock=kind).order_by("month")
    return {f"{row.month_id:%Y-%m}": (row.spans, row.late, row.unmet) for row in rows}


class TestKeeping:
    def test_a_clock_belongs_to_the_month_in_which_it_was_met(self, october):
        clock(october, 7, started="2026-09-28", due="2026-10-14", met="2026-09-30")
        clock(october, 8, started="2026-10-28", due="2026-11-06", met="2026-11-02")
        assert keeping.keep_performance(at=NOW) == []
        assert kept(october) == {"2026-09": ({"2": 1}, 0, 0), "2026-10": ({"2": 5, "9": 1}, 1, 1)}
        assert [each.month for each in PublishedMonth.objects.all()] == [date(2026, 10, 1), date(2026, 9, 1)]

    def test_of_the_month_that_runs_nothing_is_kept(self, market_bureau):
        clock(market_bureau, 1, started="2026-11-09", due="2026-11-18", met="2026-11-11")
        clock(market_bureau, 2, started="2026-11-09", due="2026-11-18")
        keeping.keep_performance(at=NOW)
        assert kept(market_bureau) == {}
        keeping.keep_performance(at=moment("2026-12-01 03:00"))
        assert kept(market_bureau) == {"2026-11": ({"2": 1}, 0, 1)}

    def test_what_is_met_late_after_all_moves_to_its_month(self, october):
        keeping.keep_performance(at=NOW)
        Deadline.objects.filter(met_on=None).update(
            met_on=date(2026, 11, 24), days_late=17, next_step_on=None
        )
        assert keeping.keep_performance(at=moment("2026-12-01 03:00")) == []
        assert kept(october)["2026-10"] == ({"2": 5, "9": 1}, 1, 0)
        assert kept(october)["2026-11"][1:] == (1, 0)

    def test_what_was_cancelled_and_what_is_no_clock_of_a_repair_is_not_counted(self, market_bureau):
        clock(market_bureau, 1, due="2026-10-21", cancelled_on=date(2026, 10, 14))
        clock(market_bureau, 2, due="2026-10-21", met="2026-10-14", kind="claim")
        keeping.keep_performance(at=NOW)
        assert not OrganMonth.objects.exists()

    def test_what_is_no_more_goes(self, october):
        keeping.keep_performance(at=NOW)
        Deadline.objects.all().delete()
        assert keeping.keep_performance(at=NOW) == []
        assert not OrganMonth.objects.exists()

    def test_a_month_stays_published_since_when_it_was(self, october):
        keeping.keep_performance(at=NOW)
        keeping.keep_performance(at=moment("2026-12-01 03:00"))
        published = {each.month: each.published_at for each in PublishedMonth.objects.all()}
        assert published[date(2026, 10, 1)] == NOW
        assert published[date(2026, 11, 1)] == moment("2026-12-01 03:00")

    def test_it_is_counted_once_a_day_and_where_it_was_missed_at_the_next_hour(self, october, monkeypatch):
        done = []
        monkeypatch.setattr(keeping, "keep_performance", lambda *, at: (done.append(at), keeping._keep(at)))
        for hour in ("2026-11-23 03:00", "2026-11-23 04:00", "2026-11-24 05:00", "2026-11-24 06:00"):
            with time_machine.travel(moment(hour), tick=False):
                keep_performance()
        assert done == [moment("2026-11-23 03:00"), moment("2026-11-24 05:00")]

    @pytest.mark.parametrize("wrong", ["forgotten", "one too many", "not late"])
    def test_a_figure_that_is_not_that_of_the_clocks_is_named(
        self, october, credit_department, monkeypatch, wrong
    ):
        guo = make_user("guo@example.com", "郭系统", credit_department, Role.SYSTEM_ADMIN)
        count = counting.count

        def miscounting(today):
            counted = count(today)
            if wrong == "forgotten":
                return {}
            for work in counted.values():
                work.spans += Counter({2: 1}) if wrong == "one too many" else Counter()
                work.late = 0 if wrong == "not late" else work.late
            return counted

        monkeypatch.setattr(keeping, "count", miscounting)
        said = {"forgotten": "0、0、0", "one too many": "7、1、1", "not late": "6、0、1"}[wrong]
        assert keeping.keep_performance(at=NOW) == [
            f"南京市市场监督管理局，作出决定，2026-10：公开为{said}，实有6、1、1（办结、逾期办结、逾期未办结）。"
        ]
        assert Message.objects.get(recipient=guo, channel="inbox").subject == "公开的办理情况有1处不符"


class TestHiding:
    def year(self, organ, numbers, through=12):
        rows = [
            OrganMonth(
                organ=organ, clock="decision", month_id=date(2026, month, 1), spans={"3": n}, late=0, unmet=0
            )
            for month, n in enumerate(numbers, 1)
            if n
        ]
        [year] = years_of(rows, date(2026, through, 1))
        return year

    @pytest.mark.parametrize(
        ("numbers", "hidden"),
        [
            ([5, 6, 7], ["", "", ""]),
            ([0, 6, 7], ["", "", ""]),
            # What is left of the year would tell the one of two.
            ([2, 9, 6], [FEW, "", MERGED]),
            ([1, 3, 9, 6], [FEW, FEW, "", MERGED]),
            # Of five together nobody can say which is whose.
            ([2, 3, 9, 6], [FEW, FEW, "", ""]),
            ([4, 4], [FEW, FEW]),
        ],
    )
    def test_neither_few_nor_what_tells_them(self, market_bureau, numbers, hidden):
        year = self.year(market_bureau, numbers)
        assert [line.hidden for line in year.months[: len(numbers)]] == hidden
        assert year.whole.hidden == "" and year.whole.number == sum(numbers)

    def test_a_year_of_few_is_hidden_with_its_months(self, market_bureau):
        year = self.year(market_bureau, [1, 0, 3])
        assert year.whole.hidden == FEW and [line.hidden for line in year.months[:3]] == [FEW, "", FEW]

    def test_whatever_the_numbers_those_hidden_are_none_or_five(self, market_bureau):
        for seed in range(200):
            numbers = [(seed * 7 + month * month * 3) % 9 for month in range(1, 13)]
            year = self.year(market_bureau, numbers)
            if year.whole.hidden:
                continue
            left = sum(line.number for line in year.months if line.hidden)
            assert left == 0 or left >= FEWEST, numbers
            assert all(line.hidden or not 0 < line.number < FEWEST for line in year.months)


def test_share_median_and_longest():
    line = Line(2026, 10, Counter({2: 5, 3: 4, 9: 1}), late=1, unmet=2)
    assert (line.number, line.met, line.on_time, line.share) == (12, 10, 9, 75)
    assert (line.median, line.longest) == (2, 9)
    nothing = Line(2026, 10)
    assert (nothing.share, nothing.median, nothing.longest) == (None, None, None)
    # All, and nothing else, is 100.
    assert Line(2026, 10, Counter({1: 1000}), late=1).share == 99


def test_bars_are_as_high_as_their_numbers():
    months = [
        Line(2026, 1, Counter({1: 30}), late=10),
        Line(2026, 2),
        Line(2026, 3, Counter({1: 2}), hidden=FEW),
    ]
    chart = chart_of(months)
    assert [number for number, _height in chart.scale] == [0, 20, 40]
    full, none, hidden = chart.bars
    height = FLOOR - chart.scale[-1][1]
    assert (full.good, full.rest) == (height // 2, round(height * 0.75) - height // 2)
    assert full.rest_top == full.good_top - full.rest
    assert (none.good, none.rest, none.hidden) == (0, 0, False)
    assert (hidden.good, hidden.rest, hidden.hidden) == (0, 0, True)
    assert chart_of([Line(2026, 1), months[2]]) is None


def test_organs_beside_each_other_are_as_long_as_their_numbers():
    lines = [
        (Organ(name="甲"), Line(2026, None, Counter({1: 30}), late=15, unmet=10)),
        (Organ(name="乙"), Line(2026, None, Counter({1: 3}), hidden=FEW)),
        (Organ(name="丙"), Line(2026, None, Counter({1: 10}))),
    ]
    chart = comparison_of(lines)
    first, second = chart.rows
    assert (first.organ.name, first.good, first.rest) == (
        "甲",
        round(LONGEST * 15 / 40),
        LONGEST - first.good,
    )
    assert (second.organ.name, second.good, second.rest, second.share) == ("丙", LONGEST // 4, 0, 100)
    assert first.share_from > LONGEST and second.name_at > first.bar_at + chart.bar and not chart.shortened
    assert comparison_of(lines[1:2]) is None
    # Of many those with most, and equals no more than there is room for.
    many = [(Organ(name=str(n)), Line(2026, None, Counter({1: 5 + n % 2}))) for n in range(2 * MOST_ROWS + 2)]
    chart = comparison_of(many)
    assert {int(row.organ.name) % 2 for row in chart.rows} == {1}
    assert (len(chart.rows), chart.shortened) == (MOST_ROWS, True)


class TestPages:
    @pytest.fixture
    def counted(self, october, ecology_bureau):
        clock(ecology_bureau, 9, due="2026-10-21", met="2026-10-14")
        keeping.keep_performance(at=NOW)
        return october

    def test_all_organs_side_by_side(self, client, counted):
        page = one_line(client.get("/performance/"))
        row = re.search(r"<tr><th[^>]*><a href=\"/performance/nj-scjg/\".*?</tr>", page)[0]
        assert re.findall(r"<td[^>]*>([^<]*)</td>", row) == ["6", "5", "1", "1", "71%", "2", "9"]
        assert "作出决定，2026年" in page and "截至10月底" in page
        [drawing] = re.findall(r"<svg.*?</svg>", page)
        assert 'role="img"' in drawing and "<desc" in drawing and "style=" not in drawing
        # Whose figures are too few is in no drawing.
        assert "南京市市场监督管理局" in drawing and ">71%<" in drawing and "生态环境局" not in drawing
        assert (
            "少于5件，不列" in re.search(r"<tr><th[^>]*><a href=\"/performance/sz-sthj/\".*?</tr>", page)[0]
        )

    @pytest.mark.parametrize(
        ("asked", "organs"),
        [
            ({"clock": "acceptance"}, set()),
            ({"period": "2026-10"}, {"nj-scjg", "sz-sthj"}),
            ({"place": "320500"}, {"sz-sthj"}),
            ({"clock": "decision", "period": "2026", "place": "320100"}, {"nj-scjg"}),
            ({"page": "9"}, {"nj-scjg", "sz-sthj"}),
        ],
    )
    def test_they_are_narrowed(self, client, counted, asked, organs):
        page = text(client.get("/performance/", asked))
        assert set(re.findall(r'<a href="/performance/([\w-]+)/" lang', page)) == organs
        assert ("没有这样的期限" in page) == (not organs)
        assert ("<svg" in page) == ("nj-scjg" in organs)

    @pytest.mark.parametrize(
        "asked", [{"clock": "claim"}, {"period": "2026-11"}, {"period": "x"}, {"place": "110000"}]
    )
    def test_what_there_is_not_is_said_beside_its_field(self, client, counted, asked):
        page = client.get("/performance/", asked)
        assert "<title>错误：" in text(page) and "南京市市场监督管理局" not in text(page)

    def test_one_organ_has_a_drawing_and_a_table_that_say_the_same(self, client, counted):
        page = one_line(client.get("/performance/nj-scjg/"))
        [drawing] = re.findall(r"<svg.*?</svg>", page)
        assert 'role="img"' in drawing and "<title" in drawing and "<desc" in drawing
        assert "style=" not in drawing and drawing.count('class="good"') == 1 == drawing.count('class="rest"')
        [month, whole] = re.findall(r"<tr[^>]*><th scope=\"row\".*?</tr>", page)
        assert re.findall(r"<td[^>]*>([^<]*)</td>", month) == ["6", "5", "1", "1", "71%", "2", "9"]
        assert "10月" in month and "全年" in whole

    def test_of_few_there_is_neither_figure_nor_bar(self, client, counted):
        page = text(client.get("/performance/sz-sthj/"))
        assert "<svg" not in page and page.count("少于5件，不列") == 2
        rows = csv.DictReader(io.StringIO(b"".join(client.get("/data/performance.csv")).decode()[1:]))
        of_few = [row for row in rows if row["机构编号"] == "sz-sthj"]
        assert [(row["月份或者年份"], row["办结件数"]) for row in of_few] == [("2026", ""), ("2026-10", "")]

    def test_the_data_are_those_of_the_page(self, client, counted):
        rows = b"".join(client.get("/data/performance.json")).decode()
        assert (
            '{"organ_code":"nj-scjg","organ":"南京市市场监督管理局","clock":"decision","clock_label":"作出决定","period":"2026-10",'
            '"met":6,"on_time":5,"late":1,"unmet":1,"on_time_percent":71,"median_days":2,"longest_days":9,"hidden":null}'
        ) in rows

    def test_years_are_chosen(self, client, october):
        for number in range(20, 26):
            clock(october, number, started="2025-10-13", due="2025-10-22", met="2025-10-14")
        keeping.keep_performance(at=NOW)
        page = text(client.get("/performance/nj-scjg/"))
        assert 'href="?year=2025"' in page and "2026年</h2>" in page
        assert "2025年</h2>" in text(client.get("/performance/nj-scjg/?year=2025"))
        assert "2026年</h2>" in text(client.get("/performance/nj-scjg/?year=1999"))

    def test_before_anything_is_counted_they_say_so(self, client, market_bureau):
        with time_machine.travel(NOW, tick=False):
            for page in ("/performance/", "/performance/nj-scjg/"):
                assert "本月的从2026年12月1日起统计" in seen(client.get(page))
        page = client.get("/performance/")
        assert "还没有统计" in seen(page)
        # Chinese sentences stand side by side without a space, so these stand below one another.
        assert not re.search(r"。 [^<]", one_line(page))
        assert "没有办理信用修复的期限" in seen(client.get("/performance/nj-scjg/"))
        assert client.get("/performance/nobody/").status_code == 404

    def test_a_page_costs_the_same_whatever_there_is(self, client, counted, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            client.get("/performance/")
        with django_assert_max_num_queries(6):
            client.get("/performance/nj-scjg/")
