"""docs/promises.md names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def rows() -> list[tuple[str, str]]:
    """Promise and proof of each row of the table."""
    lines = (ROOT / "docs/promises.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [(promise.strip(), proof.strip()) for promise, proof in cells[2:]]


def collected_from(path: Path) -> set[str]:
    """``test_it`` and ``TestThat::test_it``, as pytest would collect them."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return {name for name in found if re.search(r"(^|::)test_\w+$", name)}


@pytest.mark.parametrize(("promise", "proof"), rows(), ids=[promise[:40] for promise, _ in rows()])
def test_a_promise_has_its_proof(promise, proof):
    named = re.findall(r"`([^`]+)`", proof)
    assert named, "a promise without a proof"
    assert not re.sub(r"`[^`]+`", "", proof).strip(), "a proof is the name of a test and nothing else"
    for name in named:
        file, _, test = name.partition("::")
        assert (ROOT / file).is_file(), f"{file} does not exist"
        assert test in collected_from(ROOT / file), f"{file} has no {test}"


def test_the_table_was_read():
    assert len(rows()) > 30
