"""The writes of the repairs room. Import from here; the modules split them by who takes the step."""

from applications.repairs.services.decisions import (
    decide_objection,
    file_objection,
    grant_case,
    record_receipt,
    refuse_case,
    return_case,
    review_case,
)
from applications.repairs.services.deeming import deem_overdue_cases_accepted
from applications.repairs.services.drafts import (
    add_material,
    remove_material,
    save_contact,
    save_fulfilment,
    save_training_and_report,
    sign_commitment,
    start_case,
)
from applications.repairs.services.handling import assign_case
from applications.repairs.services.intake import (
    accept_case,
    decline_case,
    deem_case_accepted,
    draft_correction,
    except_item,
    request_correction,
)
from applications.repairs.services.procedure import NotAllowed, NotReady, StaleCase
from applications.repairs.services.queues import check_queues
from applications.repairs.services.reading import record_reading
from applications.repairs.services.submission import (
    answer_correction,
    required_materials,
    resubmit_case,
    submit_case,
    withdraw_case,
)

__all__ = [
    "NotAllowed",
    "NotReady",
    "StaleCase",
    "accept_case",
    "add_material",
    "answer_correction",
    "assign_case",
    "check_queues",
    "decide_objection",
    "decline_case",
    "deem_case_accepted",
    "deem_overdue_cases_accepted",
    "draft_correction",
    "except_item",
    "file_objection",
    "grant_case",
    "record_reading",
    "record_receipt",
    "refuse_case",
    "remove_material",
    "request_correction",
    "required_materials",
    "resubmit_case",
    "return_case",
    "review_case",
    "save_contact",
    "save_fulfilment",
    "save_training_and_report",
    "sign_commitment",
    "start_case",
    "submit_case",
    "withdraw_case",
]
