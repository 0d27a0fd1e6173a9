"""What the house forbids and no linter knows."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def sources(folder: str):
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_one_place_writes_a_case_s_status():
    writes = re.compile(r"RepairCase\.objects[^\n]*\.update\([^)]*status=|case\.status\s*=[^=]", re.S)
    found = [name for name, text in sources("applications") if writes.search(text)]
    assert found == ["applications/repairs/steps/frame.py"]


def test_the_law_has_no_clock_and_services_are_told_the_time():
    clock = re.compile(r"date\.today\(|datetime\.now\(|timezone\.now\(|localdate\(\)|time\.time\(")
    lawless = [name for name, text in sources("rules") if clock.search(text) and name != "rules/__main__.py"]
    assert lawless == []
    services = [
        name
        for name, text in sources("applications")
        if re.search(r"/services(/|\.py)", name) and clock.search(text)
    ]
    assert services == []


def test_the_numbers_of_the_law_stand_in_the_policy_files_alone():
    """A call that names a number of working days itself would be a second place for it. One is no such number: the next working day."""
    literal = re.compile(r"working_days\s*=\s*\d|\.due(?:_on)?\([^()]*,\s*[2-9]\)")
    found = [
        name
        for name, text in sources("applications")
        if literal.search(text) and "/rehearsal/" not in name and "/sample/" not in name
    ]
    assert found == []


def test_rooms_have_no_drawer_for_odds_and_ends():
    assert not [
        name
        for name, _ in sources("applications")
        if Path(name).stem in ("utils", "helpers", "misc", "common")
    ]


def test_who_may_see_what_is_said_in_the_rooms_access_rules():
    """The queryset form of a rule stands beside its object form, in access.py."""
    found = {
        name
        for name, text in sources("applications")
        if re.search(r"^def (\w+_)?(visible_to|may_see)\(", text, re.M)
    }
    assert found and {Path(name).name for name in found} == {"access.py"}
