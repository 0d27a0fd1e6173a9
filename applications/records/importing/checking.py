"""One row on its own: every cell read, the cells compared with each other, with the organ and with the law."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from applications.organs import regions
from applications.organs.models import Organ
from applications.policies.selectors import policy_in_force
from applications.records.importing import cells
from applications.records.importing.cells import Duty
from applications.records.importing.columns import CODE_COLUMNS, HEADINGS, Column
from applications.records.importing.people import (
    is_hidden_person,
    read_identity_type,
    read_kind,
    read_number,
)
from applications.records.importing.reading import Row
from applications.records.importing.refusal import Fault
from applications.subjects.identity import clean_uscc, identity_digest, mask_numbers
from applications.subjects.models import Subject
from rules.eligibility import publicity_ends_on
from rules.facts import Facts

T = TypeVar("T")

# The first penalty law came into force on this day; an earlier decision is a slip of the keyboard.
FIRST_DECISION = date(1996, 10, 1)
CODES_KEPT = ("registration", "organisation_code", "tax_code", "institution_code", "association_code")
MAX_LENGTHS = {
    "name": 200, "representative": 80, "document_number": 128, "permit_affected": 200,
    "penalising_organ": 200, "source_organ": 200, "identity_number": 64,
    **dict.fromkeys(CODES_KEPT, 50),
    **dict.fromkeys(["violation_type", "facts", "legal_basis", "penalty_content", "remarks"], 10_000),
}  # fmt: skip
WITHOUT_END = "长期"
IN_FORCE = ("", "0", "正常")
PUBLIC, NOT_PUBLIC = ("", "0", "公示"), ("1", "2", "仅政府部门内部共享", "仅可授权查询")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


@dataclass
class Draft:
    """A row that passed: the subject as the file names it, and the fields of its record."""

    line: int
    subject_kind: str
    name: str
    uscc: str | None
    identity_type: str
    identity_number: str
    identity_digest: str | None
    legal_representative: str
    # Fields of DishonestyRecord as they are to be, without subject, batch and publicity.
    fields: dict[str, Any]
    duties: tuple[Duty, ...]
    # Never shown to the public: a minor, a person of unknown age, or information of limited use.
    withheld: bool

    @property
    def subject_key(self) -> str:
        return self.uscc or self.identity_digest or ""


@dataclass
class CheckedRow:
    row: Row
    # Column key → what is wrong with it; empty if the row passed.
    faults: dict[str, str] = field(default_factory=dict)
    draft: Draft | None = None


def check_row(row: Row, columns: dict[int, Column], organ: Organ, on: date) -> CheckedRow:
    """Everything that can be said of a row without the other rows and the database. ``on`` is today."""
    checked = CheckedRow(row)
    texts: dict[str, str] = {}
    for position, column in columns.items():
        text = row.cells[position]
        # A record's own text repeats nobody's number, nor does what is said about a faulty cell.
        unmasked = column.key in CODE_COLUMNS | {"uscc", "identity_number"}
        texts[column.key] = text if unmasked else mask_numbers(text)
        if not column.kept or not text:
            continue
        if position in row.lossy:
            checked.faults[column.key] = _(
                "单元格是数字格式，长号码的末几位已经丢失。请把该列设为文本格式后重新填写。"
            )
        elif _CONTROL.search(text):
            checked.faults[column.key] = _("含有不可见的控制字符，请重新输入。")
        elif len(text) > MAX_LENGTHS.get(column.key, 1000):
            checked.faults[column.key] = _("最多 %(limit)d 个字，现有 %(n)d 个。") % {
                "limit": MAX_LENGTHS.get(column.key, 1000),
                "n": len(text),
            }
    if row.surplus:
        first = next(iter(columns.values())).key
        checked.faults[first] = _("该行比列名多出 %(n)d 个单元格，可能多了逗号，请检查该行。") % {
            "n": row.surplus
        }
    _Reader(checked, texts, organ, on).read()
    return checked


class _Reader:
    """Reads one row; a fault of one cell does not keep the others from being read."""

    def __init__(self, checked: CheckedRow, texts: dict[str, str], organ: Organ, on: date) -> None:
        self.checked, self.texts, self.organ, self.on = checked, texts, organ, on

    def read(self) -> None:
        subject = self._subject()
        fields: dict[str, Any] = {
            key: self._required(key)
            for key in (
                "document_number", "violation_type", "facts", "legal_basis", "penalty_content", "source_organ",
            )
        }  # fmt: skip
        penalties = self._penalties()
        decided_on = self._past_day("decided_on", required=True)
        if decided_on and decided_on < FIRST_DECISION:
            self._fault("decided_on", _("处罚决定日期早于《行政处罚法》施行之日（1996年10月1日），请核对。"))
        identified_on = self._past_day("identified_on") or decided_on
        if identified_on and decided_on and identified_on < decided_on:
            self._fault("identified_on", _("认定日期不能早于处罚决定日期，请核对。"))
        duties = self._cell(
            "fulfilment", lambda text: cells.read_fulfilment(text, penalties or []), blank=True
        )
        for duty in duties or ():
            if duty.fulfilled_on and duty.fulfilled_on > self.on:
                self._fault("fulfilment", _("“%(name)s”的履行日期晚于今天，请核对。") % {"name": duty.name})
        fields |= {
            "penalties": penalties,
            "decided_on": decided_on,
            "identified_on": identified_on,
            "valid_until": self._valid_until(decided_on),
            "severity": self._cell("severity", cells.read_severity, blank=True),
            "domains": self._cell("domains", cells.read_domains) or [],
            "conducts": self._cell("conducts", cells.read_conducts) or [],
            "fine_amount": self._amount("fine_amount", penalties, {"fine"}),
            "confiscated_amount": self._amount(
                "confiscated_amount", penalties, {"confiscate_gains", "confiscate_property"}
            ),
            "permit_affected": self._permit(penalties),
            "region": self._region(),
            "source_organ_uscc": self._cell("source_organ_uscc", clean_uscc, required=True),
            "other_columns": {key: self.texts[key] for key in CODES_KEPT if self.texts.get(key)},
            "remarks": self.texts.get("remarks", ""),
        }
        self._penalising_organ(fields)
        self._present_state()
        stated_end = self._cell("publicity_until", cells.read_date)
        if stated_end and decided_on and stated_end < decided_on:
            self._fault("publicity_until", _("公示截止期不能早于处罚决定日期，请核对。"))
        if self.checked.faults:
            return
        longest = _publicity_end(
            fields["decided_on"],
            fields["severity"],
            *(tuple(fields[key]) for key in ("penalties", "domains", "conducts")),
            self.on,
        )
        ends = [end for end in (longest, stated_end) if end]
        if not ends:
            self._fault("publicity_until", _("现行规定没有给出最长公示期限，请填写公示截止期。"))
            return
        fields["publicity_until"] = min(ends)
        withheld = self._limited_use() or is_hidden_person(subject, fields["decided_on"])
        if self.checked.faults:
            return
        self.checked.draft = Draft(
            line=self.checked.row.line, fields=fields, duties=duties or (), withheld=withheld, **subject
        )

    # -- Cells

    def _fault(self, key: str, message: str) -> None:
        self.checked.faults.setdefault(key, message)

    def _required(self, key: str) -> str:
        text = self.texts.get(key, "")
        if not text:
            self._fault(key, _("“%(heading)s”不能为空。") % {"heading": HEADINGS[key]})
        return text

    def _cell(
        self, key: str, read: Callable[[str], T], *, required: bool = False, blank: bool = False
    ) -> T | None:
        """The cell as ``read`` understands it; None if it is at fault, or blank unless blank says something."""
        text = self._required(key) if required else self.texts.get(key, "")
        if key in self.checked.faults or (not text and not blank):
            return None
        try:
            return read(text)
        except Fault as fault:
            self._fault(key, str(fault))
        except ValidationError as error:
            self._fault(key, "".join(error.messages))
        return None

    def _past_day(self, key: str, *, required: bool = False) -> date | None:
        day = self._cell(key, cells.read_date, required=required)
        if day and day > self.on:
            self._fault(key, _("“%(heading)s”晚于今天，请核对。") % {"heading": HEADINGS[key]})
        return day

    def _valid_until(self, decided_on: date | None) -> date | None:
        """处罚有效期; 2099-12-31 or 长期 is an unlimited time, kept as None."""
        text = self._required("valid_until")
        if text == WITHOUT_END:
            return None
        day = self._cell("valid_until", cells.read_date)
        if day and decided_on and day < decided_on:
            self._fault("valid_until", _("处罚有效期不能早于处罚决定日期，请核对。"))
        return None if day == cells.LONG_TERM else day

    # -- Columns that depend on others

    def _subject(self) -> dict[str, Any]:
        kind = self._cell("kind", read_kind, required=True)
        name = self._required("name")
        found: dict[str, Any] = {
            "subject_kind": kind,
            "name": name,
            "uscc": None,
            "identity_type": "",
            "identity_number": "",
            "identity_digest": None,
            "legal_representative": self.texts.get("representative", ""),
        }
        if kind is None:
            return found
        if kind != Subject.Kind.NATURAL_PERSON:
            found["uscc"] = uscc = self._cell("uscc", clean_uscc, required=True)
            # 92 is how a market regulator's registration of an individual business begins.
            if uscc and (uscc.startswith("92")) != (kind == Subject.Kind.INDIVIDUAL_BUSINESS):
                self._fault(
                    "kind", _("代码以92开头的是个体工商户，其他不是；行政相对人类别与代码不一致，请核对。")
                )
            return found
        identity_type = self._cell("identity_type", read_identity_type, required=True)
        self._required("identity_number")
        number = identity_type and self._cell(
            "identity_number", lambda text: read_number(identity_type, text)
        )
        if identity_type and number:
            found |= {
                "identity_type": identity_type,
                "identity_number": number,
                "identity_digest": identity_digest(identity_type, number),
                "legal_representative": "",
            }
        return found

    def _penalties(self) -> list[str] | None:
        found = self._cell("penalties", cells.read_penalties, required=True)
        if found is None:
            return None
        more = self._cell("second_penalty", cells.read_penalties)
        return (
            cells.read_penalties(";".join([self.texts["penalties"], self.texts["second_penalty"]]))
            if more
            else found
        )

    def _amount(self, key: str, penalties: list[str] | None, due_to: set[str]) -> Any:
        """An amount that a penalty demands, and that makes no sense without it. Zero counts as blank."""
        amount = self._cell(key, cells.read_amount) or None
        if penalties is None or key in self.checked.faults:
            return amount
        if due_to.isdisjoint(penalties):
            if amount:
                self._fault(
                    key,
                    _("处罚类别中没有相应的处罚，却填了金额。请核对“处罚类别”和“%(heading)s”。")
                    % {"heading": HEADINGS[key]},
                )
        elif amount is None:
            self._fault(
                key, _("处罚类别中有相应的处罚，“%(heading)s”不能为空。") % {"heading": HEADINGS[key]}
            )
        return amount

    def _permit(self, penalties: list[str] | None) -> str:
        text = self.texts.get("permit_affected", "")
        if not text and {"suspend_permit", "revoke_permit", "revoke_licence"} & set(penalties or []):
            self._fault("permit_affected", _("处罚类别为暂扣或吊销的，应填写证照名称及编号。"))
        return text

    def _region(self) -> str:
        code = cells.fold(self.texts.get("region", ""))
        if not code:
            return self.organ.region
        if not code.startswith(regions.prefix(regions.PROVINCE)):
            self._fault(
                "region", _("%(code)s 不在江苏省，不属于本省信用修复范围（第二条）。") % {"code": code[:10]}
            )
        elif not regions.exists(code):
            self._fault("region", _("没有行政区划代码 %(code)s（GB/T 2260），请核对。") % {"code": code[:10]})
        elif not regions.covers(self.organ.region, code):
            self._fault(
                "region",
                _("%(region)s不在%(organ)s的辖区内，请核对。")
                % {"region": regions.name(code), "organ": self.organ.name},
            )
        return code

    def _penalising_organ(self, fields: dict[str, Any]) -> None:
        name = fields["penalising_organ"] = self._required("penalising_organ")
        code = self._cell("penalising_organ_uscc", clean_uscc, required=True)
        fields["penalising_organ_uscc"] = code
        if not code:
            return
        if code == self.organ.uscc:
            if name and cells.fold(name) != cells.fold(self.organ.name):
                self._fault(
                    "penalising_organ",
                    _("该代码登记的机构是“%(organ)s”，与处罚机关名称不一致，请核对。")
                    % {"organ": self.organ.name},
                )
        elif not code[2:].startswith(regions.prefix(regions.PROVINCE)):
            self._fault(
                "penalising_organ_uscc",
                _("处罚机关登记地不在江苏省，该记录不属于本省信用修复范围（第二条）。"),
            )
        else:
            self._fault(
                "penalising_organ_uscc",
                _("处罚机关不是导入机构“%(organ)s”（%(code)s）。请由作出处罚的认定单位导入。")
                % {"organ": self.organ.name, "code": self.organ.uscc},
            )

    def _present_state(self) -> None:
        text = cells.fold(self.texts.get("present_state", ""))
        if text not in IN_FORCE:
            self._fault("present_state", _("当前状态不是“正常”，已撤销或者有异议的处罚不能导入。"))

    def _limited_use(self) -> bool:
        """信息使用范围: 0 public, 1 and 2 not."""
        text = cells.fold(self.texts.get("scope_of_use", ""))
        if text not in PUBLIC + NOT_PUBLIC:
            self._fault("scope_of_use", _("信息使用范围只能填 0、1 或 2，请核对。"))
        return text not in PUBLIC


@cache
def _publicity_end(
    decided_on: date,
    severity: str,
    penalties: tuple[str, ...],
    domains: tuple[str, ...],
    conducts: tuple[str, ...],
    on: date,
) -> date | None:
    """The last day of publicity under the policy in force on the day of the import."""
    facts = Facts(
        severity=severity,
        identified_on=decided_on,
        decided_on=decided_on,
        penalties=penalties,
        domains=domains,
        conducts=conducts,
        other_specific_serious_ground=None,
    )
    return publicity_ends_on(facts, policy_in_force(on=on))
