from django import forms


class DayInput(forms.DateInput):
    """The browser's own date field; it needs the ISO form whatever the language of the page."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """The browser's own field of a day and a time, to the minute, in the time zone of the server."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")
