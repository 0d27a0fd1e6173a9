"""How long a file may be is counted in records: what stands between them takes none of their places."""

from __future__ import annotations

import pytest

from applications.records.importing.reading import FULL, QUICK, Limits, open_sheet
from applications.records.importing.refusal import TooManyRows
from applications.records.services.previews import in_memory
from tests.records.files import as_csv, row


def a_file(records: int, titles: int) -> bytes:
    """Groups of one size, each with its title."""
    size = -(-records // titles)
    numbered = [row(行政处罚决定书文号=f"宁市监处罚〔2026〕{n}号") for n in range(records)]
    groups = [numbered[at : at + size] for at in range(0, records, size)]
    assert len(groups) == titles
    return as_csv(*(each for group in groups for each in ({"行政相对人名称": "第几批"}, *group)))


def read(content: bytes, limits: Limits) -> tuple[int, int]:
    """How many records, and how many other lines."""
    with in_memory(content) as file, open_sheet(file, "a.csv", limits) as sheet:
        return len(list(sheet.rows)), sheet.passed_over_in_all


def test_titles_cost_no_record_its_place_at_the_page():
    assert read(a_file(2_990, 46), QUICK) == (2_990, 46)
    assert read(a_file(3_000, 50), QUICK) == (3_000, 50)


def test_nor_in_a_long_file():
    assert read(a_file(100_000, 50), FULL) == (100_000, 50)


def test_one_record_too_many_is_told_however_many_titles_there_are():
    with pytest.raises(TooManyRows, match="超过 3000 行"):
        read(a_file(3_001, 50), QUICK)


def test_more_lines_than_any_such_file_has_are_told():
    with pytest.raises(TooManyRows):
        read(as_csv(row(), *[{"行政相对人名称": "第几批"}] * 41, row()), Limits(10, 10_000_000))
