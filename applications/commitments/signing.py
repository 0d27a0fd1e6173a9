"""How a commitment was signed, in the same words for the letter, its signatory, the officers and the public: what was
checked, what was not, and which conditions of a reliable electronic signature each way meets (电子签名法 Article 13).
"""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from applications.commitments.models import Commitment, SigningWay
from applications.subjects.models import Subject


@dataclass(frozen=True)
class Signing:
    """``how`` names nobody, so that it may be public; ``who`` is the signatory, and for whom, where that is another."""

    how: str
    who: str
    checked: str
    not_checked: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Condition:
    """A condition of Article 13. ``met``: whether the portal can vouch for it; None where it does not apply."""

    name: str
    met: bool | None
    words: str


def expected_signatory(subject: Subject) -> str:
    """Who signs for the subject, as the register says; empty where it does not."""
    return subject.name if subject.is_person else subject.legal_representative


def how_signed(way: str, *, person: bool) -> str:
    """One phrase about a way, without a name."""
    match way:
        case SigningWay.ACCOUNT if person:
            return _("以承诺人同名的账号登录，输入密码，在网上签署")
        case SigningWay.ACCOUNT:
            return _("以法定代表人（负责人）同名的账号登录，输入密码，在网上签署")
        case SigningWay.LINK if person:
            return _("由本人凭一次性链接在网上签署")
        case SigningWay.LINK:
            return _("由法定代表人（负责人）凭一次性链接在网上签署")
        case SigningWay.AGENT:
            return _("由受托人依据授权委托书在网上代为签署")
        case SigningWay.PAPER if person:
            return _("在打印的承诺书上签名，上传扫描件")
        case SigningWay.PAPER:
            return _("在打印的承诺书上签名并加盖公章，上传扫描件")
    return _("以账号登录，输入密码，在网上签署（当时没有登记签署人与账号使用人的关系）")


def signing_of(commitment: Commitment) -> Signing:
    subject = commitment.subject
    way, signatory = commitment.way, commitment.signatory
    checked, not_checked = _checks(way, subject, commitment.link_sent_to)
    return Signing(
        how=how_signed(way, person=subject.is_person),
        who=_("受托人%(agent)s（依据授权委托书）代%(subject)s签署")
        % {"agent": signatory, "subject": subject.name}
        if way == SigningWay.AGENT
        else signatory,
        checked=checked,
        not_checked=not_checked,
    )


def compares_number(subject: Subject) -> bool:
    """Whether the register has a number of an identity document with which a signatory's can be compared."""
    return subject.is_person and bool(subject.identity_number)


def _checks(way: str, subject: Subject, sent_to: str) -> tuple[str, str]:
    match way:
        case SigningWay.ACCOUNT:
            return (
                _("登录密码正确；账号登记的姓名与签署人姓名相同。"),
                _("账号登记的姓名由使用人自己填写，没有经过实名核验。"),
            )
        case SigningWay.LINK:
            sent = (
                _("链接由系统发往申请人填写的邮箱%(address)s；") % {"address": sent_to}
                if sent_to
                else _("链接由申请人自行转交签署人；")
            )
            if compares_number(subject):
                return (
                    _(
                        "链接有效且没有用过；签署人输入的姓名与链接写明的签署人相同，证件号码后六位与登记的号码相同。"
                    ),
                    sent + _("没有经过实名核验，系统不能证明打开链接的人就是本人。"),
                )
            return (
                _("链接有效且没有用过；签署人输入的姓名与链接写明的签署人相同。"),
                sent
                + _("没有经过实名核验；签署人输入的证件号码后六位没有可以比对的登记信息，只保存摘要备查。"),
            )
        case SigningWay.AGENT:
            return (
                _("登录密码正确；账号登记的姓名与受托人姓名相同；已上传授权委托书。"),
                _("受托人没有经过实名核验；授权委托书的真伪和授权范围由办理机构审查。"),
            )
        case SigningWay.PAPER:
            return (
                _("填写的文字校验码与承诺书全文相符；扫描件的摘要已存入台账。"),
                _("系统不辨认签名和印章，扫描件上的文字与承诺书是否一致，由办理机构审查。"),
            )
    return "", ""


def reliability(way: str) -> list[Condition]:
    """The four conditions of Article 13 in their order."""
    names = (
        _("签名制作数据专属于签署人"),
        _("签署时只由签署人控制"),
        _("签署后改动签名能够发现"),
        _("签署后改动文字能够发现"),
    )
    if way == SigningWay.PAPER:
        words = (
            _("不是电子签名，手写签名和印章的效力依其他法律认定。"),
            _("同上。"),
            _("扫描件的摘要存入台账，换掉扫描件能够发现；纸面上的改动系统看不到。"),
            _("承诺书文字的摘要存入台账，改一个字也能够发现；纸面上的改动系统看不到。"),
        )
        return [Condition(*each) for each in zip(names, (None, None, None, True), words, strict=True)]
    own = {
        SigningWay.ACCOUNT: _("靠账号密码。系统不能证明密码只有签署人知道。"),
        SigningWay.LINK: _(
            "靠一次性链接和签署人自己输入的身份信息。拿到链接的人都能打开，系统不能证明只有签署人拿到。"
        ),
        SigningWay.AGENT: _("靠受托人的账号密码，不是委托人自己的签名。系统不能证明密码只有受托人知道。"),
    }[SigningWay(way)]
    words = (
        own,
        _("系统看不到签署时是谁在操作，不能证明。"),
        _("签署方式、时间和摘要存入逐条相连的台账，改动能够发现。"),
        _("承诺书文字的摘要存入台账，改一个字摘要就不同。"),
    )
    return [Condition(*each) for each in zip(names, (False, False, True, True), words, strict=True)]
