"""Whatever is sent to whichever address by whomever: no error of the server, and nobody changes what is not theirs.

A short part of it with every run; ``script/fuzz`` sends more, on both databases.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.isolation.fuzzing import Fuzzer

pytestmark = [
    pytest.mark.django_db,
    # A day without a zone in an address is a warning in the log; the suite makes it an error for our own code's sake.
    pytest.mark.filterwarnings("default::RuntimeWarning:django.db.models.fields"),
]

SEED = int(os.environ.get("FUZZ_SEED") or 8)
REQUESTS = int(os.environ.get("FUZZ_REQUESTS") or 1500)


def test_whatever_is_sent_is_answered(world):
    found = Fuzzer(world, SEED).run(REQUESTS)
    report = {"seed": SEED, **found.report()}
    if path := os.environ.get("FUZZ_REPORT"):
        Path(path).write_text(json.dumps(report), encoding="utf-8")
    assert report["requests"] == REQUESTS
    # The requests reach the pages: most are refused by the pages themselves, and many are answered.
    assert found.statuses[200] > REQUESTS / 10
    assert found.statuses[404] < REQUESTS / 2
    assert not found.kinds, json.dumps(report["kinds"], indent=1, ensure_ascii=True)
