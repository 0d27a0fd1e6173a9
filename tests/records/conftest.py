from __future__ import annotations

import pytest

from applications.records import admin_batches
from applications.records.importing.reading import Limits
from tests.records.files import row
from tests.records.running import rows, upload


@pytest.fixture
def few_rows_are_many(monkeypatch):
    monkeypatch.setattr(admin_batches, "QUICK", Limits(rows=2, size=10_000_000))


@pytest.fixture
def run(few_rows_are_many, client, wang, market_bureau):
    """The address of a file of three good rows and a bad one that waits."""
    client.force_login(wang)
    return upload(client, market_bureau, *rows(3), row(处罚类别="打手心"))
