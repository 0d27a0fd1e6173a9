"""当前状态: what has become of the penalty at its authority, as the layout of 2016 has it and files still do.

The standard: 0 正常（或空白）, 1 撤消, 2 异议, 3 其他（备注说明）. So 3 says that 备注 says it.
"""

import re

from django.utils.translation import gettext as _

from applications.records.importing import cells
from applications.records.importing.refusal import Fault
from applications.records.models import DishonestyRecord

State = DishonestyRecord.SourceState

_OTHER = "other"
_STATES: dict[str, str] = {
    **dict.fromkeys(["0", "正常", "有效"], State.NORMAL),
    **dict.fromkeys(
        ["1", "撤销", "已撤销", "被撤销", "撤消", "已撤消", "被撤消", "确认违法", "确认无效", "无效"],
        State.REVOKED,
    ),
    **dict.fromkeys(["2", "异议", "复议", "诉讼", "复议中", "诉讼中", "异议中"], State.DISPUTED),
    **dict.fromkeys(["3", "其他", "其它"], _OTHER),
}
_CHANGED = ("变更", "已变更", "被变更")
# A code with its name: 1撤销, 1-撤销, 1=撤销, 1（撤销）.
_BOTH = re.compile(r"([0-3])[-—=.、:(]?([^\d()]+)\)?")


def read_source_state(text: str, remarks: str) -> str | None:
    """A value of DishonestyRecord.SourceState; None where the file says nothing. Of 其他 with ``remarks`` the importer has
    to confirm that the penalty stands (other_to_confirm)."""
    folded = cells.fold(text)
    if not folded:
        return None
    state = _state(folded)
    if state == _OTHER:
        if remarks:
            return State.NORMAL.value
        raise Fault(
            _(
                "“其他”而备注是空的，没有说明处罚现在怎样。已被撤销的填“撤销”，在复议、诉讼中的填“异议”，仍然有效的填“正常”。"
            )
        )
    if state:
        return str(state)
    if folded in _CHANGED:
        raise Fault(_("处罚被变更的，当前状态填“正常”，其他各栏填变更后的内容。"))
    raise Fault(
        _("当前状态“%(text)s”无法识别，只能填 0 正常、1 撤销、2 异议、3 其他（在备注中说明）。")
        % {"text": text[:40]}
    )


def other_to_confirm(text: str, remarks: str) -> str:
    """What the importer has to confirm where the file says 其他; empty where it says something else."""
    if _state(cells.fold(text)) != _OTHER or not remarks:
        return ""
    return _(
        "当前状态填的是“其他”，备注写的是“%(remarks)s”。确认处罚仍然有效的，按“正常”导入；已被撤销的请改填“撤销”，"
        "在复议、诉讼中的请改填“异议”。"
    ) % {"remarks": remarks[:60]}


def _state(folded: str) -> str | None:
    both = _BOTH.fullmatch(folded)
    if both is None:
        return _STATES.get(folded)
    code, name = (_STATES.get(part) for part in both.groups())
    return code if code == name else None
