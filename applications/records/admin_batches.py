from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.examining import at_expense_of
from applications.accounts.models import Role
from applications.accounts.reading import note_shown
from applications.files import pending
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.organs.models import Organ
from applications.records import access
from applications.records.access import may_import_for
from applications.records.admin_runs import WatchesImports
from applications.records.forms import ImportForm
from applications.records.importing.reading import MAX_BYTES, MEGABYTE, QUICK
from applications.records.importing.refusal import FileRefused, TooCostly, TooManyRows
from applications.records.importing.template import template_workbook
from applications.records.importing.workbook import CONTENT_TYPE
from applications.records.models import ImportBatch
from applications.records.services import import_records, preview_import, runs

# What a file waits for between its preview and its confirmation.
PURPOSE = "record-import"


@admin.register(ImportBatch)
class ImportBatchAdmin(WatchesImports):
    """Imported files, and the import itself: upload, look at what it would do, confirm."""

    view_roles = (Role.INTAKE,)
    visible_to = staticmethod(access.batches_visible_to)
    change_list_template = "records/admin/importbatch_list.html"
    change_form_template = "records/admin/batch.html"
    list_display = (
        "file_name",
        "organ",
        "imported_at",
        "imported_by",
        "created",
        "updated",
        "unchanged",
        "rejected",
        "error_link",
    )
    list_select_related = ("organ", "imported_by", "errors")
    show_full_result_count = False
    fields = (*list_display, "sha256")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_view), name="records_importbatch_import"),
            path("import/template/", wrap(self.template_view), name="records_importbatch_template"),
            path("import/confirm/", wrap(self.confirm_view), name="records_importbatch_confirm"),
            path("<int:pk>/errors/", wrap(self.errors_view), name="records_importbatch_errors"),
            *super().get_urls(),
        ]

    def reading_chain(self, batch: ImportBatch) -> str:
        return f"import-{batch.pk}"

    @admin.display(description=gettext_lazy("退回记录"))
    def error_link(self, batch: ImportBatch) -> str:
        if not batch.errors_id:
            return "—"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:records_importbatch_errors", args=[batch.pk]), _("下载")
        )

    def errors_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_queryset(request).select_related("errors").filter(pk=pk).first()
        if batch is None or batch.errors is None:
            raise Http404
        return file_response(batch.errors)

    @takes_files(megabytes=MAX_BYTES // MEGABYTE)
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form; with a readable file, what its import would do."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        assert request.user.is_authenticated
        form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
        context: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            organ, upload = form.cleaned_data["organ"], form.cleaned_data["file"]
            # A long file is for a worker.
            if upload.size > QUICK.size:
                return self._begin_run(request, form)
            content = upload.read()
            try:
                with at_expense_of(request.user, name=upload.name):
                    preview = preview_import(
                        content=content,
                        file_name=upload.name,
                        organ=organ,
                        at=timezone.now(),
                        limits=QUICK,
                    )
            except (TooManyRows, TooCostly):
                return self._begin_run(request, form)
            except FileRefused as refusal:
                form.add_error("file", str(refusal))
            except ValidationError as wait:
                form.add_error("file", wait)
            else:
                facts = {"organ": organ.pk, "name": upload.name}
                token = pending.keep(content, facts, user=request.user, purpose=PURPOSE)
                if not token and not preview.earlier:
                    form.add_error(
                        "file",
                        _(
                            "“%(name)s”已经检查，但系统暂时没有地方保留它等待确认，没有导入。请稍后再上传；仍然不行的，请联系系统管理员。"
                        )
                        % {"name": upload.name},
                    )
                    return self._form_page(request, form)
                # What the file says of people is no object yet.
                note_shown(request, [])
                context |= {
                    "preview": preview.shown(),
                    "organ": organ,
                    "file_name": upload.name,
                    "token": token,
                }
        return self._form_page(request, form, **context)

    def _form_page(self, request: HttpRequest, form: ImportForm, **context: Any) -> HttpResponse:
        return self.page(
            request,
            "records/admin/import.html",
            title=_("导入失信行为信息"),
            form=form,
            last_run=self.last_run(request),
            **context,
        )

    def _begin_run(self, request: HttpRequest, form: ImportForm) -> HttpResponse:
        assert request.user.is_authenticated
        upload = form.cleaned_data["file"]
        upload.seek(0)
        try:
            run = runs.begin(
                content=upload.chunks(MEGABYTE),
                file_name=upload.name,
                organ=form.cleaned_data["organ"],
                actor=request.user,
                at=timezone.now(),
            )
        except FileRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            if run is not None:
                return redirect("admin:records_importbatch_run", run.pk)
            form.add_error(
                "file",
                _("系统暂时没有地方保留“%(name)s”，没有导入。请稍后再上传；仍然不行的，请联系系统管理员。")
                % {"name": upload.name},
            )
        return self._form_page(request, form)

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """The workbook to fill in, with every column under its name."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = HttpResponse(template_workbook(), content_type=CONTENT_TYPE)
        response["Content-Disposition"] = content_disposition_header(True, _("失信行为信息导入模板.xlsx"))
        return response

    def confirm_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request) or not request.user.is_authenticated:
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:records_importbatch_import")
        kept = pending.find(request.POST.get("token", ""), user=request.user, purpose=PURPOSE)
        if kept is None:
            messages.error(
                request, _("预览已过期，或者您之后又预览了别的文件。请重新上传文件。没有导入任何记录。")
            )
            return redirect("admin:records_importbatch_import")
        content, facts = kept
        organ = get_object_or_404(Organ, pk=facts["organ"])
        if not may_import_for(request.user, organ):
            raise PermissionDenied
        try:
            batch, new = import_records(
                content=content,
                file_name=facts["name"],
                organ=organ,
                at=timezone.now(),
                actor=request.user,
                confirmed=request.POST.get("confirmed") == "on",
            )
        except FileRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:records_importbatch_import")
        if new:
            text = _(
                "已导入：新增 %(created)d 条，更新 %(updated)d 条，无变化 %(unchanged)d 条，退回 %(rejected)d 条。"
            )
            messages.success(request, text % vars(batch))
        else:
            messages.info(request, _("该文件以前导入过，没有变化。"))
        return redirect("admin:records_importbatch_change", batch.pk)
