from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.calendars.models import LocalClosure
from applications.calendars.notice_files import MAX_BYTES, decode_notice
from applications.organs import regions
from rules.errors import InputError


class NoticeForm(forms.Form):
    """A notice as text or as a file; what a file held goes into the text field, so nothing has to be sent twice."""

    year = forms.IntegerField(
        label=_("年份"),
        required=False,
        min_value=2004,
        max_value=2035,
        help_text=_("正文已写明年份的可以不填"),
    )
    file = forms.FileField(
        label=_("通知文件"), required=False, help_text=_("文本文件，或者 TOML、JSON、CSV 日历文件")
    )
    text = forms.CharField(
        label=_("通知正文"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("粘贴国务院办公厅通知的全文，如“……放假调休，共7天。1月22日（星期日）上班”"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if upload := data.get("file"):
            try:
                data["text"] = decode_notice(upload.read(MAX_BYTES + 1))
            except InputError as error:
                self.add_error("file", f"{error.expected}。")
                return data
            self.data = {**self.data.dict(), self.add_prefix("text"): data["text"]}  # type: ignore[attr-defined]
        if not (data.get("text") or "").strip():
            self.add_error("text", _("请粘贴通知正文，或者选择文件"))
        return data


class ClosureForm(forms.ModelForm[LocalClosure]):
    region = forms.ChoiceField(label=_("行政区划"))

    class Meta:
        model = LocalClosure
        fields = ("region", "first_on", "last_on", "working", "name", "document_number")
        widgets = {"first_on": DayInput, "last_on": DayInput}
        help_texts = {"working": _("原定休息改为上班，或者撤回先前的停工安排时勾选")}

    def __init__(self, *args: Any, department_region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions.choices_in(department_region)  # type: ignore[attr-defined]
