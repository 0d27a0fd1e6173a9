"""Whose the pages of commitments and of what is asked of a bureau for reports are, applicants' and officers'."""

from __future__ import annotations

from tests.isolation.admin_model import Model
from tests.isolation.pages import Page, file, mine
from tests.isolation.people import EVERYBODY, NOBODY, OTHERS, OVERSEERS, OWN, PROVINCE, SIGNED_IN, staff

REPORTER = staff("report_officer", "bureau")
REPORT_WATCHERS = staff("report_officer supervisor", "bureau")
LISTERS = staff("intake supervisor", "department")
MODELS = [
    Model("reports/institution", "institution.pk", LISTERS | PROVINCE, LISTERS, adds=LISTERS | PROVINCE,
          new={"name": "新征信公司"}, new_posts=(LISTERS | PROVINCE, NOBODY), changed={"name": "改名"},
          changes=(LISTERS, NOBODY)),
    Model("reports/reportbatch", "report_batch.pk", staff("report_officer supervisor") | PROVINCE,
          staff("report_officer supervisor", "bureau")),
    Model("reports/reportrequest", "asked.pk", staff("report_officer supervisor") | PROVINCE,
          staff("report_officer supervisor", "bureau")),
    Model("commitments/commitment", "promised.pk", OVERSEERS, OVERSEERS, PROVINCE),
    Model("commitments/breachfinding", "finding.pk", OVERSEERS, OVERSEERS, PROVINCE),
]  # fmt: skip
PROMISES_AND_REPORTS = [page for model in MODELS for page in model.pages()] + [
    # What everybody may read: a name and a code, and of whose promise.
    Page("/commitments/", EVERYBODY, EVERYBODY, near=EVERYBODY),
    Page("/commitments/{promised.pk}/", EVERYBODY, EVERYBODY, near=EVERYBODY),
    mine("/reports/{report.pk}/"),
    # A report of today gains nothing by it.
    Page("/reports/{report.pk}/extend/", OWN, OTHERS, near=OWN, status=(405,), body={}),
    mine("/reports/ask/{subject.pk}/", {"variant": "repair", "purpose": "投标", "organ": "{bureau.pk}"}),
    mine("/reports/requests/{asked.pk}/"),
    mine("/reports/requests/{asked.pk}/withdraw/", {}, status=(405,)),
    Page("/commitments/own/", SIGNED_IN, OTHERS, near=OWN),
    # It is promised already; the page says so.
    mine("/commitments/own/{subject.pk}/promise/"),
    mine("/commitments/own/{promised.pk}/withdraw/", {}),
    Page("/admin/commitments/commitment/{case_granted.filing.commitment_id}/finding/breach/", OVERSEERS, PROVINCE,
         near=OVERSEERS, body={"facts": "没有履行", "evidence": file()}, own_posts=OVERSEERS, other_posts=PROVINCE),
    Page("/admin/commitments/breachfinding/{finding.pk}/evidence/", OVERSEERS, PROVINCE, near=OVERSEERS),
    Page("/admin/commitments/breachfinding/{finding.pk}/approve/", NOBODY, body={}, near=OVERSEERS,
         own_posts=OVERSEERS, other_posts=PROVINCE),
    Page("/admin/commitments/breachfinding/{finding.pk}/reject/", NOBODY, body={"reason": "不符"}, near=OVERSEERS,
         own_posts=OVERSEERS, other_posts=PROVINCE),
    Page("/admin/reports/reportbatch/new/", REPORTER, own_posts=REPORTER, other_posts=REPORTER,
         body={"codes": "{subject.uscc}", "variant": "public", "purpose": "投标"}),
    # What was printed is an event, and nothing else.
    Page("/admin/reports/creditreport/{report.pk}/print/", REPORTER, status=(302,), body={"copies": "2"}, near=REPORTER),
    Page("/admin/reports/reportrequest/new/", REPORTER, near=REPORTER),
    Page("/admin/reports/reportrequest/new/{subject.pk}/", REPORTER, REPORTER, near=REPORTER,
         body={"came": "陈示例", "capacity": "representative", "variant": "repair", "wanted_for": "投标"},
         own_posts=REPORTER, other_posts=REPORTER),
    Page("/admin/reports/reportrequest/{asked.pk}/grant/", NOBODY, body={}, near=REPORTER, own_posts=REPORTER),
    Page("/admin/reports/reportrequest/{asked.pk}/decline/", NOBODY, body={"reason": "有误"}, near=REPORTER,
         own_posts=REPORTER),
    Page("/admin/reports/reportrequest/{taken.pk}/proof/", REPORT_WATCHERS, near=REPORT_WATCHERS),
]  # fmt: skip
