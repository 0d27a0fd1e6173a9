"""Whatever is done to a row: it is loaded as it is written or comes back with a reason, and none is lost.

``script/fuzz_records`` does the same to 100,000 rows.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.records.importing.checking import check_row
from applications.records.importing.lines import read_lines
from applications.records.importing.planning import Planner
from applications.records.importing.reading import FULL, _sheet
from applications.records.services.previews import in_memory
from tests.records.files import HEADINGS, as_csv, row
from tests.records.mutating import ON, STRANGE, Sent, faults_of, run

# No office's file has characters that a text file cannot have; that they refuse the file is tested elsewhere.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
CELLS = st.dictionaries(
    st.sampled_from(HEADINGS), st.one_of(st.sampled_from(STRANGE), TEXT), min_size=1, max_size=4
)


@pytest.mark.parametrize("seed", range(4))
def test_spoilt_rows_of_both_kinds_of_file(market_bureau, seed):
    assert run(300, seed, market_bureau, size=100)["first"] == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CELLS, min_size=1, max_size=4))
def test_any_text_in_any_cell(market_bureau, changes):
    sent = [
        Sent(row() | {"行政处罚决定书文号": f"测罚〔2026〕{at}号"} | each) for at, each in enumerate(changes)
    ]
    good = Sent({heading: row().get(heading, "") for heading in HEADINGS})
    sent = [good, *(Sent({heading: each.cells.get(heading, "") for heading in HEADINGS}) for each in sent)]
    content = as_csv(*(each.cells for each in sent))
    with in_memory(content) as file:
        # Without a process of its own for each of them.
        lines = [line.rstrip(b"\n") for line in read_lines(file, "csv", "100")]
    sheet = _sheet(iter(lines), "a.csv", FULL)
    plan = Planner(market_bureau).plan(
        [check_row(each, sheet.columns, market_bureau, ON) for each in sheet.rows]
    )
    passed_over = [line for line, _said in sheet.passed_over]
    # Without the texts that only a second reading as careful as the first would follow.
    assert [fault for fault in faults_of(sent, plan, passed_over) if "→" not in fault] == []
