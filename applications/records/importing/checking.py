"""One row on its own: every cell read, the cells compared with each other, with the organ and with the law."""

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from applications.organs import regions
from applications.organs.models import Organ
from applications.records.importing import cells
from applications.records.importing.columns import HEADINGS, Column
from applications.records.importing.contradictions import contradicted_amounts
from applications.records.importing.days import wrong_days
from applications.records.importing.drafts import CheckedRow, Draft
from applications.records.importing.lines import FROM_1904
from applications.records.importing.people import (
    is_hidden_person,
    read_identity_type,
    read_kind,
    read_number,
)
from applications.records.importing.publicity import publicity_end
from applications.records.importing.reading import Row
from applications.records.importing.refusal import Fault
from applications.records.importing.states import other_to_confirm, read_source_state
from applications.records.importing.texts import CODES_KEPT, SHORT, check_text, is_plain
from applications.subjects.identity import clean_uscc, identity_digest, same_name
from applications.subjects.models import Subject

T = TypeVar("T")

PUBLIC, NOT_PUBLIC = ("", "0", "公示"), ("1", "2", "仅政府部门内部共享", "仅可授权查询")


def check_row(
    row: Row, columns: dict[int, Column], organ: Organ, on: date, confirmed: frozenset[str] = frozenset()
) -> CheckedRow:
    """Everything that can be said of a row without the other rows and the database. ``on`` is today; ``confirmed``
    are the codes that count although they fail (subjects.confirmations)."""
    checked = CheckedRow(row)
    texts: dict[str, str] = {}
    cells_of_row, marks = row.cells, row.marks
    for position, column in columns.items():
        text = cells_of_row[position]
        if not text and position not in marks:
            texts[column.key] = ""
        elif column.kept:
            if position not in marks and len(text) <= SHORT and is_plain(column.key, text):
                texts[column.key] = text
                continue
            said = check_text(column.key, text, marks.get(position, ""))
            texts[column.key] = said.text
            if said.fault:
                checked.faults[column.key] = said.fault
            elif said.doubt:
                checked.doubts[column.key] = said.doubt
    if row.surplus:
        first = next(iter(columns.values())).key
        checked.faults[first] = _("该行比列名多出 %(n)d 个单元格，可能多了逗号，请检查该行。") % {
            "n": row.surplus
        }
    from_1904 = {columns[at].key for at, mark in marks.items() if mark == FROM_1904 and at in columns}
    _Reader(checked, texts, organ, on, confirmed, from_1904).read()
    return checked


# A file names its unit in every row.
_clean_code = lru_cache(maxsize=4096)(clean_uscc)


