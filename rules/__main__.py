"""The command line of the rules: assess, due, policies, procedure. Errors: one sentence on stderr, exit 2."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, NoReturn

from rules.eligibility import assess
from rules.errors import InputError, RulesError
from rules.explanation import explain
from rules.facts import Facts, read_date
from rules.policy import Policy, get_policy, in_force, load_policies, policy_for

# The law's day is China's, which keeps no summer time.
CHINA: Final = timezone(timedelta(hours=8))
# More would run past the years for which any calendar can be worked out.
MOST_WORKING_DAYS: Final = 10_000


class OneSentenceParser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Report wrong usage."""
        raise InputError("命令", f"{message}；用法见 python -m rules --help")


def _parser() -> argparse.ArgumentParser:
    parser = OneSentenceParser(prog="python -m rules", description="信用修复规则：评估、期限、政策、流程")
    commands = parser.add_subparsers(dest="command", required=True, metavar="assess|due|policies|procedure")
    assessing = commands.add_parser("assess", help="评估一条记录能否修复（输入为 JSON，“-”读取标准输入）")
    assessing.add_argument("file", metavar="FILE")
    assessing.add_argument("--on", metavar="DATE", help="评估日期 YYYY-MM-DD，默认为今天")
    assessing.add_argument("--policy", metavar="ID", help="政策编号，默认为当日施行的政策")
    assessing.add_argument("--explain", action="store_true", help="输出逐条的中英文说明")
    due = commands.add_parser("due", help="计算工作日期限")
    due.add_argument("start", metavar="START")
    due.add_argument("working_days", metavar="N")
    commands.add_parser("policies", help="列出全部政策")
    procedure = commands.add_parser("procedure", help="办理流程表")
    procedure.add_argument("--format", choices=("table", "dot", "json"), default="table")
    return parser


def _run(arguments: argparse.Namespace) -> str:
    if arguments.command == "assess":
        return _written(_assess(arguments))
    if arguments.command == "due":
        from rules.workdays import shipped_calendar

        start = read_date(arguments.start, "start")
        return _written(shipped_calendar().due(start, _working_days(arguments.working_days)).to_json())
    if arguments.command == "policies":
        return _written([policy.summary() for policy in load_policies()])
    from rules.procedure import render

    return render(arguments.format)


def _assess(arguments: argparse.Namespace) -> Any:
    on = read_date(arguments.on, "on") if arguments.on is not None else datetime.now(CHINA).date()
    policy = in_force(get_policy(arguments.policy), on) if arguments.policy is not None else policy_for(on)
    content = _read_json(arguments.file)
    if not isinstance(content, list):
        return _answer(content, policy, on, arguments.explain)
    answers = []
    for index, item in enumerate(content):
        try:
            answers.append(_answer(item, policy, on, arguments.explain))
        except InputError as error:
            raise error.under(f"[{index}]") from None
    return answers


def _answer(content: object, policy: Policy, on: date, explained: bool) -> dict[str, Any]:
    assessment = assess(Facts.from_json(content), policy, on)
    return explain(assessment).to_json() if explained else assessment.to_json()


def _read_json(name: str) -> Any:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
    except InputError:
        raise
    except OSError as error:
        raise InputError(name, f"无法读取文件（{error.strerror}）") from None
    except UnicodeDecodeError:
        raise InputError(name, "应为 UTF-8 编码的 JSON 文件") from None
    except json.JSONDecodeError as error:
        raise InputError(name, f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON") from None
    except RecursionError:
        raise InputError(name, "JSON 嵌套过深") from None
    except ValueError:
        raise InputError(name, "JSON 中有一个数字太长") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(twice, "同一对象中重复出现，应只写一次")
    return content


def _working_days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= MOST_WORKING_DAYS:
        raise InputError("working_days", f"应为 1 至 {MOST_WORKING_DAYS} 的整数，而不是“{text}”")
    return int(text)


def _written(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        print(_run(_parser().parse_args(arguments)), flush=True)
    except BrokenPipeError:
        # Whoever read the output has seen enough; what is still buffered must not fail again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except RulesError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
