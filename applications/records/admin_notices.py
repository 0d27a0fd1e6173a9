"""The notices of repair in the officers' site: of one record, or of a batch as files of so many each."""

import io
from typing import Any

import pikepdf
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.documents.models import Document, Kind
from applications.records.access import may_issue_notice
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services.notices import IN_ONE_FILE, issue_notice, issue_notices


class IssuesNotices(OrganScopedAdmin[DishonestyRecord]):
    """The notice of one record."""

    def get_urls(self) -> list[URLPattern]:
        notice = path(
            "<int:pk>/notice/",
            self.admin_site.admin_view(self.notice_view),
            name="records_dishonestyrecord_notice",
        )
        return [notice, *super().get_urls()]

    @method_decorator(require_POST)
    def notice_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.get_object(request, str(pk))
        assert isinstance(request.user, User)
        try:
            document = issue_notice(record=record, actor=request.user, at=timezone.now())
        except PermissionDenied:
            raise Http404 from None
        except ValidationError as refused:
            messages.error(request, "".join(refused.messages))
            return redirect("admin:records_dishonestyrecord_change", pk)
        return redirect("documents:download", document.pk)


class IssuesBatchNotices(OrganScopedAdmin[ImportBatch]):
    """The notices of the records that a file brought, in its order, IN_ONE_FILE to a file."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/notices/", wrap(self.notices_view), name="records_importbatch_notices"),
            path(
                "<int:pk>/notices/<int:part>/",
                wrap(self.notices_file_view),
                name="records_importbatch_notices_file",
            ),
            *super().get_urls(),
        ]

    def context_of(self, request: HttpRequest, obj: ImportBatch) -> dict[str, Any]:
        return {"may_issue": _may_issue(request, obj)}

    def notices_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The parts; by POST those of one part are issued."""
        batch = self._own_batch(request, pk)
        assert isinstance(request.user, User)
        if request.method == "POST":
            records = _part(batch, whole_number(request.POST.get("part", "")) or 0)
            issued = issue_notices(records=records, actor=request.user, at=timezone.now())
            messages.success(
                request, _("这一部分现有%(n)d份告知书，尚未生成PDF的正在生成。") % {"n": len(issued)}
            )
            return redirect("admin:records_importbatch_notices", pk)
        parts = []
        for part in range(1, -(-batch.records.count() // IN_ONE_FILE) + 1):
            documents = _documents(_part(batch, part))
            parts.append((part, len(documents), sum(each.pdf_id is None for each in documents)))
        return self.page(
            request, "records/admin/notices.html", title=_("信用修复告知书"), batch=batch, parts=parts
        )

    def notices_file_view(self, request: HttpRequest, pk: int, part: int) -> HttpResponse:
        """All notices of a part in one PDF, once the last of them is made."""
        batch = self._own_batch(request, pk)
        documents = _documents(_part(batch, part))
        if not documents or any(each.pdf is None for each in documents):
            messages.warning(request, _("这一部分还没有全部生成，请稍后再下载。"))
            return redirect("admin:records_importbatch_notices", pk)
        response = HttpResponse(_joined(documents), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="notices-{batch.pk}-{part}.pdf"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response

    def _own_batch(self, request: HttpRequest, pk: int) -> ImportBatch:
        batch = self.get_object(request, str(pk))
        if not _may_issue(request, batch):
            raise Http404
        return batch


def _may_issue(request: HttpRequest, batch: ImportBatch) -> bool:
    """Whether there is anything to issue, and for this officer: all records of a file are of one unit."""
    first = batch.records.first()
    return first is not None and may_issue_notice(request.user, first)


def _part(batch: ImportBatch, part: int) -> list[DishonestyRecord]:
    if part < 1:
        raise Http404
    records: QuerySet[DishonestyRecord] = (
        batch.records.select_related("subject", "identifying_unit", "annotation")
        .prefetch_related("obligations")
        .order_by("pk")
    )
    return list(records[(part - 1) * IN_ONE_FILE : part * IN_ONE_FILE])


def _documents(records: list[DishonestyRecord]) -> list[Document]:
    """The latest notice of each record that has one."""
    found: dict[str, Document] = {}
    notices = Document.objects.filter(
        kind=Kind.REPAIR_NOTICE, about__in=[record.reference for record in records]
    ).select_related("pdf")
    for document in notices.order_by("issued_at", "pk"):
        found[document.about] = document
    return [found[record.reference] for record in records if record.reference in found]


def _joined(documents: list[Document]) -> bytes:
    joined: Any = pikepdf.Pdf.new()
    for document in documents:
        assert document.pdf is not None
        with document.pdf.file.open("rb") as file, pikepdf.open(io.BytesIO(file.read())) as one:
            joined.pages.extend(one.pages)
    buffer = io.BytesIO()
    joined.save(buffer)
    return buffer.getvalue()
