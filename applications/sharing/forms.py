from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.organs import regions


class DestinationForm(forms.Form):
    region = forms.ChoiceField(label=_("行政区划"), help_text=_("该行政区划本级单位的修复决定送往这个平台"))
    name = forms.CharField(label=_("平台名称"), max_length=100, required=False, help_text=_("停用时可以不填"))
    address = forms.CharField(
        label=_("接口地址"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 60, "inputmode": "url", "autocomplete": "off"}),
        help_text=_("如 https://share.example.gov.cn，不含接口路径；停用时不填"),
    )
    key = forms.CharField(
        label=_("签名密钥"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("与平台约定的密钥，加密保存，以后不再显示；不填则沿用现有的密钥"),
    )
    closes = forms.BooleanField(
        label=_("停用该平台"),
        required=False,
        help_text=_("停用后送往上级在用的平台；上级没有的，等待登记新平台"),
    )

    def __init__(self, *args: Any, department_region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions.choices_in(department_region)  # type: ignore[attr-defined]
