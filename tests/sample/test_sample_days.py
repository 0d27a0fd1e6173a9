"""The sample on other days than the one for which its files are shipped."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.management import call_command

from applications.portal.models import OrganMonth
from applications.records.selectors import published
from applications.repairs.models import RepairCase
from applications.repairs.services.queues import check_queues
from applications.sample.past import months_of
from tests.fixtures import moment


# A leap day, a day in the middle of a long public holiday, a Saturday of a year whose calendar is not published,
# the last and the first minutes of a year.
@pytest.mark.parametrize(
    "now",
    ["2028-02-29 08:00", "2026-10-05 08:00", "2027-02-20 10:00", "2026-12-31 23:50", "2027-01-01 00:01"],
)
def test_whenever_it_is_loaded_there_is_something_to_repair(db, now):
    with time_machine.travel(moment(now), tick=False):
        call_command("load_sample", trial=True, verbosity=0)
        assert published().filter(severity="general").count() > 100
        assert published().filter(severity="serious").count() > 100
        assert RepairCase.objects.count() == 46
        for month in months_of(date.fromisoformat(now[:10])):
            # What is still open of today's cases may be of a month that is over, too.
            lines = OrganMonth.objects.filter(month=month, organ__code__in=["nj-scjg", "nj-xyzx"])
            assert lines.count() >= 6
            assert all(sum(line.spans.values()) >= 5 for line in lines if line.clock != "objection")
            assert lines.filter(clock="decision", late__gte=1).exists()
        assert check_queues(at=moment(now)) == []
