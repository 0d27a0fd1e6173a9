"""One-time links by which the representative or the person signs on a telephone of their own (Article 15)."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.commitments.models import Commitment, SigningWay
from applications.commitments.signing import compares_number
from applications.commitments.wording import text_digest
from applications.language import as_kept, day_in_words
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import mail_address, notify
from applications.repairs import letters
from applications.repairs.message_words import about, titled
from applications.repairs.models import Filing, RepairCase, SigningLink
from applications.repairs.services.drafts import EDITABLE, edit
from applications.repairs.services.filings import sign_commitment, text_to_sign, to_promise
from applications.repairs.services.signing import refuse_signatory, refuse_undated
from applications.subjects.access import may_act_about
from applications.subjects.identity import identity_digest, same_name
from rules.procedure import Role

# Of the number of an identity document: so many characters at its end are asked for.
TAIL = 6


def open_links(filing: Filing) -> QuerySet[SigningLink]:
    """Those that were neither used nor revoked, expired ones among them."""
    return SigningLink.objects.filter(case__filing=filing, used_at=None, revoked_at=None)


@transaction.atomic
def make_link(*, case: RepairCase, signatory: str, email: str, actor: User, at: datetime) -> SigningLink:
    """Make the link to the text as it is now, and send it where there is an ``email``; earlier ones are void.

    NotReady where nobody may sign so, or the text is not whole yet.
    """
    locked = edit(case, actor)
    refuse_undated(to_promise(locked))
    refuse_signatory(case=locked, way=SigningWay.LINK, signatory=signatory, actor=actor)
    _revoke(locked, actor, at)
    token = secrets.token_urlsafe(24)
    link = SigningLink.objects.create(
        case=locked,
        token_sha256=_sha256(token),
        token="" if email else token,
        sent_to=email,
        signatory=signatory,
        text_sha256=text_digest(text_to_sign(locked)),
        made_by=actor,
        made_at=at,
        expires_at=at + SigningLink.VALID_FOR,
    )
    record_event(
        chain=locked.number,
        verb="repair.signing_link_made",
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"link": link.pk, "sha256": link.text_sha256, "mailed": bool(email)},
    )
    if email:
        subject = locked.record.subject
        with as_kept():
            mail_address(
                kind="signing",
                address=email,
                subject=_("请签署信用修复承诺书：%(subject)s") % {"subject": subject.public_name},
                body=_(
                    "%(maker)s请%(signatory)s签署%(subject)s的信用修复承诺书。\n\n"
                    "请打开下面的网址，核对承诺书全文后签署。网址只能签署一次，有效期至%(until)s；申请内容修改后，网址随之失效。\n\n"
                    "%(address)s\n\n"
                    "不了解这件事的，请不要打开，也不要转发这封邮件。"
                )
                % {
                    "maker": subject.shown_name_of(actor),
                    "signatory": subject.shown_name_of(signatory),
                    "subject": subject.public_name,
                    "until": until_in_words(link),
                    "address": address_of_link(token),
                },
                at=at,
            )
    return link


@transaction.atomic
def revoke_links(*, case: RepairCase, actor: User, at: datetime) -> int:
    """Make the open links of the filing void; how many there were."""
    return _revoke(edit(case, actor), actor, at)


def _revoke(case: RepairCase, actor: User, at: datetime) -> int:
    revoked = open_links(case.filing).update(revoked_at=at)
    if revoked:
        record_event(
            chain=case.number, verb="repair.signing_link_revoked", at=at, actor=actor, role=Role.APPLICANT
        )
    return revoked


def address_of_link(token: str) -> str:
    return settings.SITE_URL + reverse("signing:sign", args=[token])


def until_in_words(link: SigningLink) -> str:
    until = localtime(link.expires_at)
    return f"{day_in_words(until.date())}{until:%H:%M}"


def find_link(token: str) -> SigningLink | None:
    """The link of this token, whatever its state; found by a hash, so that time says nothing about a guess."""
    links = SigningLink.objects.select_related("case__record__subject", "case__filing", "made_by")
    return links.filter(token_sha256=_sha256(token)).first()


def why_closed(link: SigningLink, at: datetime) -> str:
    """Why nothing can be signed by this link now, for whoever opens it; empty where it can. It names nobody."""
    if link.used_at:
        return _("这个链接已经用过，承诺书已于%(at)s签署。每个链接只能签署一次。") % {
            "at": f"{localtime(link.used_at):%Y-%m-%d %H:%M}"
        }
    if link.revoked_at:
        return _("这个链接已经作废：申请人作废了链接或者重新生成了链接，或者承诺书已用其他方式签署。")
    if at >= link.expires_at:
        return _("这个链接已于%(until)s过期，没有签署。") % {"until": until_in_words(link)}
    record = link.case.record
    if link.case.status not in EDITABLE or not may_act_about(
        link.made_by, record.subject, record.document_number
    ):
        return _("这件申请现在不需要签署承诺书，链接已经失效。")
    if text_digest(text_to_sign(link.case)) != link.text_sha256:
        return _("生成链接之后，申请内容有修改，承诺书的文字与当时不同，链接已经失效，没有签署。")
    return ""


def is_named(link: SigningLink, *, name: str, tail: str) -> bool:
    """Whether the name is that of the link and, where the register has a number, the characters are its last."""
    subject = link.case.record.subject
    if not same_name(name, link.signatory):
        return False
    return not compares_number(subject) or subject.identity_number[-TAIL:].upper() == tail.upper()


def tail_digest(tail: str) -> str:
    return identity_digest("tail", tail)


def sign_by_link(
    *, link: SigningLink, signer_digest: str, shown_sha256: str, publication_consent: bool, at: datetime
) -> Commitment:
    """Sign the text that the page showed. NotReady, with nothing signed, where the link is closed or the text is another."""
    with letters.issuing(), transaction.atomic():
        commitment = sign_commitment(
            case=link.case,
            signatory=link.signatory,
            publication_consent=publication_consent,
            actor=link.made_by,
            at=at,
            how=SigningWay.LINK,
            link=link,
            shown_sha256=shown_sha256,
            signer_digest=signer_digest,
        )
        with as_kept():
            notify(
                key=f"signed-by-link/{link.pk}",
                recipients=[link.made_by],
                subject=titled(link.case, _("承诺书已签署")),
                body=_("%(who)s已凭一次性链接签署信用修复承诺书，%(consent)s。请核对后提交申请。\n%(about)s")
                % {
                    "who": link.case.record.subject.shown_name_of(link.signatory),
                    "consent": _("同意向社会公开") if publication_consent else _("不同意向社会公开"),
                    "about": about(link.case),
                },
                at=at,
                link=link_to("case", link.case.number),
                about=link.case.number,
            )
    return commitment


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
