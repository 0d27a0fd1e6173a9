from collections.abc import Callable, Iterable
from typing import Any

from django import forms


class Suggested(forms.TextInput):
    """A line of text for which the browser offers known values; any other may be typed as well."""

    template_name = "django/forms/widgets/suggested.html"

    def __init__(self, values: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self.values = values

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["suggestions"] = list(self.values())
        context["list_id"] = context["widget"]["attrs"]["list"] = f"known_{name}"
        return context
