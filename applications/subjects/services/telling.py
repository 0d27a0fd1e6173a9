"""What people are told about a claim, and what the ledger keeps of it. A natural person's name is masked: a mail may lie open."""

from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.language import as_kept, day_in_words
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.models import Group
from applications.notifications.services import notify
from applications.subjects.models import Claim
from applications.subjects.selectors import acting_now, verifiers_of

Status = Claim.Status


def record_claim(
    claim: Claim, verb: str, at: datetime, actor: User | None, role: str, **payload: str
) -> None:
    record_event(
        chain=claim.chain,
        verb=verb,
        at=at,
        actor=actor,
        role=role,
        organ=actor.organ if actor else None,
        payload={"claim": claim.pk, "user": claim.user_id, **payload},
    )


def in_words(claim: Claim) -> str:
    """Who, and in which capacity: 周代理（受委托的代理人，只限宁市监处罚〔2026〕15号，授权至2027年3月1日）."""
    parts = [claim.get_capacity_display()] if claim.capacity else []
    if claim.scope_document:
        parts.append(_("只限%(number)s") % {"number": claim.scope_document})
    if claim.ends_on:
        parts.append(_("授权至%(day)s") % {"day": day_in_words(claim.ends_on)})
    return f"{claim.shown_user}（{'，'.join(parts)}）" if parts else claim.shown_user


@as_kept()
def tell_of_new_claim(claim: Claim, at: datetime, *, corrected: int = 0) -> None:
    """The officers who answer it, and whoever acts for the subject already. ``corrected``: how often it was."""
    said = {"name": claim.public_name, "code": claim.masked_code, "number": claim.number or ""}
    due = _("请在%(day)s前答复。") % {"day": day_in_words(claim.due_on)} if claim.due_on else ""
    body = (
        _("%(name)s（%(code)s）的认领已经更正，等待核验。")
        if corrected
        else _("%(name)s（%(code)s）的认领等待核验。")
    )
    notify(
        key=f"claim-{claim.pk}-made{f'-{corrected}' if corrected else ''}",
        recipients=verifiers_of(claim),
        subject=_("有一件主体认领待核验"),
        body=body % said + due,
        at=at,
        link=link_to("claim", claim.pk),
    )
    if claim.subject is None or corrected:
        return
    notify(
        key=f"claim-{claim.pk}-others",
        recipients=acting_now(claim.subject, localdate(at)).exclude(pk=claim.user_id),
        subject=_("有人申请代“%(name)s”办理信用修复") % {"name": claim.subject.public_name},
        body=_(
            "%(who)s于%(day)s申请代“%(name)s”办理，正由公共信用信息工作机构核验，结果会再通知您。"
            "如果您不知道此事，请马上联系该机构。"
        )
        % {
            "who": in_words(claim),
            "day": day_in_words(localdate(claim.made_at)),
            "name": claim.subject.public_name,
        },
        at=at,
        link=link_to("subjects"),
    )


def what_to_do(claim: Claim) -> str:
    """What somebody may do whose claim was not confirmed."""
    window = _("%(organ)s的窗口") % {"organ": claim.organ} if claim.organ else _("公共信用信息工作机构的窗口")
    phone = _("（电话%(phone)s）") % {"phone": claim.organ.phone} if claim.organ and claim.organ.phone else ""
    return _("改正后可以重新提出认领，也可以带证件和证明材料到%(window)s%(phone)s办理。") % {
        "window": window,
        "phone": phone,
    }


