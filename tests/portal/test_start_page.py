"""The start page: what it says, how long it says things last, and how heavy it is."""

import gzip
import re

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.fixtures import moment


def page_of(client, name="portal:home", **kwargs) -> str:
    response = client.get(reverse(name), **kwargs)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@time_machine.travel(moment("2026-11-23 10:00"), tick=False)
def test_it_says_free_of_charge_first_and_shows_the_way(client):
    page = page_of(client)
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == ["申请信用修复"]
    first_paragraph = re.search(r"</h1>\s*<p[^>]*>(.*?)</p>", page, re.S)[1]
    assert "本服务免费。任何机构收费代办均与本部门无关。" in first_paragraph
    for heading in ("谁可以申请", "需要准备什么", "多长时间", "办理步骤"):
        assert heading in page
    for name in ("portal:check", "portal:desk", "portal:track", "documents:verify", "portal:search"):
        assert f'href="{reverse(name)}"' in page
    assert page.count("task-name") == 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now, answer, decision, provisional",
    [
        # Monday: 24, 25, 26 November; then seven working days to Monday, 7 December.
        ("2026-11-23 10:00", "2026年11月26日（周四）", "2026年12月7日（周一）", False),
        # Wednesday before National Day 2026 (1–7 October off, Saturday 10 October worked):
        # 8, 9, 10 October; then 12–16, 19, 20 October.
        ("2026-09-30 23:59", "2026年10月10日（周六）", "2026年10月20日（周二）", False),
        # A minute later it is Thursday, 1 October: the three days are the same ones.
        ("2026-10-01 00:00", "2026年10月10日（周六）", "2026年10月20日（周二）", False),
        # Into 2027, whose notice is not out: 22, 23, 24 December; then 25, 28–31 December, 4, 5 January
        # (1 January 2027 is a Friday and a statutory holiday). That notice may reach back to 24 December.
        ("2026-12-21 09:00", "2026年12月24日（周四）（暂定）", "2027年1月5日（周二）（暂定）", True),
    ],
)
def test_the_timing_is_counted_in_working_days_from_today(client, now, answer, decision, provisional):
    with time_machine.travel(moment(now), tick=False):
        page = page_of(client)
    assert f"最迟 <strong>{answer}</strong>前答复材料是否齐全" in page
    assert f"最迟 <strong>{decision}</strong>前作出决定" in page
    assert ("放假安排尚未公布" in page) is provisional


@pytest.mark.django_db
def test_page_and_style_weigh_at_most_60_kilobytes(client):
    page = page_of(client)
    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', page)
    assert sheets
    bodies = [page.encode()]
    for name in sheets:
        with open(finders.find(name), "rb") as file:
            bodies.append(file.read())
    assert sum(len(gzip.compress(body)) for body in bodies) <= 60 * 1024
    assert "<script" not in page and " style=" not in page


@pytest.mark.django_db
def test_it_needs_no_session(client):
    client.get(reverse("portal:home"))
    assert not client.cookies
