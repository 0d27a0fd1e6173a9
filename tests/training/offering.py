"""Courses and meetings as their officers made them."""

from __future__ import annotations

from typing import Any

from applications.training.models import Course, Meeting
from applications.training.services.publishing import publish_course, publish_meeting
from tests.fixtures import TODAY, moment

QUESTIONS = [
    ("严重失信行为信息，自认定之日起不少于几个月可以申请？", "3个月\n6个月\n12个月", 2),
    ("信用修复收费吗？", "收\n不收", 2),
]


def written_course(officer, **fields: Any) -> Course:
    course = Course.objects.create(
        organ=officer.organ,
        title="信用修复入门",
        summary="通知讲了什么。",
        made_by=officer,
        made_at=TODAY,
        **fields,
    )
    for at in (1, 2):
        course.chapters.create(position=at, title=f"第{at}讲", text=f"正文{at}。\n\n第二段。")
    for at, (text, options, right) in enumerate(QUESTIONS, 1):
        course.questions.create(position=at, text=text, options=options, right=right, why=f"依据{at}。")
    return course


def open_course(officer, **fields: Any) -> Course:
    course = written_course(officer, **fields)
    publish_course(course=course, actor=officer, at=TODAY)
    course.refresh_from_db()
    return course


def written_meeting(officer, **fields: Any) -> Meeting:
    values = {
        "title": "信用修复现场培训",
        "summary": "面对面讲解。",
        "place": "南京市示例路2号一楼",
        "starts_at": moment("2026-12-03 14:00"),
        "ends_at": moment("2026-12-03 16:30"),
        "enrol_until": moment("2026-12-02 18:00"),
        "places": 2,
    }
    return Meeting.objects.create(organ=officer.organ, made_by=officer, made_at=TODAY, **values | fields)


def open_meeting(officer, **fields: Any) -> Meeting:
    meeting = written_meeting(officer, **fields)
    publish_meeting(meeting=meeting, actor=officer, at=TODAY)
    meeting.refresh_from_db()
    return meeting
