from datetime import UTC, date, datetime

import pytest

from applications.documents.templatetags.dates import zh_date, zh_day, zh_moment


def test_a_date_reads_as_people_write_it():
    # 2 December 2026 is a Wednesday.
    assert zh_date(date(2026, 12, 2)) == "2026年12月2日（周三）"
    assert zh_date("2026-12-02") == "2026年12月2日（周三）"
    assert zh_day("2026-12-02") == "2026年12月2日"


def test_a_moment_is_shown_in_shanghai():
    late = datetime(2026, 12, 1, 16, 3, 9, tzinfo=UTC)
    assert zh_date(late) == "2026年12月2日（周三）"
    assert zh_moment(late) == "2026年12月2日 00:03"
    assert zh_moment("2026-12-01T16:03:09+00:00", "second") == "2026年12月2日 00:03:09"
    assert zh_date("2026-12-01T16:03:09+00:00") == "2026年12月2日（周三）"


@pytest.mark.parametrize("show", [zh_date, zh_day, zh_moment])
def test_nothing_stays_nothing(show):
    assert show(None) == show("") == ""


def test_what_is_no_date_is_an_error():
    with pytest.raises(ValueError, match="month must be in"):
        zh_date("2026-13-01")