@as_kept()
def tell_of_answer(claim: Claim, at: datetime, *, by: User | None) -> None:
    """The claimant, and whoever else acts for the subject; ``by``: who answered."""
    name = claim.public_name
    if claim.status == Status.VERIFIED:
        subject, body = (
            _("主体认领已通过"),
            _("您现在可以为“%(name)s”查看失信记录、申请信用修复。") % {"name": name},
        )
        if claim.scope_document:
            body = _("您现在可以为“%(name)s”办理%(number)s的信用修复，只限这一条记录。") % {
                "name": name,
                "number": claim.scope_document,
            }
        if claim.ends_on:
            body += _("授权至%(day)s为止。") % {"day": day_in_words(claim.ends_on)}
        result = _(
            "已通过，可以代“%(name)s”办理。不认可的，由法定代表人（负责人、经营者）或者本人在“我的信用主体”中移除"
        )
    else:
        subject = _("主体认领未通过")
        body = _("您对“%(name)s”的认领未通过。原因：%(reason)s") % {"name": name, "reason": claim.reason}
        body += "\n" + (claim.advice + "\n" if claim.advice else "") + what_to_do(claim)
        result = _("未通过，不能代“%(name)s”办理")
    _tell_claimant(claim, subject, body, at, by=by)
    if claim.subject is None:
        return
    notify(
        key=f"claim-{claim.pk}-{claim.status}-others",
        recipients=acting_now(claim.subject, localdate(at)).exclude(pk=claim.user_id),
        subject=_("代“%(name)s”办理的申请有结果") % {"name": claim.subject.public_name},
        body=_("%(who)s的申请%(result)s。")
        % {"who": in_words(claim), "result": result % {"name": claim.subject.public_name}},
        at=at,
        link=link_to("subjects"),
    )


@as_kept()
def tell_of_end(claim: Claim, at: datetime, *, by: User | None = None, others: bool = False) -> None:
    """The one who no longer acts for the subject; ``others``: and whoever still does. ``by``: who ended it."""
    name = claim.public_name
    _tell_claimant(
        claim,
        _("您不再代“%(name)s”办理") % {"name": name},
        _("%(reason)s从现在起，您不能再替“%(name)s”查看记录和办理；此前提交的申请仍然有效。")
        % {"reason": claim.reason, "name": name},
        at,
        by=by,
    )
    if claim.subject is not None and others:
        notify(
            key=f"claim-{claim.pk}-ended-others",
            recipients=acting_now(claim.subject, localdate(at)).exclude(pk=claim.user_id),
            subject=_("%(who)s不再代“%(name)s”办理") % {"who": claim.shown_user, "name": name},
            body=_("%(who)s：%(reason)s此前提交的申请仍然有效，请查看办理进度。")
            % {"who": in_words(claim), "reason": claim.reason},
            at=at,
            link=link_to("subjects"),
        )


@as_kept()
def tell_before_end(claim: Claim, at: datetime) -> None:
    if claim.ends_on is None or claim.subject is None:
        return
    said = {"name": claim.public_name, "day": day_in_words(claim.ends_on), "who": claim.shown_user}
    _tell_claimant(
        claim,
        _("您代“%(name)s”办理的授权将到期") % said,
        _("授权到%(day)s为止，此后您不能再替“%(name)s”办理。要继续办理的，请在此前用新的授权委托书重新认领。")
        % said,
        at,
        key="before-end",
        group=Group.REMINDER,
    )
    notify(
        key=f"claim-{claim.pk}-before-end-others",
        recipients=acting_now(claim.subject, localdate(at)).exclude(pk=claim.user_id),
        subject=_("%(who)s代“%(name)s”办理的授权将到期") % said,
        body=_("%(who)s的授权到%(day)s为止。要由其继续办理的，请出具新的授权委托书。") % said,
        at=at,
        group=Group.REMINDER,
        link=link_to("subjects"),
    )


def _tell_claimant(
    claim: Claim,
    subject: str,
    body: str,
    at: datetime,
    key: str = "",
    by: User | None = None,
    group: Group = Group.NOTICE,
) -> None:
    notify(
        key=f"claim-{claim.pk}-{key or claim.status}",
        recipients=[claim.user],
        by=by,
        group=group,
        subject=subject,
        body=body,
        at=at,
        link=link_to("subjects"),
    )
