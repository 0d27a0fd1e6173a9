"""Who sees which clocks, and how two supervisors change the calendar on their pages."""

import io
import json
import re
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.deadlines.models import CalendarNotice, LocalClosure
from applications.deadlines.selectors import calendar, clocks_of, visible_to
from applications.deadlines.services import meet_deadline, sweep_deadlines
from tests.deadlines.notices import LABOUR_DAY_2019, SPRING_FESTIVAL_2020, know_only
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import moment

CLOCKS = "/admin/deadlines/deadline/"
NOTICES = "/admin/deadlines/calendarnotice/"
CLOSURES = "/admin/deadlines/localclosure/"


@pytest.fixture(autouse=True)
def wednesday(time_machine):
    time_machine.move_to(moment("2026-11-25 10:00"), tick=False)
    return time_machine


def text(response) -> str:
    return " ".join(response.content.decode().split())


def version_on(page: str) -> str:
    """What the approver's page compared with."""
    return re.search(r'name="version" value="(\w+)"', page)[1]


@pytest.fixture
def clock(market_bureau, wang):
    """Due today, wang's own."""
    return start(market_bureau, officer=wang)


# --- clocks


def test_an_officer_sees_the_clocks_of_the_own_organ(client, clock, wang):
    client.force_login(wang)
    page = text(client.get(CLOCKS))
    assert CASE in page
    assert "今天到期" in page
    assert "2026-11-25 周三" in page


@pytest.mark.parametrize(("person", "seen"), [("wang", True), ("sun", True), ("outsider", False)])
def test_a_department_sees_its_region_and_a_unit_only_itself(request, client, clock, person, seen):
    user = request.getfixturevalue(person)
    client.force_login(user)
    assert (CASE in text(client.get(CLOCKS))) is seen
    assert client.get(f"{CLOCKS}{clock.pk}/change/").status_code == (200 if seen else 404)
    assert visible_to(user).filter(pk=clock.pk).exists() is seen


def test_applicants_and_strangers_have_no_way_in(client, clock, alice):
    assert client.get(CLOCKS).status_code == 302
    client.force_login(alice)
    assert client.get(CLOCKS).status_code in (302, 403)


@pytest.mark.parametrize(
    ("state", "cases"),
    [
        ("", {"XF-mine", "XF-turn", "XF-other", "XF-late"}),
        ("open", {"XF-mine", "XF-turn", "XF-other", "XF-late"}),
        ("mine", {"XF-mine", "XF-turn", "XF-late"}),
        ("today", {"XF-mine", "XF-turn"}),
        ("overdue", {"XF-late"}),
        ("stopped", {"XF-met"}),
    ],
)
def test_the_filters(client, market_bureau, wang, li, state, cases):
    start(market_bureau, case="XF-mine", kind="decision", officer=wang)
    start(market_bureau, case="XF-turn")
    start(market_bureau, case="XF-other", kind="decision", days=7)
    start(market_bureau, case="XF-late", days=2)
    start(market_bureau, case="XF-met")
    meet_deadline(case_number="XF-met", kind="acceptance", on=date(2026, 11, 24))
    client.force_login(wang)
    page = text(client.get(CLOCKS, {"state": state} if state else {}))
    names = {"XF-mine", "XF-turn", "XF-other", "XF-late", "XF-met"}
    assert {name for name in names if f">{name}<" in page} == cases


def test_the_earliest_comes_first(client, market_bureau, wang):
    start(market_bureau, case="XF-later", days=7)
    start(market_bureau, case="XF-sooner", days=2)
    client.force_login(wang)
    page = text(client.get(CLOCKS))
    assert page.index("XF-sooner") < page.index("XF-later")


def test_a_clock_page_tells_days_and_deliveries(client, clock, wang, zhao):
    sweep_deadlines(at=moment("2026-11-25 00:05"))
    client.force_login(wang)
    page = text(client.get(f"{CLOCKS}{clock.pk}/change/"))
    assert "2026年11月22日（周日）" in page and "周末" in page
    assert "第3个" in page
    assert "届满前一工作日提醒" in page and "届满日提醒" in page
    assert "王受理 站内消息：已送达" in page
    assert "赵审批 电子邮件：等待发送" in page


def test_nothing_can_be_changed_by_hand(client, clock, zhao):
    client.force_login(zhao)
    assert client.get(f"{CLOCKS}add/").status_code == 403
    assert client.post(f"{CLOCKS}{clock.pk}/delete/").status_code == 403


