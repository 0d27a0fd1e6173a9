"""Whose the pages of training are."""

from __future__ import annotations

from tests.isolation.admin_model import Model
from tests.isolation.pages import Page, file, public
from tests.isolation.people import APPLICANTS, EVERYBODY, NOBODY, OTHERS, OWN, PROVINCE, SIGNED_IN, staff

ORGANISERS = staff("intake supervisor", "bureau", "department") | PROVINCE
BUREAU = staff("intake supervisor", "bureau")
# Who takes a course is who began with it.
PERSON, COLLEAGUE = OWN - {"colleague"}, frozenset({"colleague"})
STUDY = "/training/studies/{study.pk}"
NO_ROWS = {f"{name}-{what}_FORMS": "0" for name in ("chapters", "questions") for what in ("TOTAL", "INITIAL")}
MEETING = {
    "title": "新场", "summary": "简介", "place": "一楼", "places": "10",
    "starts_at": "2026-12-20T14:00", "ends_at": "2026-12-20T16:00", "enrol_until": "2026-12-19T18:00",
}  # fmt: skip
COURSE = {"title": "新课", "summary": "简介", "pass_percent": "80", **NO_ROWS}

MODELS = [
    Model(
        "training/course", "course.pk", ORGANISERS, BUREAU, adds=ORGANISERS, new={**COURSE, "seen": "0"},
        new_posts=(ORGANISERS, NOBODY), changed={**COURSE, "seen": "{course.revision}"}, changes=(BUREAU, NOBODY),
    ),
    Model(
        "training/meeting", "meeting.pk", ORGANISERS, BUREAU, adds=ORGANISERS, new={**MEETING, "seen": "0"},
        new_posts=(ORGANISERS, NOBODY), changed={**MEETING, "seen": "{meeting.revision}"}, changes=(BUREAU, NOBODY),
    ),
    Model(
        "training/organiser", "organiser.pk", ORGANISERS, BUREAU, adds=ORGANISERS, new={"name": "新协会"},
        new_posts=(ORGANISERS, NOBODY), changed={"name": "改名"}, changes=(BUREAU, NOBODY),
    ),
    Model("training/trainingcertificate", "training_certificate.pk", ORGANISERS, BUREAU),
]  # fmt: skip


def _taking(address: str, own_posts: frozenset[str], **body: str) -> Page:
    """Sent from a page that everybody may see; who opens the address is led back there."""
    return Page(address, SIGNED_IN, SIGNED_IN, near=OWN, status=(302,), body=body, own_posts=own_posts)


CERTIFICATE = "/admin/training/trainingcertificate/{training_certificate.pk}"
TRAINING_PAGES = [
    *map(public, ("/training/", "/training/calendar.ics")),
    *(
        Page(f"/training/{address}", EVERYBODY, EVERYBODY, near=None)
        for address in ("courses/{course.pk}/", "meetings/{meeting.pk}/", "meetings/{meeting.pk}/calendar.ics")
    ),
    Page("/training/mine/", APPLICANTS, OTHERS, near=OWN),
    Page(
        "/training/outside/",
        APPLICANTS,
        OTHERS,
        near=OWN,
        body={
            "subject": "{subject.pk}",
            "organiser": "{organiser.pk}",
            "number": "新1",
            "person_name": "陈示例",
            "title": "培训",
            "completed_on": "2026-10-09",
            "proof": file(),
        },
        own_posts=OWN,
        other_posts=OTHERS,
    ),
    _taking("/training/courses/{course.pk}/begin/", COLLEAGUE, subject="{subject.pk}"),
    _taking("/training/meetings/{meeting.pk}/enrol/", COLLEAGUE, subject="{subject.pk}"),
    Page("/training/enrolments/{enrolment.pk}/cancel/", NOBODY, body={}, own_posts=PERSON, other_posts=OTHERS),
    Page(f"{STUDY}/", PERSON, OTHERS, near=PERSON, status=(302,)),
    Page(f"{STUDY}/chapters/1/", PERSON, OTHERS, near=PERSON, body={}),
    Page(f"{STUDY}/quiz/", PERSON, OTHERS, near=PERSON, body={"tries": "1", "q0": "2", "q1": "2"},
         own_posts=PERSON, other_posts=OTHERS),
    Page(f"{STUDY}/result/", PERSON, OTHERS, near=PERSON),
    Page(f"{STUDY}/certificate/", NOBODY, body={}),
    *(page for model in MODELS for page in model.pages()),
    Page("/admin/training/course/{course.pk}/publish/", BUREAU, near=BUREAU, body={}),
    Page("/admin/training/course/{course.pk}/close/", BUREAU, near=BUREAU, body={}, own_posts=BUREAU),
    Page("/admin/training/meeting/{meeting.pk}/publish/", BUREAU, near=BUREAU, body={}),
    Page("/admin/training/meeting/{meeting.pk}/cancel/", BUREAU, near=BUREAU, body={"reason": "停电"}, own_posts=BUREAU),
    # Before it is over nothing is noted.
    Page("/admin/training/meeting/{meeting.pk}/attendance/", BUREAU, near=BUREAU, body={"came": "{enrolment.pk}"}),
    Page("/admin/training/trainingcertificate/export/csv/", ORGANISERS, near=BUREAU),
    Page("/admin/training/trainingcertificate/export/xlsx/", ORGANISERS, near=BUREAU),
    Page(f"{CERTIFICATE}/proof/", BUREAU, near=BUREAU),
    Page(f"{CERTIFICATE}/confirm/", NOBODY, near=BUREAU, body={}, own_posts=BUREAU),
    Page(f"{CERTIFICATE}/reject/", NOBODY, near=BUREAU, body={"reason": "看不清"}, own_posts=BUREAU),
    # It waits to be looked at; only a valid one becomes void.
    Page(f"{CERTIFICATE}/void/", BUREAU, near=BUREAU, body={"reason": "有误"}),
    Page(f"{CERTIFICATE}/reissue/", BUREAU, near=BUREAU,
         body={"person_name": "陈", "title": "培训", "completed_on": "2026-11-01"}),
]  # fmt: skip
