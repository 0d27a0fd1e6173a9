"""Whose the pages are on which somebody takes a copy of what is held, and those on which an officer says for what a telephone or
a number is needed. What they give is in tests/privacy."""

from __future__ import annotations

from tests.isolation.pages import Page
from tests.isolation.people import CASE_ROLES, NOBODY, OVERSEERS, PROVINCE, SIGNED_IN, staff

CASE_READERS = staff(CASE_ROLES, "unit") | OVERSEERS
AT_WINDOW = staff("intake", "unit")
VERIFIERS = staff("intake reviewer", "bureau")
SUBJECT_READERS = staff("intake reviewer report_officer", "bureau")
PURPOSE = {"purpose": "call"}
PRIVACY_PAGES = [
    # The password is asked for first.
    Page("/own-data/", SIGNED_IN, status=(302,)),
    Page("/own-data/account.zip", NOBODY),
    Page("/own-data/subject/{subject.pk}.zip", NOBODY),
    # What is written is a reading, and a mark in the session.
    Page("/admin/repairs/repaircase/{case_submitted.pk}/reveal/", CASE_READERS, PROVINCE, near=CASE_READERS, body=PURPOSE),
    Page("/admin/repairs/reception/{reception.pk}/reveal/", AT_WINDOW, near=AT_WINDOW, body=PURPOSE),
    Page("/admin/subjects/claim/{claim.pk}/reveal/", VERIFIERS, near=VERIFIERS, body=PURPOSE),
    Page("/admin/subjects/subject/{subject.pk}/reveal/", SUBJECT_READERS, SUBJECT_READERS, near=SUBJECT_READERS, body=PURPOSE),
]  # fmt: skip
