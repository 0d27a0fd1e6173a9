"""The public calculator, the health endpoint, and the banner for staff."""

import json
from datetime import date

import pytest
from django.urls import reverse

from applications.accounts.models import Role, User
from applications.calendars.services import approve, propose_closure
from applications.deadlines.services import sweep_deadlines
from tests.fixtures import make_user, moment
from tests.pages import one_line

CALCULATOR = "/deadlines/"


@pytest.fixture
def friday(time_machine):
    """Friday 20 November 2026, 10 o'clock in Shanghai."""
    time_machine.move_to(moment("2026-11-20 10:00"), tick=False)
    return time_machine


def test_today_and_three_working_days_is_what_one_sees_first(client, db, friday):
    response = client.get(reverse("deadlines:calculator"))

    assert response.status_code == 200
    page = one_line(response)
    assert "今天提交，3个工作日内答复，最迟 2026年11月25日（周三） 24:00 前" in page
    # 2, 5 and 7 working days from a Friday without holidays: Tuesday, Friday, Tuesday.
    for kind, day in (
        ("受理答复", "2026年11月25日（周三）"),
        ("作出决定", "2026年12月1日（周二）"),
        ("共享决定", "2026年11月24日（周二）"),
        ("处理异议", "2026年11月27日（周五）"),
    ):
        row = page[page.index(f'data-label="期限">{kind}') :]
        assert day in row[: row.index("</tr>")]


def test_every_day_is_listed_with_its_reason(client, db, friday):
    page = one_line(client.get(CALCULATOR, {"start": "2026-09-30", "days": "3"}))

    assert "最迟 2026年10月10日（周六） 24:00 前" in page
    row = page[page.index("2026年10月10日（周六）</th>") :]
    row = row[: row.index("</tr>")]
    assert "上班" in row and "调休上班" in row and "第3个" in row
    assert page.count("国庆节") == 7, "1 to 7 October"


def test_an_unannounced_year_is_marked(client, db, friday):
    page = one_line(client.get(CALCULATOR, {"start": "2026-12-31", "days": "3"}))
    assert "2027年放假安排尚未公布，日期可能调整" in page
    assert "2027年1月6日（周三）" in page, "4, 5, 6 January; by law only 1 January is off"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"start": "2026-02-30", "days": "3"}, "请填写存在的日期"),
        ({"start": "", "days": "3"}, "请填写起算日"),
        ({"start": "2026-11-20", "days": "0"}, "最少1个工作日"),
        ({"start": "2026-11-20", "days": "251"}, "最多250个工作日"),
        ({"start": "2026-11-20", "days": "三"}, "请填写整数"),
        ({"start": "2003-12-31", "days": "3"}, "2003-12-31不在日历范围内"),
        ({"start": "2035-12-31", "days": "3"}, "超出日历范围"),
        ({"start": "2026-11-20"}, "请填写工作日数"),
    ],
)
def test_bad_input_says_what_to_put_right(client, db, friday, query, told):
    response = client.get(CALCULATOR, query)
    page = one_line(response)
    assert response.status_code == 400
    assert told in page
    assert "<title>错误：" in page
    assert "最迟日期" not in page
    if query.get("start") == "2026-11-20":
        assert 'value="2026-11-20"' in page, "what was typed is still there"


def test_before_the_notice_there_are_no_legal_clocks_but_the_days_are_counted(client, db, friday):
    page = one_line(client.get(CALCULATOR, {"start": "2020-01-22", "days": "3"}))
    assert "最迟 2020年2月4日（周二）" in page
    assert "法定期限" not in page


def test_the_calculator_only_answers_questions(client, db):
    assert client.post(CALCULATOR, {"start": "2026-11-20", "days": "3"}).status_code == 405


def test_health_fails_while_nobody_sweeps(client, db, friday, caplog):
    response = client.get("/healthz/")
    assert response.status_code == 503
    answer = json.loads(response.content)
    assert answer.pop("disk_free_mb") > 0
    assert answer == {
        "status": "failing",
        "last_sweep": None,
        "failed_in_last_sweep": None,
        "clocks_behind": 0,
        "unrecorded_failures": 0,
        "files_away": False,
        "replica": None,
    }
    assert "no sweep" in caplog.text

    sweep_deadlines(at=moment("2026-11-20 09:55"))
    response = client.get("/healthz/")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert "no-store" in response["Cache-Control"]

    friday.move_to(moment("2026-11-20 10:05"), tick=False)
    assert client.get("/healthz/").status_code == 503


