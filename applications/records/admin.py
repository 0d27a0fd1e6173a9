from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_exports import ExportsList
from applications.masking import mask_numbers
from applications.organs.models import Organ
from applications.records import (
    access,
    admin_batches,  # noqa: F401
    admin_objections,  # noqa: F401
    exporting,
)
from applications.records.access import RECORD_ROLES, may_issue_notice, may_propose_act
from applications.records.admin_acts import ProposesActs
from applications.records.admin_notices import IssuesNotices
from applications.records.fields import in_words, to_json
from applications.records.history import history_of
from applications.records.models import DishonestyRecord
from applications.records.services.notices import notice_of, wants_notice
from applications.subjects.selectors import called
from rules.sameness import plain_number, visible


def masked(name: str) -> Callable[[Any, DishonestyRecord], str]:
    """A text of a record as a page shows it: what is stored from before can hold the number of a person."""
    field = DishonestyRecord._meta.get_field(name)
    assert isinstance(field, Field)

    @admin.display(description=field.verbose_name)
    def shown(_admin: Any, record: DishonestyRecord) -> str:
        return mask_numbers(getattr(record, name)) or "—"

    return shown


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
class DishonestyRecordAdmin(ProposesActs, IssuesNotices, ExportsList[DishonestyRecord]):
    """The unit's records, to look at: what is in them comes from its files and from decisions."""

    view_roles = RECORD_ROLES
    visible_to = staticmethod(access.visible_to)
    list_display = (
        "number",
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
    change_form_template = "records/admin/record.html"
    export_columns = exporting.COLUMNS
    exported = staticmethod(exporting.with_all)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("document_number",)
    search_help_text = gettext_lazy("输入完整的决定书文号、主体名称或统一社会信用代码")
    shown_violation_type = masked("violation_type")
    shown_facts = masked("facts")
    shown_legal_basis = masked("legal_basis")
    shown_penalty_content = masked("penalty_content")
    shown_permit_affected = masked("permit_affected")
    shown_penalising_organ = masked("penalising_organ")
    shown_penalising_organ_uscc = masked("penalising_organ_uscc")
    shown_source_organ = masked("source_organ")
    shown_source_organ_uscc = masked("source_organ_uscc")
    shown_remarks = masked("remarks")
    fieldsets = (
        (
            gettext_lazy("主体与认定"),
            {
                "fields": (
                    "subject_name",
                    "former_names",
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
                    "number",
                    "decided_on",
                    "shown_violation_type",
                    "shown_facts",
                    "shown_legal_basis",
                    "penalty_text",
                    "shown_penalty_content",
                    "fine",
                    "confiscated",
                    "shown_permit_affected",
                    "valid_until",
                    "shown_penalising_organ",
                    "shown_penalising_organ_uscc",
                    "shown_source_organ",
                    "shown_source_organ_uscc",
                    "shown_remarks",
                )
            },
        ),
        (
            gettext_lazy("公示与修复"),
            {
                "fields": (
                    "source_state",
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

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was written about the record, by whom, when, from which file."""
        record = self.get_object(request, unquote(object_id))
        return self.page(
            request,
            "records/admin/history.html",
            title=_("变更历史"),
            record=record,
            entries=history_of(record),
            may_act=may_propose_act(request.user, record),
        )

    def context_of(self, request: HttpRequest, obj: DishonestyRecord) -> dict[str, Any]:
        return {
            "obligations": obj.obligations.all(),
            "may_act": may_propose_act(request.user, obj),
            "notice": notice_of(obj),
            "may_issue_notice": wants_notice(obj) and may_issue_notice(request.user, obj),
        }

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
            numbers = Q(document_number=term) | Q(plain_number=plain_number(term))
            queryset = queryset.filter(numbers | Q(subject__in=called(term)))
        return queryset, False

    @admin.display(description=gettext_lazy("行政处罚决定书文号"), ordering="document_number")
    def number(self, record: DishonestyRecord) -> str:
        return str(record)

    @admin.display(description=gettext_lazy("信用主体"), ordering="subject__name")
    def subject_name(self, record: DishonestyRecord) -> str:
        return record.subject.name

    @admin.display(description=gettext_lazy("曾用名"))
    def former_names(self, record: DishonestyRecord) -> str:
        return "、".join(record.subject.former_names) or "—"

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

    # Django would show all the decimals that the column has.
    @admin.display(description=gettext_lazy("罚款金额（万元）"))
    def fine(self, record: DishonestyRecord) -> str:
        return in_words("fine_amount", to_json(record.fine_amount))

    @admin.display(description=gettext_lazy("没收违法所得、没收非法财物的金额（万元）"))
    def confiscated(self, record: DishonestyRecord) -> str:
        return in_words("confiscated_amount", to_json(record.confiscated_amount))

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
                "number": record.double_of,
                "reference": record.double_of.reference,
            }
        doubles = "、".join(f"“{each}”（{each.reference}）" for each in record.doubles.all())
        return _("以本条为准；重复的有%(doubles)s。") % {"doubles": doubles} if doubles else "—"

    @admin.display(description=gettext_lazy("导入批次"))
    def batch_name(self, record: DishonestyRecord) -> str:
        return str(record.batch or "—")
