"""What the pages about a change of the calendar show, to whom, before and after it was decided."""

import csv
import io
from datetime import date

import pytest
from django.core.management import call_command

from applications.calendars.models import CalendarNotice, LocalClosure
from applications.calendars.services import approve, propose_closure, propose_notice
from applications.ledger.models import Event
from tests.calendars.notices import LABOUR_DAY_2019, know_only
from tests.calendars.test_admin import CLOSURES, NOTICES, version_on
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import moment
from tests.pages import one_line
from tests.rules.notice_texts import lawful

# Monday 4 January 2027 off, Saturday the 9th worked for it.
NEW_YEAR = {"元旦": "1月1日至4日放假调休，共4天。1月9日（星期六）上班。"}


@pytest.fixture(autouse=True)
def before_new_year(time_machine):
    time_machine.move_to(moment("2026-12-30 13:00"), tick=False)


@pytest.fixture
def notice(market_bureau, ecology_bureau, sun):
    """Proposed by Nanjing; moves a clock of Nanjing's and one of Suzhou's."""
    start(market_bureau, date(2026, 12, 30), days=3)
    start(ecology_bureau, date(2026, 12, 30), days=3, case="XF-SZ")
    return propose_notice(text=lawful(**NEW_YEAR), proposed_by=sun, at=moment("2026-12-30 12:00"))


def page_of(client, notice, query="") -> str:
    return one_line(client.get(f"{NOTICES}{notice.pk}/change/{query}"))


def test_who_decides_sees_every_clock_with_organ_and_both_dates(client, notice, shen, sun):
    client.force_login(shen)
    page = page_of(client, notice)
    assert "变动的期限：2个" in page and "其他地区" not in page
    for case, organ in ((CASE, "南京市市场监督管理局"), ("XF-SZ", "苏州市生态环境局")):
        row = page[page.index(f">{case}<") :]
        row = row[: row.index("</tr>")]
        # 31 December, 4 and 5 January; then 31 December, 5 and 6 January.
        assert all(
            each in row for each in (organ, "受理答复", "2027年1月5日（周二）", "2027年1月6日（周三）")
        )
    client.force_login(sun)
    page = page_of(client, notice)
    assert "变动的期限：2个" in page and "其中1个属于其他地区" in page
    assert CASE in page and "XF-SZ" not in page
    assert "复核通过" not in page and "须由省级社会信用管理部门" in page


def test_what_was_read_stands_beside_the_text(client, notice, shen):
    client.force_login(shen)
    page = page_of(client, notice)
    row = page[page.index('<th scope="row">元旦</th>') :]
    row = row[: row.index("</tr>")]
    assert "2027年1月1日（周五） – 2027年1月4日（周一）" in row
    assert "<td>4</td>" in row and "2027年1月9日（周六）" in row
    assert "1月1日至4日放假调休，共4天。" in page
    # 1, 4 January less the 9th.
    assert row.endswith("<td>1</td> ")
    assert "全年放假的工作日减去调休上班是13天，法定放假13天" in page


def test_a_notice_is_called_by_its_year_and_number(client, notice, shen):
    client.force_login(shen)
    assert "2027年放假安排" in one_line(client.get(NOTICES))


def table(response) -> list[list[str]]:
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_the_list_can_be_downloaded(client, notice, shen, sun):
    client.force_login(shen)
    response = client.get(f"{NOTICES}{notice.pk}/moves/")
    assert table(response) == [
        ["办件或者信息编号", "责任机构", "期限", "起算日", "原届满日", "新届满日"],
        [CASE, "南京市市场监督管理局", "受理答复", "2026-12-30", "2027-01-05", "2027-01-06"],
        ["XF-SZ", "苏州市生态环境局", "受理答复", "2026-12-30", "2027-01-05", "2027-01-06"],
    ]
    assert "attachment" in response["Content-Disposition"]
    event = Event.objects.get(verb="calendar.exported")
    assert (event.chain, event.actor_id) == (f"calendarnotice-{notice.pk}", shen.pk)
    client.force_login(sun)
    assert [row[0] for row in table(client.get(f"{NOTICES}{notice.pk}/moves/"))[1:]] == [CASE]


@pytest.mark.parametrize("person", ["wang", "outsider", "alice"])
def test_the_list_is_not_for_others(request, client, notice, person):
    user = request.getfixturevalue(person)
    client.force_login(user)
    response = client.get(f"{NOTICES}{notice.pk}/moves/")
    if person == "outsider":
        # Head of a unit: may read what was announced, and of the clocks the unit's own.
        assert [row[0] for row in table(response)[1:]] == ["XF-SZ"]
    else:
        assert response.status_code in (302, 403)


def test_a_decided_change_still_shows_what_it_changed(client, notice, shen, sun):
    client.force_login(shen)
    version = version_on(page_of(client, notice))
    client.post(f"{NOTICES}{notice.pk}/approve/", {"version": version})
    for person, seen in ((shen, {CASE, "XF-SZ"}), (sun, {CASE})):
        client.force_login(person)
        page = page_of(client, notice)
        assert "已生效" in page and "核对期限2个，变动2个" in page
        row = page[page.index('<th scope="row">2027年1月4日（周一）</th>') :]
        row = row[: row.index("</tr>")]
        assert "上班（工作日）" in row and "休息（元旦）" in row
        assert {case for case in (CASE, "XF-SZ") if f">{case}<" in page} == seen
        rows = table(client.get(f"{NOTICES}{notice.pk}/moves/"))[1:]
        assert {(row[0], *row[4:]) for row in rows} == {(case, "2027-01-05", "2027-01-06") for case in seen}
    assert "复核通过" not in page


