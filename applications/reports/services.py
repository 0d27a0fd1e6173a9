"""Issuing and voiding credit reports: the credit bureau's part of Article 3."""

import secrets
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.documents.models import Document, Kind
from applications.documents.numbering import CODE_ALPHABET
from applications.documents.services import alarming, issue_document, void_document
from applications.language import day_in_words
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.reports.access import may_issue_for
from applications.reports.composing import compose
from applications.reports.models import CreditReport
from applications.reports.selectors import has_changed_since
from applications.subjects.access import may_act_for
from applications.subjects.models import Subject
from applications.subjects.selectors import acting_now
from rules.periods import add_months

# No rule sets how long a report may be used; the bureaus' custom does, and every report prints it.
VALIDITY_MONTHS = 6
# However often its holder extends it.
MOST_MONTHS = 18


def make_report_number(at: datetime) -> str:
    """22 characters as in the national report: yyyyMMddHHmmss in Shanghai and eight random ones."""
    tail = "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))
    return f"{timezone.localtime(at):%Y%m%d%H%M%S}{tail}"


def _require_officer(actor: User, organ: Organ) -> None:
    if not may_issue_for(actor, organ):
        raise PermissionDenied("only a report officer of the credit bureau issues and voids its reports")


def clean_purpose(purpose: str) -> str:
    """What a report is wanted for; ValidationError where it is missing or too long."""
    purpose = purpose.strip()
    if not purpose:
        raise ValidationError({"purpose": _("请填写用途，例如“申请信用修复”。")})
    if len(purpose) > 200:
        raise ValidationError({"purpose": _("用途不超过200字，现有%(n)d字。") % {"n": len(purpose)}})
    return purpose


def refuse_variant(variant: str, since: date | None, today: date) -> None:
    """ValidationError where there is no such variant, or where it cannot be of such a period."""
    if variant not in CreditReport.Variant.values:
        raise ValidationError({"variant": _("请选择报告版本：公开版或者信用修复版。")})
    if since is None:
        return
    if variant != CreditReport.Variant.PUBLIC:
        raise ValidationError({"since": _("信用修复版列示全部信息，不能限定报告期间。")})
    if since > today:
        raise ValidationError({"since": _("报告期间的起始日期不能晚于今天。")})


def _refuse_replacing(report: CreditReport, subject: Subject) -> None:
    if report.subject_id != subject.pk:
        raise ValidationError(
            _("报告 %(number)s 是关于另一主体的，不能由这份报告取代。") % {"number": report.number}
        )
    if report.document.status == Document.Status.VOID:
        raise ValidationError(_("报告 %(number)s 已经作废，请直接出具新报告。") % {"number": report.number})
    if Document.objects.filter(replaces=report.document_id).exists():
        raise ValidationError(_("报告 %(number)s 已经被新报告取代。") % {"number": report.number})


@alarming()
@transaction.atomic
def issue_report(
    *,
    subject: Subject,
    variant: str,
    organ: Organ,
    purpose: str,
    actor: User,
    at: datetime,
    since: date | None = None,
    replaces: CreditReport | None = None,
) -> CreditReport:
    """Freeze what the portal holds about the subject today as a numbered, verifiable report.

    ``since``: a public report of what was decided from that day on. ``replaces``: the earlier report about the same subject in
    whose place it comes; it stays on file, and its page of verification leads to the new one. PermissionDenied
    unless the actor is a report officer of this credit bureau; ValidationError for a missing or overlong purpose, a variant
    that does not exist, a period that it cannot have, or an earlier report that cannot be replaced.
    """
    _require_officer(actor, organ)
    purpose = clean_purpose(purpose)
    refuse_variant(variant, since, localdate(at))
    if replaces is not None:
        _refuse_replacing(replaces, subject)
    today = timezone.localdate(at)
    number = make_report_number(at)
    valid_until = add_months(today, VALIDITY_MONTHS)
    content = compose(subject=subject, variant=variant, on=today, since=since) | {
        "purpose": purpose,
        "valid_until": valid_until.isoformat(),
        "validity_months": VALIDITY_MONTHS,
        "organ": {"name": organ.name, "phone": organ.phone, "address": organ.address},
        "date": today.isoformat(),
    }
    document = issue_document(
        kind=Kind.CREDIT_REPORT,
        organ=organ,
        about=number,
        addressee=subject.name,
        content=content,
        at=at,
        issued_by=actor,
        valid_until=valid_until,
        number=number,
        replaces=replaces.document if replaces else None,
    )
    report = CreditReport.objects.create(
        number=number,
        subject=subject,
        organ=organ,
        variant=variant,
        purpose=purpose,
        since=since,
        document=document,
        issued_by=actor,
        issued_at=at,
    )
    record_event(
        chain=number,
        verb="report.issued",
        at=at,
        actor=actor,
        role="report_officer",
        organ=organ,
        payload={"subject": subject.pk, "variant": str(variant), "document": str(document.pk)}
        | ({"replaces": replaces.number} if replaces else {}),
    )
    notify(
        key=f"report-issued/{number}",
        recipients=acting_now(subject, today),
        subject=_("%(name)s的公共信用信息报告已经出具") % {"name": subject.public_name},
        body=_("%(organ)s出具了报告（编号%(number)s），有效期至%(until)s。登录后可以在“信用报告”中下载。")
        % {"organ": organ.name, "number": number, "until": day_in_words(valid_until)},
        at=at,
        link=link_to("reports"),
        about=number,
    )
    return report


