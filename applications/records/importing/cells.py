"""What a single cell says: dates, amounts, penalties, duties. Each function raises Fault with the remedy."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from applications.records.importing.refusal import Fault
from rules.facts import CONDUCTS, DOMAINS, PENALTIES

# How the standard writes "for an unlimited time", and what offices write.
LONG_TERM = date(2099, 12, 31)
LONG_TERM_WORDS = frozenset({"长期", "长期有效", "永久", "永久有效", "无期限", "无固定期限", "不限期"})
# What offices write where there is nothing to write.
NOTHING = frozenset({"", "无", "/", "\\", "-", "--", "——", "—", "空", "不适用"})
# Day 0 of the serial numbers that spreadsheets keep dates as (their 1900 is wrongly a leap year), and of those in
# workbooks that count from 1904.
SPREADSHEET_EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
MAX_AMOUNT = Decimal(10_000_000)

_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]|(\d{2})(\d{2}))(?:[T ](?P<time>[\d:.]*))?",
    re.ASCII,
)
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.(?P<time>\d+))?", re.ASCII)
_AMOUNT = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_SEPARATORS = re.compile(r"[;；]")

# The wording of the penalty law of 2021 and of the 2018 standard; both are met in files.
PENALTY_WORDING: Mapping[str, str] = {
    **{label: code for code, label in PENALTIES.items()},
    "暂扣许可证": "suspend_permit",
    "暂扣执照": "suspend_permit",
    "暂扣营业执照": "suspend_permit",
    "吊销许可证件": "revoke_permit",
    "吊销许可证": "revoke_permit",
    "吊销营业执照": "revoke_licence",
    "降低资质": "downgrade_qualification",
    "拘留": "detention",
}
AMBIGUOUS_PENALTIES = (
    "暂扣或者吊销许可证、暂扣或者吊销执照",
    "暂扣或者吊销许可证",
    "暂扣或者吊销执照",
    "暂扣或吊销许可证",
    "暂扣或吊销执照",
)
# What such a penalty obliges nobody to do.
WITHOUT_DUTY = frozenset({"warning", "criticism"})
CORRECTION = "责令改正"
OTHER, NONE = "其他", "无"
NOT_FULFILLED = "未履行"
NO_SEVERITY = ("", "0", "未定")
DUTY_SOURCES = (("(司法裁判)", "judicial"), ("(行政处理决定)", "administrative"))

_FULFILLED = re.compile(r"已履行(?:完毕)?(?:\((.*)\)|:(.*))?")
_YUAN, _MYRIAD_YUAN = "元", "万元"

_SEVERITIES = {
    **dict.fromkeys(["一般", "一般失信", "一般失信行为", "1"], "general"),
    **dict.fromkeys(["严重", "严重失信", "严重失信行为", "3"], "serious"),
}


class Duty(NamedTuple):
    name: str
    source: str
    fulfilled_on: date | None


# The rows of a file say the same in many columns. What is at fault is read anew: its words depend on the language.
_remembered = lru_cache(maxsize=4096)


@_remembered
def fold(text: str) -> str:
    """Full width as half width, no spaces: how short values are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@_remembered
