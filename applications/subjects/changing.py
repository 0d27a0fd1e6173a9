"""A subject is renamed, merged, split or deregistered: an officer of a credit bureau records it with the proof."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.files.inspection import Upload
from applications.files.services import store_upload, storing
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.subjects.access import VERIFYING_ROLES, holds, is_bureau_officer
from applications.subjects.identity import same_name
from applications.subjects.models import Claim, Subject, SubjectChange

Kind = SubjectChange.Kind
SUCCEEDED = (Kind.MERGE, Kind.SPLIT)


def record_subject_change(
    *,
    subject: Subject,
    kind: str,
    changed_on: date,
    proof: Upload | None,
    actor: User,
    at: datetime,
    new_name: str = "",
    successor: Subject | None = None,
    document_number: str = "",
) -> SubjectChange:
    """Record what became of a subject. The old name stays findable, and files that use it still load.

    ``new_name`` for a rename; ``successor`` for a merger and a split, one at a time: whoever acts for it acts for this
    subject too. PermissionDenied; ValidationError by field.
    """
    if not is_bureau_officer(actor, *VERIFYING_ROLES):
        raise PermissionDenied
    new_name = new_name.strip() if kind == Kind.RENAME else ""
    if kind == Kind.RENAME and (not new_name or same_name(new_name, subject.name)):
        raise ValidationError({"new_name": _("请填写与现在不同的新名称。")})
    if kind in SUCCEEDED and (successor is None or successor == subject):
        raise ValidationError({"successor": _("请填写承继的主体。")})
    if changed_on > localdate(at):
        raise ValidationError({"changed_on": _("变更日期不能晚于今天。")})
    if proof is None:
        raise ValidationError({"proof": _("请上传登记机关的变更证明。")})
    inspected = examined(proof, user=actor)
    with storing():
        lock_chain(f"subject-{subject.pk}")
        current = Subject.objects.select_for_update().get(pk=subject.pk)
        same = {"kind": kind, "new_name": new_name, "successor": successor if kind in SUCCEEDED else None}
        if recorded := current.changes.filter(changed_on=changed_on, **same).first():
            raise ValidationError(
                _("%(who_acted)s登记同样的变更，没有重复登记。")
                % {"who_acted": who_acted(recorded.recorded_by, recorded.recorded_at)}
            )
        change = SubjectChange.objects.create(
            subject=current,
            **same,
            old_name=current.name,
            changed_on=changed_on,
            document_number=document_number.strip(),
            proof=store_upload(upload=inspected, user=actor, at=at),
            recorded_by=actor,
            recorded_at=at,
        )
        if new_name:
            current.name = subject.name = new_name
            current.save(update_fields=["name"])
        record_event(
            chain=f"subject-{current.pk}",
            verb="subject.changed",
            at=at,
            actor=actor,
            role="credit_bureau",
            organ=actor.organ,
            payload={"change": change.pk, "kind": kind, "proof": change.proof.sha256},
        )
        _tell(change, at)
    return change


def _tell(change: SubjectChange, at: datetime) -> None:
    """Those who act for the subject, and for whoever takes its duties over."""
    subjects = [each for each in (change.subject, change.successor) if each]
    claims = Claim.objects.filter(holds(localdate(at)), subject__in=subjects)
    people = User.objects.filter(pk__in=claims.values("user"))
    name = change.subject.shown_name(change.old_name)
    if change.successor:
        what = change.successor.public_name
    else:
        what = change.subject.shown_name(change.new_name) if change.new_name else ""
    notify(
        key=f"subject-change-{change.pk}",
        recipients=people,
        subject=_("“%(name)s”登记变更：%(kind)s") % {"name": name, "kind": change.get_kind_display()},
        body=_("“%(name)s”已登记%(kind)s%(what)s。登记变更不影响原有的失信行为信息和正在办理的申请。")
        % {"name": name, "kind": change.get_kind_display(), "what": f"：{what}" if what else ""},
        link=link_to("subjects"),
        at=at,
    )
