"""What people are told about a case."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import Role, User
from applications.accounts.selectors import staff_of
from applications.calendars.models import Recalculation
from applications.deadlines.moves import Effect
from applications.deadlines.recipients import Recipients
from applications.deadlines.selectors import running
from applications.deadlines.wording import awaiting, marked
from applications.documents.models import Document, Kind
from applications.documents.templatetags.dates import zh_moment
from applications.files.models import StoredFile
from applications.language import as_kept, day_in_words, to_reader
from applications.ledger.models import Event
from applications.masking import mask_numbers
from applications.notifications.links import link_to
from applications.notifications.models import ALWAYS, Group, Message
from applications.notifications.services import MessageDraft, notify, notify_many
from applications.records.models import DishonestyRecord, RecordChange
from applications.repairs.access import HANDLING_ROLES, turn_role
from applications.repairs.message_words import about, in_public, text_of, titled, whose
from applications.repairs.models import RepairCase, Review
from applications.subjects.models import Claim, Subject
from applications.subjects.selectors import acting_now
from rules.procedure import CLOCK_LABELS, STATE_LABELS, Clock, State, Step, action_label
from rules.procedure import Role as Part


@to_reader()
def last_act(case: RepairCase) -> str:
    """Who took a case further last, and when; empty where nobody did."""
    last = Event.objects.filter(chain=case.number, verb__startswith="repair.").order_by("-position").first()
    return _("%(who_acted)s处理该申请") % {"who_acted": who_acted(last.actor, last.at)} if last else ""


@to_reader()
def stale(case: RepairCase) -> str:
    """Who took the case further since a page was opened, when, and how it stands now."""
    who = last_act(case)
    return (who and _("%(who)s，") % {"who": who}) + _(
        "申请%(number)s现为“%(state)s”。您的操作没有执行，请刷新页面后再办理。"
    ) % {
        "number": case.number,
        "state": _(STATE_LABELS[State(case.status)]),
    }


@to_reader()
def illegal(case: RepairCase, action: str) -> str:
    """That a case as it stands does not take an action, and who took it further last."""
    who = last_act(case)
    return _("“%(state)s”的申请不能执行“%(action)s”。") % {
        "state": _(STATE_LABELS[State(case.status)]),
        "action": _(action_label(action)),
    } + (who and f"{who}{_('。')}")


@to_reader()
def set_back(case: RepairCase, at: datetime) -> str:
    """Why a step cannot be dated before what was done last."""
    last, dated = zh_moment(case.edited_at), zh_moment(at)
    return _(
        "申请%(number)s最近一次办理于%(last)s，这一步不能记在此前的%(dated)s，"
        "否则法定期限会被倒拨。请核对系统时间。"
    ) % {"number": case.number, "last": last, "dated": dated}


@as_kept()
def tell_applicant(
    *,
    case: RepairCase,
    step: Step,
    message: str,
    documents: Mapping[str, Document],
    actor: User | None,
    ask: str = "",
    at: datetime,
) -> None:
    """One message about a step to the person who handles the case for the subject; of what somebody of the subject's own side
    did, to all others who act for it. Nobody has an account of what came at the window or by post: its letters are handed
    over (repairs.services.proofs)."""
    if case.filing.reception_id is not None:
        return
    # Of whom nothing but the key is asked.
    people = [User(pk=case.filing.applicant_id)]
    group, text = Group.NOTICE, text_of(case, step, ask)
    if step.role == Part.APPLICANT:
        people += acting_now(case.record.subject, localdate(at))
        message += _("\n经办人：%(who)s。") % {"who": case.record.subject.shown_name_of(actor)}
        group, text = Group.PROGRESS, ""
    names = "、".join(
        f"《{document.get_kind_display()}》{document.number}" for document in documents.values()
    )
    notify(
        key=_key(case, step),
        recipients=people,
        by=actor,
        group=group,
        text=text,
        subject=_subject(case, step),
        body="\n".join(
            [
                message,
                *(
                    [_("已出具：%(names)s，可以在办理进度页面查看和下载。") % {"names": names}]
                    if names
                    else []
                ),
                about(case),
            ]
        ),
        link=link_to("case", case.number),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_applicants(*, told: Iterable[tuple[RepairCase, Step, str]], at: datetime) -> None:
    """The same about one step in many cases, of each with its message; none of them has issued a document."""
    drafts = [
        MessageDraft(
            key=_key(case, step),
            recipient_id=case.filing.applicant_id,
            subject=_subject(case, step),
            body=f"{message}\n{about(case)}",
            link=link_to("case", case.number),
            about=case.number,
        )
        for case, step, message in told
        if case.filing.reception_id is None
    ]
    if drafts:
        for channel in ALWAYS:
            notify_many(drafts=drafts, channel=channel, group=Group.PROGRESS, at=at)


def _key(case: RepairCase, step: Step) -> str:
    return f"{case.number}:{step.event}:{case.version}"


def _subject(case: RepairCase, step: Step) -> str:
    return titled(case, step.label)


@as_kept()
def send_copy(*, case: RepairCase, document: Document, at: datetime) -> None:
    """抄送: the identifying unit gets the grant that the credit bureau issued about its record, or what revokes it."""
    unit = case.record.identifying_unit
    if unit == case.organ:
        return
    if document.kind == Kind.REVOCATION_DECISION:
        subject = _("抄送：%(record)s的信用修复被撤销")
        body = _(
            "%(organ)s对你单位认定的失信行为信息（%(record)s）作出《%(kind)s》（%(number)s），撤销此前准予的信用修复。"
            "该信息的修复标注已取消，能否恢复公示见决定书。"
        )
    else:
        subject = _("抄送：%(record)s准予信用修复")
        body = _(
            "%(organ)s对你单位认定的失信行为信息（%(record)s）作出《%(kind)s》（%(number)s），准予信用修复。%(in_public)s，"
            "不再作为信用惩戒的依据。"
        )
    notify(
        key=f"{case.number}:copy:{document.number}",
        recipients=staff_of(unit, *HANDLING_ROLES, Role.SUPERVISOR),
        subject=subject % {"record": case.record},
        body=body
        % {
            "organ": case.organ,
            "record": case.record,
            "kind": document.get_kind_display(),
            "number": document.number,
            "in_public": in_public(case.record),
        },
        link=link_to("document", document.pk),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_of_return(*, case: RepairCase, step: Step, reason: str, at: datetime) -> None:
    """Whoever reviewed a case hears that it came back, and why."""
    review = case.reviews.select_related("reviewer").last()
    if review is None:
        return
    notify(
        key=f"{case.number}:{step.event}:{case.version}:reviewer",
        recipients=[review.reviewer],
        subject=titled(case, _("退回重新审查")),
        body=_("您的审查意见（%(proposal)s）被退回，请重新审查。理由：%(reason)s\n%(about)s")
        % {"proposal": review.get_proposal_display(), "reason": reason, "about": about(case)},
        link=link_to("repaircase", case.pk),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_of_difference(
    *, case: RepairCase, step: Step, review: Review, reason: str, actor: User | None, at: datetime
) -> None:
    """A decision that differs from the review is reported to whoever reviewed, and to the head of the organ."""
    notify(
        key=f"{case.number}:{step.event}:{case.version}:differs",
        recipients=[review.reviewer, *staff_of(case.organ, Role.SUPERVISOR)],
        by=actor,
        subject=titled(case, _("决定与审查意见不同")),
        body=_("审查意见：%(reviewer)s%(proposal)s。决定：%(label)s。理由：%(reason)s\n%(about)s")
        % {
            "reviewer": review.reviewer,
            "proposal": review.get_proposal_display(),
            "label": step.label,
            "reason": reason,
            "about": about(case),
        },
        link=link_to("repaircase", case.pk),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_of_change_of_draft(*, case: RepairCase, change: RecordChange, at: datetime) -> None:
    """A draft is nobody's business yet but its applicant's; one of the window is compared with the record when it is submitted."""
    if case.filing.reception_id is not None:
        return
    notify(
        key=f"{case.number}:record-changed:{change.pk}",
        recipients=[case.filing.applicant],
        subject=titled(case, _("失信行为信息变更")),
        body=_(
            "认定单位更改了您正在填写的申请所涉及的失信行为信息，请核对后再提交。改了什么，见该记录的“变更历史”。\n%(about)s"
        )
        % {"about": about(case)},
        link=link_to("case", case.number),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_of_reinstatement(*, record: DishonestyRecord, at: datetime) -> None:
    """Whose application was ended by a revocation that was registered by mistake: it stays so, and another can be made."""
    ended = Event.objects.filter(verb="repair.closed", chain__in=record.cases.values("number"))
    online = record.cases.filter(number__in=ended.values("chain"), filing__reception=None)
    for case in online.select_related("filing__applicant", "record__subject", "organ"):
        notify(
            key=f"{case.number}:reinstated",
            recipients=[case.filing.applicant],
            subject=titled(case, _("处罚的撤销登记有误")),
            body=_(
                "您申请修复的失信行为信息，此前登记为处罚已被撤销，申请%(case)s因此终止。认定单位查明该登记有误，已经更正："
                "处罚仍然有效，该信息现为“%(publicity)s”。已终止的申请不恢复办理；需要修复的，可以重新申请。\n%(about)s"
            )
            % {
                "case": case.number,
                "publicity": record.get_publicity_display(),
                "about": about(case),
            },
            link=link_to("case", case.number),
            about=case.number,
            at=at,
        )


def _in_charge(case: RepairCase, at: datetime) -> Iterable[User]:
    """Whoever has charge of the case, or whose turn it is."""
    clock = running().filter(case_number=case.number).select_related("organ").first()
    if clock:
        return Recipients(localdate(at)).responsible(clock)
    return staff_of(case.organ, turn_role(case) or Role.INTAKE)


@as_kept()
def tell_officers_of_change(*, case: RepairCase, change: RecordChange, said: str, at: datetime) -> None:
    """Whoever has charge of the case, or whose turn it is: what it rests on is not what it was."""
    notify(
        key=f"{case.number}:record-changed:{change.pk}:officers",
        recipients=_in_charge(case, at),
        by=change.actor,
        subject=titled(case, _("失信行为信息变更")),
        body=_(
            "申请%(case)s所涉失信行为信息有更改：%(said)s。条件已重新核对，请按更改后的信息办理。\n%(about)s"
        )
        % {"case": case.number, "said": said, "about": about(case)},
        link=link_to("repaircase", case.pk),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_officers_of_nobody(*, case: RepairCase, claim: Claim, at: datetime) -> None:
    """Nobody acts for the subject any more: what is owed to it reaches nobody by the portal."""
    notify(
        key=f"{case.number}:nobody-acts:{claim.pk}",
        recipients=_in_charge(case, at),
        subject=_("%(case)s 现在没有人代信用主体办理") % {"case": case.number},
        body=_(
            "%(who)s不再代“%(name)s”办理，门户中没有别的账号可以代它办理全部事项。申请仍然有效，请照常办理；"
            "文书请按其他方式送达信用主体。\n%(about)s"
        )
        % {"who": claim.shown_user, "name": claim.public_name, "about": about(case)},
        link=link_to("repaircase", case.pk),
        about=case.number,
        at=at,
    )


@as_kept()
def tell_of_moves(*, recalculation: Recalculation, moves: Sequence[Effect], at: datetime) -> None:
    """One inbox message to the applicant for each clock that a new calendar moved, however many there are."""
    # Of every case with a running clock: a hundred thousand numbers take longer to ask for than to leave out.
    waiting = RepairCase.objects.filter(number__in=running().values("case_number"), filing__reception=None)
    told = {
        number: (applicant, Subject(kind=kind, name=name).public_name, record, organ)
        for number, applicant, kind, name, record, organ in waiting.values_list(
            "number",
            "filing__applicant_id",
            "record__subject__kind",
            "record__subject__name",
            "record__document_number",
            "organ__name",
        )
    }

    @cache
    def said(
        clock: str, old: date, was_provisional: bool, new: date, is_provisional: bool
    ) -> tuple[str, str]:
        body = _("因工作日安排变化，这项期限的届满日由%(old)s调整为%(new)s。") % {
            "old": marked(day_in_words(old), was_provisional),
            "new": marked(day_in_words(new), is_provisional),
        }
        return _("“%(clock)s”期限调整") % {"clock": CLOCK_LABELS[Clock(clock)]}, body + (
            awaiting(new) if is_provisional else ""
        )

    drafts = []
    for clock, due in moves:
        number = clock.case_number
        if number in told:
            applicant, name, record, organ = told[number]
            record = mask_numbers(record)
            subject, body = said(clock.kind, clock.due_on, clock.provisional, due.due_on, due.provisional)
            drafts.append(
                MessageDraft(
                    key=f"moved:{recalculation.pk}:{clock.id}",
                    recipient_id=applicant,
                    subject=f"{number} {name} {record}：{subject}",
                    body=f"{body}\n{whose(name, record, organ)}",
                    link=link_to("case", number),
                    about=number,
                )
            )
    notify_many(drafts=drafts, channel=Message.Channel.INBOX, at=at)


@as_kept()
def tell_of_virus(*, case: RepairCase, file: StoredFile, officer: User | None, at: datetime) -> None:
    """The applicant's side, whatever it can still do, and the officer who has the case."""
    body = _(
        "病毒检查在申请%(number)s的材料“%(name)s”中发现病毒，文件已隔离，谁也不能打开。\n"
        "还没有提交的，请在申请中删除它，换一份没有病毒的重新上传；已经提交的，这个文件不能作为依据，请联系办理机构%(organ)s。"
        "法定期限照常计算。\n%(about)s"
    ) % {"number": case.number, "name": file.name, "organ": case.organ, "about": about(case)}
    notify(
        key=f"virus/{file.pk}/{case.number}",
        recipients=[User(pk=case.filing.applicant_id), *([officer] if officer else [])],
        subject=titled(case, _("一份材料发现病毒")),
        body=body,
        link=link_to("case", case.number),
        about=case.number,
        at=at,
    )
