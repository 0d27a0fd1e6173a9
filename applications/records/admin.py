from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.examining import at_expense_of
from applications.accounts.models import Role
from applications.accounts.reading import note_shown
from applications.files import pending
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.organs.models import Organ
from applications.records import access
from applications.records.access import RECORD_ROLES, may_import_for
from applications.records.forms import ImportForm
from applications.records.importing.reading import MAX_BYTES
from applications.records.importing.refusal import FileRefused
from applications.records.importing.template import template_workbook
from applications.records.importing.workbook import CONTENT_TYPE, reasons
from applications.records.models import DishonestyRecord, ImportBatch, Obligation
from applications.records.services import import_records, preview_import
from rules.sameness import plain_code, plain_name, plain_number, visible

# A preview shows so many rejected rows; the workbook has all.
REASONS_SHOWN = 100
# What a file waits for between its preview and its confirmation.
PURPOSE = "record-import"


class ObligationInline(admin.TabularInline[Any, Any]):
    model = Obligation
    fields = ("name", "source", "fulfilled_on")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DoubleFilter(admin.SimpleListFilter):
    """Penalties that stand in the files twice, because their number was written in two ways."""

    title = gettext_lazy("重复登记")
    parameter_name = "double"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("与另一条重复，不公示"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[DishonestyRecord]
    ) -> QuerySet[DishonestyRecord]:
        return queryset.filter(double_of__isnull=False) if self.value() == "yes" else queryset


@admin.register(DishonestyRecord)
class DishonestyRecordAdmin(OrganScopedAdmin[DishonestyRecord]):
    """The unit's records, to look at: what is in them comes from its files and from decisions."""

    view_roles = RECORD_ROLES
    visible_to = staticmethod(access.visible_to)
    list_display = (
        "document_number",
        "subject_name",
        "identifying_unit",
        "severity",
        "decided_on",
        "publicity",
        "publicity_until",
        "annotated",
    )
    list_filter = ("severity", "publicity", DoubleFilter)
    list_select_related = ("subject", "identifying_unit", "annotation")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("document_number",)
    search_help_text = gettext_lazy("输入完整的决定书文号、主体名称或统一社会信用代码")
    inlines = (ObligationInline,)
    fieldsets = (
        (
            gettext_lazy("主体与认定"),
            {
                "fields": (
                    "subject_name",
                    "subject_code",
                    "identifying_unit",
                    "place",
                    "severity",
                    "domain_text",
                    "conduct_text",
                    "identified_on",
                )
            },
        ),
        (
            gettext_lazy("处罚决定"),
            {
                "fields": (
                    "document_number",
                    "decided_on",
                    "violation_type",
                    "facts",
                    "legal_basis",
                    "penalty_text",
                    "penalty_content",
                    "fine_amount",
                    "confiscated_amount",
                    "permit_affected",
                    "valid_until",
                    "penalising_organ",
                    "penalising_organ_uscc",
                    "source_organ",
                    "source_organ_uscc",
                    "remarks",
                )
            },
        ),
        (
            gettext_lazy("公示与修复"),
            {
                "fields": (
                    "publicity",
                    "publicity_until",
                    "publicity_ended_at",
                    "annotated",
                    "batch_name",
                    "same_penalty",
                )
            },
        ),
    )

    def reading_chain(self, record: DishonestyRecord) -> str:
        return record.reference

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """One unit's officers need not read their unit's name on every line."""
        organ = getattr(request.user, "organ", None)
        if organ is None or organ.kind != Organ.Kind.IDENTIFYING_UNIT:
            return self.list_display
        return tuple(name for name in self.list_display if name != "identifying_unit")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DishonestyRecord], search_term: str
    ) -> tuple[QuerySet[DishonestyRecord], bool]:
        """Whole values only: each is answered from an index, however many records there are."""
        term = visible(search_term).strip()
        if term:
            names = Q(subject__name=term) | Q(subject__plain_name=plain_name(term))
            numbers = Q(document_number=term) | Q(plain_number=plain_number(term))
            queryset = queryset.filter(numbers | names | Q(subject__uscc=plain_code(term)))
        return queryset, False

    @admin.display(description=gettext_lazy("信用主体"), ordering="subject__name")
    def subject_name(self, record: DishonestyRecord) -> str:
        return record.subject.name

    @admin.display(description=gettext_lazy("主体代码"))
    def subject_code(self, record: DishonestyRecord) -> str:
        return record.subject.masked_code

    @admin.display(description=gettext_lazy("认定地"))
    def place(self, record: DishonestyRecord) -> str:
        return record.place

    @admin.display(description=gettext_lazy("失信领域"))
    def domain_text(self, record: DishonestyRecord) -> str:
        return "、".join(record.domain_labels) or _("无")

    @admin.display(description=gettext_lazy("失信行为"))
    def conduct_text(self, record: DishonestyRecord) -> str:
        return "、".join(record.conduct_labels) or _("无")

    @admin.display(description=gettext_lazy("处罚类别"))
    def penalty_text(self, record: DishonestyRecord) -> str:
        return "、".join(record.penalty_labels)

    @admin.display(description=gettext_lazy("修复标注"))
    def annotated(self, record: DishonestyRecord) -> str:
        annotation = getattr(record, "annotation", None)
        if annotation is None:
            return "—"
        return _("已修复，%(decision)s") % {"decision": annotation.decision_number}

    @admin.display(description=gettext_lazy("重复登记"))
    def same_penalty(self, record: DishonestyRecord) -> str:
        """Where the same penalty stands once more, and which of the two counts."""
        if record.double_of:
            return _("与“%(number)s”（%(reference)s）是同一处罚，以该条为准，本条不公示。") % {
                "number": record.double_of.document_number,
                "reference": record.double_of.reference,
            }
        doubles = "、".join(f"“{each.document_number}”（{each.reference}）" for each in record.doubles.all())
        return _("以本条为准；重复的有%(doubles)s。") % {"doubles": doubles} if doubles else "—"

    @admin.display(description=gettext_lazy("导入批次"))
    def batch_name(self, record: DishonestyRecord) -> str:
        return str(record.batch or "—")


