"""The training of a place: its bureau organises, the owner takes part."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from applications.accounts.models import User
from applications.accounts.opened import read_all
from applications.accounts.reading import reading_verb
from applications.subjects.models import Subject
from applications.training.models import Organiser
from applications.training.services import attending, certificates, publishing, studying
from tests.repairs.steps import paper
from tests.training.offering import written_course, written_meeting

READERS = ("intake", "supervisor")


def training_things(
    mark: str, subject: Subject, owner: User, bureau: dict[str, User], now: datetime
) -> dict[str, Any]:
    """A course and a meeting that are open, what the owner takes of them, and a certificate that waits to be looked at."""
    officer = bureau["intake"]
    course, meeting = written_course(officer), written_meeting(officer, starts_at=now + timedelta(days=9),
                                                               ends_at=now + timedelta(days=9, hours=2),
                                                               enrol_until=now + timedelta(days=8))  # fmt: skip
    publishing.publish_course(course=course, actor=officer, at=now)
    publishing.publish_meeting(meeting=meeting, actor=officer, at=now)
    study = studying.begin_study(course=course, subject=subject, person=owner, at=now)
    for number in (1, 2):
        studying.read_chapter(study=study, number=number)
        study.refresh_from_db()
    study = studying.hand_in(study=study, answers=[1, 1], tries=0, at=now)
    organiser = Organiser.objects.create(organ=officer.organ, name="示例协会")
    certificate = certificates.record_outside(
        subject=subject, organiser=organiser, number=f"{mark}培1号", person_name=f"{mark}人", title=f"{mark}培训",
        completed_on=date(2026, 10, 8), proof=paper(f"{mark}证书.pdf"), person=owner, at=now,
    )  # fmt: skip
    for role in READERS:
        read_all([certificate.proof], reader=bureau[role], about=certificate.chain,
                 verb=reading_verb(certificate), at=now)  # fmt: skip
    return {
        "course": course,
        "meeting": meeting,
        "study": study,
        "enrolment": attending.enrol(meeting=meeting, subject=subject, person=owner, at=now),
        "organiser": organiser,
        "training_certificate": certificate,
    }