def test_a_list_costs_the_same_for_few_and_many(client, market_bureau, wang):
    client.force_login(wang)
    client.get(CLOCKS)
    costs = []
    for numbers in (range(3), range(3, 30)):
        for number in numbers:
            start(market_bureau, case=f"XF-{number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(CLOCKS)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_ladder_list_tells_what_became_of_the_messages(client, clock, zhao, sun):
    sweep_deadlines(at=moment("2026-11-25 00:05"))
    client.force_login(zhao)
    page = text(client.get("/admin/deadlines/escalation/"))
    assert "站内消息已送达 2" in page and "电子邮件等待发送 2" in page
    assert client.get("/admin/deadlines/sweep/").status_code == 200


def test_the_ladder_of_other_organs_is_not_shown(client, clock, outsider):
    sweep_deadlines(at=moment("2026-11-25 00:05"))
    client.force_login(outsider)
    assert CASE not in text(client.get("/admin/deadlines/escalation/"))


# --- the calendar


def propose(client, user, notice=LABOUR_DAY_2019):
    client.force_login(user)
    return client.post(f"{NOTICES}add/", {"text": notice, "year": ""}, follow=True)


def test_one_proposes_and_another_approves(client, market_bureau, sun, shen, monkeypatch, wednesday):
    know_only(monkeypatch, date(2019, 3, 21))
    wednesday.move_to(moment("2019-04-26 10:00"), tick=False)
    start(market_bureau, date(2019, 4, 26), days=3)

    page = text(propose(client, sun))
    notice = CalendarNotice.objects.get()
    assert "2019年4月28日（周日）" in page
    assert "变动的期限：1个" in page
    assert CASE in page
    assert "2019年5月2日（周四）" in page and "2019年4月30日（周二）" in page
    assert "须由省级社会信用管理部门的另一位负责人复核" in page
    approve = f"{NOTICES}{notice.pk}/approve/"
    assert client.post(approve, {"version": "any"}).status_code == 404, "not by the proposer"

    client.force_login(shen)
    page = text(client.get(f"{NOTICES}{notice.pk}/change/"))
    assert "复核通过" in page
    version = version_on(page)
    response = client.post(approve, {"version": version}, follow=True)
    assert "核对1个进行中的期限，变动1个" in text(response)
    assert clocks_of(CASE).get().due_on == date(2019, 4, 30)
    assert client.post(approve, {"version": version}).status_code == 409, "once"


def test_a_stale_page_does_not_approve(client, sun, shen, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    propose(client, sun)
    notice = CalendarNotice.objects.get()
    client.force_login(shen)
    response = client.post(f"{NOTICES}{notice.pk}/approve/", {"version": "another"})
    assert response.status_code == 409
    assert "重新核对" in text(response)
    assert CalendarNotice.objects.get().state == "proposed"


def test_a_rejection_needs_a_reason(client, sun, shen, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    propose(client, sun)
    notice = CalendarNotice.objects.get()
    client.force_login(shen)
    response = client.post(f"{NOTICES}{notice.pk}/reject/", {"reason": " "})
    assert response.status_code == 409 and "请写明" in text(response)
    page = text(client.post(f"{NOTICES}{notice.pk}/reject/", {"reason": "文号不符"}, follow=True))
    assert "驳回理由：文号不符" in page


def test_a_notice_that_contradicts_itself_is_shown_with_its_text(client, sun, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    wrong = LABOUR_DAY_2019.replace("4月28日（星期日）", "4月28日（星期六）")
    client.force_login(sun)
    response = client.post(f"{NOTICES}add/", {"text": wrong})
    page = text(response)
    assert response.status_code == 400
    assert "<title>错误：" in page
    assert "4月28日（星期六）" in page, "what was pasted is still there"
    assert not CalendarNotice.objects.exists()


def test_an_uploaded_notice_is_read_and_kept_on_errors(client, sun, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    client.force_login(sun)

    def upload(content: bytes):
        file = io.BytesIO(content)
        file.name = "notice.txt"
        return client.post(f"{NOTICES}add/", {"file": file, "text": ""})

    wrong = LABOUR_DAY_2019.replace("共4天", "共5天")
    assert "共5天" in text(upload(wrong.encode("gb18030")))
    assert "应为文本文件" in text(upload(b"%PDF-1.7\xff\xff\0"))
    assert upload(LABOUR_DAY_2019.encode("gb18030")).status_code == 302
    assert CalendarNotice.objects.get().year == 2019


@pytest.mark.parametrize("person", ["wang", "zhao", "qian", "outsider"])
def test_only_department_supervisors_propose(request, client, person, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    client.force_login(request.getfixturevalue(person))
    assert client.get(f"{NOTICES}add/").status_code == 403
    assert client.post(f"{NOTICES}add/", {"text": LABOUR_DAY_2019}).status_code == 403
    assert client.get(f"{CLOSURES}add/").status_code == 403
    assert not CalendarNotice.objects.exists()


def test_other_regions_cases_are_counted_but_not_shown(client, ecology_bureau, sun, monkeypatch, wednesday):
    know_only(monkeypatch, date(2019, 3, 21))
    start(ecology_bureau, date(2019, 4, 26), days=3)
    page = text(propose(client, sun))
    assert "变动的期限：1个" in page and "其中1个属于其他地区" in page
    assert CASE not in page


def test_a_local_closure(client, market_bureau, sun, shen):
    start(market_bureau, date(2026, 11, 24), days=3, case="XF-2")
    fields = {
        "region": "320100",
        "first_on": "2026-11-26",
        "last_on": "2026-11-26",
        "name": "暴雪停工",
        "document_number": "宁防指〔2026〕9号",
    }
    client.force_login(sun)
    assert "苏州" not in text(client.get(f"{CLOSURES}add/")), "only the own region can be chosen"
    refused = client.post(f"{CLOSURES}add/", fields | {"region": "320500"})
    assert refused.status_code == 400
    refused = client.post(f"{CLOSURES}add/", fields | {"last_on": "2026-11-25"})
    assert refused.status_code == 400 and "早于首日" in text(refused)
    page = text(client.post(f"{CLOSURES}add/", fields, follow=True))
    assert "XF-2" in page

    closure = LocalClosure.objects.get()
    client.force_login(shen)
    page = text(client.get(f"{CLOSURES}{closure.pk}/change/"))
    client.post(f"{CLOSURES}{closure.pk}/approve/", {"version": version_on(page)})
    # 25, 27, 30 November.
    assert clocks_of("XF-2").get().due_on == date(2026, 11, 30)
    assert client.get(CLOSURES).status_code == 200
    assert client.get("/admin/deadlines/recalculation/").status_code == 200


# --- the commands


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_load_calendar_shows_and_proposes(market_bureau, shen, tmp_path, monkeypatch):
    know_only(monkeypatch, date(2020, 1, 25))
    start(market_bureau, date(2020, 1, 22), days=3)
    file = tmp_path / "notice.txt"
    file.write_text(SPRING_FESTIVAL_2020)

    out, err = run("load_calendar", str(file), "--dry-run")
    assert json.loads(out) == {
        "year": 2020,
        "days": [
            {"date": "2020-01-31", "working": False, "name": "春节"},
            {"date": "2020-02-01", "working": False, "name": "春节"},
            {"date": "2020-02-02", "working": False, "name": "春节"},
        ],
    }
    assert (
        "2020-01-31：上班" in err and f"{CASE} 南京市市场监督管理局 受理答复：2020-02-01 → 2020-02-04" in err
    )
    assert not CalendarNotice.objects.exists()

    run("load_calendar", str(file))
    assert CalendarNotice.objects.get().proposed_by is None
    assert calendar().is_working(date(2020, 1, 31)), "one person more must approve it"


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        ("", [], "空"),
        (LABOUR_DAY_2019.replace("共4天", "共5天"), [], "5"),
        (LABOUR_DAY_2019, ["--year", "2020"], "2020"),
        (LABOUR_DAY_2019, ["--by", "nobody@example.com"], "nobody@example.com"),
    ],
)
def test_load_calendar_refuses_in_one_sentence(db, tmp_path, monkeypatch, content, arguments, told):
    know_only(monkeypatch, date(2019, 3, 21))
    file = tmp_path / "notice.txt"
    file.write_text(content)
    with pytest.raises(CommandError, match=told) as refused:
        run("load_calendar", str(file), *arguments)
    assert refused.value.returncode == 2
    assert not CalendarNotice.objects.exists()


def test_load_calendar_names_a_file_that_is_not_there(db):
    with pytest.raises(CommandError, match=r"nowhere\.txt") as refused:
        run("load_calendar", "nowhere.txt")
    assert refused.value.returncode == 2


def test_the_sweep_by_command_is_the_same_service(clock, wang):
    out, _ = run("sweep_deadlines")
    assert "到期事项1个，提醒与上报2次，失败0个" in out
    assert clock.escalations.count() == 2


def test_load_calendar_takes_what_is_in_force_anyway_as_no_change(db, tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("日期,上班,名称\n2026-01-05,上班,工作日\n2026-01-01,放假,元旦\n")
    out, err = run("load_calendar", str(file))
    assert json.loads(out)["year"] == 2026
    assert err == "改变0天，变动0个进行中的期限。\n与现行日历完全一致，无需提交。\n"
    assert not CalendarNotice.objects.exists()
