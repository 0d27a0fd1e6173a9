"""python manage.py rehearse [--days N] [--cases N] [--seed S]

A whole province through a year in simulated time, in throw-away databases, with the real services and sweeps; then
every clock, escalation, message and delivery is compared with what the law says. Prints counts and every
difference. Exit code 1 if there is one, 2 for bad input.
"""

import gc
import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Any, NoReturn

from django.core.management import call_command
from django.core.management.base import CommandParser

from applications.commands import PortalCommand
from applications.rehearsal.checking import Report, check
from applications.rehearsal.running import LONGEST, NotEmpty, Rehearsal
from applications.rehearsal.scratch import scratch_environment, start

MOST_CASES = 100_000
# The cities are rehearsed in so many groups at the same time, each in a process and a database of its own: cases of
# different cities have nothing in common but the calendar. Always the same number, so that the seed decides all.
PARTS = 2
SHOWN = 200


class Command(PortalCommand):
    help = "在模拟时间中演练全省办件，核对每一个期限、提醒、消息和推送。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=365, help=f"演练多少天（1至{LONGEST}）")
        parser.add_argument("--cases", type=int, default=5000, help="多少件申请")
        parser.add_argument("--seed", type=int, default=1, help="随机种子：相同的种子，相同的经过")
        parser.add_argument("--part", type=int, help="只在当前的空数据库中演练其中一部分（由本命令自己调用）")

    def needs_database(self, options: dict[str, Any]) -> bool:
        """Its provinces are made in databases of their own, which it migrates."""
        return False

    def handle(self, *args: Any, **options: Any) -> None:
        days, cases, seed, part = (options[name] for name in ("days", "cases", "seed", "part"))
        for name, value, most in (("--days", days, LONGEST), ("--cases", cases, MOST_CASES)):
            if not 1 <= value <= most:
                self._refuse(f"{name} 应为1至{most}的整数，不能是{value}。")
        if part is None:
            self._rehearse(days, cases, seed)
        else:
            self._rehearse_part(days, cases, seed, part)

    def _rehearse_part(self, days: int, cases: int, seed: int, part: int) -> None:
        call_command("migrate", verbosity=0)
        try:
            rehearsal = Rehearsal(days=days, cases=cases, seed=seed, part=part, parts=PARTS)
        except NotEmpty as error:
            self._refuse(str(error))
        # What the province was made of stays to the end: not to be looked through for garbage again and again.
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        report = check(journal=rehearsal.run(), at=rehearsal.at)
        self.stdout.write(json.dumps({"counts": report.counts, "differences": report.differences}))

    def _rehearse(self, days: int, cases: int, seed: int) -> None:
        started = time.monotonic()
        self.stderr.write(f"演练{days}天、{cases}件申请，种子{seed}……")
        report = _merge(self._parts(days, cases, seed))
        for heading, counts in report.counts.items():
            self.stdout.write(heading + "：" + "，".join(f"{label} {n}" for label, n in counts.items()))
        for difference in report.differences[:SHOWN]:
            self.stdout.write(difference)
        if len(report.differences) > SHOWN:
            self.stdout.write(f"……其余{len(report.differences) - SHOWN}处从略。")
        self.stdout.write(f"差异 {len(report.differences)} 处，用时 {time.monotonic() - started:.0f} 秒。")
        if report.differences:
            sys.exit(1)

    def _parts(self, days: int, cases: int, seed: int) -> list[str]:
        """Start every part, wait for all, return what each has printed."""
        # A rehearsal that is told to stop takes its databases along.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        children: list[subprocess.Popen[str]] = []
        with ExitStack() as stack:
            stack.callback(_stop, children)
            for part in range(PARTS):
                share = cases // PARTS + (part < cases % PARTS)
                if share:
                    numbers = {"days": days, "cases": share, "seed": seed, "part": part}
                    children.append(
                        start(
                            stack.enter_context(scratch_environment()),
                            ["rehearse", *(f"--{name}={number}" for name, number in numbers.items())],
                        )
                    )
            outputs = [child.communicate()[0] for child in children]
        if any(child.returncode for child in children):
            self._refuse("演练没有完成，原因见上。")
        return outputs

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)


def _stop(children: list[subprocess.Popen[str]]) -> None:
    for child in children:
        child.kill()
        child.wait()


def _merge(outputs: list[str]) -> Report:
    """One report of what the parts have printed, the last line of each."""
    report = Report()
    for output in outputs:
        told = json.loads(output.splitlines()[-1])
        report.differences += told["differences"]
        for heading, counts in told["counts"].items():
            merged = report.counts.setdefault(heading, {})
            for label, count in counts.items():
                merged[label] = merged.get(label, 0) + count
    return report
