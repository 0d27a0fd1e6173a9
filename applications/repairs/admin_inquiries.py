"""核实 in the officers' site: a bureau asks about its case, the identifying unit answers at its own desk."""

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.day_input import DayInput
from applications.accounts.kept_files import KeepsFiles
from applications.accounts.models import CASE_ROLES
from applications.accounts.refusals import note
from applications.deadlines.models import Deadline
from applications.documents.previews import letter_page
from applications.files.bodies import takes_files
from applications.files.viewing import upload_response
from applications.repairs import access
from applications.repairs.admin_about_case import AboutCase
from applications.repairs.assessing import items_of
from applications.repairs.models import Inquiry
from applications.repairs.services.inquiries import answer_inquiry, ask_unit

QUESTION = gettext_lazy("请核实失信行为是否已经纠正，各项义务是否已经履行完毕。")


class AskForm(forms.Form):
    question = forms.CharField(
        label=gettext_lazy("请核实的事项"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        initial=QUESTION,
    )


class AnswerForm(KeepsFiles):
    """Of each item whether it is done, and on which day."""

    files_field, purpose = "evidence", "inquiry"

    note = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("有没有完成的事项的必填，会写进信用修复表。"),
    )
    evidence = forms.FileField(
        label=gettext_lazy("附件"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.jfif,.png"}),
        help_text=gettext_lazy("可以不上传。PDF、JPG 或 PNG，不超过10MB。"),
    )

    def __init__(self, *args: Any, items: list[str], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.on = items, on
        for number, name in enumerate(items):
            self.fields[f"done_{number}"] = forms.ChoiceField(
                label=name,
                choices=[("yes", _("已经完成")), ("no", _("没有完成"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("请选择“已经完成”或者“没有完成”。")},
            )
            self.fields[f"on_{number}"] = forms.DateField(
                label=_("完成日期"), required=False, widget=DayInput()
            )

    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [
            (name, self[f"done_{number}"], self[f"on_{number}"]) for number, name in enumerate(self.items)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for number in range(len(self.items)):
            done, day = data.get(f"done_{number}"), data.get(f"on_{number}")
            if done == "yes" and day is None and f"on_{number}" not in self.errors:
                self.add_error(f"on_{number}", _("已经完成的，请填写完成日期。"))
            if done == "yes" and day is not None and day > self.on:
                self.add_error(f"on_{number}", _("完成日期不能晚于今天。"))
        if any(data.get(f"done_{number}") == "no" for number in range(len(self.items))) and not data.get(
            "note"
        ):
            self.add_error("note", _("没有完成的，请说明情况。它会写进信用修复表。"))
        return data

    @property
    def done(self) -> dict[str, date | None]:
        return {
            name: self.cleaned_data[f"on_{number}"] if self.cleaned_data[f"done_{number}"] == "yes" else None
            for number, name in enumerate(self.items)
        }


class ToAnswerFilter(admin.SimpleListFilter):
    title = gettext_lazy("办理")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("待我答复"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Inquiry]) -> QuerySet[Inquiry]:
        if self.value() != "mine":
            return queryset
        return queryset.filter(pk__in=access.inquiries_to_answer(request.user))  # type: ignore[arg-type]


@admin.register(Inquiry)
class InquiryAdmin(AboutCase[Inquiry]):
    view_roles = CASE_ROLES
    visible_to = staticmethod(access.inquiries_visible_to)
    list_display = ["number", "case", "subject", "unit", "state", "asked_at", "answered_by"]
    list_filter = [ToAnswerFilter, "state"]
    list_select_related = ["case__record__subject", "unit", "answered_by"]
    search_fields = ["number__exact", "case__number__exact"]
    search_help_text = gettext_lazy("完整的核实编号或者办件编号")
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("ask/<int:case_id>/", wrap(self.ask_view), name="repairs_inquiry_ask"),
            path("<int:pk>/evidence/", wrap(self.evidence_view), name="repairs_inquiry_evidence"),
            *super().get_urls(),
        ]

    def ask_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """What the bureau asks about its case."""
        user: Any = request.user
        cases = access.visible_to(user).select_related("record__identifying_unit", "organ")
        case = get_object_or_404(cases, pk=case_id)
        if not access.may_inquire(user, case):
            raise Http404
        form = AskForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                ask_unit(case=case, question=form.cleaned_data["question"], actor=user, at=timezone.now())
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(
                    request,
                    _("已发给%(unit)s核实，答复后会通知。") % {"unit": case.record.identifying_unit},
                )
                return redirect("admin:repairs_repaircase_change", case.pk)
        context: dict[str, Any] = {
            "title": _("请认定单位核实"),
            "case": case,
            "form": form,
            "items": items_of(case),
        }
        return self.page(request, "admin/repairs/inquiry_ask.html", **context)

    @takes_files(megabytes=10)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What is asked, and the answer of those who may give it."""
        user: Any = request.user
        inquiry = self.get_object(request, object_id)
        mine = inquiry.state == Inquiry.State.OPEN and access.may_answer_inquiry(user, inquiry)
        if request.method == "POST" and not mine:
            note(
                "NotAllowed" if inquiry.state == Inquiry.State.OPEN else "IllegalAction",
                act="answer_inquiry",
                about=inquiry.case.number,
            )
            messages.warning(request, _("这项核实已经办结，或者应当由认定单位的审批岗答复。"))
            return redirect("admin:repairs_inquiry_change", inquiry.pk)
        form = None
        if mine:
            posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
            form = AnswerForm(
                *posted,
                user=user,
                items=items_of(inquiry.case),
                on=timezone.localdate(),
                # The unit's own register says when a duty was fulfilled: the correction is asked first, then they.
                initial={
                    f"on_{number}": duty.fulfilled_on
                    for number, duty in enumerate(inquiry.case.record.obligations.all(), 1)
                },
            )
            act, at = None, timezone.now()
            if request.method == "POST" and form.is_valid():
                act = partial(
                    answer_inquiry,
                    inquiry=inquiry,
                    done=form.done,
                    note=form.cleaned_data["note"],
                    actor=user,
                    at=at,
                )
            if "letter" in request.POST:
                wrong = [str(error) for errors in form.errors.values() for error in errors]
                # The form does not name what is enclosed, so nothing is stored for a look.
                return letter_page(request, inquiry.case.number, act, wrong, at=at)
            if act is not None:
                try:
                    act(evidence=form.cleaned_data["evidence"])
                except ValidationError as refused:
                    form.add_error(None, refused)
                else:
                    messages.success(request, _("已答复，已出具信用修复表，已通知办理机构。"))
                    return redirect("admin:repairs_inquiry_change", inquiry.pk)
            form.keep_files()
        context: dict[str, Any] = {
            "title": _("核实 %(number)s") % {"number": inquiry.number},
            "inquiry": inquiry,
            "case": inquiry.case,
            "sees_case": access.may_see(user, inquiry.case),
            "duties": inquiry.case.obligations.select_related("obligation"),
            "clock": Deadline.objects.filter(case_number=inquiry.number).first(),
            "form": form,
        }
        return self.page(request, "admin/repairs/inquiry.html", **context)

    def evidence_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        inquiry = self.get_object(request, str(pk))
        if inquiry.evidence is None:
            raise Http404
        return upload_response(request, inquiry.evidence, label=_("认定单位附的证据"))
