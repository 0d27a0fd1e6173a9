from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.organs.models import Organ
from applications.records.access import importable_organs
from applications.records.importing.lines import MAX_ROWS
from applications.records.importing.reading import MAX_BYTES


class ImportForm(forms.Form):
    """Which unit's file it is, and the file. What is inside is for the import to judge."""

    organ = forms.ModelChoiceField(label=_("认定单位"), queryset=Organ.objects.none())
    file = forms.FileField(
        label=_("记录文件"),
        allow_empty_file=True,
        help_text=_(".csv 或 .xlsx，最多 %(rows)d 行、%(size)d MB。")
        % {"rows": MAX_ROWS, "size": MAX_BYTES // 1024 // 1024},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organ"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organ.objects.filter(importable_organs(user))
        if len(field.queryset) == 1:
            field.initial = field.queryset[0]
            field.empty_label = None
