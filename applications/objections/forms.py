from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.form_helper import helper
from applications.accounts.kept_files import SeveralFilesField
from applications.repairs.assessing import FINDING_LABELS


class ObjectionForm(forms.Form):
    disputed = forms.MultipleChoiceField(
        label=_("您对哪些认定有异议"), widget=forms.CheckboxSelectMultiple, choices=()
    )
    grounds = forms.CharField(
        label=_("事实和理由"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("写清楚您认为认定有误的地方和依据，最多5000字。"),
    )
    uploads = SeveralFilesField(
        label=_("证据材料"),
        required=False,
        help_text=_("可以不上传。PDF、JPG 或 PNG，每个不超过10MB，最多10个文件。"),
    )

    def __init__(self, *args: Any, findings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.findings = findings
        field = self.fields["disputed"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, _(FINDING_LABELS[code])) for code in findings]
        if len(findings) == 1:
            # There is nothing else to object to.
            field.initial = findings
        self.helper = helper(_("提交异议"))
        # The buttons beside the files that are kept already belong to it too.
        self.helper.form_id = "objection"
