"""The report officer's desk: find a subject, look at what the report would say, issue it; void it with a reason."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import Role, User
from applications.accounts.reading import note_shown
from applications.documents.admin import standing as standing_of
from applications.documents.services import Unprintable
from applications.reports import access, selectors, services
from applications.reports.access import may_issue_for
from applications.reports.admin_batches import ReportBatchAdmin as ReportBatchAdmin
from applications.reports.admin_institutions import InstitutionAdmin as InstitutionAdmin
from applications.reports.admin_requests import ReportRequestAdmin as ReportRequestAdmin
from applications.reports.composing import compose
from applications.reports.forms import IssueForm, PrintForm, SubjectSearchForm, VoidForm
from applications.reports.models import CreditReport
from applications.subjects.models import Subject


@admin.register(CreditReport)
class CreditReportAdmin(OrganScopedAdmin[CreditReport]):
    view_roles = (Role.REPORT_OFFICER, Role.SUPERVISOR)
    visible_to = staticmethod(access.visible_to)
    list_display = ("number", "subject_name", "variant", "officer", "issued_at", "standing")
    list_filter = ("variant", "document__status", ("issued_at", admin.DateFieldListFilter))
    list_per_page = 50
    search_fields = ("number__startswith", "subject__name__startswith", "subject__uscc__startswith")
    search_help_text = gettext_lazy("报告编号、主体名称或者统一社会信用代码（从头输入）")
    show_full_result_count = False
    change_list_template = "admin/reports/list.html"

    def shown_object(self, arguments: Mapping[str, Any]) -> Model | None:
        if "subject_id" in arguments:
            return Subject.objects.filter(pk=arguments["subject_id"]).first()
        return super().shown_object(arguments)

    def reading_chain(self, obj: CreditReport | Subject) -> str:
        return f"subject-{obj.pk}" if isinstance(obj, Subject) else obj.number

    @admin.display(description=gettext_lazy("信用主体"), ordering="subject__name")
    def subject_name(self, report: CreditReport) -> str:
        return report.subject.name

    @admin.display(description=gettext_lazy("签发人"), ordering="issued_by__name")
    def officer(self, report: CreditReport) -> str:
        return str(report.issued_by)

    @admin.display(description=gettext_lazy("状态"), ordering="document__status")
    def standing(self, report: CreditReport) -> str:
        return standing_of(report.document)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("new/", view(self.choose_view), name="reports_choose"),
            path("new/<int:subject_id>/", view(self.issue_view), name="reports_issue"),
            path("<int:report_id>/print/", view(self.print_view), name="reports_print"),
            path("<int:report_id>/void/", view(self.void_view), name="reports_void"),
        ]
        return own + super().get_urls()

    def _officer(self, request: HttpRequest) -> User:
        """The report officer who asks; PermissionDenied for anybody else."""
        user = request.user
        if not (isinstance(user, User) and user.organ and may_issue_for(user, user.organ)):
            raise PermissionDenied
        return user

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        organ = getattr(request.user, "organ", None)
        may_issue = organ is not None and may_issue_for(request.user, organ)
        return super().changelist_view(request, {**(extra_context or {}), "may_issue": may_issue})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        report = self.get_object(request, object_id)
        return self.page(
            request,
            "admin/reports/report.html",
            title=report.number,
            report=report,
            document=report.document,
            today=timezone.localdate(),
            may_void=may_issue_for(request.user, report.organ),
            taken=selectors.taken(report)[:50],
            form=PrintForm(),
        )

    def print_view(self, request: HttpRequest, report_id: int) -> HttpResponse:
        """Note what was printed at the window."""
        officer = self._officer(request)
        report = get_object_or_404(self.visible_to(officer), pk=report_id)
        form = PrintForm(request.POST)
        if request.method == "POST" and form.is_valid():
            copies = form.cleaned_data["copies"]
            services.record_print(report=report, copies=copies, actor=officer, at=timezone.now())
            messages.success(request, _("已登记打印%(copies)d份。") % {"copies": copies})
        elif request.method == "POST":
            messages.warning(request, _("没有登记：份数应为1至50。"))
        return redirect("admin:reports_creditreport_change", report.pk)

    def choose_view(self, request: HttpRequest) -> HttpResponse:
        """Find the subject, by its whole name or code: nobody browses subjects."""
        self._officer(request)
        # Posted: a person's number or name stays out of the address.
        form = SubjectSearchForm(request.POST or None)
        found = list(selectors.find_subjects(form.cleaned_data["term"])[:20]) if form.is_valid() else None
        if found:
            note_shown(request, found)
        return self.page(
            request, "admin/reports/choose.html", title=_("出具信用报告"), form=form, found=found
        )

    def issue_view(self, request: HttpRequest, subject_id: int) -> HttpResponse:
        """Variant and purpose, then the words of the report, then the button that issues it."""
        officer = self._officer(request)
        subject = get_object_or_404(Subject, pk=subject_id)
        asked = request.POST if request.method == "POST" else request.GET
        form = IssueForm(asked or None, initial={"variant": CreditReport.Variant.REPAIR})
        now, preview = timezone.now(), ""
        if form.is_valid():
            variant, purpose = form.cleaned_data["variant"], form.cleaned_data["purpose"]
            if request.method == "POST":
                try:
                    return self._issue(request, subject, variant, purpose, officer)
                except Unprintable as unprintable:
                    form.add_error(None, unprintable)
            content = compose(subject=subject, variant=variant, on=timezone.localdate(now))
            services.record_preview(subject=subject, variant=variant, actor=officer, at=now)
            preview = render_to_string("documents/parts/report_chapters.html", content)
        return self.page(
            request,
            "admin/reports/issue.html",
            title=_("出具信用报告"),
            subject=subject,
            form=form,
            preview=preview,
            # A second click, or the back button, issues no second report.
            once=uuid.uuid4().hex,
        )

    def _issue(
        self, request: HttpRequest, subject: Subject, variant: str, purpose: str, officer: User
    ) -> HttpResponse:
        key = f"report-issued:{officer.pk}:{request.POST.get('once', '')[:32]}"
        if not cache.add(key, True, timeout=24 * 3600):
            messages.info(request, _("这份报告已经签发，没有重复签发。它在列表的最上面。"))
            return redirect("admin:reports_creditreport_changelist")
        assert officer.organ is not None
        try:
            report = services.issue_report(
                subject=subject,
                variant=variant,
                organ=officer.organ,
                purpose=purpose,
                actor=officer,
                at=timezone.now(),
            )
        except BaseException:
            cache.delete(key)
            raise
        messages.success(request, _("报告 %(number)s 已签发。") % {"number": report.number})
        return redirect("admin:reports_creditreport_change", report.pk)

    def void_view(self, request: HttpRequest, report_id: int) -> HttpResponse:
        officer = self._officer(request)
        report = get_object_or_404(self.visible_to(officer), pk=report_id)
        form = VoidForm(request.POST or None)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                services.void_report(
                    report=report, reason=form.cleaned_data["reason"], actor=officer, at=timezone.now()
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
                status = 409
            else:
                messages.success(
                    request, _("报告 %(number)s 已作废，核验页面已同步显示。") % {"number": report.number}
                )
                return redirect("admin:reports_creditreport_change", report.pk)
        return self.page(
            request, "admin/reports/void.html", status, title=_("作废报告"), report=report, form=form
        )
