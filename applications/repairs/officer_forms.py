"""What an officer fills in for a step of the procedure. Each form turns into the call of one service."""

from typing import Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from applications.accounts.access import has_role
from applications.accounts.models import User
from applications.repairs.access import may_assign
from applications.repairs.assessing import CHECKLIST, Checklist, checklist_codes
from applications.repairs.models import MaterialKind, RepairCase
from applications.repairs.selectors import officer_of, possible_officers
from applications.repairs.services.intake import Defect


class PlainForm(forms.Form):
    """A step that needs no words, only a confirmation."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DeclineForm(PlainForm):
    reason = forms.CharField(
        label=_("不予受理的理由"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明事实和依据，例如该信息不是在本省被认定的。"),
    )
    competent_body = forms.CharField(
        label=_("应当向哪个机构申请"),
        max_length=200,
        required=False,
        help_text=_("由其他机构办理的，写明机构名称。"),
    )


class ReturnForm(PlainForm):
    reason = forms.CharField(label=_("退回的理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ChecklistForm(PlainForm):
    """One verdict a condition; a note is wanted beside each that is not confirmed."""

    def __init__(
        self, *args: Any, codes: list[str], checklist: Checklist | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codes = codes
        for code in codes:
            known = (checklist or {}).get(code)
            self.fields[f"verdict_{code}"] = forms.ChoiceField(
                label=CHECKLIST[code],
                choices=[("yes", _("属实")), ("no", _("不属实"))],
                widget=forms.RadioSelect,
                initial=None if known is None else ("yes" if known["confirmed"] else "no"),
                error_messages={"required": _("请选择“属实”或者“不属实”。")},
            )
            self.fields[f"note_{code}"] = forms.CharField(
                label=_("查明的事实和理由（不属实的必填）"),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=known["note"] if known else "",
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"verdict_{code}"], self[f"note_{code}"]) for code in self.codes]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for code in self.codes:
            if data.get(f"verdict_{code}") == "no" and not data.get(f"note_{code}", "").strip():
                self.add_error(
                    f"note_{code}", _("核对为“不属实”的，请写明查明的事实和理由。它会写进决定书。")
                )
        return data

    def checklist(self) -> Checklist:
        return {
            code: {
                "confirmed": self.cleaned_data[f"verdict_{code}"] == "yes",
                "note": self.cleaned_data[f"note_{code}"].strip(),
            }
            for code in self.codes
        }


class ReviewForm(ChecklistForm):
    opinion = forms.CharField(
        label=_("审查意见"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ExceptionForm(forms.Form):
    reason = forms.CharField(
        label=_("再次告知的理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明为什么第一次没有告知，最多500字。理由记入台账。"),
        error_messages={"required": _("请写明再次告知的理由。")},
    )


class OfficerForm(forms.Form):
    """``officer``: one of those whose turn it is, or nobody in particular."""

    officer = forms.ModelChoiceField(
        label=_("承办人"), queryset=User.objects.none(), required=False, empty_label=_("不指定（本岗全体）")
    )


def officer_form(case: RepairCase, user: User, data: Any = None) -> OfficerForm | None:
    """Who has charge of a case, for those who may say so; None for others, and where it is no officer's turn."""
    if not may_assign(user, case):
        return None
    form = OfficerForm(data, initial={"officer": officer_of(case)})
    field = cast(forms.ModelChoiceField, form.fields["officer"])
    field.queryset = User.objects.filter(pk__in=[person.pk for person in possible_officers(case)]).order_by(
        "name", "pk"
    )
    return form


class DefectForm(forms.Form):
    material_kind = forms.ChoiceField(
        label=_("哪份材料"), choices=[("", "—"), *MaterialKind.choices], required=False
    )
    defect = forms.CharField(
        label=_("问题"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    requirement = forms.CharField(
        label=_("怎样补正"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    exception_reason = forms.CharField(
        label=_("再次告知的理由（负责人填写）"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        words = [data.get(name, "").strip() for name in ("material_kind", "defect", "requirement")]
        if any(words) and not all(words):
            raise forms.ValidationError(_("材料、问题和补正要求都要填写。不需要这一项的，请清空。"))
        return data


class DefectFormSet(BaseFormSet):
    """The items of one correction notice. Empty rows do not count."""

    def defects(self) -> list[Defect]:
        return [
            Defect(
                **{name: form.cleaned_data[name].strip() for name in form.fields if name in form.cleaned_data}
            )
            for form in self.forms
            if form.cleaned_data.get("material_kind")
        ]


def defect_formset(case: RepairCase, user: User, data: Any = None) -> DefectFormSet:
    """The notice in draft with three empty rows; the supervisor's reason is asked for from the second one on."""
    # What was posted counts as it is: compared with a draft saved meanwhile it would look unchanged and be dropped.
    notice = None if data else case.correction_notices.filter(round=case.round, sent_at=None).first()
    initial = [
        {name: getattr(item, name) for name in ("material_kind", "defect", "requirement", "exception_reason")}
        for item in (notice.items.all() if notice else [])
    ]
    factory = formset_factory(DefectForm, formset=DefectFormSet, extra=3, max_num=40, validate_max=True)
    formset = cast(DefectFormSet, factory(data, initial=initial, prefix="items"))
    if case.round == 1 or not has_role(user, "supervisor"):
        for form in formset.forms:
            del form.fields["exception_reason"]
    return formset


def review_form(case: RepairCase, today: Any, data: Any = None) -> ReviewForm:
    last = case.reviews.last()
    return ReviewForm(
        data,
        codes=checklist_codes(case, today),
        checklist=last.checklist if last else None,
        initial={"version": case.version, "opinion": last.opinion if last else ""},
    )
