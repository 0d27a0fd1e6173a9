"""The steps of the procedure that are an applicant's, an officer's or the system's, one module each: form, service,
letter and message side by side, on the frame of frame.py. Objections have theirs in applications.objections.steps."""

from applications.repairs.steps import accept, decline, grant, refuse, request_correction, return_, review
from applications.repairs.steps.accept import accept_case
from applications.repairs.steps.close import close_case
from applications.repairs.steps.decline import decline_case
from applications.repairs.steps.deem_accepted import deem_case_accepted, deem_overdue_cases_accepted
from applications.repairs.steps.grant import grant_case
from applications.repairs.steps.note_change import note_change
from applications.repairs.steps.pages import StepPage
from applications.repairs.steps.record_receipt import PlatformReceipt, record_platform_receipts
from applications.repairs.steps.refuse import refuse_case
from applications.repairs.steps.request_correction import (
    Defect,
    ask_for_correction,
    draft_correction,
    waive_item,
)
from applications.repairs.steps.resubmit import answer_correction, resubmit_case
from applications.repairs.steps.return_ import return_case
from applications.repairs.steps.review import review_case
from applications.repairs.steps.revoke import propose_revocation, reject_revocation, revoke_case
from applications.repairs.steps.submit import (
    blocking_problems,
    materials_asked,
    names_of,
    required_materials,
    sign_and_submit,
    submit_case,
    submit_filing,
)
from applications.repairs.steps.withdraw import withdraw_case

# The pages of the officers' steps, by action.
PAGES: dict[str, type[StepPage]] = {
    page.action: page
    for page in (
        accept.Page,
        request_correction.Page,
        decline.Page,
        review.Page,
        grant.Page,
        refuse.Page,
        return_.Page,
    )
}

__all__ = [
    "PAGES",
    "Defect",
    "PlatformReceipt",
    "StepPage",
    "accept_case",
    "answer_correction",
    "ask_for_correction",
    "blocking_problems",
    "close_case",
    "decline_case",
    "deem_case_accepted",
    "deem_overdue_cases_accepted",
    "draft_correction",
    "grant_case",
    "materials_asked",
    "names_of",
    "note_change",
    "propose_revocation",
    "record_platform_receipts",
    "refuse_case",
    "reject_revocation",
    "required_materials",
    "resubmit_case",
    "return_case",
    "review_case",
    "revoke_case",
    "sign_and_submit",
    "submit_case",
    "submit_filing",
    "waive_item",
    "withdraw_case",
]
