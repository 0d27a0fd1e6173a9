"""The headings of a file: which column stands where, or why the file cannot be used as it is."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from applications.masking import mask_numbers
from applications.records.importing.columns import COLUMNS, LAYOUT_2016, NUMBERED, Column, find_column, fold
from applications.records.importing.refusal import FileRefused


def match_headings(headings: Sequence[str]) -> dict[int, Column]:
    """Position in the file → column. Raises FileRefused for unknown, repeated and missing columns."""
    written = {fold(heading) for heading in headings}
    is_2016 = bool(written & LAYOUT_2016)
    if is_2016 and written & NUMBERED:
        raise FileRefused(
            _(
                "这是2016年版的双公示格式，其中“%(column)s”与2018年版的含义不同。"
                "请在列名中写明是哪一种代码，如“行政相对人代码_2（组织机构代码）”，或者改用本系统的导入模板。"
            )
            % {"column": min(written & NUMBERED)}
        )
    found: dict[int, Column] = {}
    unknown: list[str] = []
    for position, heading in enumerate(headings):
        if not heading:
            continue
        column = find_column(heading)
        if column is None:
            unknown.append(heading)
            continue
        earlier = next((headings[at] for at, other in found.items() if other is column), None)
        if earlier is not None:
            raise FileRefused(
                _("“%(first)s”和“%(second)s”是同一列，请只保留一列。") % {"first": earlier, "second": heading}
            )
        found[position] = column
    if unknown:
        raise FileRefused(
            _("文件中有不认识的列：%(columns)s。请删除这些列，或按导入模板更正列名。")
            % {"columns": "、".join(f"“{mask_numbers(each)[:40]}”" for each in unknown[:10])}
        )
    missing = [column.heading for column in COLUMNS if column.needed and column not in found.values()]
    if missing and is_2016:
        raise FileRefused(
            _(
                "这是2016年版的双公示格式，没有信用修复所需的列：%(columns)s。"
                "请从导入页面下载导入模板，把记录复制进去并补充这些列。"
            )
            % {"columns": "、".join(f"“{each}”" for each in missing)}
        )
    if missing:
        raise FileRefused(
            _("文件缺少必需的列：%(columns)s。请按导入模板补充后重新导入。")
            % {"columns": "、".join(f"“{each}”" for each in missing)}
        )
    return found
