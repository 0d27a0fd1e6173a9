"""What a field of a set is called in both kinds of file, and what it holds."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Whatever JSON has a word for, and days, which are texts there: 2026-11-30.
Value = str | int | bool | date | list[str] | None
Row = tuple[Value, ...]

TEXT, DAY, NUMBER, FLAG, TEXTS = "text", "day", "number", "flag", "texts"
KINDS: dict[str, str | Promise] = {
    TEXT: _("文字"),
    DAY: _("日期，如2026-11-30"),
    NUMBER: _("整数"),
    FLAG: _("是、否（JSON为true、false）"),
    TEXTS: _("文字，可以有几项（CSV用顿号分开，JSON为列表）"),
}
_SCHEMAS: dict[str, dict[str, object]] = {
    TEXT: {"type": "string"},
    DAY: {"type": "string", "format": "date"},
    NUMBER: {"type": "integer"},
    FLAG: {"type": "boolean"},
    TEXTS: {"type": "array", "items": {"type": "string"}},
}


class Field(NamedTuple):
    """``name`` in JSON, ``heading`` in CSV. ``empty``: it may say nothing, which is null in JSON."""

    name: str
    heading: str | Promise
    kind: str = TEXT
    empty: bool = False

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.kind])

    def schema(self) -> dict[str, object]:
        """As JSON Schema has it."""
        said = {"title": str(self.heading), **_SCHEMAS[self.kind]}
        return {**said, "type": [said["type"], "null"]} if self.empty else said


RECORD: Sequence[Field] = (
    Field("subject_name", _("信用主体名称")),
    Field("subject_code", _("统一社会信用代码")),
    Field("subject_kind", _("信用主体类别")),
    Field("document_number", _("决定书文号")),
    Field("identifying_unit", _("认定单位")),
    Field("violation_type", _("违法行为类型")),
    Field("penalties", _("处罚类别"), TEXTS),
    Field("severity", _("失信程度")),
    Field("decided_on", _("处罚决定日期"), DAY),
    Field("publicity_until", _("公示截止期"), DAY),
    Field("under_objection", _("异议处理中"), FLAG),
    Field("disputed", _("处罚在复议、诉讼中"), FLAG),
)
COMMITMENT: Sequence[Field] = (
    Field("subject_name", _("承诺人")),
    Field("subject_code", _("统一社会信用代码")),
    Field("subject_kind", _("信用主体类别")),
    Field("organ", _("受理单位")),
    Field("signed_on", _("作出日期"), DAY),
    Field("published_on", _("公示日期"), DAY),
    Field("broken_on", _("认定违背承诺的日期"), DAY, empty=True),
    Field("address", _("网址")),
)
ORGAN: Sequence[Field] = (
    Field("code", _("机构编号")),
    Field("name", _("名称")),
    Field("kind", _("类别")),
    Field("level", _("层级")),
    Field("region_code", _("行政区划代码")),
    Field("region", _("行政区划")),
    Field("phone", _("联系电话"), empty=True),
    Field("office", _("地址"), empty=True),
    Field("performance", _("办理情况的网址")),
)
PERFORMANCE: Sequence[Field] = (
    Field("organ_code", _("机构编号")),
    Field("organ", _("机构")),
    Field("clock", _("期限代码")),
    Field("clock_label", _("期限")),
    Field("period", _("月份或者年份")),
    Field("met", _("办结件数"), NUMBER, empty=True),
    Field("on_time", _("按期办结件数"), NUMBER, empty=True),
    Field("late", _("逾期办结件数"), NUMBER, empty=True),
    Field("unmet", _("到期未办结件数"), NUMBER, empty=True),
    Field("on_time_percent", _("按期率（%）"), NUMBER, empty=True),
    Field("median_days", _("中位用时（工作日）"), NUMBER, empty=True),
    Field("longest_days", _("最长用时（工作日）"), NUMBER, empty=True),
    Field("hidden", _("不公布的原因（few：少于5件；merged：只计入全年）"), empty=True),
)
