"""Rows as they come out of real layouts, spoilt at random, and a plain second reading of what was imported of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from applications.organs.models import Organ
from applications.records.importing.drafts import Draft
from applications.records.importing.examining import checked_file
from applications.records.importing.planning import Plan, Planner
from applications.records.importing.refusal import FileRefused
from applications.records.services.previews import in_memory
from tests.records.files import HEADINGS, as_csv, as_xlsx, person, row

ON = date(2026, 11, 23)
NUMBER = HEADINGS.index("行政处罚决定书文号")
TEXTS = {
    "违法行为类型": "violation_type", "违法事实": "facts", "处罚依据": "legal_basis", "处罚内容": "penalty_content",
    "行政处罚决定书文号": "document_number", "暂扣或吊销证照名称及编号": "permit_affected", "备注": "remarks",
}  # fmt: skip
DATES = {"处罚决定日期": "decided_on", "处罚有效期": "valid_until"}
AMOUNTS = {
    "罚款金额（万元）": "fine_amount",
    "没收违法所得、没收非法财物的金额（万元）": "confiscated_amount",
}
STRANGE = [
    "", " ", "/", "无", "—", "#N/A", "#REF!", "=A1+B1", "9.13201E+17", "3.2E+14", "5E-05", "11010519491231002X",
    "１１０１０５１９４９１２３１００２Ｘ", "13912345678", "321023850714032", "护照E23456789", "2026-05-01 14:30", "2026/5/1",
    "2026年5月1日", "20260501", "46143", "46143.6", "2026-13-01", "1/5/2026", "长期有效", "2099-12-31", "0", "0.0", "1,234.5",
    "0,5", "-1", "1e3", "５０", "300", "0.5万元", "5000元", "合计", "序号", "行政相对人名称", "填报人：某", "一般", "严重", "自然人",
    "91350100M000100Y43", "91350100M000100Y44", "N2320115MF000011XA", "_x000D_", "甲_x000D_\n乙", "甲\r\n乙", "甲\u2028乙",
    "\u200b", "\ufeff", "甲\u202e乙", "𠮷", "\ue826", "é", "e\u0301", "İ", "ﬀ", "x" * 300, "号" * 200, "'0012", '="0012"',
    "True", "NaN", "Infinity", "1_000", "٣", "²", "罚款：未履行", "未履行", "已履行完毕(2026-06-01)", "罚款；没收违法所得",
]  # fmt: skip
BRACKETS = ["〔〕", "[]", "()", "（）", "【】", "［］", "﹝﹞", "{}"]
INSERTED = ["\u200b", "\u00a0", "\u3000", " ", "\ufeff", "\u202d", "\t", "x", "0", "，", ",", "\n", "*"]


@dataclass
class Sent:
    """A row as it is put into the file, by heading."""

    cells: dict[str, str]


def mutated(rng: Random, serial: int) -> Sent:
    """A good row with a number of its own, and up to four things done to it."""
    open_, close = rng.choice(BRACKETS)
    number = f"宁市监处罚{open_}2026{close}{serial}号"
    make = person if rng.random() < 0.3 else row
    cells = {heading: make(行政处罚决定书文号=number).get(heading, "") for heading in HEADINGS}
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 4])):
        heading = rng.choice(HEADINGS)
        match rng.randrange(6):
            case 0 | 1:
                cells[heading] = rng.choice(STRANGE)
            case 2:
                text = cells[heading]
                at = rng.randint(0, len(text))
                cells[heading] = text[:at] + rng.choice(INSERTED) + text[at:]
            case 3:
                text = cells[heading]
                at = rng.randint(0, max(0, len(text) - 1))
                cells[heading] = text[:at] + text[at + 1 :]
            case 4:
                other = rng.choice(HEADINGS)
                cells[heading], cells[other] = cells[other], cells[heading]
            case 5:
                cells[heading] = "".join(
                    chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in cells[heading]
                )
    return Sent(cells)


def written(rng: Random, sent: list[Sent]) -> tuple[bytes, str]:
    """The file, as one of the kinds that offices write."""
    rows = [each.cells for each in sent]
    if rng.random() < 0.3:
        return as_xlsx(*rows), "a.xlsx"
    return as_csv(*rows, encoding=rng.choice(["utf-8-sig", "utf-8", "gb18030", "utf-16"])), "a.csv"


def import_plan(content: bytes, name: str, organ: Organ) -> tuple[Plan, list[int]]:
    """Of the one chunk that the file is, and the lines that are no records."""
    with in_memory(content) as file, checked_file(file, name, organ=organ, on=ON) as checked:
        (rows,) = checked.chunks()
        return Planner(organ).plan(rows), [line for line, _said in checked.passed_over]


def faults_of(sent: list[Sent], plan: Plan, passed_over: list[int]) -> list[str]:
    """What is lost, told twice or not what the file says; empty if nothing is."""
    taken = [*plan.new, *(change.draft for change in plan.changes)]
    lines = [draft.line for draft in taken]
    lines += [each.row.line for each in plan.rejected] + passed_over
    blank = {
        at for at, each in enumerate(sent, start=2) if not any(_seen(cell) for cell in each.cells.values())
    }
    found = []
    if plan.unchanged or sorted(lines) != sorted(set(range(2, len(sent) + 2)) - blank):
        found.append(f"lines {sorted(set(range(2, len(sent) + 2)) - blank ^ set(lines))} lost or told twice")
    doubted = {each.row.line: each.doubts for each in plan.doubtful}
    for draft in taken:
        found += [
            f"line {draft.line}: {what}"
            for what in differences(sent[draft.line - 2].cells, draft, doubted.get(draft.line, {}))
        ]
    for each in plan.rejected:
        if not each.faults or any(map(_repeats, each.faults.values())):
            found.append(f"line {each.row.line}: no reason, or one that repeats a number")
    return found


def _repeats(reason: str) -> bool:
    """Whether the number of a person that was sent can be read in it, whatever stands between its places."""
    return "11010519491231002X" in re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", reason).upper())


def differences(cells: dict[str, str], draft: Draft, doubts: dict[str, str]) -> list[str]:
    """Where an imported row says something else than its cells."""
    found = []
    for heading, key in TEXTS.items():
        if draft.fields[key] != _seen(cells[heading]) and key not in doubts:
            found.append(f"{heading} {cells[heading]!r} → {draft.fields[key]!r}")
    for heading, key in DATES.items():
        said, kept = _day(cells[heading]), draft.fields[key]
        if said != kept and not (
            key == "valid_until" and kept is None and (said is None or said.year >= 2099)
        ):
            found.append(f"{heading} {cells[heading]!r} → {kept}")
    for heading, key in AMOUNTS.items():
        said, kept = _amount(cells[heading]), draft.fields[key]
        if said != kept and not (said == 0 and kept is None):
            found.append(f"{heading} {cells[heading]!r} → {kept}")
    code = _narrow(cells[HEADINGS[2]]).replace("-", "")
    if draft.uscc is not None and draft.uscc != code:
        found.append(f"code {code!r} → {draft.uscc!r}")
    if draft.name != _seen(cells[HEADINGS[0]]):
        found.append(f"name {cells[HEADINGS[0]]!r} → {draft.name!r}")
    public = "\n".join([draft.name, *(str(draft.fields[key]) for key in TEXTS.values())])
    public += "\n".join(draft.fields["other_columns"].values())
    if re.search(r"1101051949|13912345678|321023850714032|E23456789", _narrow(public)):
        found.append("a number of a person")
    return found


def _seen(cell: str) -> str:
    """What of a cell a person sees: written again here, so that the two readings can differ."""
    # What a GBK of 1995 has at FE61, for which Unicode had no place then.
    text = cell.replace("_x000D_", "\n").replace("\ue826", "\u9fb5")
    for end in ("\r\n", "\r", "\u2028"):
        text = text.replace(end, "\n")
    text = "".join(c for c in text if c not in "\u200b\ufeff\u202d\u202e").strip()
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1]
    return text.removeprefix("'")


def _narrow(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", _seen(cell)).upper().split())


def _day(cell: str) -> date | None:
    digits = re.findall(r"\d+", unicodedata.normalize("NFKC", _seen(cell)))
    try:
        if len(digits) >= 3:
            return date(*map(int, digits[:3]))
        if len(digits[0]) == 8:
            return date(int(digits[0][:4]), int(digits[0][4:6]), int(digits[0][6:]))
        return date(1899, 12, 30) + timedelta(days=int(digits[0]))
    except (ValueError, IndexError, OverflowError):
        return None


def _amount(cell: str) -> Decimal | None:
    text = _narrow(cell).replace(",", "").removesuffix("万元")
    return Decimal(text) if re.fullmatch(r"\d+(\.\d*)?|\.\d+", text, re.ASCII) else None


def run(rows: int, seed: int, organ: Organ, size: int = 500) -> dict[str, Any]:
    """So many mutated rows in files of ``size``: what became of them, and the first faults."""
    rng, told, done = Random(seed), list[str](), 0
    counts = {"new": 0, "rejected": 0, "passed_over": 0, "doubtful": 0, "files_refused": 0}
    while done < rows:
        sent = [mutated(rng, serial) for serial in range(min(size, rows - done))]
        content, name = written(rng, sent)
        try:
            plan, passed_over = import_plan(content, name, organ)
        except FileRefused as refused:
            counts["files_refused"] += 1
            told.append(f"file: {refused}")
        else:
            counts["new"] += len(plan.new)
            counts["rejected"] += len(plan.rejected)
            counts["passed_over"] += len(passed_over)
            counts["doubtful"] += len(plan.doubtful)
            told += faults_of(sent, plan, passed_over)
        done += len(sent)
    return {"rows": done, **counts, "faults": len(told), "first": told[:20]}
