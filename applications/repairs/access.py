"""Who may see and who may act on a case: the object form and the queryset form of each rule, side by side."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import has_role
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.documents.models import Document, Kind
from applications.organs import regions
from applications.organs.models import Organ
from applications.repairs.models import Filing, Inquiry, Reception, RepairCase, RevocationProposal
from applications.subjects.access import acted_about, may_act_about, refuse_ended, subjects_of
from applications.subjects.models import Subject
from rules.procedure import STATES, Role, State

HANDLING_ROLES = (Role.INTAKE, Role.REVIEWER, Role.APPROVER)
# Of these a bureau sends the identifying unit a copy.
COPIED = (Kind.GRANT_DECISION, Kind.REVOCATION_DECISION)


def being_entered(case: RepairCase) -> bool:
    """Whether the window that received it still enters the case: until it is submitted, it is no page of the applicant's."""
    return case.status == State.DRAFT and case.filing.reception_id is not None


def may_see(user: User, case: RepairCase) -> bool:
    """Applicants see the cases of subjects that they act for, but for what is being entered at a window; staff see what
    ``visible_to`` gives them."""
    if not user.is_authenticated or not user.is_active:
        return False
    if not user.is_staff:
        return may_act_about(user, case.record.subject, case.record.document_number) and not being_entered(
            case
        )
    if case.submitted_at is None or user.organ is None:
        return False
    if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return has_role(user, "supervisor") and regions.covers(user.organ.region, case.organ.region)
    return user.organ_id == case.organ_id and has_role(user, *HANDLING_ROLES, "supervisor")


def visible_to(user: User) -> QuerySet[RepairCase]:
    """The cases for which ``may_see`` holds."""
    cases = RepairCase.objects.all()
    if not user.is_authenticated or not user.is_active:
        return cases.none()
    if not user.is_staff:
        cases = cases.exclude(status=State.DRAFT, filing__reception__isnull=False)
        return cases.filter(acted_about(user, "record__"))
    if user.organ is None:
        return cases.none()
    cases = cases.exclude(submitted_at=None)
    if user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        if not has_role(user, "supervisor"):
            return cases.none()
        return cases.filter(organ__region__startswith=regions.prefix(user.organ.region))
    if not has_role(user, *HANDLING_ROLES, "supervisor"):
        return cases.none()
    return cases.filter(organ=user.organ)


def refuse_former(user: User, subject: Subject | None) -> None:
    """For a page or a step that is not theirs: a Refusal that says why, where the person acted for the subject before."""
    if subject is not None and not user.is_staff:
        refuse_ended(user, subject)


def filings_visible_to(user: User) -> QuerySet[Filing]:
    """The sittings of the subjects that an applicant acts for, from a window once one of its cases is no draft; officers
    see cases, each its own."""
    if not user.is_authenticated or not user.is_active or user.is_staff:
        return Filing.objects.none()
    of_sitting = RepairCase.objects.filter(filing__in=filings_of_sitting(OuterRef(OuterRef("pk"))))
    # With a power of attorney for one record: the sittings in which there is no other.
    theirs = of_sitting.filter(acted_about(user, "record__"))
    others = of_sitting.exclude(pk__in=RepairCase.objects.filter(acted_about(user, "record__")).values("pk"))
    return Filing.objects.filter(
        Q(reception=None) | Exists(of_sitting.exclude(status=State.DRAFT)),
        Q(subject__in=subjects_of(user)) | (Exists(theirs) & ~Exists(others)),
    )


def filings_of_sitting(sitting: int | OuterRef) -> QuerySet[Filing]:
    """What was one filing when it was submitted: that one, and those that cases of it have of their own since."""
    return Filing.objects.filter(Q(pk=sitting) | Q(origin=sitting))


def may_act(user: User | None, role: str, case: RepairCase) -> bool:
    """Whether a person may take an action that the procedure gives to ``role`` in this case.

    None is the system. Officers act for their own organ only; applicants for subjects that are theirs.
    """
    if role == Role.SYSTEM:
        return user is None
    if user is None or not user.is_active:
        return False
    if role == Role.APPLICANT:
        return may_fill_in(user, case)
    return user.organ_id == case.organ_id and has_role(user, role)


def may_fill_in(user: User, case: RepairCase) -> bool:
    """Who takes the applicant's part: whoever acts for the subject; of what came at the window or by post (Article 19) an
    acceptor of the organ that received it as well, and of its draft nobody else."""
    if user.is_staff:
        reception = case.filing.reception
        return (
            reception is not None and case.organ_id == reception.organ_id and may_receive_for(user, reception)
        )
    return may_act_about(user, case.record.subject, case.record.document_number) and not being_entered(case)


# Organs that handle applications.
HANDLING_KINDS = (Organ.Kind.IDENTIFYING_UNIT, Organ.Kind.CREDIT_BUREAU)


def may_receive(user: User) -> bool:
    """Whether a person takes in papers at the window and by post: acceptors of an organ that handles applications."""
    return (
        user.is_active
        and user.organ is not None
        and user.organ.kind in HANDLING_KINDS
        and has_role(user, Role.INTAKE)
    )


def may_receive_for(user: User, reception: Reception) -> bool:
    """The object form of receptions_visible_to."""
    return may_receive(user) and user.organ_id == reception.organ_id


def receptions_visible_to(user: User) -> QuerySet[Reception]:
    """What came to the own organ, for those who take in."""
    return Reception.objects.filter(organ=user.organ_id) if may_receive(user) else Reception.objects.none()


def hands_of(case: RepairCase) -> set[int]:
    """The ids of who examined and who decided a case."""
    review = case.reviews.last()
    return {key for key in (case.decided_by_id, review.reviewer_id if review else None) if key is not None}