def test_staff_see_that_the_sweep_has_stopped(rf, db, friday, wang, alice, sun):
    from django.template import Context, Template

    def banner(user) -> str:
        request = rf.get("/")
        request.user = user
        return Template("{% load alarms %}{% clock_alarms %}").render(Context({"request": request})).strip()

    assert "尚未运行过" in banner(wang)
    assert banner(alice) == ""
    sweep_deadlines(at=moment("2026-11-20 09:40"))
    assert "最近一次在 2026年11月20日 09:40" in banner(wang)
    sweep_deadlines(at=moment("2026-11-20 10:00"))
    assert banner(wang) == ""
    assert "2027年放假安排尚未载入" in banner(sun), "November has begun; this is the department's to do"


# --- a region's own days


@pytest.fixture
def storm(sun, shen):
    """Offices of Nanjing closed on 23 November, of its Xuanwu district on the 24th, of Suzhou on the 25th."""
    for region, day, name in (
        ("320100", 23, "暴雪停工"),
        ("320102", 24, "停电停工"),
        ("320500", 25, "台风停工"),
    ):
        closure = propose_closure(
            region=region,
            first_on=date(2026, 11, day),
            last_on=date(2026, 11, day),
            name=name,
            document_number="测〔2026〕1号",
            proposed_by=shen,
            at=moment("2026-11-20 08:00"),
        )
        approve(change=closure, approver=second_of_the_province(shen), at=moment("2026-11-20 08:30"))


def second_of_the_province(first):
    found = User.objects.filter(email="second@example.com").first()
    return found or make_user("second@example.com", "二复核", first.organ, Role.SUPERVISOR)


def test_a_region_can_be_chosen(client, storm, friday):
    page = one_line(client.get(CALCULATOR, {"region": "320100"}))
    # Monday is closed in Nanjing: 24, 25, 26 November.
    assert "今天提交，3个工作日内答复，最迟 2026年11月26日（周四） 24:00 前" in page
    assert "已计入南京市的安排：2026年11月23日（周一）停工（暴雪停工）。" in page
    assert "南京市的下列地方另有安排，没有计入：南京市玄武区2026年11月24日（周二）停工（停电停工）。" in page
    assert "台风" not in page
    assert '<option value="320100" selected>南京市</option>' in page
    row = page[page.index('data-label="期限">共享决定') :]
    assert "2026年11月25日（周三）" in row[: row.index("</tr>")], "24, 25 November"


def test_without_a_region_the_country_counts_and_closures_are_named(client, storm, friday):
    page = one_line(client.get(CALCULATOR))
    assert "最迟 2026年11月25日（周三） 24:00 前" in page
    assert "请选择所在地后再算" in page
    for told in (
        "南京市2026年11月23日（周一）停工（暴雪停工）",
        "南京市玄武区2026年11月24日（周二）停工（停电停工）",
        "苏州市2026年11月25日（周三）停工（台风停工）",
    ):
        assert told in page
    assert "已计入" not in page


def test_a_period_without_closures_says_nothing_of_them(client, storm, friday):
    page = one_line(client.get(CALCULATOR, {"start": "2026-11-26", "days": "3", "region": "320500"}))
    assert "最迟 2026年12月1日（周二）" in page
    assert "已计入" not in page and "没有计入" not in page


@pytest.mark.parametrize("region", ["110000", "320102", "南京"])
def test_an_unknown_region_is_refused(client, db, friday, region):
    response = client.get(CALCULATOR, {"start": "2026-11-20", "days": "3", "region": region})
    assert response.status_code == 400
    assert "请从列表中选择江苏省的设区市" in one_line(response)


def test_the_last_days_of_december_name_the_year_that_decides(client, db, friday):
    page = one_line(client.get(CALCULATOR, {"start": "2026-12-23", "days": "2"}))
    assert "2026年12月25日（周五）" in page
    assert "2027年放假安排尚未公布，日期可能调整" in page
