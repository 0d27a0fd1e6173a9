"""The steps of Article 13, one module each, on the frame of the repairs app."""

from typing import Any

from applications.objections.models import Objection
from applications.objections.steps.handling import HandleForm, handle
from applications.objections.steps.object import file_objection
from applications.objections.steps.overturn import OVERTURN
from applications.objections.steps.uphold import UPHOLD


def handle_objection(*, overturn: bool, **found: Any) -> Objection:
    """Overturn or uphold; ``found`` is what handling.handle takes."""
    return handle(OVERTURN if overturn else UPHOLD, **found)


__all__ = ["HandleForm", "file_objection", "handle_objection"]