def took_part(user: User, case: RepairCase) -> bool:
    """Whether a person examined or decided a case: an objection to the decision is for somebody else."""
    return user.pk in hands_of(case)


def turn_role(case: RepairCase) -> str | None:
    """The officers' role that a case waits for; None where it waits for no officer."""
    turn = STATES[State(case.status)].turn
    return turn if turn in HANDLING_ROLES else None


def barred_from(case: RepairCase) -> set[int]:
    """The ids of those who would be a second hand of their own in a case as it stands; the form for rows is turns.barred."""
    if case.status == State.OBJECTING:
        return hands_of(case)
    review = case.reviews.last() if case.status == State.UNDER_REVIEW else None
    return {review.reviewer_id} if review else set()


def may_handle(user: User, case: RepairCase) -> bool:
    """Whether a person can be the officer of a case as it stands: their role's turn, not twice the same hand, and nobody who
    never set a password: reminders would go to a person who cannot come."""
    role = turn_role(case)
    if role is None or not may_act(user, role, case) or not user.has_usable_password():
        return False
    return user.pk not in barred_from(case)


def handlers_of(case: RepairCase) -> QuerySet[User]:
    """Those for whom may_handle holds, by their names; of a role that is asked once and not person by person."""
    role = turn_role(case)
    if role is None:
        return User.objects.none()
    able = staff_of(case.organ, role).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return able.exclude(pk__in=barred_from(case)).order_by("name", "pk")


def may_assign(user: User, case: RepairCase) -> bool:
    """Whoever's turn it is may take a case, hand it to a colleague or give it back; the head may as well."""
    role = turn_role(case)
    return role is not None and (may_act(user, role, case) or may_act(user, "supervisor", case))


def may_waive(user: User, case: RepairCase) -> bool:
    """The head of the organ gives the reason for asking again for what could have been asked for at once (Article 8)."""
    return may_act(user, "supervisor", case)


def may_propose_revocation(user: User, case: RepairCase) -> bool:
    """Whoever handles cases of the organ that granted a repair hands in that it rests on false materials (Article 6)."""
    return case.status == State.GRANTED and any(may_act(user, role, case) for role in HANDLING_ROLES)


def may_decide_revocation(user: User, proposal: RevocationProposal) -> bool:
    """Another officer of that organ, who approves."""
    return four_eyes.may_decide(user, proposal, in_charge=may_act(user, Role.APPROVER, proposal.case))


def revocations_to_decide(user: User) -> QuerySet[RevocationProposal]:
    """Those that wait for this officer: the queryset form of may_decide_revocation, of what nobody has decided."""
    if not user.is_active or not has_role(user, Role.APPROVER):
        return RevocationProposal.objects.none()
    waiting = RevocationProposal.objects.filter(
        state=RevocationProposal.State.PROPOSED, case__organ=user.organ_id
    )
    return waiting.exclude(proposed_by=user.pk)


def revocations_visible_to(user: User) -> QuerySet[RevocationProposal]:
    """What officers handed in about the cases that this officer may see; its applicant gets the decision."""
    if not user.is_staff:
        return RevocationProposal.objects.none()
    return RevocationProposal.objects.filter(case__in=visible_to(user))


def may_work_on(user: User, case: RepairCase) -> bool:
    """Whether an officer handles cases of the organ, and this one is before officers now."""
    return turn_role(case) is not None and any(may_act(user, role, case) for role in HANDLING_ROLES)


def may_inquire(user: User, case: RepairCase) -> bool:
    """Officers of a credit bureau ask the identifying unit about a case that is before them."""
    return (
        case.organ.kind == Organ.Kind.CREDIT_BUREAU
        and case.record.identifying_unit_id != case.organ_id
        and may_work_on(user, case)
    )


def may_answer_inquiry(user: User, inquiry: Inquiry) -> bool:
    """The identifying unit answers, by those who approve."""
    return user.is_active and user.organ_id == inquiry.unit_id and has_role(user, Role.APPROVER)


def inquiries_to_answer(user: User) -> QuerySet[Inquiry]:
    """Those that wait for this officer: the queryset form of may_answer_inquiry, of what is open."""
    if not user.is_active or not has_role(user, Role.APPROVER):
        return Inquiry.objects.none()
    return Inquiry.objects.filter(unit=user.organ_id, state=Inquiry.State.OPEN)


def inquiries_visible_to(user: User) -> QuerySet[Inquiry]:
    """Those about the cases that this officer may see, and those that the officer's own unit was asked."""
    if not user.is_staff:
        return Inquiry.objects.none()
    asked = Q(case__in=visible_to(user))
    if user.is_active and has_role(user, *HANDLING_ROLES, "supervisor"):
        asked |= Q(unit=user.organ_id)
    return Inquiry.objects.filter(asked)


def may_read_document(user: User, document: Document) -> bool:
    """Whoever sees a case reads the documents issued in it, and the commitment that lists its record; officers of the
    identifying unit the grant, and what revokes it, of which they got a copy."""
    cases = visible_to(user)
    if cases.filter(number=document.about).exists():
        return True
    if document.kind == Kind.REPAIR_FORM and user.is_staff:
        # What a unit has answered it can read.
        return inquiries_visible_to(user).filter(document=document).exists()
    if document.kind in COPIED and user.is_staff and has_role(user, *HANDLING_ROLES, "supervisor"):
        # Only of a decision: nobody asks this of the many letters of others.
        return RepairCase.objects.filter(
            number=document.about, record__identifying_unit=user.organ_id
        ).exists()
    # Asked by itself: a condition on two tables at once is answered by no index.
    return document.kind == Kind.COMMITMENT and cases.filter(filing__commitment__document=document).exists()
