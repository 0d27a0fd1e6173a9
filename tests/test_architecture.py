"""What the architecture forbids and no linter knows."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def sources(folder: str):
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_only_edges_ask_for_the_day_of_now():
    """Whatever else reads the clock is for ruff (TID251). It cannot tell localdate(), a question to the clock, from
    localdate(at), which is none; the edges that may ask are those of its list."""
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    edges = [pattern for pattern, codes in ruff["per-file-ignores"].items() if "TID251" in codes]
    asking = [
        f"{name}:{call.lineno}"
        for folder in ("applications", "credit_repair", "rules")
        for name, text in sources(folder)
        if not any(fnmatch(name, pattern) for pattern in edges)
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and not call.args + call.keywords
        and ast.unparse(call.func).rpartition(".")[2] in ("localdate", "localtime")
    ]
    assert asking == []


@pytest.mark.parametrize(
    "reading",
    [
        "from datetime import date\n\ntoday = date.today\n",
        "import datetime\n\nnow = datetime.datetime.now()\n",
        "from datetime import datetime as d\n\nnow = d.now(None)\n",
        "from django.utils import timezone\n\nnow = timezone.now()\n",
        "from django.utils.timezone import now\n\nat = now()\n",
        "from time import time\n\nat = time()\n",
    ],
)
def test_a_service_that_reads_the_clock_is_refused(reading):
    checked = subprocess.run(
        ["ruff", "check", "--stdin-filename", "applications/repairs/services/new.py", "-"],
        cwd=ROOT,
        env={"PATH": str(Path(sys.executable).parent)},
        input=reading,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 1 and "TID251" in checked.stdout, checked.stdout


def test_the_numbers_of_the_law_stand_in_the_policy_files_alone():
    """A call that names a number of working days itself would be a second place for it. One is no such number: the next working day."""
    literal = re.compile(r"working_days\s*=\s*\d|\.due(?:_on)?\([^()]*,\s*[2-9]\)")
    found = [
        name
        for name, text in sources("applications")
        if literal.search(text) and "/rehearsal/" not in name and "/sample/" not in name
    ]
    assert found == []


def test_no_app_has_a_module_for_odds_and_ends():
    assert not [
        name
        for name, _ in sources("applications")
        if Path(name).stem in ("utils", "helpers", "misc", "common")
    ]


def test_who_may_see_what_is_said_in_the_apps_access_rules():
    """The queryset form of a rule stands beside its object form, in access.py."""
    found = {
        name
        for name, text in sources("applications")
        if re.search(r"^def (\w+_)?(visible_to|may_see)\(", text, re.M)
    }
    assert found and {Path(name).name for name in found} == {"access.py"}


def test_no_file_is_too_long_to_be_read():
    """A file that passes 400 lines is split by noun."""
    long = {
        path.relative_to(ROOT).as_posix(): length
        for folder in ("applications", "credit_repair", "rules", "script", "sharing_sandbox", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if (length := path.read_bytes().count(b"\n")) > 400
    }
    assert long == {}
