"""收件 (Article 19): an application that was brought to the window or came by post is entered by an officer of the organ.

What follows is what follows online: the same draft, materials, commitment and submission, by the same services. Here is only
what comes before: who came, what was compared, and which records are asked for.
"""

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.accounts.reading import note_reading
from applications.files.inspection import Upload
from applications.files.services import storing
from applications.ledger.services import record_event
from applications.records.models import DishonestyRecord
from applications.records.selectors import with_channels
from applications.repairs import access
from applications.repairs.errors import NotAllowed
from applications.repairs.locking import in_order_of_numbers
from applications.repairs.models import Filing, Reception, RepairCase
from applications.repairs.services.drafts import add_material, start_case
from applications.subjects.identity import clean_document_number, clean_uscc, identity_digest, same_name
from applications.subjects.models import Subject
from rules.procedure import Role


def find_subject(*, code: str, identity_type: str, purpose: str, actor: User, at: datetime) -> Subject | None:
    """The subject with a code, an organisation's or that of a person's document, if one of its records is in the
    competence of the actor's organ; else None. That it was looked up, and what for, is an event.

    ValidationError: ``code`` is none.
    """
    if not access.may_receive(actor):
        raise NotAllowed("only acceptors take in papers")
    try:
        if identity_type:
            key: dict[str, str] = {
                "identity_digest": identity_digest(identity_type, clean_document_number(identity_type, code))
            }
        else:
            key = {"uscc": clean_uscc(code)}
    except ValidationError as refused:
        raise ValidationError({"code": refused.messages}) from None
    subject = Subject.objects.filter(**key).first()
    if subject is None or not records_in_competence(subject, actor):
        return None
    note_reading(
        reader=actor,
        verb="subject.looked_up",
        at=at,
        about=f"subject-{subject.pk}",
        payload={"purpose": purpose},
    )
    return subject


def records_in_competence(subject: Subject, user: User) -> list[DishonestyRecord]:
    """The records of a subject for which the organ of an officer is one of the two bodies of Article 7."""
    records = (
        subject.records.select_related("identifying_unit", "subject", "annotation")
        .prefetch_related("obligations", Prefetch("cases", RepairCase.objects.select_related("filing")))
        .order_by("-decided_on", "-pk")
    )
    return [record for record, organs in with_channels(records) if user.organ in organs]


def receive_application(
    *,
    subject: Subject,
    records: Collection[DishonestyRecord],
    channel: str,
    received_on: date,
    came_as: str,
    came_name: str,
    identity_type: str,
    identity_number: str,
    identity: Upload,
    actor: User,
    at: datetime,
) -> Reception:
    """Note who came or wrote and open a draft for each record, in one filing; ``identity`` is the scan of the document that
    was compared and becomes the first of its papers, as the kind that Reception.identity_kind says.

    ValidationError by field; NotReady where a record cannot be applied for, as online; NotAllowed for whoever does
    not take in papers for an organ that is competent for all of them.
    """
    organ = actor.organ
    competent = {record.pk for record in records_in_competence(subject, actor)}
    if not access.may_receive(actor) or organ is None or not {each.pk for each in records} <= competent:
        raise NotAllowed("the organ does not take in these records")
    if not records:
        raise ValidationError({"records": _("请选择要修复的失信行为信息。")})
    _check_day(received_on, records, localdate(at))
    number = _check_person(subject, came_as, came_name, identity_type, identity_number)
    scan = examined(identity, user=actor)
    with storing():
        reception = Reception.objects.create(
            organ=organ,
            subject=subject,
            channel=channel,
            received_on=received_on,
            came_as=came_as,
            came_name=came_name.strip(),
            identity_type=identity_type,
            identity_number=number,
            received_by=actor,
            received_at=at,
        )
        filing = Filing.objects.create(
            subject=subject,
            applicant=actor,
            reception=reception,
            contact_name=reception.came_name,
            created_at=at,
        )
        cases = [
            start_case(record=record, organ=organ, applicant=actor, at=at, filing=filing)
            for record in in_order_of_numbers((each, organ, each.pk) for each in records)
        ]
        for case in cases:
            record_event(
                chain=case.number,
                verb="repair.received",
                at=at,
                actor=actor,
                role=Role.INTAKE,
                organ=organ,
                payload={
                    "channel": channel,
                    "received_on": received_on.isoformat(),
                    "came_as": came_as,
                    "identity_type": identity_type,
                },
            )
        add_material(case=cases[0], kind=reception.identity_kind, upload=scan, actor=actor, at=at)
    return reception


def _check_day(received_on: date, records: Collection[DishonestyRecord], today: date) -> None:
    if received_on > today:
        raise ValidationError({"received_on": _("收到材料的日期不能晚于今天。")})
    latest = max(record.decided_on for record in records)
    if received_on < latest:
        raise ValidationError(
            {
                "received_on": _("收到材料的日期不能早于处罚决定日期（%(day)s）。")
                % {"day": latest.isoformat()}
            }
        )


def _check_person(
    subject: Subject, came_as: str, came_name: str, identity_type: str, identity_number: str
) -> str:
    """The number of the document, comparable. ValidationError where who came cannot be who it is said to be."""
    try:
        number = clean_document_number(identity_type, identity_number)
    except ValidationError as refused:
        raise ValidationError({"identity_number": refused.messages}) from None
    as_who = Reception.CameAs(came_as)
    wrong_part = (as_who == Reception.CameAs.PERSON) != subject.is_person
    if as_who != Reception.CameAs.HANDLER and wrong_part:
        raise ValidationError(
            {
                "came_as": _("自然人由本人或者受委托的经办人办理。")
                if subject.is_person
                else _("法人和非法人组织由法定代表人（负责人）或者受委托的经办人办理。")
            }
        )
    # A representative of another name than the register's may be the new one: steps/submit.py asks for the proof.
    if as_who == Reception.CameAs.PERSON:
        if not same_name(subject.name, came_name.strip()):
            raise ValidationError({"came_name": _("与登记的姓名不一致，请核对证件。")})
        if not identity_digest(identity_type, number).is_that_of(subject.identity_digest):
            raise ValidationError(
                {"identity_number": _("与该自然人登记的证件不一致，请核对证件种类和号码。")}
            )
    return number


def cases_of(reception: Reception) -> list[RepairCase]:
    """Its cases in their order, with what pages show of them."""
    return list(
        RepairCase.objects.filter(filing__reception=reception)
        .select_related(
            "record__subject",
            "record__identifying_unit",
            "organ",
            "filing__reception",
            "filing__commitment__document",
        )
        .order_by("pk")
    )
