from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.subjects.models import Subject
from applications.training.models import Organiser


class ForWhomForm(forms.Form):
    """For which subject somebody takes part; the only one is chosen already."""

    subject = forms.ModelChoiceField(
        label=_("代表谁参加"),
        queryset=Subject.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        help_text=_("证书写明参加人和信用主体，用于这个主体的修复申请。"),
        error_messages={
            "required": _("请选择代表谁参加。"),
            "invalid_choice": _("请选择您可以代表的信用主体。"),
        },
    )

    def __init__(self, *args: Any, subjects: QuerySet[Subject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["subject"]
        field.queryset = subjects  # type: ignore[attr-defined]
        self.subjects = subjects
        several = list(subjects[:2])
        if len(several) == 1:
            field.initial = several[0].pk

    def is_for_others_than(self, subjects: list[int]) -> bool:
        """Whether it can be answered with a subject that is none of these."""
        return self.subjects.exclude(pk__in=subjects).exists()


class OutsideForm(KeepsFiles, ForWhomForm):
    """The certificate of another organiser, as it is printed."""

    files_field, purpose = "proof", "training-certificate"
    files_needed = _("请上传证书的扫描件或者照片。")
    field_order = ["subject", "organiser", "number", "person_name", "title", "completed_on", "proof"]

    organiser = forms.ModelChoiceField(
        label=_("培训组织单位"),
        queryset=Organiser.objects.none(),
        empty_label=_("请选择"),
        help_text=_("这里没有的，登记单位没有列入；请联系登记单位，或者参加本网站的培训。"),
        error_messages={
            "required": _("请选择培训组织单位。"),
            "invalid_choice": _("请选择列表中的组织单位。"),
        },
    )
    number = forms.CharField(label=_("证书编号"), max_length=80)
    person_name = forms.CharField(label=_("参加人姓名"), max_length=80, help_text=_("与证书一致。"))
    title = forms.CharField(label=_("培训名称"), max_length=100)
    completed_on = forms.DateField(label=_("完成日期"), widget=DayInput(), help_text=_("写在证书上。"))
    proof = forms.FileField(
        label=_("证书"),
        required=False,
        allow_empty_file=True,
        help_text=_("扫描件或者照片。PDF、JPG 或 PNG，不超过10 MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accepted = Organiser.objects.filter(active=True).select_related("organ")
        organiser: Any = self.fields["organiser"]
        organiser.queryset = accepted
        organiser.label_from_instance = lambda each: (
            _("%(name)s（登记单位：%(organ)s）")
            % {
                "name": each.name,
                "organ": each.organ,
            }
        )


class ReasonForm(forms.Form):
    """Why something is cancelled, turned down or void; whoever it concerns reads it."""

    reason = forms.CharField(
        label=_("原因"),
        max_length=300,
        help_text=_("不超过300字，有关的人会看到。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ReissueForm(forms.Form):
    """What a corrected certificate is to say; the subject's name and code are those of today."""

    person_name = forms.CharField(label=_("参加人"), max_length=80)
    title = forms.CharField(label=_("培训名称"), max_length=100)
    completed_on = forms.DateField(label=_("完成日期"), widget=DayInput)
