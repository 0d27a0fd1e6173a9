"""What an event says, in words for those who audit it: the names of its parts, and the codes among its values.

What is kept and hashed stays as it is; an event's page shows both.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import Role
from applications.accounts.revealing import PURPOSES
from applications.subjects.models import Capacity
from rules.procedure import CLOCK_LABELS, ROLE_LABELS, STATE_LABELS, TABLE

ROLES: dict[str, str | Promise] = {
    **{str(role): label for role, label in ROLE_LABELS.items()},
    **dict(Role.choices),
    "signed_by": gettext_lazy("签名证书"),
    "staff": gettext_lazy("工作人员"),
    "user": gettext_lazy("注册用户"),
    "officer": gettext_lazy("经办人员"),
    "credit_bureau": gettext_lazy("公共信用信息工作机构"),
}

KEYS: dict[str, str | Promise] = {
    "about": gettext_lazy("相关卷宗"),
    "absence": gettext_lazy("离岗登记"),
    "account": gettext_lazy("账号"),
    "act": gettext_lazy("事项"),
    "active": gettext_lazy("接受新的登记"),
    "added": gettext_lazy("新增岗位"),
    "address": gettext_lazy("平台地址"),
    "again": gettext_lazy("再用以前的材料"),
    "arguments": gettext_lazy("网址中写明"),
    "attempts": gettext_lazy("推送次数"),
    "authority": gettext_lazy("行政复议机关"),
    "batch": gettext_lazy("批次编号"),
    "before": gettext_lazy("原来的内容"),
    "by": gettext_lazy("依据"),
    "came_as": gettext_lazy("来人身份"),
    "case": gettext_lazy("办件编号"),
    "certificate": gettext_lazy("培训证书"),
    "change": gettext_lazy("变更记录"),
    "channel": gettext_lazy("收件渠道"),
    "changed": gettext_lazy("变更的栏目"),
    "capacity": gettext_lazy("身份"),
    "claim": gettext_lazy("认领申请"),
    "clock": gettext_lazy("期限种类"),
    "clocks": gettext_lazy("受影响的期限数"),
    "closes": gettext_lazy("停用"),
    "commitment": gettext_lazy("信用承诺"),
    "confirmation": gettext_lazy("代码确认"),
    "confirms": gettext_lazy("全部确认"),
    "content_sha256": gettext_lazy("内容摘要"),
    "copies": gettext_lazy("份数"),
    "columns": gettext_lazy("加密的字段"),
    "count": gettext_lazy("数量"),
    "course": gettext_lazy("培训课程"),
    "court": gettext_lazy("管辖法院"),
    "cover": gettext_lazy("代办人编号"),
    "decision": gettext_lazy("决定文号"),
    "delivery": gettext_lazy("推送编号"),
    "destination": gettext_lazy("共享平台"),
    "digest": gettext_lazy("政策摘要"),
    "document": gettext_lazy("文书或者文件"),
    "documents": gettext_lazy("文书"),
    "due_on": gettext_lazy("截止日期"),
    "edition": gettext_lazy("课程版次"),
    "enrolled": gettext_lazy("已报名人数"),
    "evidence": gettext_lazy("证据摘要"),
    "failed": gettext_lazy("不具备的条件"),
    "fields": gettext_lazy("涉及的栏目"),
    "file": gettext_lazy("文件编号"),
    "files": gettext_lazy("文件数"),
    "filing": gettext_lazy("原来的一并申请"),
    "finding": gettext_lazy("违背承诺认定编号"),
    "first": gettext_lazy("第一个"),
    "first_on": gettext_lazy("首日"),
    "from": gettext_lazy("原状态或者来源网络"),
    "ground": gettext_lazy("理由种类"),
    "how": gettext_lazy("送达方式"),
    "id": gettext_lazy("标识"),
    "identity_type": gettext_lazy("核对的证件"),
    "inquiry": gettext_lazy("核实编号"),
    "items": gettext_lazy("项数"),
    "kind": gettext_lazy("种类"),
    "last": gettext_lazy("最后一个"),
    "last_on": gettext_lazy("末日"),
    "licence": gettext_lazy("许可证号"),
    "lines": gettext_lazy("行数"),
    "link": gettext_lazy("签署链接编号"),
    "mailed": gettext_lazy("由系统发送邮件"),
    "material": gettext_lazy("材料"),
    "meeting": gettext_lazy("现场培训"),
    "method": gettext_lazy("请求方式"),
    "millimetres": gettext_lazy("直径（毫米）"),
    "name": gettext_lazy("名称"),
    "note": gettext_lazy("说明"),
    "number": gettext_lazy("编号"),
    "object": gettext_lazy("对象编号"),
    "objection": gettext_lazy("异议编号"),
    "objects": gettext_lazy("列出的对象编号"),
    "officer": gettext_lazy("承办人编号"),
    "organ": gettext_lazy("机构编号"),
    "of": gettext_lazy("题数"),
    "organiser": gettext_lazy("培训组织单位"),
    "others": gettext_lazy("此前未逐次记录的失败次数"),
    "outcome": gettext_lazy("结果"),
    "page": gettext_lazy("页面"),
    "pages": gettext_lazy("页数"),
    "pdf_sha256": gettext_lazy("PDF摘要"),
    "places": gettext_lazy("名额"),
    "policy": gettext_lazy("政策"),
    "position": gettext_lazy("顺序号"),
    "proof": gettext_lazy("证明文件"),
    "proposal": gettext_lazy("审查建议"),
    "purpose": gettext_lazy("用途"),
    "recipients": gettext_lazy("通知人数"),
    "replaces": gettext_lazy("取代的报告"),
    "report": gettext_lazy("信用报告"),
    "request": gettext_lazy("报告申请编号"),
    "until": gettext_lazy("延长至"),
    "way": gettext_lazy("签署方式"),
    "publication_consent": gettext_lazy("同意公开信用承诺"),
    "publicity": gettext_lazy("公示状态"),
    "publicity_until": gettext_lazy("公示截止日期"),
    "reason": gettext_lazy("理由"),
    "receipt": gettext_lazy("平台回执号"),
    "received_on": gettext_lazy("收到材料的日期"),
    "received_at": gettext_lazy("平台签收时间"),
    "record": gettext_lazy("失信行为信息"),
    "remedies": gettext_lazy("复议机关和管辖法院"),
    "removed": gettext_lazy("取消的岗位"),
    "reset": gettext_lazy("重置编号"),
    "revoked_decision": gettext_lazy("被撤销的决定文号"),
    "right": gettext_lazy("答对题数"),
    "round": gettext_lazy("轮次"),
    "rows": gettext_lazy("行数"),
    "seal": gettext_lazy("印章图样编号"),
    "searched": gettext_lazy("使用了搜索"),
    "served_on": gettext_lazy("送达日期"),
    "sha256": gettext_lazy("文件摘要"),
    "signature": gettext_lazy("电子签名的级别"),
    "stamped": gettext_lazy("有时间戳"),
    "starts_on": gettext_lazy("采用之日"),
    "status": gettext_lazy("应答代码"),
    "subject": gettext_lazy("信用主体"),
    "supplied": gettext_lazy("补充的栏目"),
    "to": gettext_lazy("新状态"),
    "tries": gettext_lazy("测验次数"),
    "unwritten": gettext_lazy("此前因过于频繁没有逐次记录的次数"),
    "user": gettext_lazy("用户编号"),
    "variant": gettext_lazy("版式"),
    "why": gettext_lazy("拒绝的原因"),
    "words": gettext_lazy("写明的内容"),
    "year": gettext_lazy("年度"),
}

# Why an act was refused: what the procedure and the rule of two people say, and what an answer's status says.
REFUSED: dict[str, str | Promise] = {
    "NotAllowed": gettext_lazy("不是本人的岗位、机构或者办件"),
    "IllegalAction": gettext_lazy("办件的状态不允许这一步"),
    "StaleCase": gettext_lazy("页面打开后办件已经变化"),
    "NotReady": gettext_lazy("条件或者材料不齐"),
    "NotProposed": gettext_lazy("提议已经处理"),
    "csrf": gettext_lazy("不是从本系统当前的页面提交"),
    "permission": gettext_lazy("没有权限"),
    "not_found": gettext_lazy("没有这个对象，或者无权查看"),
    "method": gettext_lazy("网址不接受这种提交"),
    "conflict": gettext_lazy("与现在的情况不符"),
}
_STEPS = {step.action: step.label for step in TABLE}
# Keys whose values are codes.
_VALUES: dict[str, dict[str, Any]] = {
    "act": _STEPS,
    "added": ROLES,
    "by": {
        "identity_number": gettext_lazy("姓名和证件号码"),
        "real_name": gettext_lazy("实名认证"),
        "another_account": gettext_lazy("同一自然人的另一账号"),
        "renewal": gettext_lazy("新的认领"),
        "representative": gettext_lazy("信用主体的代表人"),
        "self": gettext_lazy("本人"),
        "last_day": gettext_lazy("授权到期"),
    },
    "capacity": dict(Capacity.choices),
    "clock": {str(clock): label for clock, label in CLOCK_LABELS.items()},
    "from": {str(state): label for state, label in STATE_LABELS.items()},
    "purpose": PURPOSES,
    "removed": ROLES,
    "to": {str(state): label for state, label in STATE_LABELS.items()},
    "why": REFUSED,
}


def role_in_words(role: str) -> str:
    """The bare role where it has no name."""
    return str(ROLES.get(role, role))


def lines(payload: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each part of the payload: its name (the bare key where it has none) and what it says."""
    for key, value in payload.items():
        yield str(KEYS.get(key, key)), _value(value, _VALUES.get(key, {}))


def _value(value: Any, names: dict[str, Any]) -> str:
    if isinstance(value, list):
        return _("、").join(_value(each, names) for each in value) or "—"
    if isinstance(value, dict):
        return _("；").join(
            _("%(name)s：%(value)s") % {"name": KEYS.get(key, key), "value": _value(each, names)}
            for key, each in value.items()
        )
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return "—" if value is None or value == "" else str(names.get(str(value), value))
