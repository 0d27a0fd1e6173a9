"""Issuing and voiding credit reports: the credit bureau's part of Article 3."""

import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.documents.models import Kind
from applications.documents.numbering import CODE_ALPHABET
from applications.documents.services import alarming, issue_document, void_document
from applications.language import day_in_words
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs.models import Organ
from applications.reports.access import may_issue_for
from applications.reports.composing import compose
from applications.reports.models import CreditReport
from applications.subjects.models import Claim, Subject
from rules.periods import add_months

# No rule sets how long a report may be used; the bureaus' custom does, and every report prints it.
VALIDITY_MONTHS = 6


def make_report_number(at: datetime) -> str:
    """22 characters as in the national report: yyyyMMddHHmmss in Shanghai and eight random ones."""
    tail = "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))
    return f"{timezone.localtime(at):%Y%m%d%H%M%S}{tail}"


def _require_officer(actor: User, organ: Organ) -> None:
    if not may_issue_for(actor, organ):
        raise PermissionDenied("only a report officer of the credit bureau issues and voids its reports")


@alarming()
@transaction.atomic
def issue_report(
    *, subject: Subject, variant: str, organ: Organ, purpose: str, actor: User, at: datetime
) -> CreditReport:
    """Freeze what the portal holds about the subject today as a numbered, verifiable report.

    PermissionDenied unless the actor is a report officer of this credit bureau; ValidationError for a missing
    or overlong purpose, or a variant that does not exist.
    """
    _require_officer(actor, organ)
    purpose = purpose.strip()
    if not purpose:
        raise ValidationError({"purpose": _("请填写用途，例如“申请信用修复”。")})
    if len(purpose) > 200:
        raise ValidationError({"purpose": _("用途不超过200字，现有%(n)d字。") % {"n": len(purpose)}})
    if variant not in CreditReport.Variant.values:
        raise ValidationError({"variant": _("请选择报告版本：公开版或者信用修复版。")})
    today = timezone.localdate(at)
    number = make_report_number(at)
    valid_until = add_months(today, VALIDITY_MONTHS)
    content = compose(subject=subject, variant=variant, on=today) | {
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
    )
    report = CreditReport.objects.create(
        number=number,
        subject=subject,
        organ=organ,
        variant=variant,
        purpose=purpose,
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
        payload={"subject": subject.pk, "variant": str(variant), "document": str(document.pk)},
    )
    notify(
        key=f"report-issued/{number}",
        recipients=User.objects.filter(
            claims__subject=subject, claims__status=Claim.Status.VERIFIED, is_active=True
        ),
        subject=_("%(name)s的公共信用信息报告已经出具") % {"name": subject.name},
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
