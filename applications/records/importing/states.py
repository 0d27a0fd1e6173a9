"""当前状态: what has become of the penalty at its authority, as the layout of 2016 has it and files still do."""

from django.utils.translation import gettext as _

from applications.records.importing import cells
from applications.records.importing.refusal import Fault
from applications.records.models import DishonestyRecord

State = DishonestyRecord.SourceState

_STATES = {
    **dict.fromkeys(["0", "正常"], State.NORMAL),
    **dict.fromkeys(["1", "撤销", "已撤销", "被撤销", "确认违法", "确认无效", "无效"], State.REVOKED),
    **dict.fromkeys(["2", "异议", "复议", "诉讼", "复议中", "诉讼中", "异议中"], State.DISPUTED),
}


OTHER = ("3", "其他")


def read_source_state(text: str) -> str | None:
    """A value of DishonestyRecord.SourceState; None where the file says nothing."""
    folded = cells.fold(text)
    if not folded:
        return None
    if folded in _STATES:
        return _STATES[folded].value
    if folded in OTHER:
        raise Fault(
            _(
                "“其他”没有说明处罚现在怎样。已被撤销的填“撤销”，在复议、诉讼中的填“异议”，仍然有效的填“正常”。"
            )
        )
    raise Fault(_("当前状态“%(text)s”无法识别，只能填 0 正常、1 撤销、2 异议。") % {"text": text[:40]})
