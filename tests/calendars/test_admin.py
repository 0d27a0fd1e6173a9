"""How two supervisors change the calendar on their pages."""

import io
import re
from datetime import date

import pytest

from applications.calendars.models import CalendarNotice, LocalClosure
from applications.deadlines.selectors import clocks_of
from tests.calendars.notices import LABOUR_DAY_2019, know_only
from tests.deadlines.test_clocks import CASE, start
from tests.fixtures import moment
from tests.pages import one_line

NOTICES = "/admin/calendars/calendarnotice/"
CLOSURES = "/admin/calendars/localclosure/"


@pytest.fixture(autouse=True)
def wednesday(time_machine):
    time_machine.move_to(moment("2026-11-25 10:00"), tick=False)
    return time_machine


def version_on(page: str) -> str:
    """What the approver's page compared with."""
    return re.search(r'name="version" value="(\w+)"', page)[1]


def propose(client, user, notice=LABOUR_DAY_2019):
    client.force_login(user)
    return client.post(f"{NOTICES}add/", {"text": notice, "year": ""}, follow=True)


def test_one_proposes_and_another_approves(client, market_bureau, sun, shen, monkeypatch, wednesday):
    know_only(monkeypatch, date(2019, 3, 21))
    wednesday.move_to(moment("2019-04-26 10:00"), tick=False)
    start(market_bureau, date(2019, 4, 26), days=3)

    page = one_line(propose(client, sun))
    notice = CalendarNotice.objects.get()
    assert "2019年4月28日（周日）" in page
    assert "变动的期限：1个" in page
    assert CASE in page
    assert "2019年5月2日（周四）" in page and "2019年4月30日（周二）" in page
    assert "须由省级社会信用管理部门的另一位负责人复核" in page
    approve = f"{NOTICES}{notice.pk}/approve/"
    assert client.post(approve, {"version": "any"}).status_code == 404, "not by the proposer"

    client.force_login(shen)
    page = one_line(client.get(f"{NOTICES}{notice.pk}/change/"))
    assert "复核通过" in page
    version = version_on(page)
    response = client.post(approve, {"version": version}, follow=True)
    assert "核对1个进行中的期限，变动1个" in one_line(response)
    assert clocks_of(CASE).get().due_on == date(2019, 4, 30)
    assert client.post(approve, {"version": version}).status_code == 409, "once"


def test_a_stale_page_does_not_approve(client, sun, shen, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    propose(client, sun)
    notice = CalendarNotice.objects.get()
    client.force_login(shen)
    response = client.post(f"{NOTICES}{notice.pk}/approve/", {"version": "another"})
    assert response.status_code == 409
    assert "重新核对" in one_line(response)
    assert CalendarNotice.objects.get().state == "proposed"


def test_a_rejection_needs_a_reason(client, sun, shen, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    propose(client, sun)
    notice = CalendarNotice.objects.get()
    client.force_login(shen)
    response = client.post(f"{NOTICES}{notice.pk}/reject/", {"reason": " "})
    assert response.status_code == 409 and "没有驳回：请写明理由。" in one_line(response)
    # What is wrong stands at the top, with a link to the field, and not beside the field again.
    assert one_line(response).count("请写明驳回的理由") == 1
    page = one_line(client.post(f"{NOTICES}{notice.pk}/reject/", {"reason": "文号不符"}, follow=True))
    assert "驳回理由：文号不符" in page


def test_a_notice_that_contradicts_itself_is_shown_with_its_text(client, sun, monkeypatch):
    know_only(monkeypatch, date(2019, 3, 21))
    wrong = LABOUR_DAY_2019.replace("4月28日（星期日）", "4月28日（星期六）")
    client.force_login(sun)
    response = client.post(f"{NOTICES}add/", {"text": wrong})
    page = one_line(response)
    assert response.status_code == 422
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
    assert "共5天" in one_line(upload(wrong.encode("gb18030")))
    assert "应为文本文件" in one_line(upload(b"%PDF-1.7\xff\xff\0"))
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
    page = one_line(propose(client, sun))
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
    assert "苏州" not in one_line(client.get(f"{CLOSURES}add/")), "only the own region can be chosen"
    refused = client.post(f"{CLOSURES}add/", fields | {"region": "320500"})
    assert refused.status_code == 422
    refused = client.post(f"{CLOSURES}add/", fields | {"last_on": "2026-11-25"})
    said = one_line(refused)
    assert refused.status_code == 422 and "早于首日" in said and "last_on：" not in said
    page = one_line(client.post(f"{CLOSURES}add/", fields, follow=True))
    assert "XF-2" in page

    closure = LocalClosure.objects.get()
    assert str(closure) == "南京市2026年11月26日 暴雪停工"
    client.force_login(shen)
    page = one_line(client.get(f"{CLOSURES}{closure.pk}/change/"))
    client.post(f"{CLOSURES}{closure.pk}/approve/", {"version": version_on(page)})
    # 25, 27, 30 November.
    assert clocks_of("XF-2").get().due_on == date(2026, 11, 30)
    assert client.get(CLOSURES).status_code == 200
    assert client.get("/admin/calendars/recalculation/").status_code == 200


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("calendarnotice/", "calendarnotice/"),
        ("calendarnotice/7/change/?page=2", "calendarnotice/7/change/?page=2"),
        ("localclosure/7/change/", "localclosure/7/change/"),
        ("recalculation/", "recalculation/"),
    ],
)
def test_an_address_of_before_leads_to_the_page(client, sun, before, now):
    """It stands in messages that people have, and in their browsers."""
    client.force_login(sun)
    response = client.get(f"/admin/deadlines/{before}")
    assert (response.status_code, response["Location"]) == (301, f"/admin/calendars/{now}")
