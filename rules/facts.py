"""All that the law needs to know about one record and one application.

A fact that is not given is UNKNOWN; None says that there is no such thing ("not corrected", "no training").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final, Literal

from rules.errors import InputError


class Unknown(Enum):
    """The type of UNKNOWN, so that type checkers can tell it from a value."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

PENALTIES: Final[dict[str, str]] = {
    "warning": "警告",
    "criticism": "通报批评",
    "fine": "罚款",
    "confiscate_gains": "没收违法所得",
    "confiscate_property": "没收非法财物",
    "suspend_permit": "暂扣许可证件",
    "downgrade_qualification": "降低资质等级",
    "revoke_permit": "吊销许可证（件）",
    "revoke_licence": "吊销执照",
    "restrict_business": "限制开展生产经营活动",
    "order_suspension": "责令停产停业",
    "order_closure": "责令关闭",
    "restrict_employment": "限制从业",
    "detention": "行政拘留",
    "other": "其他",
}
DOMAINS: Final[dict[str, str]] = {
    "food_drug": "食品药品",
    "environment": "生态环境",
    "construction_quality": "工程质量",
    "work_safety": "安全生产",
    "fire_safety": "消防安全",
    "product_certification": "强制性产品认证",
}
CONDUCTS: Final[dict[str, str]] = {
    "bribery": "贿赂",
    "tax_evasion": "逃税骗税",
    "debt_evasion": "恶意逃废债务",
    "payment_arrears": "恶意拖欠货款或服务费",
    "wage_arrears": "恶意欠薪",
    "illegal_fundraising": "非法集资",
    "contract_fraud": "合同欺诈",
    "pyramid_selling": "传销",
    "unlicensed_operation": "无证照经营",
    "counterfeiting": "制售假冒伪劣产品",
    "ip_infringement": "故意侵犯知识产权",
    "qualification_lending": "出借和借用资质投标",
    "bid_rigging": "围标串标",
    "false_advertising": "虚假广告",
    "consumer_investor_harm": "侵害消费者或证券期货投资者合法权益",
    "cyberspace_disorder": "严重破坏网络空间传播秩序",
    "public_disorder": "聚众扰乱社会秩序",
}
# Which of these a policy knows is for the policy to say.
SEVERITIES: Final[dict[str, str]] = {"minor": "轻微", "general": "一般", "serious": "严重"}
OBLIGATION_SOURCES: Final[dict[str, str]] = {"administrative": "行政处理决定", "judicial": "司法裁判"}
REPORT_ISSUERS: Final[dict[str, str]] = {
    "credit_bureau": "公共信用信息工作机构",
    "credit_service_institution": "信用服务机构",
}
# The first two digits of a region under GB/T 2260.
PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
# Wide enough for every record there is; leaves room for adding a period without leaving the calendar.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty fixed by an administrative decision or a judgment; `fulfilled_on` None: not yet fulfilled."""

    name: str | Unknown = UNKNOWN
    source: str | Unknown = UNKNOWN
    fulfilled_on: date | Unknown | None = UNKNOWN


@dataclass(frozen=True, slots=True)
class Commitment:
    """The credit commitment (信用承诺) and the consent to make it public."""

    signed_on: date | Unknown = UNKNOWN
    publication_consent: bool | Unknown = UNKNOWN


@dataclass(frozen=True, slots=True)
class Training:
    """Credit-repair training (信用修复培训) that was completed (Article 16)."""

    completed_on: date | Unknown = UNKNOWN


@dataclass(frozen=True, slots=True)
class CreditReport:
    """A credit report (信用报告) and the kind of body that issued it (Article 17)."""

    issued_on: date | Unknown = UNKNOWN
    issuer: str | Unknown = UNKNOWN


@dataclass(frozen=True, slots=True)
class StatutoryBar:
    """A law, regulation or rule that forbids repair; `basis` names it."""

    basis: str | Unknown = UNKNOWN


@dataclass(frozen=True, slots=True)
class Facts:
    """One record and one application. `decided_on` None means: the day of identification."""

    severity: str | Unknown = UNKNOWN
    identified_on: date | Unknown = UNKNOWN
    decided_on: date | None = None
    region: str | Unknown = UNKNOWN
    penalties: tuple[str, ...] | Unknown = UNKNOWN
    domains: tuple[str, ...] | Unknown = UNKNOWN
    conducts: tuple[str, ...] | Unknown = UNKNOWN
    other_specific_serious_ground: str | Unknown | None = UNKNOWN
    corrected_on: date | Unknown | None = UNKNOWN
    obligations: tuple[Obligation, ...] | Unknown = UNKNOWN
    commitment: Commitment | Unknown | None = UNKNOWN
    training: Training | Unknown | None = UNKNOWN
    credit_report: CreditReport | Unknown | None = UNKNOWN
    false_material: bool | Unknown = UNKNOWN
    statutory_bar: StatutoryBar | Unknown | None = UNKNOWN

    @classmethod
    def from_json(cls, obj: object) -> Facts:
        """Read a decoded JSON object; a missing key is unknown. Raises InputError with the field's path."""
        return cls(**_read_fields(obj, "", _FACTS))

    def to_json(self) -> dict[str, Any]:
        """The canonical JSON object: fixed order, unknown facts left out; `from_json` gives these facts back."""
        return _written(self, tuple(_FACTS))

    @property
    def decision_date(self) -> date | Unknown:
        """The day of the penalty decision, which is the day of identification unless stated."""
        return self.identified_on if self.decided_on is None else self.decided_on