@transaction.atomic
def void_report(*, report: CreditReport, reason: str, actor: User, at: datetime) -> CreditReport:
    """Declare a report void, with the reason. The verification page says so from the same moment."""
    _require_officer(actor, report.organ)
    report.document = void_document(document=report.document, reason=reason, actor=actor, at=at)
    record_event(
        chain=report.number,
        verb="report.voided",
        at=at,
        actor=actor,
        role="report_officer",
        organ=report.organ,
        payload={"document": str(report.document_id)},
    )
    return report


@transaction.atomic
def record_preview(*, subject: Subject, variant: str, actor: User, at: datetime) -> None:
    """Note that an officer looked at what a report about the subject would say."""
    record_event(
        chain=f"subject-{subject.pk}",
        verb="report.previewed",
        at=at,
        actor=actor,
        role="report_officer",
        organ=actor.organ,
        payload={"subject": subject.pk, "variant": variant},
    )


@transaction.atomic
def extend_report(*, report: CreditReport, actor: User, at: datetime) -> CreditReport:
    """Let a holder use a report for VALIDITY_MONTHS from today on, at most MOST_MONTHS after it was issued. Its paper stays as
    it is; the page of verification tells the new day.

    PermissionDenied: the actor does not act for its subject. ValidationError: it is void, replaced or over, what it states has
    changed, or nothing would be gained.
    """
    if not may_act_for(actor, report.subject):
        raise PermissionDenied
    lock_chain(report.number)
    report = CreditReport.objects.select_related("subject", "document").get(pk=report.pk)
    if reason := why_not_extended(report, localdate(at)):
        raise ValidationError(reason)
    report.extended_until = longest(report, localdate(at))
    report.save(update_fields=["extended_until"])
    record_event(
        chain=report.number,
        verb="report.extended",
        at=at,
        actor=actor,
        role="applicant",
        organ=report.organ,
        payload={"until": report.extended_until.isoformat()},
    )
    return report


def longest(report: CreditReport, today: date) -> date:
    """Until when a report can be extended today."""
    return min(add_months(today, VALIDITY_MONTHS), add_months(localdate(report.issued_at), MOST_MONTHS))


def why_not_extended(report: CreditReport, today: date) -> str:
    """Why a report cannot be extended today, in a sentence; empty where it can."""
    document = report.document
    if document.status == Document.Status.VOID:
        return _("报告已经作废，不能延长有效期。")
    if Document.objects.filter(replaces=document).exists():
        return _("报告已经被新报告取代，不能延长有效期。")
    if report.valid_until < today:
        return _("报告已过有效期，不能延长。请申请新报告。")
    if has_changed_since(document):
        return _("报告所载信息在签发后有变化，不能延长有效期。请申请新报告。")
    if longest(report, today) <= report.valid_until:
        return _("现在延长不会晚于目前的有效期，不需要延长。")
    return ""


@transaction.atomic
def record_print(*, report: CreditReport, copies: int, actor: User, at: datetime) -> None:
    """Note that an officer printed a report at the window, and how many copies."""
    _require_officer(actor, report.organ)
    if not 1 <= copies <= 50:
        raise ValidationError({"copies": _("份数应为1至50。")})
    record_event(
        chain=report.number,
        verb="report.printed",
        at=at,
        actor=actor,
        role="report_officer",
        organ=report.organ,
        payload={"copies": copies},
    )
