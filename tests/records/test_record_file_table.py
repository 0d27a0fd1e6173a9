"""The table in docs/record-file.md: each kind of content with what becomes of it, and a test that exists."""

from pathlib import Path

import pytest

from tests.test_promises import collected_from

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = ("accepted", "corrected", "confirmed", "refused", "loaded")


def rows() -> list[tuple[str, str, str]]:
    text = (ROOT / "docs/record-file.md").read_text(encoding="utf-8")
    table = text.partition("## Accepted, corrected, confirmed, refused")[2].splitlines()
    cells = [line.strip("|").split("|") for line in table if line.startswith("|")]
    return [(what.strip(), becomes.strip(), test.strip(" `")) for what, becomes, test in cells[2:]]


@pytest.mark.parametrize(("what", "becomes", "test"), rows(), ids=[what[:40] for what, _, _ in rows()])
def test_a_row_has_its_outcome_and_its_test(what, becomes, test):
    assert becomes.startswith(OUTCOMES)
    file, _, name = test.partition("::")
    assert (ROOT / file).is_file(), f"{file} does not exist"
    assert name in collected_from(ROOT / file), f"{file} has no {name}"


def test_the_table_says_all_four():
    assert len(rows()) > 30
    assert {becomes.split()[0].strip(":,") for _, becomes, _ in rows()} >= set(OUTCOMES[:4])
