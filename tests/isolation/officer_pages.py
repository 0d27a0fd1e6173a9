"""Whose the pages of the officers' site are. Every model has the same six; the others are named one by one."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.accounts.models import User
from applications.calendars.services import outlook
from applications.files import pending
from applications.records.admin_batches import PURPOSE
from applications.sample.codes import make_uscc
from tests.documents.seals import seal
from tests.isolation.admin_model import Model
from tests.isolation.pages import Body, Page, as_it_is, file
from tests.isolation.people import (
    CASE_ROLES,
    EVERYBODY,
    NOBODY,
    OFFICERS,
    OVERSEERS,
    PROVINCE,
    RECORD_ROLES,
    STAFF,
    WATCHERS,
    staff,
)
from tests.isolation.privacy_pages import PRIVACY_PAGES
from tests.isolation.promise_pages import LISTERS, PROMISES_AND_REPORTS
from tests.isolation.training_pages import TRAINING_PAGES
from tests.isolation.world import Place, World
from tests.records.files import as_csv, row
from tests.repairs.steps import all_confirmed

SECURITY, SYSTEM, AUDIT = (staff(f"{name}_admin") for name in ("security", "system", "audit"))
OVER_UNIT = ("unit", "bureau")


def _notice_version(world: World, place: Place, user: User) -> dict[str, Any]:
    return {"version": outlook(world.things["notice"]).version}


def _closure_version(world: World, place: Place, user: User) -> dict[str, Any]:
    return {"version": outlook(place.closure).version}


def _verdicts(case: str) -> Body:
    def body(world: World, place: Place, user: User) -> dict[str, Any]:
        asked = place.things[case]
        verdicts = {f"verdict_{code}": "yes" for code in all_confirmed(asked)}
        return {"version": asked.version, "outcome": "overturned", "reasons": "属实。", **verdicts}

    return body


def _previewed(world: World, place: Place, user: User) -> dict[str, Any]:
    content = as_csv(row(**{"行政处罚决定书文号": "新罚〔2026〕1号", "处罚机关": place.organs["unit"].name}))
    facts = {"organ": place.organs["unit"].pk, "name": "记录.csv"}
    return {"token": pending.keep(content, facts, user=user, purpose=PURPOSE) if user else "x"}


# Acceptors of the organs that handle applications, and of the unit that received what the places have.
TAKES_IN, AT_WINDOW = staff("intake", *OVER_UNIT), staff("intake", "unit")
RECEPTION = "/admin/repairs/reception/{reception.pk}/"
VERIFIERS = staff("intake reviewer", "bureau")
CONFIRMERS = staff("intake reviewer", *OVER_UNIT)
CASE_READERS = staff(CASE_ROLES, "unit") | OVERSEERS
NOTICE_TEXT = (
    "国务院办公厅关于调整2026年放假安排的通知\n国办发明电〔2026〕8号\n2026年12月8日至9日放假，共2天。\n"
)
# Of what a unit's letters name.
DECIDERS = staff("supervisor", "unit", "department") | PROVINCE
KEEPERS = "approver supervisor system_admin"
SEALS = staff(KEEPERS) | PROVINCE
RESET_DECIDERS = staff("security_admin", *OVER_UNIT) | staff("supervisor", "unit")
UNIT_WATCHERS = staff("supervisor system_admin audit_admin", "unit", "department") | PROVINCE

MODELS = [
    Model(
        "accounts/user", "intake.pk", SECURITY, staff("security_admin", *OVER_UNIT),
        adds=SECURITY,
        new={"email": "new@example.com", "name": "新", "phone": "", "organ": "{unit.pk}", "roles": "intake"},
        new_posts=(staff("security_admin", *OVER_UNIT), NOBODY),
        changed={"name": "改名", "phone": "", "is_active": "on", "roles": "reviewer"},
        changes=(staff("security_admin", *OVER_UNIT), NOBODY),
    ),
    Model("accounts/absence", "absence.pk", staff(CASE_ROLES) | PROVINCE, staff(CASE_ROLES, "unit"),
          adds=staff(CASE_ROLES) | PROVINCE),
    Model(
        "accounts/secondfactorreset", "reset.pk", SECURITY | staff("supervisor") | PROVINCE, RESET_DECIDERS, adds=SECURITY,
    ),
    Model(
        "organs/organ", "unit.pk", OFFICERS, OFFICERS, OFFICERS,
        adds=staff("system_admin", "bureau"),
        new=lambda _world, place, _user: {
            "code": "new", "name": "新机构", "document_prefix": "新", "kind": "identifying_unit", "level": "city",
            "region": place.region, "uscc": make_uscc("11", place.region, 77), "phone": "", "address": "",
        },
        new_posts=(staff("system_admin", "bureau"), NOBODY),
        changed={"name": "改名", "document_prefix": "改", "phone": "1", "address": ""},
        changes=(staff("system_admin", *OVER_UNIT), NOBODY),
    ),
    Model("subjects/claim", "claim.pk", VERIFIERS, VERIFIERS),
    Model("subjects/subject", "subject.pk", *([staff("intake reviewer report_officer", "bureau")] * 3)),
    Model("subjects/codeconfirmation", "failing_code.pk", CONFIRMERS, staff("intake reviewer", "unit"),
          ),
    Model("policies/implementingrules", "rules_in_force.pk", staff(CASE_ROLES) | PROVINCE,
          staff(CASE_ROLES) | PROVINCE, PROVINCE),
    Model("records/dishonestyrecord", "record.pk", staff(RECORD_ROLES) | PROVINCE,
          staff(RECORD_ROLES) | PROVINCE, PROVINCE),
    Model("records/sourceact", "act.pk", staff(RECORD_ROLES) | PROVINCE, staff(RECORD_ROLES) | PROVINCE, PROVINCE),
    Model(
        "records/informationobjection", "information_objection.pk", staff(RECORD_ROLES) | PROVINCE,
        staff(RECORD_ROLES) | PROVINCE, PROVINCE, changed={"reasons": "无误"},
        changes=(staff("approver", "unit"), NOBODY),
    ),
    Model("records/importbatch", "batch.pk", staff("intake"), staff("intake", *OVER_UNIT)),
    Model("calendars/calendarnotice", "notice.pk", *([WATCHERS] * 3), far=PROVINCE, adds=OVERSEERS,
          new={"text": NOTICE_TEXT, "year": "2026"}, new_posts=(OVERSEERS, NOBODY)),
    Model(
        "calendars/localclosure", "closure.pk", *([WATCHERS] * 3), far=PROVINCE, adds=OVERSEERS,
        new={"region": "{region}", "first_on": "2026-12-15", "last_on": "2026-12-15", "name": "雪",
             "document_number": "雪1号"},
        new_posts=(OVERSEERS, PROVINCE),
    ),
    Model("calendars/recalculation", "recalculation.pk", *([WATCHERS] * 3)),
    Model("deadlines/deadline", "clock.pk", staff(CASE_ROLES) | PROVINCE, staff(CASE_ROLES, "unit", "department") | PROVINCE,
          PROVINCE),
    Model("deadlines/escalation", "escalation.pk", staff("supervisor") | PROVINCE,
          staff("supervisor", "unit") | OVERSEERS, PROVINCE),
    Model("deadlines/sweep", "sweep.pk", *([WATCHERS] * 3)),
    Model(
        "sharing/delivery", "delivery.pk", staff("system_admin supervisor") | PROVINCE,
        SYSTEM | staff("supervisor", "unit", "department") | PROVINCE, SYSTEM | PROVINCE,
        chosen={"action": "resend", "_selected_action": "{delivery.pk}"},
    ),
    Model(
        "sharing/destination", "platform.pk", SYSTEM | AUDIT | OVERSEERS, SYSTEM | AUDIT | OVERSEERS,
        SYSTEM | AUDIT | PROVINCE, near=WATCHERS, far=PROVINCE, adds=OVERSEERS,
        new={"region": "{region}", "name": "平台", "address": "https://share.example.cn", "key": "密"},
        new_posts=(OVERSEERS, PROVINCE),
    ),
    Model(
        "documents/remedies", "remedies.pk", WATCHERS, SYSTEM | AUDIT | DECIDERS, AUDIT | PROVINCE, adds=SYSTEM,
        new={"organ": "{unit.pk}", "authority": "市人民政府", "court": "区人民法院",
             "effective_from": "2026-12-01"},
        new_posts=(SYSTEM, NOBODY),
    ),
    Model(
        "documents/sealpicture", "seal.pk", SEALS | staff("audit_admin"), staff(KEEPERS, "unit") | AUDIT | OVERSEERS,
        AUDIT | PROVINCE, near=staff(KEEPERS, "unit") | AUDIT | OVERSEERS, adds=staff(KEEPERS, *OVER_UNIT),
        new={"picture": lambda: SimpleUploadedFile("章.png", seal()), "millimetres": "42"},
        new_posts=(staff(KEEPERS, *OVER_UNIT), NOBODY),
    ),
    Model("repairs/repaircase", "case_submitted.pk", staff(CASE_ROLES) | PROVINCE, CASE_READERS, PROVINCE,
          listed=staff(CASE_ROLES, "bureau")),
    Model("repairs/inquiry", "inquiry.pk", staff(CASE_ROLES) | PROVINCE, staff(CASE_ROLES, *OVER_UNIT) | OVERSEERS, PROVINCE,
          changed={"done_0": "no", "done_1": "no", "note": "没有完成"}, changes=(staff("approver", "unit"), NOBODY)),
    Model("repairs/reception", "reception.pk", TAKES_IN, staff("intake", "unit")),
    Model("repairs/revocationproposal", "revocation.pk", staff(CASE_ROLES) | PROVINCE, CASE_READERS, PROVINCE),
    Model(
        "objections/objection", "objection.pk", staff("approver supervisor") | PROVINCE,
        staff("approver supervisor", "unit") | OVERSEERS, PROVINCE,
        changed=_verdicts("case_objecting"), changes=(staff("approver", "unit"), NOBODY),
    ),
    Model("documents/document", "decision.pk", staff(RECORD_ROLES, *OVER_UNIT), staff(RECORD_ROLES, "unit"),
          near=staff(RECORD_ROLES)),
    Model("reports/creditreport", "report.pk", staff("report_officer supervisor") | PROVINCE,
          staff("report_officer supervisor", "bureau")),
    Model("ledger/event", "event.pk", staff("audit_admin supervisor") | PROVINCE,
          AUDIT | staff("supervisor", "unit"), AUDIT, near=AUDIT | staff("supervisor")),
    Model("ledger/head", "head.pk", AUDIT, AUDIT, AUDIT),
]  # fmt: skip

REPORTER = staff("report_officer", "bureau")
PROPOSERS = staff("intake reviewer", "unit")
ASKERS = staff("intake reviewer approver", "bureau")
HANDLERS = staff("intake reviewer approver", "unit")
UNIT_HEAD = staff("supervisor", "unit")


def _step(case: str, action: str, role: str, **body: Any) -> Page:
    """A step is taken by those of the unit who hold its role; nobody else has a page for it."""
    who = staff(role, "unit")
    address = f"/admin/repairs/repaircase/{{{case}.pk}}/step/{action}/"
    form: Body = _verdicts(case) if action == "review" else {"version": f"{{{case}.version}}", **body}
    return Page(address, who, near=who, body=form, own_posts=who)


DEFECTS = {
    "items-TOTAL_FORMS": "1", "items-INITIAL_FORMS": "0", "items-MIN_NUM_FORMS": "0", "items-MAX_NUM_FORMS": "40",
    "items-0-material_kind": "licence", "items-0-defect": "没有盖章", "items-0-requirement": "请盖章",
}  # fmt: skip

ONE_BY_ONE = [
    Page("/admin/", STAFF, near=NOBODY),
    Page("/admin/login/", NOBODY),
    Page("/admin/logout/", STAFF, status=(405,)),
    Page("/admin/jsi18n/", STAFF),
    # No model has a page of its own to lead to.
    Page("/admin/r/{case_type}/{case_submitted.pk}/", NOBODY),
    *(
        Page(f"/admin/{app}/", group, near=NOBODY)
        for app, group in (
            ("repairs", staff(CASE_ROLES) | PROVINCE),
            ("ledger", staff("audit_admin supervisor") | PROVINCE),
            ("accounts", SECURITY | staff(CASE_ROLES) | PROVINCE),
            ("documents", staff(RECORD_ROLES, *OVER_UNIT) | WATCHERS),
            ("reports", staff("report_officer supervisor") | LISTERS | PROVINCE),
        )
    ),
    Page("/admin/nothing/of/this/name/", NOBODY),
    Page("/admin/subjects/claim/{claim.pk}/approve/", VERIFIERS, near=VERIFIERS, body={}, own_posts=VERIFIERS),
    # A credit bureau keeps the credit files of the whole province.
    Page("/admin/subjects/subject/{subject.pk}/life/", VERIFIERS, VERIFIERS, near=VERIFIERS, own_posts=VERIFIERS,
         other_posts=VERIFIERS,
         body={"kind": "rename", "new_name": "新名称有限公司", "changed_on": "2026-11-20", "proof": file()}),
    Page("/admin/subjects/subject/{subject.pk}/proof/{subject_change.pk}/",
         *([staff("intake reviewer report_officer", "bureau")] * 2),
         near=staff("intake reviewer report_officer", "bureau")),
    Page("/admin/subjects/claim/{claim.pk}/reject/", VERIFIERS, near=VERIFIERS, body={"reason": "不符"},
         own_posts=VERIFIERS),
    Page(
        "/admin/policies/implementingrules/new/", UNIT_HEAD, near=UNIT_HEAD, own_posts=UNIT_HEAD,
        body={"title": "细则", "document_number": "规1号", "effective_from": "2026-12-20", "article": "三",
              "minimum_general": "9", "document": file()},
    ),
    Page(
        "/admin/policies/implementingrules/new/text/?from={rules_in_force.pk}", UNIT_HEAD, near=UNIT_HEAD,
        own_posts=UNIT_HEAD, body={"text": "{rules_text}", "document": file()},
    ),
    Page("/admin/policies/implementingrules/{rules_draft.pk}/confirm/", UNIT_HEAD, status=(302,), body={},
         own_posts=UNIT_HEAD),
    Page("/admin/policies/implementingrules/{rules_draft.pk}/discard/", UNIT_HEAD, near=UNIT_HEAD, body={},
         own_posts=UNIT_HEAD),
    Page("/admin/policies/implementingrules/{rules_in_force.pk}/withdraw/", UNIT_HEAD, near=UNIT_HEAD,
         body={"from_day": "2026-12-10", "reason": "废止"}, own_posts=UNIT_HEAD),
    Page("/admin/policies/implementingrules/{rules_in_force.pk}/document/", staff(CASE_ROLES) | PROVINCE,
         PROVINCE, near=staff(CASE_ROLES) | PROVINCE),
    # What is not recorded yet is the unit's own.
    Page("/admin/policies/implementingrules/{rules_draft.pk}/change/", staff(CASE_ROLES, "unit"),
         near=staff(CASE_ROLES, "unit")),
    Page("/admin/policies/implementingrules/{rules_draft.pk}/document/", staff(CASE_ROLES, "unit"),
         near=staff(CASE_ROLES, "unit")),
    Page("/admin/subjects/codeconfirmation/new/", CONFIRMERS, own_posts=CONFIRMERS,
         body={"name": "老厂", "code": "91320100MF0001237P", "proof": file()}),
    Page("/admin/subjects/codeconfirmation/{failing_code.pk}/approve/", NOBODY, body={}, near=CONFIRMERS,
         own_posts=staff("reviewer", "unit")),
    Page("/admin/subjects/codeconfirmation/{failing_code.pk}/reject/", NOBODY, body={"reason": "不符"}, near=CONFIRMERS,
         own_posts=staff("reviewer", "unit")),
    Page("/admin/subjects/codeconfirmation/{failing_code.pk}/licence/", staff("intake reviewer", "unit"),
         near=staff("intake reviewer", "unit")),
    Page("/admin/records/dishonestyrecord/{record.pk}/act/revoke/", PROPOSERS, near=PROPOSERS, own_posts=PROPOSERS,
         body={"grounds": "复议撤销", "effective_on": "2026-11-20", "document": file()}),
    Page("/admin/records/dishonestyrecord/{record.pk}/act/change/", PROPOSERS, near=PROPOSERS, own_posts=PROPOSERS,
         body=lambda _world, place, _user: as_it_is(place.record) | {"facts": "没有这回事。", "grounds": "复议变更",
                                                                    "effective_on": "2026-11-20", "document": file()()}),
    Page("/admin/records/dishonestyrecord/{revoked_record.pk}/act/unrevoke/", PROPOSERS, near=PROPOSERS,
         own_posts=PROPOSERS, body={"grounds": "登记有误", "effective_on": "2026-11-20", "document": file()}),
    Page("/admin/records/dishonestyrecord/{changed_record.pk}/restore/{change.pk}/", PROPOSERS, near=PROPOSERS,
         own_posts=PROPOSERS, body={"grounds": "有误"}),
    Page("/admin/records/dishonestyrecord/{record.pk}/notice/", NOBODY, body={}, near=staff(RECORD_ROLES) | PROVINCE,
         own_posts=staff("intake reviewer approver", "unit")),
    Page("/admin/records/importbatch/{batch_of_records.pk}/notices/", staff("intake", "unit"), near=staff("intake", "unit"),
         body={"part": "1"}, own_posts=staff("intake", "unit")),
    Page("/admin/records/importbatch/{batch_of_records.pk}/notices/1/", staff("intake", "unit"), status=(302,),
         near=staff("intake", "unit")),
    Page("/admin/records/informationobjection/{information_objection.pk}/evidence/{information_objection.evidence_id}/",
         staff(RECORD_ROLES) | PROVINCE, PROVINCE, near=staff(RECORD_ROLES) | PROVINCE),
    Page("/admin/records/sourceact/{act.pk}/document/", staff(RECORD_ROLES) | PROVINCE, PROVINCE,
         near=staff(RECORD_ROLES) | PROVINCE),
    Page("/admin/records/sourceact/{act.pk}/approve/", NOBODY, body={}, near=staff(RECORD_ROLES) | PROVINCE,
         own_posts=staff("approver", "unit")),
    Page("/admin/records/sourceact/{act.pk}/reject/", NOBODY, body={"reason": "不符"},
         near=staff(RECORD_ROLES) | PROVINCE, own_posts=staff("approver", "unit")),
    Page("/admin/repairs/repaircase/{case_submitted.pk}/straight-on/", CASE_READERS, PROVINCE, near=CASE_READERS,
         status=(302,)),
    Page("/admin/repairs/repaircase/{case_submitted.pk}/improvements/", HANDLERS, near=HANDLERS, own_posts=HANDLERS,
         body={"words": "志愿服务20小时"}),
    Page("/admin/repairs/inquiry/ask/{answered_inquiry.case_id}/", ASKERS, near=ASKERS, own_posts=ASKERS,
         body={"question": "请核实"}),
    Page("/admin/repairs/inquiry/{answered_inquiry.pk}/evidence/", staff(CASE_ROLES, *OVER_UNIT) | OVERSEERS, PROVINCE,
         near=staff(CASE_ROLES, *OVER_UNIT) | OVERSEERS),
    Page("/admin/repairs/reception/new/", TAKES_IN, near=TAKES_IN),
    Page("/admin/repairs/reception/new/{subject.pk}/", staff("intake", *OVER_UNIT), near=staff("intake", *OVER_UNIT)),
    # Nothing of what lacks papers is submitted.
    Page(f"{RECEPTION}submit/", NOBODY, near=AT_WINDOW, body={}),
    Page(f"{RECEPTION}{{draft_received.pk}}/blank/", AT_WINDOW, near=AT_WINDOW, status=(302,)),
    Page(f"{RECEPTION}{{draft_received.pk}}/task/contact/", AT_WINDOW, near=AT_WINDOW, own_posts=AT_WINDOW,
         body={"name": "陈经办", "phone": "025-12345678"}),
    Page(f"{RECEPTION}{{draft_received.pk}}/file/{{identity_material.pk}}/", AT_WINDOW, near=AT_WINDOW,
         own_posts=AT_WINDOW, body={}),
    Page("/admin/repairs/reception/{case_filed.filing.reception_id}/{case_filed.pk}/letter/{receipt_waiting.pk}/",
         AT_WINDOW, near=AT_WINDOW, own_posts=AT_WINDOW,
         body={"how": "handed", "recipient": "陈", "served_on": "2026-11-23", "scan": file()}),
    Page("/admin/repairs/reception/{case_served.filing.reception_id}/{case_served.pk}/proof/{proof.pk}/",
         AT_WINDOW, near=AT_WINDOW),
    Page("/admin/objections/objection/enter/{refused_received.pk}/", AT_WINDOW, near=AT_WINDOW, own_posts=AT_WINDOW,
         body={"disputed": "obligations_fulfilled", "grounds": "已缴清", "received_on": "2026-11-27"}),
    Page("/admin/repairs/revocationproposal/propose/{case_granted.pk}/", HANDLERS, near=HANDLERS, own_posts=HANDLERS,
         body={"facts": "凭证不实", "statement": "没有异议", "evidence": file()}),
    Page("/admin/repairs/revocationproposal/{revocation.pk}/evidence/", CASE_READERS, PROVINCE, near=CASE_READERS),
    Page("/admin/repairs/revocationproposal/{revocation.pk}/approve/", NOBODY, body={}, near=CASE_READERS,
         own_posts=staff("approver", "unit")),
    Page("/admin/repairs/revocationproposal/{revocation.pk}/reject/", NOBODY, body={"reason": "不符"},
         near=CASE_READERS, own_posts=staff("approver", "unit")),
    Page("/admin/records/dishonestyrecord/export/csv/", staff(RECORD_ROLES) | PROVINCE, PROVINCE, near=staff(RECORD_ROLES) | PROVINCE),
    Page("/admin/records/dishonestyrecord/export/xlsx/", staff(RECORD_ROLES) | PROVINCE, PROVINCE, near=staff(RECORD_ROLES) | PROVINCE),
    Page("/admin/repairs/repaircase/export/csv/", staff(CASE_ROLES) | PROVINCE, PROVINCE,
         near=CASE_READERS | staff(CASE_ROLES, "bureau")),
    Page("/admin/repairs/repaircase/export/xlsx/", staff(CASE_ROLES) | PROVINCE, PROVINCE,
         near=CASE_READERS | staff(CASE_ROLES, "bureau")),
    Page("/admin/records/importbatch/import/", staff("intake"), near=staff("intake", "unit")),
    Page("/admin/records/importbatch/import/template/", staff("intake")),
    Page("/admin/records/importbatch/import/confirm/", staff("intake"), status=(302,), body=_previewed,
         own_posts=staff("intake", *OVER_UNIT)),
    # A run is for who brought the file.
    Page("/admin/records/importbatch/import/run/{ready_run.pk}/", staff("intake", "unit"), near=staff("intake", "unit")),
    Page("/admin/records/importbatch/import/run/{ready_run.pk}/confirm/", staff("intake", "unit"), status=(302,), body={},
         near=staff("intake", "unit"), own_posts=staff("intake", "unit")),
    Page("/admin/records/importbatch/import/run/{import_run.pk}/cancel/", staff("intake", "unit"), status=(302,), body={},
         near=staff("intake", "unit"), own_posts=staff("intake", "unit")),
    Page("/admin/records/importbatch/{batch.pk}/errors/", staff("intake", *OVER_UNIT),
         near=staff("intake", *OVER_UNIT)),
    # The calendar's old addresses lead whomever to the new ones, which ask who comes.
    Page("/admin/deadlines/calendarnotice/{notice.pk}/change/", EVERYBODY, EVERYBODY, status=(301,)),
    Page("/admin/calendars/calendarnotice/{unsigned.pk}/confirm/", NOBODY, body={}, own_posts=OVERSEERS),
    Page("/admin/calendars/calendarnotice/{notice.pk}/approve/", NOBODY, body=_notice_version,
         own_posts=PROVINCE),
    Page("/admin/calendars/calendarnotice/{notice.pk}/reject/", NOBODY, body={"reason": "不对"},
         own_posts=PROVINCE),
    Page("/admin/calendars/calendarnotice/{notice.pk}/moves/", WATCHERS, near=UNIT_WATCHERS, other=PROVINCE),
    Page("/admin/calendars/localclosure/{closure.pk}/approve/", NOBODY, body=_closure_version,
         own_posts=OVERSEERS, other_posts=PROVINCE),
    Page("/admin/calendars/localclosure/{closure.pk}/reject/", NOBODY, body={"reason": "不对"},
         own_posts=OVERSEERS, other_posts=PROVINCE),
    Page("/admin/calendars/localclosure/{closure.pk}/moves/", WATCHERS, WATCHERS, near=UNIT_WATCHERS),
    Page("/admin/sharing/destination/{platform.pk}/approve/", NOBODY, body={}, own_posts=OVERSEERS,
         other_posts=PROVINCE),
    Page("/admin/sharing/destination/{platform.pk}/reject/", NOBODY, body={"reason": "不对"}, own_posts=OVERSEERS,
         other_posts=PROVINCE),
    Page("/admin/accounts/secondfactorreset/{reset.pk}/approve/", NOBODY, body={},
         own_posts=staff("security_admin", "bureau") | staff("supervisor", "unit")),
    Page("/admin/accounts/secondfactorreset/{reset.pk}/reject/", NOBODY, body={"reason": "不对"},
         own_posts=staff("security_admin", "bureau") | staff("supervisor", "unit")),
    Page("/admin/documents/remedies/{remedies.pk}/approve/", NOBODY, body={}, own_posts=DECIDERS,
         other_posts=PROVINCE),
    Page("/admin/documents/remedies/{remedies.pk}/reject/", NOBODY, body={"reason": "不对"}, own_posts=DECIDERS,
         other_posts=PROVINCE),
    Page("/admin/documents/sealpicture/withdraw/", staff(KEEPERS, *OVER_UNIT), near=staff(KEEPERS, *OVER_UNIT),
         body={"grounds": "印章遗失"}, own_posts=staff(KEEPERS, "unit")),
    Page("/admin/documents/sealpicture/{seal.pk}/picture/", staff(KEEPERS, "unit") | AUDIT | OVERSEERS, AUDIT | PROVINCE,
         near=staff(KEEPERS, "unit") | AUDIT | OVERSEERS),
    Page("/admin/documents/sealpicture/{seal.pk}/approve/", NOBODY, body={}, own_posts=DECIDERS, other_posts=PROVINCE),
    Page("/admin/documents/sealpicture/{seal.pk}/reject/", NOBODY, body={"reason": "不对"}, own_posts=DECIDERS,
         other_posts=PROVINCE),
    _step("case_submitted", "accept", "intake"),
    _step("case_submitted", "request_correction", "intake", **DEFECTS),
    _step("case_submitted", "decline", "intake", ground="elsewhere", reason="不在本省"),
    _step("case_accepted", "review", "reviewer"),
    _step("case_reviewed", "return", "approver", reason="再查"),
    _step("case_reviewed", "grant", "approver"),
    _step("case_failing", "refuse", "approver"),
    Page("/admin/repairs/repaircase/{case_submitted.pk}/officer/", NOBODY, body={"officer": "{intake.pk}"},
         near=staff("intake supervisor", "unit"), own_posts=staff("intake supervisor", "unit")),
    Page("/admin/repairs/repaircase/hand-over/?cases={case_submitted.pk}", staff(CASE_ROLES, "unit"),
         body={"officer": "{intake.pk}"}, near=staff(CASE_ROLES, "unit"), own_posts=staff("intake supervisor", "unit")),
    Page("/admin/documents/document/export/csv/", staff(f"{CASE_ROLES} report_officer", *OVER_UNIT), near=staff(RECORD_ROLES)),
    Page("/admin/documents/document/export/xlsx/", staff(f"{CASE_ROLES} report_officer", *OVER_UNIT), near=staff(RECORD_ROLES)),
    Page("/admin/repairs/repaircase/yearbook/", staff(CASE_ROLES) | PROVINCE, near=CASE_READERS),
    Page("/admin/repairs/repaircase/{case_granted.pk}/archive/", staff(CASE_ROLES, "unit"), near=staff(CASE_ROLES, "unit")),
    Page("/admin/repairs/repaircase/filters/", NOBODY, status=(405,), body={"name": "本周", "query": "queue=open"},
         near=CASE_READERS, own_posts=staff(CASE_ROLES) | PROVINCE),
    Page("/admin/repairs/repaircase/{case_again.pk}/exception/{exception.pk}/", UNIT_HEAD, near=UNIT_HEAD,
         body={"reason": "首次材料中没有"}, own_posts=UNIT_HEAD),
    # Nobody sees an application before it is filed.
    Page("/admin/repairs/repaircase/{case_draft.pk}/change/", NOBODY),
    Page("/admin/reports/creditreport/new/", REPORTER),
    # A report may be about any subject of the province.
    Page("/admin/reports/creditreport/new/{subject.pk}/", REPORTER, REPORTER, near=REPORTER,
         body={"variant": "repair", "purpose": "投标", "once": "a"}, own_posts=REPORTER, other_posts=REPORTER),
    Page("/admin/reports/creditreport/{report.pk}/void/", REPORTER, near=REPORTER, body={"reason": "有误"},
         own_posts=REPORTER),
]  # fmt: skip

OFFICER_PAGES = (
    [page for model in MODELS for page in model.pages()]
    + ONE_BY_ONE
    + PRIVACY_PAGES
    + PROMISES_AND_REPORTS
    + TRAINING_PAGES
)
