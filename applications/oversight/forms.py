"""Which policy to try, from which day to propose it, and why to turn a proposal down."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.form_helper import helper
from applications.policies.reading import LONGEST_TEXT, read_policy
from rules.errors import RulesError
from rules.policy import Policy, get_policy, load_policies


class ReplayForm(forms.Form):
    """A shipped policy, or the text of a new one."""

    shipped = forms.ChoiceField(label=_("已收录的政策"), required=False)
    text = forms.CharField(
        label=_("或者新政策的文本（TOML）"),
        required=False,
        max_length=LONGEST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false"}),
        help_text=_("格式与已收录的政策相同；不明的数字可以不写并注明，但不明的政策只能比较，不能采用。"),
    )
    since = forms.DateField(
        label=_("只看这一天以来提交的申请、认定的信息"),
        required=False,
        widget=DayInput,
        help_text=_("不填，看全部。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["shipped"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            ("", _("不选")),
            *((policy.id, f"{policy.title}（{policy.document}）") for policy in load_policies()),
        ]
        self.helper = helper(_("开始重评"))
        self.policy: Policy | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        shipped, text = data.get("shipped"), (data.get("text") or "").strip()
        if bool(shipped) == bool(text):
            if not self.errors:
                raise ValidationError(_("请选择一个已收录的政策，或者填写一个新政策的文本，二者选一。"))
            return data
        try:
            self.policy = get_policy(shipped) if shipped else read_policy(text)
        except RulesError as error:
            self.add_error("text", str(error))
        return data


class ProposalForm(forms.Form):
    starts_on = forms.DateField(label=_("自哪一天起采用"), widget=DayInput, help_text=_("应晚于今天。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("提请采用"))


class RejectionForm(forms.Form):
    reason = forms.CharField(label=_("驳回的理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("驳回"))
