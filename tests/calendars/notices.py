"""Notices that changed a calendar while cases ran, and a calendar that does not know them yet."""

from datetime import date

import pytest

from applications.calendars import in_force, services
from rules.workdays import calendar_known_on

LABOUR_DAY_2019 = """国务院办公厅关于调整2019年劳动节假期安排的通知
国办发明电〔2019〕3号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2019年劳动节放假安排调整如下：
2019年5月1日至4日放假调休，共4天。4月28日（星期日）、5月5日（星期日）上班。
"""
SPRING_FESTIVAL_2020 = """国务院办公厅关于延长2020年春节假期的通知
国办发明电〔2020〕1号
经国务院批准，现就延长2020年春节假期的具体安排通知如下。
一、延长2020年春节假期至2月2日（农历正月初九，星期日），2月3日（星期一）起正常上班。
"""


def know_only(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """As if the shipped calendar ended with the notices that were out on a day."""
    known = calendar_known_on(day)
    monkeypatch.setattr(in_force, "shipped_calendar", lambda: known)
    monkeypatch.setattr(services, "shipped_calendar", lambda: known)
    monkeypatch.setattr(in_force, "_kept", {})