@admin.register(ImportBatch)
class ImportBatchAdmin(OrganScopedAdmin[ImportBatch]):
    """Imported files, and the import itself: upload, look at what it would do, confirm."""

    view_roles = (Role.INTAKE,)
    visible_to = staticmethod(access.batches_visible_to)
    change_list_template = "records/admin/importbatch_list.html"
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

    @takes_files(megabytes=10)
    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form; with a readable file, what its import would do."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        assert request.user.is_authenticated
        form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
        context: dict[str, Any] = {"title": _("导入失信行为信息"), "form": form}
        if request.method == "POST" and form.is_valid():
            organ, upload = form.cleaned_data["organ"], form.cleaned_data["file"]
            # One byte too many is enough for the import to say that the file is too large.
            content = upload.read(MAX_BYTES + 1)
            try:
                with at_expense_of(request.user, name=upload.name):
                    preview = preview_import(
                        content=content, file_name=upload.name, organ=organ, at=timezone.now()
                    )
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
                    return self.page(request, "records/admin/import.html", **context)
                # What the file says of people is no object yet.
                note_shown(request, [])
                context |= {
                    "preview": preview,
                    "organ": organ,
                    "file_name": upload.name,
                    "rejected": [
                        (each.row.line, reasons(each.faults)) for each in preview.rejected[:REASONS_SHOWN]
                    ],
                    "doubtful": [(each.row.line, reasons(each.doubts)) for each in preview.doubtful],
                    "more": max(0, len(preview.rejected) - REASONS_SHOWN),
                    "token": token,
                }
        return self.page(request, "records/admin/import.html", **context)

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
