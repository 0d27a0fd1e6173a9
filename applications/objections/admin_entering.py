"""An objection that was brought to the window or came by post (Articles 13 and 19), entered by an officer."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.day_input import DayInput
from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.documents.models import Document
from applications.files.bodies import takes_files
from applications.files.services import storing
from applications.objections.forms import ObjectionForm
from applications.objections.models import Objection
from applications.objections.services import keep_evidence
from applications.objections.steps import file_objection
from applications.repairs import access
from applications.repairs.admin_about_case import AboutCase
from applications.repairs.services import NotReady, StaleCase
from rules.procedure import IllegalAction, State


class EnteredObjectionForm(ObjectionForm):
    received_on = forms.DateField(
        label=gettext_lazy("收到异议的日期"),
        widget=DayInput(),
        help_text=gettext_lazy("第十三条的5个工作日从这一天起算。异议申请书请作为证据材料上传。"),
        error_messages={"invalid": gettext_lazy("请输入真实存在的日期，例如 2026-06-01。")},
    )
    field_order = ["received_on", "disputed", "grounds", "uploads"]

    def __init__(self, *args: Any, decided_on: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["disputed"].label = _("当事人对哪些认定有异议")
        self.decided_on, self.today = decided_on, today
        self.initial.setdefault("received_on", today)

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("收到异议的日期不能晚于今天。"))
        if day < self.decided_on:
            raise forms.ValidationError(
                _("收到异议的日期不能早于决定日期（%(day)s）。"), params={"day": self.decided_on.isoformat()}
            )
        return day


class EntersObjections(AboutCase[Objection]):
    """The page on which the acceptors of the organ that received a case enter what its person objects."""

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "enter/<int:case_id>/",
            self.admin_site.admin_view(self.enter_view),
            name="objections_objection_enter",
        )
        return [own, *super().get_urls()]

    @takes_files(megabytes=100)
    def enter_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        user: Any = request.user
        cases = access.visible_to(user).select_related("record__subject", "organ", "filing__reception")
        case = get_object_or_404(cases, pk=case_id)
        if not isinstance(user, User) or not access.may_fill_in(user, case):
            raise Http404
        back = redirect("admin:repairs_reception_change", case.filing.reception_id)
        if case.status != State.REFUSED or case.decided_on is None:
            self.message_user(
                request,
                _("申请%(number)s现为“%(status)s”，不能提出异议。")
                % {"number": case.number, "status": case.get_status_display()},
                "warning",
            )
            return back
        decision = Document.objects.get(about=case.number, number=case.decision_number)
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = EnteredObjectionForm(
            *posted,
            findings=[finding["code"] for finding in decision.content["findings"]],
            decided_on=case.decided_on,
            today=timezone.localdate(),
        )
        if request.method == "POST" and form.is_valid():
            given, at = form.cleaned_data, timezone.now()
            try:
                uploads = [examined(upload, user=user) for upload in given["uploads"]]
                with storing():
                    for upload in uploads:
                        keep_evidence(case=case, upload=upload, actor=user, at=at)
                    file_objection(
                        case=case,
                        disputed=given["disputed"],
                        grounds=given["grounds"],
                        actor=user,
                        at=at,
                        received_on=given["received_on"],
                    )
            except ValidationError as refused:
                form.add_error("uploads", refused)
            except (NotReady, StaleCase, IllegalAction) as refused:
                form.add_error(None, str(refused))
            else:
                self.message_user(request, _("已登记异议，由没有参与原决定的人员处理。"))
                return back
        context: dict[str, Any] = {
            "title": _("登记异议：%(number)s") % {"number": case.number},
            "reception": case.filing.reception,
            "form": form,
        }
        return self.page(request, "admin/objections/enter.html", **context)
