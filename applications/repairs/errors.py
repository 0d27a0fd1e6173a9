"""Why something was not done to a case."""

from django.core.exceptions import PermissionDenied

from rules.procedure import IllegalAction


class NotAllowed(PermissionDenied):
    """The person has no part in this step, or has none any more since the page was begun. The answer is 403, where a page does
    not answer as if the case did not exist."""


class StaleCase(Exception):
    """The case has moved on since the page was opened. The message says how it stands now."""


class NotReady(Exception):
    """The step needs something that is missing. ``problems`` are sentences for the person who acts."""

    def __init__(self, *problems: str) -> None:
        super().__init__("".join(problems))
        self.problems = problems


class ChangedMeanwhile(NotReady):
    """Somebody else saved the same draft since the page was opened. The page shows both; nothing was saved."""


class KeptForNow(NotReady):
    """What was to be sent cannot be sent yet, and is saved as a draft."""


# What a step of the procedure is refused with.
REFUSALS = (NotAllowed, IllegalAction, StaleCase, NotReady)
