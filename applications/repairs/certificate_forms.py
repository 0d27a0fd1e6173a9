"""What of a record its subject wants to show others."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.form_helper import helper
from applications.repairs.services.certificates import MAY_SHOW


class CertificateForm(forms.Form):
    show = forms.MultipleChoiceField(
        label=_("证明上还写明（可不选）"),
        choices=[*MAY_SHOW.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "主体名称和代码、决定文书号、认定单位、修复决定的文号和日期总是写明，以便对方知道是哪一条。"
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = helper(_("出具修复证明"))
