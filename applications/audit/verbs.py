"""The events of the ledger in words, for those who audit it."""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.records.history import VERBS as RECORD_VERBS
from applications.repairs.progress import EVENT_LABELS

WORDS: dict[str, str | Promise] = {
    **EVENT_LABELS,
    **RECORD_VERBS,
    "act.refused": gettext_lazy("操作被拒绝"),
    "calendar.approved": gettext_lazy("工作日历变更复核通过"),
    "calendar.confirmed": gettext_lazy("确认工作日历变更"),
    "calendar.exported": gettext_lazy("导出工作日历变更的影响"),
    "calendar.proposed": gettext_lazy("提出工作日历变更"),
    "calendar.rejected": gettext_lazy("工作日历变更未通过"),
    "deadline.breach_withdrawn": gettext_lazy("逾期因日历变更撤销"),
    "deadline.breached": gettext_lazy("期限逾期"),
    "deadline.moved": gettext_lazy("期限因日历变更移动"),
    "delivery.delivered": gettext_lazy("共享平台已签收"),
    "delivery.failed": gettext_lazy("推送失败，待人工处理"),
    "delivery.requeued": gettext_lazy("安排重新推送"),
    "destination.approved": gettext_lazy("复核共享平台并生效"),
    "destination.proposed": gettext_lazy("提出共享平台"),
    "destination.registered": gettext_lazy("登记共享平台"),
    "destination.rejected": gettext_lazy("驳回共享平台"),
    "dishonestyrecord.exported": gettext_lazy("导出失信行为信息"),
    "document.exported": gettext_lazy("导出发文登记簿"),
    "document.issued": gettext_lazy("出具文书"),
    "document.read": gettext_lazy("查阅文书"),
    "document.rendered": gettext_lazy("文书生成PDF"),
    "document.voided": gettext_lazy("文书作废"),
    "ledger.files_restored": gettext_lazy("重新写出链头文件"),
    "material.virus_found": gettext_lazy("材料发现病毒"),
    "objection.evidence_added": gettext_lazy("添加异议证据"),
    "objection.evidence_removed": gettext_lazy("删除异议证据"),
    "organ.changed": gettext_lazy("修改机构"),
    "organ.created": gettext_lazy("新建机构"),
    "policy.adopted": gettext_lazy("政策经复核采用"),
    "policy.proposed": gettext_lazy("提出政策"),
    "policy.rejected": gettext_lazy("政策未通过"),
    "remedies.approved": gettext_lazy("复核复议机关和管辖法院并生效"),
    "remedies.proposed": gettext_lazy("提出复议机关和管辖法院"),
    "remedies.rejected": gettext_lazy("驳回复议机关和管辖法院"),
    "repair.applicant_changed": gettext_lazy("改由另一名经办人跟进"),
    "repair.assigned": gettext_lazy("指定承办人"),
    "repair.correction_drafted": gettext_lazy("拟补正告知"),
    "repair.correction_excepted": gettext_lazy("写明再次补正的理由"),
    "repair.material_added": gettext_lazy("上传材料"),
    "repair.material_read": gettext_lazy("查阅材料"),
    "repair.material_removed": gettext_lazy("删除材料"),
    "repair.revocation_proposed": gettext_lazy("提议撤销信用修复"),
    "repair.revocation_rejected": gettext_lazy("撤销信用修复的提议被驳回"),
    "repair.signing_link_made": gettext_lazy("生成签署链接"),
    "repair.signing_link_revoked": gettext_lazy("签署链接作废"),
    "repair.taken_out": gettext_lazy("移出一并申请"),
    "repaircase.archived": gettext_lazy("下载办件档案"),
    "repaircase.exported": gettext_lazy("导出信用修复申请"),
    "replay.downloaded": gettext_lazy("下载政策试算结果"),
    "replay.exported": gettext_lazy("导出政策试算结果"),
    "replay.finished": gettext_lazy("政策试算完成"),
    "replay.requested": gettext_lazy("开始政策试算"),
    "report.issued": gettext_lazy("出具信用报告"),
    "report.previewed": gettext_lazy("预览信用报告"),
    "report.voided": gettext_lazy("信用报告作废"),
    "rules.confirmed": gettext_lazy("确认实施细则"),
    "rules.discarded": gettext_lazy("放弃实施细则草稿"),
    "rules.handed_in": gettext_lazy("提交实施细则"),
    "rules.refused": gettext_lazy("实施细则未被采用"),
    "rules.withdrawn": gettext_lazy("实施细则废止"),
    "seal.approved": gettext_lazy("复核印章图样并启用"),
    "seal.proposed": gettext_lazy("提出启用印章图样"),
    "seal.rejected": gettext_lazy("驳回印章图样"),
    "seal.withdrawal_proposed": gettext_lazy("提出停用印章图样"),
    "seal.withdrawal_rejected": gettext_lazy("驳回停用印章图样"),
    "seal.withdrawn": gettext_lazy("复核停用印章图样"),
    "subject.changed": gettext_lazy("登记主体更名、合并、分立、注销"),
    "subject.claim_corrected": gettext_lazy("更正认领"),
    "subject.claim_ended": gettext_lazy("不再代办"),
    "subject.claim_failed": gettext_lazy("认领主体核对不一致"),
    "subject.claim_rejected": gettext_lazy("认领主体未通过"),
    "subject.claim_verified": gettext_lazy("认领主体通过"),
    "subject.claim_withdrawn": gettext_lazy("撤回认领"),
    "subject.claimed": gettext_lazy("申请认领主体"),
    "subject.code_confirmed": gettext_lazy("确认校验不符的代码"),
    "subject.code_proposed": gettext_lazy("提出代码确认"),
    "subject.code_refused": gettext_lazy("代码未予确认"),
    "subject.looked_up": gettext_lazy("收件时查找信用主体"),
    "subject.proof_read": gettext_lazy("查阅认领证明"),
    "subject.registered": gettext_lazy("登记信用主体"),
    "user.absence_ended": gettext_lazy("提前结束离岗代办"),
    "user.absence_registered": gettext_lazy("登记离岗代办"),
    "user.address_changed": gettext_lazy("更换登录邮箱"),
    "user.address_proposed": gettext_lazy("提出更换登录邮箱"),
    "user.changed": gettext_lazy("修改账号"),
    "user.created": gettext_lazy("新建账号"),
    "user.disabled": gettext_lazy("停用账号"),
    "user.enabled": gettext_lazy("启用账号"),
    "user.password_changed": gettext_lazy("修改密码"),
    "user.password_refused": gettext_lazy("办理中密码输入错误"),
    "user.password_reset": gettext_lazy("通过邮件重设密码"),
    "user.real_name_connected": gettext_lazy("与实名身份相连"),
    "user.roles_changed": gettext_lazy("修改岗位"),
    "user.second_factor_failed": gettext_lazy("两步验证的验证码错误"),
    "user.second_factor_off": gettext_lazy("关闭两步验证"),
    "user.second_factor_on": gettext_lazy("开启两步验证"),
    "user.sign_in_failed": gettext_lazy("登录失败"),
    "user.sign_in_refused": gettext_lazy("登录尝试过多，未核对密码"),
    "user.signed_in": gettext_lazy("登录"),
    "user.signed_out": gettext_lazy("退出登录"),
    "user.signed_up": gettext_lazy("注册账号"),
    "user.signed_up_again": gettext_lazy("用已有账号的邮箱再次注册"),
}


def in_words(verb: str) -> str:
    """What happened, in a few words; the bare verb of an event that has none."""
    if verb in WORDS:
        return str(WORDS[verb])
    noun, _dot, action = verb.partition(".")
    names = {model._meta.model_name: model._meta.verbose_name for model in apps.get_models()}
    if noun in names and action == "read":
        return _("查阅%(what)s") % {"what": names[noun]}
    if noun in names and action == "listed":
        return _("查阅%(what)s列表") % {"what": names[noun]}
    return verb
