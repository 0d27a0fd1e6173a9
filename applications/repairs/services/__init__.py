"""The writes of the repairs app that are no step of the procedure; those are in applications.repairs.steps."""

from applications.repairs.errors import NotAllowed, NotReady, StaleCase
from applications.repairs.registers import latest_report
from applications.repairs.services.drafts import (
    add_material,
    remove_material,
    save_fulfilment,
    start_case,
)
from applications.repairs.services.filings import save_contact, save_training_and_report, sign_commitment
from applications.repairs.services.handling import assign_case
from applications.repairs.services.queues import check_queues
from applications.repairs.services.reading import read_all, record_reading
from applications.repairs.services.reuse import reuse_materials
from applications.repairs.services.sittings import (
    drafts_of,
    filed_in,
    filed_together,
    start_filing,
    take_out,
)
from applications.repairs.services.urging import urge_case

__all__ = [
    "NotAllowed",
    "NotReady",
    "StaleCase",
    "add_material",
    "assign_case",
    "check_queues",
    "drafts_of",
    "filed_in",
    "filed_together",
    "latest_report",
    "read_all",
    "record_reading",
    "remove_material",
    "reuse_materials",
    "save_contact",
    "save_fulfilment",
    "save_training_and_report",
    "sign_commitment",
    "start_case",
    "start_filing",
    "take_out",
    "urge_case",
]
