"""Record files that are made to cost are read within the budget or refused."""

import pytest

from applications.records.importing.refusal import FileRefused
from tests.files.measuring import measured
from tests.records.files import as_xlsx, read_rows, row
from tests.records.hostile_workbooks import HOSTILE, TAKEN


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_record_file_is_within_the_budget_or_refused(case):
    name, make, word = HOSTILE[case]
    content = make()
    assert len(content) <= 10 * 1024 * 1024
    if word == TAKEN:
        with measured() as cost:
            assert read_rows(content, name)[0].cells[0] == row()["行政相对人名称"]
        cost.assert_within_limits()
        return
    with measured() as cost, pytest.raises(FileRefused) as refused:
        read_rows(content, name)
    cost.assert_within_limits()
    said = str(refused.value)
    assert word in said
    assert "请" in said or "应为" in said, "the remedy"


def test_there_are_many():
    assert len(HOSTILE) >= 60


def test_a_full_workbook_is_read():
    rows = [row(行政处罚决定书文号=f"〔2026〕{n}号") for n in range(3_000)]
    assert len(read_rows(as_xlsx(*rows), "a.xlsx")) == 3_000