class _Reader:
    """Reads one row; a fault of one cell does not keep the others from being read."""

    def __init__(
        self,
        checked: CheckedRow,
        texts: dict[str, str],
        organ: Organ,
        on: date,
        confirmed: frozenset[str],
        from_1904: Collection[str],
    ) -> None:
        self.checked, self.texts, self.organ, self.on = checked, texts, organ, on
        self.confirmed, self.from_1904 = confirmed, from_1904

    def read(self) -> None:
        subject = self._subject()
        fields: dict[str, Any] = {
            key: self._required(key)
            for key in (
                "document_number", "violation_type", "facts", "legal_basis", "penalty_content", "source_organ",
            )
        }  # fmt: skip
        penalties = self._penalties()
        decided_on = self._day("decided_on", required=True)
        identified_on, valid_until = self._day("identified_on"), self._valid_until()
        duties = self._cell(
            "fulfilment", lambda text: cells.read_fulfilment(text, penalties or []), blank=True
        )
        for key, fault in wrong_days(
            on=self.on,
            decided_on=decided_on,
            identified_on=identified_on,
            valid_until=valid_until,
            duties=duties or (),
        ):
            self._fault(key, fault)
        fields |= {
            "penalties": penalties,
            "decided_on": decided_on,
            "identified_on": identified_on or decided_on,
            "valid_until": valid_until,
            "severity": self._cell("severity", cells.read_severity, blank=True),
            "domains": self._cell("domains", cells.read_domains) or [],
            "conducts": self._cell("conducts", cells.read_conducts) or [],
            "fine_amount": self._amount("fine_amount", penalties, {"fine"}),
            "confiscated_amount": self._amount(
                "confiscated_amount", penalties, {"confiscate_gains", "confiscate_property"}
            ),
            "permit_affected": self._permit(penalties),
            "region": self._region(),
            "source_organ_uscc": self._code("source_organ_uscc"),
            "other_columns": self._other_columns(),
            "remarks": self.texts.get("remarks", ""),
        }
        self._penalising_organ(fields)
        self._present_state(fields)
        stated_end = self._publicity_end()
        self.checked.doubts |= contradicted_amounts(
            fields["penalty_content"], {key: fields[key] for key in ("fine_amount", "confiscated_amount")}
        )
        if stated_end and decided_on and stated_end < decided_on:
            self._fault("publicity_until", _("公示截止期不能早于处罚决定日期，请核对。"))
        if self.checked.faults:
            return
        longest = publicity_end(
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
            line=self.checked.row.line,
            fields=fields,
            duties=duties or (),
            withheld=withheld,
            doubted=tuple(self.checked.doubts),
            **subject,
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

    def _code(self, key: str) -> str | None:
        """A unified social credit code, which must be there."""
        code: str | None = self._cell(key, lambda text: _clean_code(text, self.confirmed), required=True)
        return code

    def _day(self, key: str, *, required: bool = False) -> date | None:
        """A date as it was meant; of a time of day the importer is told that it is not kept."""
        epoch = cells.EPOCH_1904 if key in self.from_1904 else cells.SPREADSHEET_EPOCH
        day: date | None = self._cell(
            key, lambda text: cells.read_date(text, epoch=epoch, timed=True), required=required
        )
        if day and cells.has_time(self.texts[key]):
            self.checked.doubts[key] = _("“%(text)s”带有时间，只保存日期 %(day)s。") % {
                "text": self.texts[key][:40],
                "day": day.isoformat(),
            }
        return day

    def _valid_until(self) -> date | None:
        """处罚有效期; 2099-12-31, any later day and 长期 are an unlimited time, kept as None."""
        text = self._required("valid_until")
        if cells.fold(text) in cells.LONG_TERM_WORDS:
            return None
        day = self._day("valid_until")
        return None if day and day >= cells.LONG_TERM else day

    def _publicity_end(self) -> date | None:
        if cells.fold(self.texts.get("publicity_until", "")) in cells.NOTHING | cells.LONG_TERM_WORDS:
            return None
        return self._day("publicity_until")

    def _other_columns(self) -> dict[str, str]:
        """Kept as they came: other codes of the subject, and what document 其他-… is."""
        kept = {key: self.texts[key] for key in CODES_KEPT if self.texts.get(key)}
        if cells.fold(self.texts.get("identity_type", "")).startswith(cells.OTHER):
            kept["identity_type"] = self.texts["identity_type"]
        return kept

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
            found["uscc"] = uscc = self._code("uscc")
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
        """An amount that a penalty demands, zero too, and that makes no sense without it."""
        amount = self._cell(key, cells.read_amount)
        if penalties is None or key in self.checked.faults:
            return amount
        if due_to.isdisjoint(penalties):
            if amount:
                self._fault(
                    key,
                    _("处罚类别中没有相应的处罚，却填了金额。请核对“处罚类别”和“%(heading)s”。")
                    % {"heading": HEADINGS[key]},
                )
            return None
        if amount is None:
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
        code = self._code("penalising_organ_uscc")
        fields["penalising_organ_uscc"] = code
        if not code:
            return
        if code == self.organ.uscc:
            if name and not same_name(name, self.organ.name):
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

    def _present_state(self, fields: dict[str, Any]) -> None:
        remarks = fields["remarks"]
        if state := self._cell("present_state", lambda text: read_source_state(text, remarks)):
            fields["source_state"] = state
            if asked := other_to_confirm(self.texts["present_state"], remarks):
                self.checked.doubts["present_state"] = asked

    def _limited_use(self) -> bool:
        """信息使用范围: 0 public, 1 and 2 not."""
        text = cells.fold(self.texts.get("scope_of_use", ""))
        if text not in PUBLIC + NOT_PUBLIC:
            self._fault("scope_of_use", _("信息使用范围只能填 0、1 或 2，请核对。"))
        return text not in PUBLIC
