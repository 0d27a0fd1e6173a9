"""What is told to a platform: where each kind of message goes, and what people are told of one that does not arrive."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(NamedTuple):
    """``path`` of the published interface; ``name`` and ``duty``, the law's limit, in words."""

    path: str
    name: Promise
    duty: Promise


KINDS: Final = {
    "repair_decision": Kind(
        "/v1/repair-decisions",
        _("修复决定"),
        _("修复决定应当自作出之日起2个工作日内共享（第十一条）。"),
    ),
    "record_change": Kind(
        "/v1/record-changes",
        _("失信行为信息的变化"),
        _("处罚依法撤销、变更的，应当在3个工作日内撤回公示（《行政处罚法》第四十八条）。"),
    ),
}
