"""The report officer's queue: what is asked of the bureau, at the window and online, and the answer to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import Role, User
from applications.files.bodies import takes_files
from applications.files.viewing import upload_response
from applications.reports import access, requests, services
from applications.reports.composing import compose
from applications.reports.forms import DeclineForm, NewSubjectForm, WindowForm
from applications.reports.models import ReportRequest
from applications.subjects.models import Subject


@admin.register(ReportRequest)
class ReportRequestAdmin(OrganScopedAdmin[ReportRequest]):
    view_roles = (Role.REPORT_OFFICER, Role.SUPERVISOR)
    visible_to = staticmethod(access.requests_visible_to)
    list_display = ("number", "subject_name", "variant", "channel", "requested_at", "state")
    list_filter = ("state", "channel", "variant")
    list_per_page = 50
    search_fields = ("number__exact", "subject__name__startswith", "subject__uscc__startswith")
    search_help_text = gettext_lazy("完整的申请编号，或者主体名称、统一社会信用代码（从头输入）")
    show_full_result_count = False

    def reading_chain(self, obj: Any) -> str:
        return f"subject-{obj.pk}" if isinstance(obj, Subject) else str(obj.number)

    def shown_object(self, arguments: Any) -> Any:
        if "subject_id" in arguments:
            return Subject.objects.filter(pk=arguments["subject_id"]).first()
        return super().shown_object(arguments)

    @admin.display(description=gettext_lazy("信用主体"))
    def subject_name(self, asked: ReportRequest) -> str:
        return asked.subject.name

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.new_subject_view), name="reports_reportrequest_new"),
            path("new/<int:subject_id>/", view(self.window_view), name="reports_reportrequest_window"),
            path("<int:pk>/grant/", view(self.grant_view), name="reports_reportrequest_grant"),
            path("<int:pk>/decline/", view(self.decline_view), name="reports_reportrequest_decline"),
            path("<int:pk>/proof/", view(self.proof_view), name="reports_reportrequest_proof"),
            *super().get_urls(),
        ]

    def _officer(self, request: HttpRequest) -> User:
        user = request.user
        if not (isinstance(user, User) and user.organ and access.may_issue_for(user, user.organ)):
            raise PermissionDenied
        return user

    def _answerable(self, request: HttpRequest, pk: int) -> tuple[ReportRequest, User]:
        officer = self._officer(request)
        return get_object_or_404(self.visible_to(officer), pk=pk), officer

    @takes_files(megabytes=10)
    def window_view(self, request: HttpRequest, subject_id: int) -> HttpResponse:
        """Who came, in which capacity, with which mandate, and what is wanted."""
        officer = self._officer(request)
        subject = get_object_or_404(Subject, pk=subject_id)
        form = WindowForm(*self._posted(request), user=officer)
        return self._at_window(
            request, form, partial(requests.take_request, subject=subject, actor=officer), subject
        )

    @takes_files(megabytes=10)
    def new_subject_view(self, request: HttpRequest) -> HttpResponse:
        """Of whom nothing is known here: the subject is registered from what was shown, with what is asked for."""
        officer = self._officer(request)
        form = NewSubjectForm(*self._posted(request), user=officer)
        return self._at_window(request, form, partial(requests.take_request_for_new, actor=officer), None)

    @staticmethod
    def _posted(request: HttpRequest) -> tuple[Any, Any]:
        return (request.POST, request.FILES) if request.method == "POST" else (None, None)

    def _at_window(
        self,
        request: HttpRequest,
        form: WindowForm,
        take: Callable[..., ReportRequest],
        subject: Subject | None,
    ) -> HttpResponse:
        if request.method == "POST" and form.is_valid():
            # What the officer has compared is said by the page, and is no part of what is asked for.
            said = {name: value for name, value in form.cleaned_data.items() if name != "compared"}
            said["purpose"] = said.pop("wanted_for")
            try:
                asked = take(at=timezone.now(), **said)
            except ValidationError as refused:
                by_field = refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}
                for name, problems in by_field.items():
                    field = "wanted_for" if name == "purpose" else name
                    form.add_error(field if field in form.fields else None, problems)
            else:
                messages.success(request, _("申请已经登记，请核对预览后出具。"))
                return redirect("admin:reports_reportrequest_change", asked.pk)
        form.keep_files()
        return self.page(
            request, "admin/reports/window.html", title=_("窗口申请信用报告"), form=form, subject=subject
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._show(request, self.get_object(request, object_id), DeclineForm())

    def _show(
        self, request: HttpRequest, asked: ReportRequest, form: DeclineForm, problem: str = ""
    ) -> HttpResponse:
        waits = asked.state == ReportRequest.State.WAITING
        mine = waits and access.may_issue_for(request.user, asked.organ)
        preview = ""
        if mine:
            assert isinstance(request.user, User)
            now = timezone.now()
            content = compose(
                subject=asked.subject, variant=asked.variant, on=timezone.localdate(now), since=asked.since
            )
            services.record_preview(subject=asked.subject, variant=asked.variant, actor=request.user, at=now)
            preview = render_to_string("documents/parts/report_chapters.html", content)
        return self.page(
            request,
            "admin/reports/request.html",
            409 if problem or form.errors else 200,
            title=asked.number,
            asked=asked,
            form=form,
            problem=problem,
            mine=mine,
            preview=preview,
        )

    @method_decorator(require_POST)
    def grant_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked, officer = self._answerable(request, pk)
        try:
            report = requests.grant_request(asked=asked, actor=officer, at=timezone.now())
        except ValidationError as refused:
            asked.refresh_from_db()
            return self._show(request, asked, DeclineForm(), "".join(refused.messages))
        messages.success(request, _("报告 %(number)s 已签发。") % {"number": report.number})
        return redirect("admin:reports_creditreport_change", report.pk)

    @method_decorator(require_POST)
    def decline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked, officer = self._answerable(request, pk)
        form = DeclineForm(request.POST)
        if not form.is_valid():
            return self._show(request, asked, form)
        try:
            requests.decline_request(
                asked=asked, reason=form.cleaned_data["reason"], actor=officer, at=timezone.now()
            )
        except ValidationError as refused:
            asked.refresh_from_db()
            return self._show(request, asked, form, "".join(refused.messages))
        messages.success(request, _("已答复：没有出具。"))
        return redirect("admin:reports_reportrequest_change", pk)

    def proof_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        asked = self.get_object(request, str(pk))
        if asked.proof is None:
            raise Http404
        return upload_response(request, asked.proof, label=_("授权或者身份证明"))
