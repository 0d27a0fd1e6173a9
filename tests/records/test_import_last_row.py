"""A file of as many rows as a file may have, with a fault in the last but one."""

from datetime import date

from applications.records.importing.examining import checked_file
from applications.records.services.previews import in_memory
from tests.records.files import as_csv, row

ROWS, BROKEN = 100_000, 99_999


def lines() -> list[bytes]:
    """Headings first; the rows differ in the number of their document."""
    headings, template = as_csv(row(行政处罚决定书文号="〔2026〕N号")).splitlines(keepends=True)
    return [headings, *(template.replace(b"N", b"%d" % number) for number in range(1, ROWS + 1))]


def test_a_faulty_row_comes_back_alone(market_bureau):
    content = lines()
    content[BROKEN] = content[BROKEN].replace(b"2026-05-01", b"2026-02-30")
    with (
        in_memory(b"".join(content)) as file,
        checked_file(file, "a.csv", organ=market_bureau, on=date(2026, 11, 23)) as checked,
    ):
        refused = [each.row.line for chunk in checked.chunks() for each in chunk if each.faults]
        assert checked.rows == ROWS
    # The headings are line 1.
    assert refused == [BROKEN + 1]
