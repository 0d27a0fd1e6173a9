"""Pages of an import that a worker does: how far it is, what it would do, and the words to go on or to stop."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.reading import note_shown
from applications.records.access import may_import_for
from applications.records.admin_notices import IssuesBatchNotices
from applications.records.importing.refusal import FileRefused
from applications.records.models import ImportRun
from applications.records.services import runs


class WatchesImports(IssuesBatchNotices):
    """Of ImportBatchAdmin: the runs."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("import/run/<int:pk>/", wrap(self.run_view), name="records_importbatch_run"),
            path(
                "import/run/<int:pk>/confirm/",
                wrap(self.run_confirm_view),
                name="records_importbatch_run_confirm",
            ),
            path(
                "import/run/<int:pk>/cancel/",
                wrap(self.run_cancel_view),
                name="records_importbatch_run_cancel",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "last_run": self.last_run(request)})

    def last_run(self, request: HttpRequest) -> ImportRun | None:
        """The way back to a run that its person has left."""
        assert request.user.is_authenticated
        run = runs.to_look_at(request.user)
        return run if run and may_import_for(request.user, run.organ) else None

    def _run(self, request: HttpRequest, pk: int) -> ImportRun:
        """The person's own: what is in a file is for who brought it, until it is imported."""
        if not self.has_view_permission(request) or not request.user.is_authenticated:
            raise PermissionDenied
        run = get_object_or_404(
            ImportRun.objects.select_related("organ", "batch"), pk=pk, requested_by=request.user
        )
        if not may_import_for(request.user, run.organ):
            raise Http404
        return run

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(request, pk)
        if run.state == ImportRun.State.READY:
            # What the file says of people is no object yet.
            note_shown(request, [])
        done = runs.progress_of(run)
        return self.page(
            request,
            "records/admin/import_run.html",
            title=_("导入失信行为信息"),
            run=run,
            organ=run.organ,
            file_name=run.file_name,
            done=done,
            refresh=run.finished_at is None and run.state != ImportRun.State.READY,
            preview=run.preview,
            until=run.alive_at and run.alive_at + runs.TO_CONFIRM,
        )

    def run_confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(request, pk)
        if request.method == "POST":
            try:
                confirmed = request.POST.get("confirmed") == "on"
                if not runs.confirm(run=run, confirmed=confirmed, at=timezone.now()):
                    messages.info(request, _("这个文件已经不在等待确认。"))
            except FileRefused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:records_importbatch_run", run.pk)

    def run_cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self._run(request, pk)
        if request.method == "POST":
            runs.cancel(run=run, at=timezone.now())
            messages.info(request, _("已请求取消；已经导入完的不再取消。"))
        return redirect("admin:records_importbatch_run", run.pk)
