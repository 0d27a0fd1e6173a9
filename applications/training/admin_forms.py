"""The forms of the officers' site."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from applications.training.models import Course, Meeting
from applications.training.services.publishing import saved_meanwhile


class WrittenForm(forms.ModelForm[Any]):
    """``seen``: the revision that the page showed; what a colleague saved meanwhile is not written over unseen."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.revision
        self.fields["seen"].label = ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and cleaned.get("seen") != self.instance.revision:
            # Whoever presses again has been told.
            shown: Any = self.data.copy()  # type: ignore[attr-defined]
            shown["seen"] = str(self.instance.revision)
            self.data = shown
            raise ValidationError(saved_meanwhile(self.instance))
        return cleaned


class CourseForm(WrittenForm):
    class Meta:
        model = Course
        fields = ["title", "summary", "public_interest", "pass_percent"]


class MeetingForm(WrittenForm):
    class Meta:
        model = Meeting
        fields = [
            "title",
            "summary",
            "public_interest",
            "place",
            "starts_at",
            "ends_at",
            "enrol_until",
            "places",
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts, ends, until = (cleaned.get(name) for name in ("starts_at", "ends_at", "enrol_until"))
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("结束时间应当晚于开始时间。"))
        if starts and until and until > starts:
            self.add_error("enrol_until", _("报名截止不能晚于开始时间。"))
        return cleaned
