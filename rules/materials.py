"""Article 7: the papers of an application as one table: what each kind is, what is asked of whom, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    LICENCE = "licence"
    IDENTITY = "identity"
    FULFILMENT = "fulfilment"
    REPAIR_FORM = "repair_form"
    TRAINING = "training"
    CREDIT_REPORT = "credit_report"
    AUTHORISATION = "authorisation"
    SIGNED_COMMITMENT = "signed_commitment"
    REPRESENTATIVE = "representative"
    HANDLER_IDENTITY = "handler_identity"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class KindEntry:
    """``hint`` says to the applicant what to hand in; ``shows``: the conditions, by the codes of their findings, that it
    is evidence of; ``about_subject``: it shows who the subject is or what it did as a whole, so that it serves every
    record; else it is about one record; ``sealed``: an organisation's bears a seal, its own or that of the unit."""

    label: str
    hint: str
    shows: tuple[str, ...] = ()
    about_subject: bool = False
    sealed: bool = False


WHO_SIGNED = ("commitment_signed",)
DONE = ("corrected", "obligations_fulfilled")
# Of the commitment, on paper or signed in the portal.
COMMITMENT_SHOWS = ("commitment_signed", "publication_consent")
# What rests on every paper that was handed in: that none of them is false (Article 6).
ON_ALL = "false_material"

KINDS: dict[Kind, KindEntry] = {
    Kind.LICENCE: KindEntry(
        "证照材料复印件（加盖公章）",
        "营业执照、事业单位法人证书等登记证照的复印件，每页加盖公章后拍照或扫描。",
        shows=WHO_SIGNED,
        about_subject=True,
        sealed=True,
    ),
    Kind.IDENTITY: KindEntry(
        "身份证件复印件",
        "身份证人像面和国徽面的照片或复印件，由本人签名。",
        shows=WHO_SIGNED,
        about_subject=True,
    ),
    Kind.FULFILMENT: KindEntry(
        "履行完毕证明",
        "罚款缴款凭证、整改验收意见等。缴款凭证上请写明处罚决定书文号。",
        shows=DONE,
    ),
    Kind.REPAIR_FORM: KindEntry(
        "认定单位出具的信用修复表",
        "认定单位出具并加盖公章的《信用修复表》，可以代替其他履行证明。",
        shows=DONE,
        sealed=True,
    ),
    Kind.TRAINING: KindEntry(
        "信用修复培训证书",
        "信用修复培训结业证书。培训由社会信用管理部门组织，怎样参加请咨询当地社会信用管理部门或者办理机构。",
        shows=("training_completed",),
        about_subject=True,
    ),
    Kind.CREDIT_REPORT: KindEntry(
        "信用报告",
        "公共信用信息工作机构出具的查询报告（免费），或者信用服务机构出具的信用报告。公共信用信息工作机构在本系统为您"
        "出具的报告，可以在“我的信用报告”下载。",
        shows=("credit_report_provided",),
        about_subject=True,
    ),
    Kind.AUTHORISATION: KindEntry(
        "授权委托书", "由他人代办的，上传授权委托书。", shows=WHO_SIGNED, about_subject=True
    ),
    Kind.SIGNED_COMMITMENT: KindEntry(
        "信用修复承诺书签署件的扫描件",
        "打印后签署的承诺书的扫描件：单位由法定代表人（负责人）签名并加盖公章，自然人由本人签名。",
        shows=COMMITMENT_SHOWS,
        about_subject=True,
        sealed=True,
    ),
    Kind.REPRESENTATIVE: KindEntry(
        "法定代表人（负责人）变更证明",
        "登记的法定代表人（负责人）已经变更的，上传登记机关的变更核准文件或者变更后的证照。",
        shows=WHO_SIGNED,
        about_subject=True,
    ),
    Kind.HANDLER_IDENTITY: KindEntry(
        "办理人身份证件",
        "代办申请的法定代表人（负责人）或者受委托经办人本人的身份证件，不代替当事人自己的身份证件复印件。",
        shows=WHO_SIGNED,
        about_subject=True,
    ),
    Kind.OTHER: KindEntry("其他材料", "您认为有助于审查的其他材料。"),
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of ``kinds`` is enough. ``person`` and ``severity`` limit whom it is asked of; None asks everybody."""

    kinds: tuple[Kind, ...]
    reason: str
    person: bool | None = None
    severity: str | None = None

    @property
    def names(self) -> str:
        return "或".join(KINDS[kind].label for kind in self.kinds)


TABLE: tuple[Requirement, ...] = (
    Requirement((Kind.IDENTITY,), "第七条：身份证件复印件", person=True),
    Requirement((Kind.LICENCE,), "第七条：信用主体证照材料复印件并加盖公章", person=False),
    Requirement(
        (Kind.FULFILMENT, Kind.REPAIR_FORM),
        "第七条：法定责任和义务已履行完毕的相关材料，或者认定单位出具的信用修复表",
    ),
    Requirement((Kind.TRAINING,), "第七条：该记录为严重失信，还应当提交信用修复培训证书", severity="serious"),
    Requirement((Kind.CREDIT_REPORT,), "第七条：该记录为严重失信，还应当提交信用报告", severity="serious"),
)


def required(*, person: bool, severity: str) -> tuple[Requirement, ...]:
    """What Article 7 asks of a natural person or an organisation for a record of this severity."""
    return tuple(
        each for each in TABLE if each.person in (None, person) and each.severity in (None, severity)
    )


def alternatives(kind: str) -> tuple[Kind, ...]:
    """The kinds that do as well as this one, itself among them."""
    return next((each.kinds for each in TABLE if kind in each.kinds), (Kind(kind),))
