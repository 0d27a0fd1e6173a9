"""The steps of Article 13, one module each, on the frame of the repairs app."""

from typing import Any

from applications.objections.models import Objection
from applications.objections.steps.handling import HandleForm
from applications.objections.steps.object import file_objection
from applications.objections.steps.overturn import overturn_decision
from applications.objections.steps.uphold import uphold_decision


def handle_objection(*, overturn: bool, **found: Any) -> Objection:
    """Overturn or uphold, for whoever has the officer's choice in a variable; ``found`` is what both take."""
    return overturn_decision(**found) if overturn else uphold_decision(**found)


__all__ = ["HandleForm", "file_objection", "handle_objection", "overturn_decision", "uphold_decision"]
