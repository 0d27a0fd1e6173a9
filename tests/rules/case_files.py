"""Reads the hand-worked cases of tests/rules/cases: Chinese words in, facts and expectations out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from rules.facts import CONDUCTS, DOMAINS, OBLIGATION_SOURCES, PENALTIES, REPORT_ISSUERS

FOLDER = Path(__file__).parent / "cases"
OUTCOMES = {
    "不属于本省": "out_of_scope",
    "不予修复": "barred",
    "无需修复": "not_needed",
    "尚不能申请": "not_yet",
    "可以申请": "eligible",
}
FINDINGS = {
    "适用范围": "in_scope",
    "特定严重": "specific_serious",
    "虚假材料": "false_material",
    "法定不予修复": "statutory_bar",
    "最短期限": "minimum_period",
    "纠正": "corrected",
    "履行": "obligations_fulfilled",
    "承诺": "commitment_signed",
    "同意公开": "publication_consent",
    "培训": "training_completed",
    "信用报告": "credit_report_provided",
}
ANSWERS = {"是": True, "否": False, "不明": None}
SEVERITIES = {"一般": "general", "严重": "serious"}
UNSAID = "不明"
NONE = "无"


@dataclass(frozen=True)
class Case:
    """One case: the facts as JSON, the day, and what the text of the law says."""

    id: str
    name: str
    facts: dict[str, Any]
    on: date
    outcome: str
    earliest_on: date | str | None
    bar_ends_on: date | None
    met: dict[str, bool | None]


def read_cases() -> Iterator[Case]:
    """All cases of all files."""
    baselines = yaml.safe_load((FOLDER / "baselines.yaml").read_text())
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text())
        named = [(each["名称"], each) for each in content.get("案例", [])]
        for row in content.get("表", []):
            each = _from_row(dict(zip(content["列"], row, strict=True)))
            named.append((" ".join(str(item) for item in row), each))
        for number, (name, each) in enumerate(named, start=1):
            yield _case(f"{path.stem}-{number}", f"{path.stem}: {name}", baselines, each)


def _from_row(row: dict[str, Any]) -> dict[str, Any]:
    ground = row.pop("领域或者行为", None)
    if ground is None:
        told = {"基准", "评估日", "结论", "最早"}
        return {**row, "事实": {name: value for name, value in row.items() if name not in told}}
    place = "所涉领域" if ground in DOMAINS.values() else "失信行为"
    barred = row["结论"] == "不予修复"
    return {
        "基准": "严重",
        "事实": {place: [ground], "处罚种类": [row["处罚种类"]]},
        "评估日": date(2026, 8, 3),
        "结论": row["结论"],
        "最早": NONE if barred else date(2026, 7, 11),
        "禁止至": date(2029, 1, 10) if barred else NONE,
        "判断": {"特定严重": "否" if barred else "是"},
    }


def _case(case_id: str, name: str, baselines: dict[str, Any], each: dict[str, Any]) -> Case:
    told = {**baselines[each["基准"]], **each.get("事实", {})}
    known = {key: value for key, value in told.items() if value != UNSAID}
    return Case(
        id=case_id,
        name=name,
        facts={key: value for label, item in known.items() for key, value in [_fact(label, item, known)]},
        on=each["评估日"],
        outcome=OUTCOMES[each["结论"]],
        earliest_on=_none(each["最早"]),
        bar_ends_on=_none(each.get("禁止至", NONE)),
        met={FINDINGS[label]: ANSWERS[answer] for label, answer in each.get("判断", {}).items()},
    )


def _none(value: Any) -> Any:
    return None if value == NONE else value


def _codes(labels: dict[str, str], chosen: list[str]) -> list[str]:
    by_label = {label: code for code, label in labels.items()}
    return [by_label[label] for label in chosen]


def _fact(label: str, value: Any, known: dict[str, Any]) -> tuple[str, Any]:
    """The name and JSON value of one fact."""

    def day(item: Any) -> str | None:
        if item == "同认定日":
            item = known["认定日期"]
        return None if item == NONE else item.isoformat()

    match label:
        case "失信严重程度":
            return "severity", SEVERITIES[value]
        case "认定日期":
            return "identified_on", day(value)
        case "处罚决定日期":
            return "decided_on", day(value)
        case "行政区划代码":
            return "region", value
        case "处罚种类":
            return "penalties", _codes(PENALTIES, value)
        case "所涉领域":
            return "domains", _codes(DOMAINS, value)
        case "失信行为":
            return "conducts", _codes(CONDUCTS, value)
        case "其他特定严重失信情形":
            return "other_specific_serious_ground", _none(value)
        case "纠正日期":
            return "corrected_on", day(value)
        case "法定责任和义务":
            return "obligations", [_obligation(item, day) for item in value]
        case "信用承诺":
            return "commitment", None if value == NONE else _commitment(value, day)
        case "信用修复培训":
            return "training", None if value == NONE else {"completed_on": day(value)}
        case "信用报告":
            if value == NONE:
                return "credit_report", None
            issuer = _codes(REPORT_ISSUERS, [value["出具单位"]])[0]
            return "credit_report", {"issued_on": day(value["日期"]), "issuer": issuer}
        case "提交虚假材料":
            return "false_material", ANSWERS[value]
        case "法律、法规、规章规定不予修复":
            return "statutory_bar", None if value == NONE else {"basis": value}
    raise ValueError(f"unknown label {label}")


def _obligation(item: dict[str, Any], day: Any) -> dict[str, Any]:
    found = {"name": item["名称"], "source": _codes(OBLIGATION_SOURCES, [item["来源"]])[0]}
    return found if item["履行日期"] == UNSAID else {**found, "fulfilled_on": day(item["履行日期"])}


def _commitment(value: dict[str, Any], day: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "日期" in value:
        found["signed_on"] = day(value["日期"])
    if "同意公开" in value:
        found["publication_consent"] = ANSWERS[value["同意公开"]]
    return found
