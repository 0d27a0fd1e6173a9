"""The sample on other days than the one for which its files are shipped."""

from __future__ import annotations

import pytest
import time_machine
from django.core.management import call_command

from applications.records.selectors import published
from applications.repairs.models import RepairCase
from tests.fixtures import moment


# The end of February, and a day in the middle of a long public holiday.
@pytest.mark.parametrize("day", ["2028-02-29", "2026-10-05"])
def test_whenever_it_is_loaded_there_is_something_to_repair(db, day):
    with time_machine.travel(moment(f"{day} 08:00"), tick=False):
        call_command("load_sample", trial=True, verbosity=0)
        assert published().filter(severity="general").count() > 100
        assert published().filter(severity="serious").count() > 100
        assert RepairCase.objects.count() == 20
