"""A record as every letter about it says it."""

from typing import Any

from applications.masking import mask_numbers
from applications.records.models import DishonestyRecord


def record_lines(record: DishonestyRecord) -> dict[str, Any]:
    return {
        "document_number": str(record),
        "decided_on": record.decided_on.isoformat(),
        "identified_on": record.identified_on.isoformat(),
        "identifying_unit": record.identifying_unit.name,
        "penalising_organ": record.penalised_by,
        "severity": record.get_severity_display(),
        "violation": mask_numbers(record.violation_type),
        "penalties": "、".join(record.penalty_labels),
    }
