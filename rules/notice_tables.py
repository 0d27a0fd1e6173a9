"""Tables of a schedule, as newspapers and ministries print them: each row becomes the sentence that it stands for.

A table has a row of headings with the holiday, its days off, and, if it has any, the days worked and the number of
days. Columns are kept apart by bars, tabs, commas or spaces; copied from a web page, each cell may stand on a line of
its own. Every sentence stands on the line of its row, so that a refusal can say where to look. What is no table stays
as it is.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import takewhile

from rules.notice_checks import NoticeError
from rules.notice_passages import HOLIDAY_NAME

COLUMNS = {
    "name": r"(?:放假)?(?:法定)?(?:节假日|节日|假日|节庆)(?:名称)?|假期名称|名称",
    "off": r"(?:放假|休假|休息|假期)(?:调休)?(?:起止)?(?:时间|日期|日子|安排)|起止(?:时间|日期)|放假|假期|时间|日期",
    "on": r"(?:调休|需|补)*(?:上班|补班|工作)(?:时间|日期|日|安排)?|调休(?:时间|日期|安排)?",
    "number": r"(?:放假|假期|休假|共计)?天数|共计|天",
    "row": r"序号|编号",
}
# What a column holds whose heading does not tell: it is read as a sentence of its own.
MORE = "more"
MOST_COLUMNS = 10
LONGEST_HEADING = 24
SEPARATORS = (r"[|｜│┃]", r"\t", r"\s{2,}|\u3000+", ",", r"\s+")
REMARK = re.compile(r"\([^()]*\)")
RULE = re.compile(r"[\s|│┃+\-=:—─━┼├┤┌┐└┘┬┴]+")
NAME = re.compile(rf"(?:{HOLIDAY_NAME}(?:[、和及与/]{HOLIDAY_NAME})*)(?:\([^()]*\))?")
NOTHING = frozenset({"", "无", "-", "--", "—", "——", "/", "无调休", "不调休", "没有"})
SAYS_SO = re.compile("上班|补班|放假|工作日|补休")


def is_headings(line: str) -> bool:
    """Whether a line holds the headings of such a table."""
    return any(_columns(_cells(line, separator)) for separator in SEPARATORS)


def in_sentences(text: str) -> str:
    """The text with sentences in place of the rows of its tables. NoticeError: a row without its cells."""
    lines = text.splitlines()
    _join_cells(lines)
    number = 0
    while number < len(lines):
        for separator in SEPARATORS:
            columns = _columns(_cells(lines[number], separator))
            if columns:
                number = _rewrite(lines, number, columns, separator)
                break
        number += 1
    return "\n".join(lines)


def _plain(cell: str) -> str:
    return "".join(unicodedata.normalize("NFKC", cell).split())


def _cells(line: str, separator: str) -> list[str]:
    line = line.strip(" \u3000\r")
    if separator == SEPARATORS[0]:
        line = line.strip("|｜│┃")
    return [cell.strip() for cell in re.split(separator, line)]


def _columns(cells: list[str]) -> list[str] | None:
    """What each column holds; MORE where its heading does not tell. None where this is no row of headings."""
    if len(cells) > MOST_COLUMNS:
        return None
    kinds = [_kind(cell) for cell in cells]
    return kinds if _is_table(kinds) else None


def _kind(heading: str) -> str:
    if len(heading) > LONGEST_HEADING:
        return MORE
    plain = REMARK.sub("", _plain(heading))
    return next((kind for kind, known in COLUMNS.items() if re.fullmatch(known, plain)), MORE)


def _is_table(kinds: list[str]) -> bool:
    known = [kind for kind in kinds if kind != MORE]
    return {"name", "off"} <= set(known) and len(set(known)) == len(known)


def _rewrite(lines: list[str], headings: int, columns: list[str], separator: str) -> int:
    """Put sentences in place of the table below the line of headings. Returns its last line."""
    lines[headings] = ""
    last = headings
    for number in range(headings + 1, len(lines)):
        cells = _cells(lines[number], separator)
        if not any(cells) or RULE.fullmatch(lines[number]):
            lines[number] = ""
            continue
        if len(cells) == 1:
            break
        # Nothing in the last columns is often not written at all.
        filled = cells + [""] * (len(columns) - len(cells))
        row = dict(zip(columns, filled, strict=False))
        if len(cells) > len(columns) or (row["name"] and not NAME.fullmatch(_plain(row["name"]))):
            raise NoticeError(f"第{number + 1}行", f"表格这一行与表头的{len(columns)}栏对不上，请核对")
        more = [cell for kind, cell in zip(columns, filled, strict=True) if kind == MORE]
        lines[number] = _sentence(row, more)
        last = number
    return last


def _sentence(row: dict[str, str], more: list[str]) -> str:
    off, on, number = (row.get(kind, "") for kind in ("off", "on", "number"))
    said = []
    if _plain(off) not in NOTHING:
        days = (
            f"，共{_plain(number).removeprefix('共').removesuffix('天')}天"
            if _plain(number) not in NOTHING
            else ""
        )
        said.append((off.rstrip("。；;") if SAYS_SO.search(off) else f"{off}放假") + days)
    if _plain(on) not in NOTHING:
        said.append(on if SAYS_SO.search(on) else f"{_listed(on)}上班")
    said += [cell for cell in more if _plain(cell) not in NOTHING]
    name = f"{row['name'].replace('/', '、')}：" if row["name"] else ""
    return name + "".join(f"{sentence.rstrip('。；;')}。" for sentence in said)


def _listed(days: str) -> str:
    """Days of a cell as a list: they may stand apart by a comma or by nothing but space."""
    return re.sub(r"(?<=[日号)）])\s*[,，;；/]?\s*(?=\d)", "、", days)


def _join_cells(lines: list[str]) -> None:
    """Put the cells of a table together that stand on a line each: as many as there are headings, name by name."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    kinds = [_kind(lines[number]) for number in filled]
    for start, kind in enumerate(kinds):
        columns = (
            [*takewhile(lambda each: each != MORE, kinds[start : start + MOST_COLUMNS])]
            if kind != MORE
            else []
        )
        if not _is_table(columns):
            continue
        rows, width, name = filled[start:], len(columns), columns.index("name")
        for at in range(0, len(rows) - width + 1, width):
            row = rows[at : at + width]
            if at and not NAME.fullmatch(_plain(lines[row[name]])):
                return
            joined = "\t".join(lines[number].strip() for number in row)
            for number in row:
                lines[number] = ""
            lines[row[0]] = joined
        return
