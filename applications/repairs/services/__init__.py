"""The writes of the repairs app that are no step of the procedure; those are in applications.repairs.steps."""

from applications.repairs.errors import NotAllowed, NotReady, StaleCase
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

__all__ = [
    "NotAllowed",
    "NotReady",
    "StaleCase",
    "add_material",
    "assign_case",
    "check_queues",
    "read_all",
    "record_reading",
    "remove_material",
    "save_contact",
    "save_fulfilment",
    "save_training_and_report",
    "sign_commitment",
    "start_case",
]