def read_date(text: str, *, epoch: date = SPREADSHEET_EPOCH, timed: bool = False) -> date:
    """2026/5/1, 2026-05-01, 2026年5月1日, 20260501, or a spreadsheet's serial number counted from ``epoch``.

    A time of day is a fault unless it is midnight or ``timed`` says that the caller asks has_time().
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    serial = _SERIAL.fullmatch(folded)
    match = serial or _DATE.fullmatch(folded)
    if not match:
        raise Fault(_("“%(text)s”不是日期，应写成 2026-05-01。") % {"text": text[:40]})
    if not timed and has_time(text):
        raise Fault(_("“%(text)s”带有时间，这里只填日期，如 2026-05-01。") % {"text": text[:40]})
    if serial:
        return epoch + timedelta(days=int(serial[1]))
    year, month, day = (int(part) for part in match.groups()[:-1] if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        raise Fault(_("日期 %(text)s 不存在，请核对。") % {"text": text[:40]}) from None


@_remembered
def has_time(text: str) -> bool:
    """Whether a date is written with a time of day other than midnight."""
    folded = unicodedata.normalize("NFKC", text).strip()
    match = _SERIAL.fullmatch(folded) or _DATE.fullmatch(folded)
    return bool(match and match["time"] and match["time"].strip("0:."))


@_remembered
def read_amount(text: str) -> Decimal | None:
    """An amount in 万元 with at most six decimals; zero is one. None where a sign says that there is none."""
    folded = fold(text).removesuffix(_MYRIAD_YUAN)
    if folded in NOTHING:
        return None
    if folded.endswith(_YUAN):
        raise Fault(_("金额的单位是万元，“%(text)s”请换算后只填数字。") % {"text": text[:40]})
    if not _AMOUNT.fullmatch(folded):
        raise Fault(_("“%(text)s”不是金额，请填以万元为单位的数字，如 0.5。") % {"text": text[:40]})
    amount = Decimal(folded.replace(",", ""))
    if amount < 0:
        raise Fault(_("金额不能是“%(text)s”，请填大于 0 的数字。") % {"text": text[:40]})
    if amount >= MAX_AMOUNT:
        raise Fault(_("%(text)s 万元超出合理范围，请核对单位是否为万元。") % {"text": text[:40]})
    exact = amount.quantize(Decimal("0.000001"))
    if amount != exact:
        raise Fault(_("金额最多六位小数，“%(text)s”请核对。") % {"text": text[:40]})
    return exact


def read_penalties(text: str) -> list[str]:
    """Codes of rules.facts.PENALTIES, in that order, from values joined by ； or ;."""
    return list(_read_penalties(text))


@_remembered
def _read_penalties(text: str) -> tuple[str, ...]:
    found: set[str] = set()
    for part in _SEPARATORS.split(text):
        if part.strip():
            found.update(_penalty_codes(fold(part)))
    if not found:
        raise Fault(_("请填处罚类别，如“罚款；没收违法所得”。"))
    return tuple(code for code in PENALTIES if code in found)


_FOLDED_PENALTIES = {fold(label): code for label, code in PENALTY_WORDING.items()}


def _penalty_codes(part: str) -> set[str]:
    if part in AMBIGUOUS_PENALTIES:
        raise Fault(_("“%(text)s”没有写明是暂扣还是吊销、是许可证还是执照，请写明。") % {"text": part})
    if part in _FOLDED_PENALTIES:
        return {_FOLDED_PENALTIES[part]}
    if part.startswith(OTHER):
        return {"other"}
    pieces = [piece for piece in re.split(r"[、,]", part) if piece]
    if len(pieces) > 1:
        return {code for piece in pieces for code in _penalty_codes(piece)}
    raise Fault(
        _("“%(text)s”不是处罚类别，应为%(known)s之一；其他种类写成“其他-说明”。")
        % {"text": part[:40], "known": "、".join(PENALTIES.values())}
    )


@_remembered
def _read_domains(text: str) -> tuple[str, ...]:
    return _read_labels(text, DOMAINS, _("失信领域"))


@_remembered
def _read_conducts(text: str) -> tuple[str, ...]:
    return _read_labels(text, CONDUCTS, _("失信行为"))


def read_domains(text: str) -> list[str]:
    return list(_read_domains(text))


def read_conducts(text: str) -> list[str]:
    return list(_read_conducts(text))


def _read_labels(text: str, labels: Mapping[str, str], what: str) -> tuple[str, ...]:
    """Codes in the order of the list; blank or 无 is none of them."""
    codes = {label: code for code, label in labels.items()}
    found: set[str] = set()
    for part in re.split(r"[;；、,，]", text):
        folded = fold(part)
        if folded in ("", NONE, OTHER):
            continue
        if folded not in codes:
            raise Fault(
                _("“%(text)s”不是第六条所列的%(what)s。可填：%(known)s；不属于的填“无”。")
                % {"text": part[:40], "what": what, "known": "、".join(codes)}
            )
        found.add(codes[folded])
    return tuple(code for code in labels if code in found)


@_remembered
def read_severity(text: str) -> str:
    """general or serious: labelled by the identifying unit, never guessed (Article 18)."""
    folded = fold(text)
    if folded in _SEVERITIES:
        return _SEVERITIES[folded]
    if folded in NO_SEVERITY:
        raise Fault(_("没有标注失信严重程度。认定单位应当标注“一般”或“严重”（第十八条）。"))
    raise Fault(
        _("失信严重程度“%(text)s”无法识别，只能填“一般”或“严重”；特定严重失信由处罚类别、领域和行为得出。")
        % {"text": text[:40]}
    )


def read_fulfilment(text: str, penalties: Sequence[str]) -> tuple[Duty, ...]:
    """The duties of a decision and when each was fulfilled.

    "罚款:2026-06-01；责令改正:未履行" names each; "判决给付（司法裁判）:未履行" a duty fixed by a court.
    "已履行完毕(2026-06-01)" and "未履行" stand for all duties that follow from the penalties; "无" and blank
    say that there is none, which only a warning or public criticism leaves possible.
    """
    return _read_fulfilment(text, tuple(penalties))


@_remembered
def _read_fulfilment(text: str, penalties: tuple[str, ...]) -> tuple[Duty, ...]:
    folded = fold(text).replace("；", ";")
    implied = [PENALTIES[code] for code in penalties if code not in WITHOUT_DUTY]
    if folded in ("", NONE):
        if implied:
            raise Fault(
                _("处罚类别有“%(names)s”，请填履行状态，如“%(name)s:2026-06-01”或“未履行”。")
                % {"names": "、".join(implied), "name": implied[0]}
            )
        return ()
    if folded == NOT_FULFILLED:
        return tuple(Duty(name, "administrative", None) for name in implied or [CORRECTION])
    whole = _FULFILLED.fullmatch(folded)
    if whole:
        stated = whole.group(1) or whole.group(2)
        if not stated:
            raise Fault(_("请写明履行完毕的日期，如“已履行完毕(2026-06-01)”。"))
        day = read_date(stated)
        return tuple(Duty(name, "administrative", day) for name in implied or [CORRECTION])
    duties = tuple(_duty(part) for part in folded.split(";") if part)
    names = [duty.name for duty in duties]
    for name in names:
        if names.count(name) > 1:
            raise Fault(_("履行状态中“%(name)s”写了两次，请合并。") % {"name": name})
    return duties


def _duty(part: str) -> Duty:
    name, colon, state = part.partition(":")
    if not colon or not name or not state:
        raise Fault(
            _("履行状态“%(text)s”无法识别，应写成“义务:履行日期”或“义务:未履行”，如“罚款:2026-06-01”。")
            % {"text": part[:40]}
        )
    source = "administrative"
    for mark, meaning in DUTY_SOURCES:
        if name.endswith(mark):
            name, source = name.removesuffix(mark), meaning
    if len(name) > 80:
        raise Fault(_("义务的名称最多80字，请缩短。"))
    return Duty(name, source, None if state == NOT_FULFILLED else read_date(state))
