"""The sample on other days than the one for which its files are shipped."""

from __future__ import annotations

import pytest
import time_machine
from django.core.management import call_command

from applications.records.selectors import published
from applications.repairs.models import RepairCase
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
        assert RepairCase.objects.count() == 22
