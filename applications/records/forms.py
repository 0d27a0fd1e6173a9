from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles, SeveralFilesField
from applications.accounts.models import User
from applications.organs.models import Organ
from applications.records import fields
from applications.records.access import importable_organs
from applications.records.importing.lines import MAX_ROWS
from applications.records.importing.reading import MAX_BYTES
from applications.records.models import DishonestyRecord, InformationObjection
from applications.subjects.access import subjects_of
from applications.subjects.models import Subject


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


class WordsField(forms.CharField):
    """What a field of a record says, to be changed. A browser ends lines in its own way, which changes nothing, and drops
    their ends where a field has one row."""

    def __init__(self, *, text: str, **kwargs: Any) -> None:
        several_rows = len(text) > 40 or "\n" in fields.as_written(text)
        super().__init__(
            initial=text,
            max_length=10_000,
            widget=forms.Textarea(attrs={"rows": 2}) if several_rows else forms.TextInput,
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return fields.as_written(super().to_python(value) or "")


class GroundsForm(forms.Form):
    """What is asked of every change by hand. ``values`` is what the record is to be."""

    grounds = forms.CharField(
        label=_("理由"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("会记入变更历史；撤回公示的，向社会公开。"),
    )

    @property
    def values(self) -> dict[str, Any]:
        return {}


class RevokeForm(KeepsFiles, GroundsForm):
    files_field, purpose = "document", "source-act"
    files_needed = _("请上传撤销、变更该处罚的决定或者裁判文书。")

    document = forms.FileField(
        label=_("撤销、变更处罚的决定或者裁判文书"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
        help_text=_("PDF、JPG 或 PNG，不超过10MB。"),
    )
    document_number = forms.CharField(label=_("该文书的文号"), max_length=128, required=False)
    effective_on = forms.DateField(
        label=_("撤销、变更之日"),
        widget=DayInput(),
        help_text=_("自这一天起3个工作日内撤回（《行政处罚法》第四十八条、第八十五条）。"),
    )


class UnrevokeForm(RevokeForm):
    """The revocation was registered by mistake: the paper that says so."""

    files_needed = _("请上传证明撤销登记有误的文书。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grounds"].help_text = _("写明登记为什么有误，会记入变更历史，并告知共享平台。")
        self.fields["document"].label = _("证明撤销登记有误的文书")
        day = self.fields["effective_on"]
        day.label, day.help_text = _("该文书的日期"), ""


class RecordForm(forms.Form):
    """The record as it is, field by field, in the words of a record file. ``words`` are those written otherwise, and
    ``values`` what they say; what could not stand in a record file is an error of its field."""

    def __init__(self, *args: Any, record: DishonestyRecord, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.on = record, on
        for name in fields.changeable():
            text = fields.for_form(record, name)
            self.fields[name] = WordsField(
                label=fields.label(name),
                text=text,
                required=name not in fields.OPTIONAL and bool(text),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.words: dict[str, str] = {
            name: cleaned[name]
            for name in fields.changeable()
            if name in cleaned and fields.differs(self.record, name, cleaned[name])
        }
        self._values, faults = fields.read_changes(self.record, self.words, self.on)
        for name, fault in faults.items():
            self.add_error(name, fault)
        return cleaned


class ChangeForm(RecordForm, RevokeForm):
    """What of the record is changed."""

    @property
    def values(self) -> dict[str, Any]:
        return self._values


class WithEvidence(KeepsFiles):
    files_field, purpose, most = "evidence", "information-evidence", 5

    evidence = SeveralFilesField(
        label=_("证据"),
        required=False,
        help_text=_("可以不上传。PDF、JPG 或 PNG，每个不超过10MB，最多5个文件。"),
    )


class ObjectionForm(RecordForm, WithEvidence):
    """What the subject writes otherwise than the record is what it objects to."""

    grounds = forms.CharField(
        label=_("事实和理由"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写清楚哪里有误、依据是什么。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*fields.changeable(), "grounds", "evidence"])


class MissingForm(WithEvidence):
    """A record that should be here and is not."""

    subject = forms.ModelChoiceField(label=_("信用主体"), queryset=Subject.objects.none())
    unit = forms.ModelChoiceField(
        label=_("认定单位"), queryset=Organ.objects.filter(kind=Organ.Kind.IDENTIFYING_UNIT)
    )
    grounds = forms.CharField(
        label=_("缺少哪条信息"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写明决定书文号、决定日期和处罚内容。"),
    )
    field_order = ["subject", "unit", "grounds", "evidence"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        subject = self.fields["subject"]
        assert isinstance(subject, forms.ModelChoiceField)
        subject.queryset = subjects_of(user)
        if len(subject.queryset) == 1:
            subject.initial = subject.queryset[0]


class AnswerForm(forms.Form):
    """What of an objection is right: for each field whether, and what the record shall say."""

    reasons = forms.CharField(
        label=_("处理理由"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("写明核实的事实和依据，异议人会看到。"),
    )

    def __init__(self, *args: Any, objection: InformationObjection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [item["field"] for item in objection.items]
        for item in objection.items:
            name, what = item["field"], fields.label(item["field"])
            self.fields[f"accept_{name}"] = forms.BooleanField(
                label=_("“%(field)s”的异议成立") % {"field": what}, required=False
            )
            self.fields[f"value_{name}"] = WordsField(
                label=_("“%(field)s”更正为") % {"field": what}, text=item["wanted"], required=False
            )
        if objection.record is None:
            self.fields["supplied"] = forms.CharField(
                label=_("补录的信息的决定书文号"),
                max_length=128,
                required=False,
                help_text=_(
                    "确有这条信息的，先导入，再填写它的决定书文号，异议人会看到；没有这条信息的不填。"
                ),
            )
        self.order_fields([*(name for name in self.fields if name != "reasons"), "reasons"])

    @property
    def accepted(self) -> dict[str, str]:
        return {
            name: self.cleaned_data[f"value_{name}"]
            for name in self.names
            if self.cleaned_data[f"accept_{name}"]
        }
