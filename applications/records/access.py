"""Who may see and who may import dishonesty records: for one object and for a queryset, side by side."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.documents.models import Document, Kind
from applications.organs import regions
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord, ImportBatch, InformationObjection, SourceAct
from applications.subjects.access import acted_about, may_act_about, subjects_of

# Whoever runs the system, grants roles or audits both has no business with records (三员分立).
RECORD_ROLES = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.REPORT_OFFICER, Role.SUPERVISOR)
NOBODY = Q(pk__in=[])


def may_see(user: User | AnonymousUser, record: DishonestyRecord) -> bool:
    """Applicants see the records of subjects for which they act (Article 12). Officers see what their unit
    identified, or all of their region if their organ informs or supervises."""
    if not user.is_authenticated or not user.is_active:
        return False
    if not user.is_staff:
        return may_act_about(user, record.subject, record.document_number)
    organ = _officers_organ(user, *RECORD_ROLES)
    if organ is None:
        return False
    if organ.kind == Organ.Kind.IDENTIFYING_UNIT:
        return record.identifying_unit_id == organ.pk
    return regions.covers(organ.region, record.region)


def visible_records(user: User | AnonymousUser) -> Q:
    """The same rule as a condition on DishonestyRecord."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    if not user.is_staff:
        return acted_about(user)
    organ = _officers_organ(user, *RECORD_ROLES)
    if organ is None:
        return NOBODY
    if organ.kind == Organ.Kind.IDENTIFYING_UNIT:
        return Q(identifying_unit=organ)
    return Q(region__startswith=regions.prefix(organ.region))


def visible_to(user: User | AnonymousUser) -> QuerySet[DishonestyRecord]:
    """The records that this person may see."""
    return DishonestyRecord.objects.filter(visible_records(user))


def may_import_for(user: User | AnonymousUser, organ: Organ) -> bool:
    """Intake officers import what their own unit identified; those of a credit bureau, what any unit of
    their region did (Article 3)."""
    own = _officers_organ(user, Role.INTAKE)
    if own is None or organ.kind != Organ.Kind.IDENTIFYING_UNIT:
        return False
    if own.kind == Organ.Kind.CREDIT_BUREAU:
        return regions.covers(own.region, organ.region)
    return own.pk == organ.pk


def importable_organs(user: User | AnonymousUser) -> Q:
    """The same rule as a condition on Organ."""
    own = _officers_organ(user, Role.INTAKE)
    if own is None:
        return NOBODY
    units = Q(kind=Organ.Kind.IDENTIFYING_UNIT)
    if own.kind == Organ.Kind.CREDIT_BUREAU:
        return units & Q(region__startswith=regions.prefix(own.region))
    return units & Q(pk=own.pk)


def batches_visible_to(user: User | AnonymousUser) -> QuerySet[ImportBatch]:
    """The imported files of the units for which this officer may import (importable_organs)."""
    return ImportBatch.objects.filter(organ__in=Organ.objects.filter(importable_organs(user)))


def may_propose_act(user: User | AnonymousUser, record: DishonestyRecord) -> bool:
    """Officers of the identifying unit hand in what became of its penalty."""
    own = _officers_organ(user, Role.INTAKE, Role.REVIEWER)
    return own is not None and own.pk == record.identifying_unit_id


def may_decide_act(user: User | AnonymousUser, act: SourceAct) -> bool:
    """Another officer of the unit, who approves, puts it into effect or turns it down."""
    own = _officers_organ(user, Role.APPROVER)
    in_charge = own is not None and own.pk == act.record.identifying_unit_id
    return four_eyes.may_decide(user, act, in_charge=in_charge)


def objections_visible_to(user: User | AnonymousUser) -> QuerySet[InformationObjection]:
    """Applicants see those of their subjects; officers those that their unit answers, or of all units of their region
    if their organ informs or supervises."""
    if not user.is_authenticated or not user.is_active:
        return InformationObjection.objects.none()
    if not user.is_staff:
        return InformationObjection.objects.filter(
            Q(subject__in=subjects_of(user))
            | Q(record__in=DishonestyRecord.objects.filter(acted_about(user)))
        )
    organ = _officers_organ(user, *RECORD_ROLES)
    if organ is None:
        return InformationObjection.objects.none()
    if organ.kind == Organ.Kind.IDENTIFYING_UNIT:
        return InformationObjection.objects.filter(unit=organ)
    return InformationObjection.objects.filter(unit__region__startswith=regions.prefix(organ.region))


def may_answer_objection(user: User | AnonymousUser, objection: InformationObjection) -> bool:
    """The identifying unit answers, by those who approve."""
    own = _officers_organ(user, Role.APPROVER)
    return own is not None and own.pk == objection.unit_id


def objections_to_answer(user: User | AnonymousUser) -> QuerySet[InformationObjection]:
    """Those that wait for this officer: the queryset form of may_answer_objection, of what nobody has answered."""
    own = _officers_organ(user, Role.APPROVER)
    return (
        InformationObjection.objects.filter(unit=own, answered_at=None)
        if own
        else InformationObjection.objects.none()
    )


def acts_to_decide(user: User | AnonymousUser) -> QuerySet[SourceAct]:
    """Those that wait for this officer: the queryset form of may_decide_act, of what nobody has decided."""
    own = _officers_organ(user, Role.APPROVER)
    if own is None:
        return SourceAct.objects.none()
    waiting = SourceAct.objects.filter(state=SourceAct.State.PROPOSED, record__identifying_unit=own)
    return waiting.filter(proposed_by__isnull=False).exclude(proposed_by=user.pk)


def may_issue_notice(user: User | AnonymousUser, record: DishonestyRecord) -> bool:
    """Officers of the identifying unit hand the notice of repair over with the penalty decision."""
    own = _officers_organ(user, Role.INTAKE, Role.REVIEWER, Role.APPROVER)
    return own is not None and own.pk == record.identifying_unit_id


def may_read_document(user: User, document: Document) -> bool:
    """Whoever sees a record reads the notices issued about it; whoever sees an objection, the letter that answers it."""
    about = document.about
    if document.kind == Kind.INFORMATION_RESULT:
        return objections_visible_to(user).filter(number=about).exists()
    return about.startswith("R-") and visible_to(user).filter(pk=int(about.removeprefix("R-"))).exists()


def acts_visible_to(user: User | AnonymousUser) -> QuerySet[SourceAct]:
    """What officers made of the records that this person may see."""
    return SourceAct.objects.filter(record__in=visible_to(user))


def _officers_organ(user: User | AnonymousUser, *roles: Role) -> Organ | None:
    """The organ for which an active officer holds one of the roles; None for anybody else."""
    if not isinstance(user, User) or not user.is_active or not user.is_staff or user.organ is None:
        return None
    return user.organ if has_role(user, *roles) else None