Reader = Callable[[object, str], Any]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REGION = re.compile(r"[0-9]{6}")
# Control characters and lone surrogates cannot be stored or printed.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 40 else text[:39] + "…"


def _read_date(value: object, path: str) -> date:
    expected = "应为实际存在的日期，写作 YYYY-MM-DD"
    if type(value) is not str or not _DAY.fullmatch(value):
        raise InputError(path, f"{expected}，而不是 {_shown(value)}")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise InputError(path, f"{expected}，而 {_shown(value)} 并不存在") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(path, f"应为 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间的日期，而不是 {_shown(value)}")
    return day


def read_date(value: object, path: str) -> date:
    """A day written YYYY-MM-DD. Raises InputError."""
    return _read_date(value, path)


def _read_bool(value: object, path: str) -> bool:
    if type(value) is not bool:
        raise InputError(path, f"应为 true 或 false，而不是 {_shown(value)}")
    return value


def _read_text(value: object, path: str) -> str:
    if type(value) is not str or not value.strip() or _UNPRINTABLE.search(value):
        raise InputError(path, f"应为非空的文字，而不是 {_shown(value).encode('utf-8', 'replace').decode()}")
    return value


def _read_region(value: object, path: str) -> str:
    if type(value) is not str or not _REGION.fullmatch(value) or value[:2] not in PROVINCES:
        raise InputError(path, f"应为 GB/T 2260 的六位行政区划代码（如 320100），而不是 {_shown(value)}")
    return value


def _code(codes: Mapping[str, str]) -> Reader:
    def read(value: object, path: str) -> str:
        if type(value) is not str or value not in codes:
            raise InputError(path, f"应为 {'、'.join(codes)} 之一，而不是 {_shown(value)}")
        return value

    return read


def _code_list(codes: Mapping[str, str]) -> Reader:
    read_code = _code(codes)

    def read(value: object, path: str) -> tuple[str, ...]:
        found = set(_read_list(value, path, read_code))
        return tuple(code for code in codes if code in found)

    return read


def _read_list(value: object, path: str, read_item: Reader) -> tuple[Any, ...]:
    if type(value) is not list:
        raise InputError(path, f"应为数组，而不是 {_shown(value)}")
    return tuple(read_item(item, f"{path}[{index}]") for index, item in enumerate(value))


def _or_none(read: Reader) -> Reader:
    return lambda value, path: None if value is None else read(value, path)


def _record(kind: type[Any], fields: Mapping[str, Reader]) -> Reader:
    return lambda value, path: kind(**_read_fields(value, path, fields))


def _read_obligations(value: object, path: str) -> tuple[Obligation, ...] | Literal[Unknown.UNKNOWN]:
    if value is None:
        return UNKNOWN
    return _read_list(value, path, _record(Obligation, _OBLIGATION))


def _read_fields(value: object, path: str, fields: Mapping[str, Reader]) -> dict[str, Any]:
    if type(value) is not dict:
        raise InputError(path, f"应为对象，而不是 {_shown(value)}")
    prefix = path and f"{path}."
    for key in value:
        if key not in fields:
            shown = key.encode("utf-8", "replace").decode() if isinstance(key, str) else repr(key)
            raise InputError(f"{prefix}{shown}", f"没有这一项，可用的有 {'、'.join(fields)}")
    return {key: fields[key](item, f"{prefix}{key}") for key, item in value.items()}


_OBLIGATION: Final[dict[str, Reader]] = {
    "name": _read_text,
    "source": _code(OBLIGATION_SOURCES),
    "fulfilled_on": _or_none(_read_date),
}
_FACTS: Final[dict[str, Reader]] = {
    "severity": _code(SEVERITIES),
    "identified_on": _read_date,
    "decided_on": _or_none(_read_date),
    "region": _read_region,
    "penalties": _code_list(PENALTIES),
    "domains": _code_list(DOMAINS),
    "conducts": _code_list(CONDUCTS),
    "other_specific_serious_ground": _or_none(_read_text),
    "corrected_on": _or_none(_read_date),
    "obligations": _read_obligations,
    "commitment": _or_none(_record(Commitment, {"signed_on": _read_date, "publication_consent": _read_bool})),
    "training": _or_none(_record(Training, {"completed_on": _read_date})),
    "credit_report": _or_none(
        _record(CreditReport, {"issued_on": _read_date, "issuer": _code(REPORT_ISSUERS)})
    ),
    "false_material": _read_bool,
    "statutory_bar": _or_none(_record(StatutoryBar, {"basis": _read_text})),
}


def _written(value: object, names: Iterable[str]) -> dict[str, Any]:
    known = ((name, getattr(value, name)) for name in names)
    return {name: json_value(item) for name, item in known if item is not UNKNOWN}


def json_value(value: Any) -> Any:
    """Days, tuples and dataclasses as JSON has them; what is not known is left out of what contains it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [json_value(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return _written(value, value.__dataclass_fields__)
    return value
