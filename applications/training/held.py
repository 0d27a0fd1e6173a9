"""What is held about who takes part in training, and for which subject (accounts.holdings)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, register
from applications.accounts.models import User
from applications.training.access import certificates_of, enrolments_of, studies_of
from applications.training.models import (
    Chapter,
    Course,
    Edition,
    Enrolment,
    Meeting,
    Organiser,
    Question,
    Study,
    TrainingCertificate,
)

SUBJECT = Column(_("信用主体"), lambda row: row.subject.name)
STUDY: list[str | Column] = [
    Column(_("课程"), lambda row: str(row.edition)),
    Column(_("读完的章数"), lambda row: row.chapters_read),
    Column(_("测验次数"), lambda row: row.tries),
    Column(_("最近一次的回答"), lambda row: row.answers),
    Column(_("答对题数"), lambda row: row.right),
    "begun_at",
    "passed_at",
]
ENROLMENT: list[str | Column] = [Column(_("现场培训"), lambda row: row.meeting.title), "state", "enrolled_at"]
CERTIFICATE: list[str | Column] = [
    "number",
    "title",
    "completed_on",
    "state",
    Column(_("颁发单位"), lambda row: row.issuer),
    "recorded_at",
    "decided_at",
    "reason",
]


def _files(row: TrainingCertificate) -> list[Any]:
    return [row.proof, row.document.pdf if row.document else None]


def _certificates(person: User) -> Any:
    return certificates_of(person).select_related(
        "subject", "organ", "organiser", "proof__scan", "document__pdf"
    )


register(
    Holding(
        Study,
        [SUBJECT, *STUDY],
        of_person=studies_of,
        title=_("线上课程"),
    ),
    Holding(
        Enrolment,
        [SUBJECT, *ENROLMENT],
        of_person=lambda person: enrolments_of(person).select_related("meeting", "subject"),
        title=_("现场培训的报名"),
    ),
    Holding(
        TrainingCertificate,
        [SUBJECT, "person_name", *CERTIFICATE],
        of_person=_certificates,
        files=_files,
    ),
    Holding(
        TrainingCertificate,
        # Who took part is a person; the subject's copy says what the subject can show.
        [Column(_("参加人"), lambda row: row.subject.shown_name_of(row.person_name)), *CERTIFICATE],
        of_subject=lambda subject, _person: subject.training_certificates.select_related(
            "subject", "organ", "organiser"
        ).order_by("pk"),
    ),
    nothing={
        Course: "what a course says",
        Chapter: "what a course says",
        Question: "what a course asks",
        Edition: "what a course says, as it was published",
        Meeting: "when and where a meeting is",
        Organiser: "public bodies",
    },
)
