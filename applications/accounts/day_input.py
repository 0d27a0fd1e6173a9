from django import forms


class DayInput(forms.DateInput):
    """The browser's own date field; it needs the ISO form whatever the language of the page."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
