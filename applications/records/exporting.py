"""What a table of records says of each, in the words of a record file. People's numbers are masked."""

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.records import fields
from applications.records.fields import OBLIGATIONS, for_form
from applications.records.models import DishonestyRecord

# In the language of whoever reads the table.
label = lazy(fields.label, str)


def _said(name: str) -> Column:
    """A field as a record file would have it."""
    return Column(label(name), lambda record: for_form(record, name))


def _of(name: str) -> Column:
    return Column(label(name), lambda record: getattr(record, name))


COLUMNS: tuple[Column, ...] = (
    Column(_("失信信息唯一标识"), lambda record: record.reference),
    Column(_("行政相对人名称"), lambda record: record.subject.name),
    Column(_("行政相对人类别"), lambda record: record.subject.get_kind_display()),
    Column(_("行政相对人代码"), lambda record: record.subject.masked_code),
    Column(_("认定单位"), lambda record: record.identifying_unit.name),
    Column(_("地方编码"), lambda record: record.region),
    Column(label("document_number"), str),
    *map(_said, ("violation_type", "facts", "legal_basis", "penalties", "penalty_content")),
    _of("fine_amount"),
    _of("confiscated_amount"),
    _said("permit_affected"),
    _of("decided_on"),
    _of("identified_on"),
    _said("valid_until"),
    _of("publicity_until"),
    *map(_said, ("severity", "domains", "conducts", OBLIGATIONS)),
    Column(label("publicity"), lambda record: record.get_publicity_display()),
    Column(label("source_state"), lambda record: record.get_source_state_display()),
    Column(
        _("修复决定文号"),
        lambda record: record.annotation.decision_number if hasattr(record, "annotation") else "",
    ),
)


def with_all(records: QuerySet[Any]) -> QuerySet[DishonestyRecord]:
    return records.select_related("subject", "identifying_unit", "annotation").prefetch_related("obligations")
