from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.accounts.models import User
from applications.accounts.passwords import is_own_password
from applications.commitments.models import CommitmentKind
from applications.organs.models import Organ
from applications.organs.selectors import all_bureaus, bureau_at
from rules.sameness import plain_name


class ListForm(forms.Form):
    """By what the public list is narrowed. All of it may stand in an address: persons are found elsewhere."""

    q = forms.CharField(
        label=_("单位名称或者统一社会信用代码（可不填）"),
        required=False,
        max_length=128,
        help_text=_("可以只输入名称中的几个字。自然人的承诺请到“查询公示”按完整姓名查询。"),
    )
    kind = forms.ChoiceField(
        label=_("承诺类型"), required=False, choices=[("", _("全部")), *CommitmentKind.choices]
    )
    state = forms.ChoiceField(
        label=_("履行状态"),
        required=False,
        choices=[("", _("全部")), ("kept", _("没有违背承诺的记载")), ("broken", _("认定违背承诺"))],
    )
    organ = forms.ModelChoiceField(
        label=_("受理单位"), required=False, queryset=Organ.objects.none(), empty_label=_("全部")
    )
    since = forms.DateField(label=_("公示日期自（可不填）"), required=False, widget=DayInput)
    until = forms.DateField(label=_("至（可不填）"), required=False, widget=DayInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organ"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organ.objects.exclude(kind=Organ.Kind.CREDIT_MANAGEMENT).order_by("region", "code")

    def clean_q(self) -> str:
        q: str = self.cleaned_data["q"]
        if q and len(plain_name(q)) < 2:
            raise ValidationError(gettext("请至少输入2个字。"))
        return q

    def clean_until(self) -> date | None:
        since: date | None = self.cleaned_data.get("since")
        until: date | None = self.cleaned_data["until"]
        if since and until and until < since:
            raise ValidationError(gettext("结束日期早于开始日期，请核对。"))
        return until


class PromiseForm(forms.Form):
    """The signature under a promise. Consent to its publication is a tick of its own."""

    organ = forms.ModelChoiceField(
        label=_("受理单位"),
        queryset=all_bureaus(),
        error_messages={"required": _("请选择受理承诺的公共信用信息工作机构。")},
        help_text=_("通常是住所地的公共信用信息工作机构。"),
    )
    publication_consent = forms.BooleanField(
        label=_("同意将上述承诺向社会公示"),
        error_messages={"required": _("公开承诺须同意公示；不同意的，不需要签署。")},
        help_text=_(
            "公示的内容见上。同意以后可以撤回，撤回后不再公示；单位被认定违背承诺的，在认定撤销以前不能撤回。"
        ),
    )
    password = forms.CharField(
        label=_("登录密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("再次输入您的登录密码，确认是您在签署。"),
    )

    def __init__(self, *args: Any, user: User, region: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.initial.setdefault("organ", bureau_at(region))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not is_own_password(self.user, password):
            raise ValidationError(gettext("密码不正确，请重新输入。承诺书还没有签署。"))
        return password


class FindingForm(KeepsFiles):
    """What is found of a commitment, and the paper that shows it."""

    files_field, purpose = "evidence", "commitment-finding"
    files_needed = _("请上传认定所依据的文书或者证据。")

    facts = forms.CharField(
        label=_("查明的事实"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("会告知承诺人。公示的承诺只显示认定日期，不显示事实。"),
    )
    evidence = forms.FileField(
        label=_("认定所依据的文书或者证据"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
        help_text=_("PDF、JPG 或 PNG，不超过10MB。"),
    )
