"""A short rehearsal in the test's own transaction."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from applications.rehearsal.checking import Report, check
from applications.rehearsal.journal import Journal
from applications.rehearsal.running import Rehearsal


@dataclass
class Rehearsed:
    journal: Journal
    at: datetime

    def check(self) -> Report:
        return check(journal=self.journal, at=self.at)


@pytest.fixture
def rehearse(db, settings, tmp_path):
    """rehearse(days, cases, seed): from 24 August 2026 on, so that 60 days go beyond National Day."""
    settings.DATA_DIR = tmp_path
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True

    def run(days: int, cases: int, seed: int) -> Rehearsed:
        rehearsal = Rehearsal(days=days, cases=cases, seed=seed)
        return Rehearsed(rehearsal.run(), rehearsal.at)

    return run
