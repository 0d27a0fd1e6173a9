"""Reports about many subjects: the form, how far the worker is, and what came of each line."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import Role, User
from applications.reports import access, batches
from applications.reports.forms import BatchForm
from applications.reports.models import ReportBatch


@admin.register(ReportBatch)
class ReportBatchAdmin(OrganScopedAdmin[ReportBatch]):
    view_roles = (Role.REPORT_OFFICER, Role.SUPERVISOR)
    visible_to = staticmethod(access.batches_visible_to)
    list_display = ("__str__", "variant", "purpose", "made_by", "made_at", "finished_at")
    list_per_page = 50
    show_full_result_count = False
    change_list_template = "admin/reports/batch_list.html"

    def reading_chain(self, obj: ReportBatch) -> str:
        return f"report-batch-{obj.pk}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_view)
        return [path("new/", view, name="reports_reportbatch_new"), *super().get_urls()]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Codes, version and purpose; what is sent is a worker's."""
        user = request.user
        if not (isinstance(user, User) and user.organ and access.may_issue_for(user, user.organ)):
            raise PermissionDenied
        form = BatchForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                batch = batches.ask_for_batch(
                    organ=user.organ, actor=user, at=timezone.now(), **form.cleaned_data
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("已提交，系统正在逐份出具。"))
                return redirect("admin:reports_reportbatch_change", batch.pk)
        return self.page(request, "admin/reports/batch_new.html", title=_("批量出具信用报告"), form=form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        counts = batch.lines.aggregate(
            all=Count("pk"),
            issued=Count("pk", filter=Q(report__isnull=False)),
            failed=Count("pk", filter=~Q(problem="")),
        )
        return self.page(
            request,
            "admin/reports/batch.html",
            title=str(batch),
            batch=batch,
            counts=counts,
            done=counts["issued"] + counts["failed"],
            lines=batch.lines.select_related("report__subject"),
        )
