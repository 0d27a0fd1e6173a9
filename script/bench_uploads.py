#!/usr/bin/env python3
"""What hostile files cost: every file of the two corpora of the tests through the portal's own examination.

For each: seconds by the clock and of computing, the greatest memory of its process, and how much this process grew.
Exit 1 where one took more than 3 seconds (by the clock where the machine is quiet, of computing where it is not) or
300 MB, or this process grew by more than the file that it held.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

from tests.files.measuring import LIMIT_MB, LIMIT_SECONDS, measured, status

# The file itself (10 MB), its name, and what is made of it.
LIMIT_GROWTH_MB = 40
Cost = dict[str, object]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        import django

        django.setup()
        logging.disable(logging.CRITICAL)
        from applications.files.inspection import inspect
        from tests.files.hostile import HOSTILE
        from tests.records.files import read_rows
        from tests.records.hostile_workbooks import HOSTILE as WORKBOOKS

        corpora = {
            "uploads": (HOSTILE, inspect),
            "workbooks": (WORKBOOKS, lambda name, file: read_rows(file, name)),
        }
        results = {}
        for corpus, (files, examine) in corpora.items():
            print(
                f"{corpus:12} {'size, KB':>9} {'clock, s':>9} {'CPU, s':>7} {'child, MB':>10} {'growth, MB':>11}  file"
            )
            costs = [measure(name, make, examine) for name, make, _word in files.values()]
            for cost in sorted(costs, key=lambda each: -float(str(each["cpu"]))):
                print(
                    f"{'':12} {cost['size']:>9} {cost['clock']:>9.2f} {cost['cpu']:>7.2f} {cost['child']:>10.0f} "
                    f"{cost['growth']:>11.1f}  {cost['name']}: {cost['said']}"
                )
            results[corpus] = summary(costs)
    met = all(
        result["greatest_seconds"] <= LIMIT_SECONDS
        and result["greatest_child_mb"] <= LIMIT_MB
        and result["greatest_growth_mb"] <= LIMIT_GROWTH_MB
        for result in results.values()
    )
    print(json.dumps({"bench": "uploads", **results, "limits": {"seconds": LIMIT_SECONDS, "child_mb": LIMIT_MB, "growth_mb": LIMIT_GROWTH_MB}, "met": met}))  # fmt: skip
    return 0 if met else 1


def summary(costs: list[Cost]) -> dict[str, float]:
    def greatest(key: str) -> float:
        return round(max(float(str(cost[key])) for cost in costs), 2)

    return {
        "files": len(costs),
        "greatest_seconds": greatest("cpu"),
        "greatest_clock_seconds": greatest("clock"),
        "greatest_child_mb": greatest("child"),
        "greatest_growth_mb": greatest("growth"),
    }


def measure(name, make, examine) -> Cost:
    """The cost of one file. The greatest memory is that of the process that was started for it."""
    content = make()
    forget_greatest()
    before = resident()
    started = time.perf_counter()
    with measured() as cost:
        try:
            examine(name, content)
            said = "taken"
        except Exception as refused:
            said = getattr(refused, "messages", [str(refused)])[0][len(name) + 2 :][:40]
    return {
        "name": name,
        "said": said,
        "size": len(content) // 1024,
        "clock": time.perf_counter() - started,
        "cpu": cost.cpu,
        "child": cost.memory,
        "growth": max(0.0, greatest_resident() - before),
    }


def resident() -> float:
    return status("self", "VmRSS")


def greatest_resident() -> float:
    return status("self", "VmHWM")


def forget_greatest() -> None:
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    sys.exit(main())
