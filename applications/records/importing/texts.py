"""What the text of one cell is, before anybody reads it as a date, an amount or a name: usable, doubtful or refused."""

import re
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from applications.masking import mask_identity, mask_numbers
from applications.records.importing.lines import ERROR, FORMULA, LOSSY
from rules.codes import is_resident_id, is_uscc
from rules.personal_numbers import find_personal_numbers, is_personal_code
from rules.sameness import plain_code, plain_number

CODES_KEPT = ("registration", "organisation_code", "tax_code", "institution_code", "association_code")
# Read as a code of an organisation or as a person's number: what stands there is never taken for words.
_CODES = frozenset({"uscc", "identity_number", "penalising_organ_uscc", "source_organ_uscc"})
_NAMES = frozenset({"name", "representative", "penalising_organ", "source_organ"})
# What the public, a letter or the platform may show: no number of a person may stand there.
_SHOWN = _NAMES | {
    "document_number", "violation_type", "facts", "legal_basis", "penalty_content", "permit_affected", "fulfilment",
}  # fmt: skip
MAX_LENGTHS = {
    "name": 200, "representative": 80, "document_number": 128, "permit_affected": 200,
    "penalising_organ": 200, "source_organ": 200, "identity_number": 64,
    **dict.fromkeys(CODES_KEPT, 50),
    **dict.fromkeys(["violation_type", "facts", "legal_basis", "penalty_content", "remarks"], 10_000),
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+[Ee][+-]?|[Ee][+-])\d+", re.ASCII)


class Said(NamedTuple):
    """``text`` as it may be kept and repeated; a ``fault`` that refuses the cell, or a ``doubt`` to be confirmed."""

    text: str
    fault: str = ""
    doubt: str = ""


# Most cells are short and say what those above them say.
SHORT = 80


@lru_cache(maxsize=8192)
def is_plain(key: str, text: str) -> bool:
    """Whether nothing is to be said of a text without a mark; for texts that are SHORT."""
    return check_text(key, text, "") == (text, "", "")


def check_text(key: str, text: str, mark: str) -> Said:
    """``key`` is the column, ``mark`` what the file says of the cell besides its text (lines.MARKS)."""
    limit = MAX_LENGTHS.get(key, 1000)
    fault = _of_the_cell(key, text, mark)
    if fault:
        pass
    elif _CONTROL.search(text):
        fault = _("含有不可见的控制字符，请重新输入。")
    elif max(len(text), len(plain_number(text)) if key == "document_number" else 0) > limit:
        fault = _("最多 %(limit)d 个字，现有 %(n)d 个。") % {"limit": limit, "n": len(text)}
    elif key in _NAMES and text[0] in "=+-@＝＋－＠\t":
        fault = _("以“%(sign)s”开头，像公式，不像名称。请核对后重新填写。") % {"sign": text[0]}
    if key in _CODES:
        return Said(text, fault)
    if key in CODES_KEPT:
        if not fault and is_personal_code(text):
            fault = _(
                "这里是自然人的号码（%(number)s），不是单位的代码，不能导入。自然人的号码只填在“证件号码”一列。"
            ) % {"number": mask_identity(plain_code(text))}
        return Said(text, fault)
    found = find_personal_numbers(text)
    if not found:
        return Said(text, fault)
    masked = mask_numbers(text)
    certain = next((each for each in found if each.certain), None)
    if certain and key in _SHOWN:
        number = mask_identity(text[certain.start : certain.end])
        fault = fault or _(
            "含有自然人的证件号码或者电话（%(number)s），这一列会公开，不能导入。请删去号码后重新填写。"
        ) % {"number": number}
        return Said(masked, fault)
    if key == "document_number":
        # It names the decision, whatever its digits look like.
        return Said(text, fault)
    return Said(
        masked,
        fault,
        _("含有像自然人证件号码或者电话的数字，遮盖后保存为“%(text)s”。") % {"text": masked[:80]},
    )


def _of_the_cell(key: str, text: str, mark: str) -> str:
    """Why the cell does not hold what its author meant; empty if it does."""
    if mark == ERROR:
        return _("单元格是错误值 %(text)s，不是内容。请更正公式，或者直接填写。") % {"text": text[:20]}
    if mark == FORMULA:
        return _("单元格是公式，它的结果可能不是您看到的内容。请把该列复制后选择“粘贴为数值”再导入。")
    if mark == LOSSY:
        return _("单元格是数字格式，长号码的末几位已经丢失。请把该列设为文本格式后重新填写。")
    if _SCIENTIFIC.fullmatch(text):
        return _(
            "“%(text)s”是科学计数法，原来的数字已经丢失。请把该列设为文本格式（金额设为普通数字）后重新填写。"
        ) % {"text": text[:40]}
    if key in _CODES and re.fullmatch(r"\d{13,}0{3}", text) and not (is_uscc(text) or is_resident_id(text)):
        return _("号码的末几位是0且与校验位不符，可能在电子表格中丢失了。请把该列设为文本格式后重新填写。")
    return ""
