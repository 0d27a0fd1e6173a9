"""The manuals name what is there: variables, scheduled tasks, files."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
MANUALS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def first_cells(section: str) -> set[str]:
    """What stands between backticks in the first column of the table of a section of operations.md."""
    manual = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {section}\n(.*?)^## ", manual, re.MULTILINE | re.DOTALL)
    assert found, f"no section {section}"
    cells = [line.split("|")[1] for line in found.group(1).splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_variable_that_the_settings_read_is_in_the_manual():
    files = ("credit_repair/settings.py", "credit_repair/environment.py")
    source = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    read = set(
        re.findall(r'\b(?:env|env_address|env_flag|env_number|env_or_file|secret)\(\s*"(\w+)"', source)
    )
    assert first_cells("Environment variables") == read


def test_every_scheduled_task_is_in_the_manual():
    assert first_cells("What runs by itself") == set(settings.CELERY_BEAT_SCHEDULE)


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(manual):
    links = re.findall(r"\]\(([^)#]+)\)", manual.read_text(encoding="utf-8"))
    gone = [link for link in links if "://" not in link and not (manual.parent / link).exists()]
    assert gone == []
