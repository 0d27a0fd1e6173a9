"""python manage.py load_calendar, as whoever runs the system starts it."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from applications.calendars.models import CalendarNotice
from applications.calendars.selectors import calendar
from tests.calendars.notices import LABOUR_DAY_2019, SPRING_FESTIVAL_2020, know_only
from tests.deadlines.test_clocks import CASE, start


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


def test_load_calendar_takes_what_is_in_force_anyway_as_no_change(db, tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("日期,上班,名称\n2026-01-05,上班,工作日\n2026-01-01,放假,元旦\n")
    out, err = run("load_calendar", str(file))
    assert json.loads(out)["year"] == 2026
    assert err == "改变0天，变动0个进行中的期限。\n与现行日历完全一致，无需提交。\n"
    assert not CalendarNotice.objects.exists()