def test_a_rejected_change_has_changed_nothing(client, notice, shen):
    client.force_login(shen)
    client.post(f"{NOTICES}{notice.pk}/reject/", {"reason": "不是原文"})
    page = page_of(client, notice)
    assert "驳回理由：不是原文" in page and "变动的期限" not in page
    assert client.get(f"{NOTICES}{notice.pk}/moves/").status_code == 404


def test_long_lists_come_in_pages(client, market_bureau, notice, shen):
    for number in range(105):
        start(market_bureau, date(2026, 12, 30), days=3, case=f"XF-{number:03}")
    client.force_login(shen)
    first, second = page_of(client, notice), page_of(client, notice, "?page=2")
    assert "下载全部107个期限的清单" in first and "第1页，共2页" in first
    assert first.count("2027年1月6日（周三）") == 100 and second.count("2027年1月6日（周三）") == 7
    assert len(table(client.get(f"{NOTICES}{notice.pk}/moves/"))) == 108


def test_a_notice_that_has_no_place_any_more_can_still_be_turned_down(client, notice, shen, monkeypatch):
    know_only(monkeypatch, date(2025, 11, 3))
    CalendarNotice.objects.filter(pk=notice.pk).update(year=2026)
    # As an amendment of a year whose own notice is not out.
    CalendarNotice.objects.filter(pk=notice.pk).update(
        days=[{"date": "2026-09-03", "working": False, "name": "纪念日"}]
    )
    client.force_login(shen)
    page = page_of(client, notice)
    assert "2026年的放假安排尚未载入" in page
    assert "复核通过" not in page and "驳回" in page
    client.post(f"{NOTICES}{notice.pk}/reject/", {"reason": "没有全年安排"})
    notice.refresh_from_db()
    assert notice.state == "rejected"


# --- a notice from the command line


def test_a_notice_from_the_command_line_is_confirmed_by_one_and_decided_by_another(
    client, shen, yuan, sun, wang, tmp_path, capsys
):
    file = tmp_path / "notice.txt"
    file.write_text(lawful())
    call_command("load_calendar", str(file))
    assert "一位负责人确认提出" in capsys.readouterr().err
    notice = CalendarNotice.objects.get()
    confirm, approve = f"{NOTICES}{notice.pk}/confirm/", f"{NOTICES}{notice.pk}/approve/"

    client.force_login(wang)
    assert client.post(confirm).status_code == 404
    client.force_login(shen)
    page = page_of(client, notice)
    assert "还没有人对它负责" in page and "确认提出" in page and "复核通过" not in page
    assert client.post(approve).status_code == 404, "not before somebody stands for it"
    assert client.get(confirm).status_code == 405
    page = one_line(client.post(confirm, follow=True))
    assert "您已确认提出" in page and "复核通过" not in page
    assert client.post(confirm).status_code == 404, "once"
    assert client.post(approve).status_code == 404, "not by the same person"

    client.force_login(yuan)
    assert "待您处理" in one_line(client.get(NOTICES))
    page = page_of(client, notice)
    client.post(approve, {"version": version_on(page)})
    notice.refresh_from_db()
    assert (notice.state, notice.proposed_by, notice.decided_by) == ("approved", shen, yuan)
    assert "待您处理" not in one_line(client.get(NOTICES))


def test_a_dry_run_lists_every_clock(market_bureau, tmp_path, capsys):
    for number in range(60):
        start(market_bureau, date(2026, 12, 30), days=3, case=f"XF-{number:03}")
    file = tmp_path / "notice.txt"
    file.write_text(lawful(**NEW_YEAR))
    call_command("load_calendar", str(file), "--dry-run")
    told = capsys.readouterr().err
    assert told.count("南京市市场监督管理局 受理答复：2027-01-05 → 2027-01-06") == 60
    assert "变动60个进行中的期限" in told and "复核页面" not in told


# --- closures


def test_a_closure_shows_place_and_clocks_also_after_the_decision(client, market_bureau, sun, ling):
    start(market_bureau, date(2026, 12, 30), days=2)
    closure = propose_closure(
        region="320100",
        first_on=date(2026, 12, 31),
        last_on=date(2026, 12, 31),
        name="暴雪停工",
        document_number="宁防指〔2026〕9号",
        proposed_by=sun,
        at=moment("2026-12-30 12:00"),
    )
    client.force_login(ling)
    assert "待您处理" in one_line(client.get(CLOSURES))
    approve(change=closure, approver=ling, at=moment("2026-12-30 12:30"))
    page = one_line(client.get(f"{CLOSURES}{LocalClosure.objects.get().pk}/change/"))
    assert "南京市（320100）" in page and "休息（暴雪停工）" in page
    # 31 December and 4 January; then 4 and 5 January.
    assert "2027年1月4日（周一）" in page and "2027年1月5日（周二）" in page


def test_what_was_approved_before_the_days_were_kept_says_so(client, notice, shen):
    approve(change=notice, approver=shen, at=moment("2026-12-30 12:30"))
    CalendarNotice.objects.update(changed_days=None)
    client.force_login(shen)
    assert "尚未逐日保存对照" in page_of(client, notice)


def test_an_amendment_shows_what_it_names_alone(client, sun, shen, monkeypatch, time_machine):
    know_only(monkeypatch, date(2019, 3, 21))
    time_machine.move_to(moment("2019-03-22 10:00"), tick=False)
    notice = propose_notice(text=LABOUR_DAY_2019, proposed_by=sun, at=moment("2019-03-22 09:00"))
    client.force_login(shen)
    page = page_of(client, notice)
    row = page[page.index('<th scope="row">劳动节</th>') :]
    row = row[: row.index("</tr>")]
    assert "2019年5月1日（周三） – 2019年5月4日（周六）" in row
    assert "2019年4月28日（周日）<br>2019年5月5日（周日）" in row
