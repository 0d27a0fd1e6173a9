"""The sets of the open data: what each is, its fields, and its rows as they are in the database now.

Rows are read A_READ at a time, each read anew by the filter of the public pages, so what leaves publicity while a file is
sent is in none of its later parts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet, TextChoices
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.commitments.models import Commitment, CommitmentKind
from applications.commitments.selectors import narrowed
from applications.masking import mask_numbers
from applications.organs.models import Organ
from applications.portal.models import OrganMonth, PublishedMonth
from applications.portal.open_data import fields
from applications.portal.open_data.fields import Field, Row
from applications.portal.performance.publishing import Line, YearOfClock, years_of
from applications.portal.public_search import as_shown, of_organisations
from applications.records.models import DishonestyRecord
from applications.records.selectors import published
from applications.subjects.models import Subject
from rules.facts import PENALTIES
from rules.procedure import CLOCK_LABELS, Clock

A_READ: Final = 1_000


@dataclass(frozen=True)
class DataSet:
    """``rows``: its rows, some at a time. ``left_out``: what one could look for in it and does not find, and why."""

    name: str
    title: str | Promise
    about: str | Promise
    left_out: str | Promise
    fields: tuple[Field, ...]
    rows: Callable[[], Iterator[list[Row]]]

    def schema(self) -> dict[str, object]:
        """JSON Schema of its rows."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": str(self.title),
            "type": "array",
            "items": {
                "type": "object",
                "required": [field.name for field in self.fields],
                "additionalProperties": False,
                "properties": {field.name: field.schema() for field in self.fields},
            },
        }


def by_key(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """All rows in the order of their keys, A_READ at a time: no read passes over what an earlier one has had, and none stays open."""
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:A_READ]):
        yield found
        last = found[-1].pk


# What a row of a record is made of; a record has twenty more columns, with the longest texts.
READ: Final = [
    "subject__kind",
    "subject__name",
    "subject__uscc",
    "subject__identity_number",
    "identifying_unit__name",
    "document_number",
    "violation_type",
    "penalties",
    "severity",
    "source_state",
    "decided_on",
    "publicity_until",
]


@cache
def in_words(choices: type[TextChoices], code: str) -> str:
    """The label of a code, in the language of the procedure: rows are put together as_kept()."""
    return str(choices(code).label)


def record_row(record: DishonestyRecord) -> Row:
    """A record with ``as_shown``: what the search shows of it."""
    return (
        record.subject.public_name,
        record.subject.masked_code,
        in_words(Subject.Kind, record.subject.kind),
        str(record),
        record.identifying_unit.name,
        mask_numbers(record.violation_type),
        [PENALTIES[code] for code in record.penalties],
        in_words(DishonestyRecord.Severity, record.severity),
        record.decided_on,
        record.publicity_until,
        record.under_objection,  # type: ignore[attr-defined]
        record.source_state == DishonestyRecord.SourceState.DISPUTED,
    )


def _records() -> Iterator[list[Row]]:
    for found in by_key(of_organisations(as_shown(published())).only(*READ)):
        yield [record_row(record) for record in found]


def _commitments() -> Iterator[list[Row]]:
    # A list of those for a repair would be one of who once had a record (ADR 0051).
    own_will = narrowed(kind=CommitmentKind.PROACTIVE).exclude(subject__kind=Subject.Kind.NATURAL_PERSON)
    for found in by_key(own_will):
        yield [_commitment_row(commitment) for commitment in found]


def _commitment_row(commitment: Commitment) -> Row:
    def day(moment: Any) -> Any:
        return localtime(moment).date() if moment else None

    return (
        commitment.subject.public_name,
        commitment.subject.masked_code,
        commitment.subject.get_kind_display(),
        commitment.document.organ.name,
        day(commitment.signed_at),
        day(commitment.published_at),
        day(commitment.broken_at),
        _address("commitments:detail", commitment.pk),
    )


def accepting_organs() -> QuerySet[Organ]:
    """Those to whom one may apply (Article 7)."""
    return Organ.objects.filter(kind__in=(Organ.Kind.IDENTIFYING_UNIT, Organ.Kind.CREDIT_BUREAU))


def _organs() -> Iterator[list[Row]]:
    for found in by_key(accepting_organs()):
        yield [
            (
                organ.code,
                organ.name,
                organ.get_kind_display(),
                organ.get_level_display(),
                organ.region,
                organ.region_name,
                organ.phone or None,
                organ.address or None,
                _address("portal:organ_performance", organ.code),
            )
            for organ in found
        ]


def _performance() -> Iterator[list[Row]]:
    last = PublishedMonth.objects.first()
    if last is None:
        return
    for found in by_key(Organ.objects.all()):
        rows = OrganMonth.objects.filter(organ__in=found).select_related("organ")
        yield [
            _performance_row(year, line)
            for year in years_of(rows.order_by("organ", "clock", "month"), last.month)
            for line in (year.whole, *year.months)
            if line.number
        ]


def _performance_row(year: YearOfClock, line: Line) -> Row:
    figures = (line.met, line.on_time, line.late, line.unmet, line.share, line.median, line.longest)
    return (
        year.organ.code,
        year.organ.name,
        year.clock,
        gettext(CLOCK_LABELS[Clock(year.clock)]),
        line.period,
        *((None,) * len(figures) if line.hidden else figures),
        line.hidden or None,
    )


def _address(name: str, *of: object) -> str:
    return settings.SITE_URL + reverse(name, args=of)


SETS: Final = {
    each.name: each
    for each in (
        DataSet(
            "records",
            _("公示中的失信行为信息"),
            _("单位和个体工商户正在公示的失信行为信息，与“查询公示”显示的内容相同。"),
            _(
                "不包括自然人：自然人只能用完整的姓名或者证件号码逐个查询。已经停止公示的不在其中，从停止公示的那一刻起就不再提供。"
            ),
            tuple(fields.RECORD),
            _records,
        ),
        DataSet(
            "commitments",
            _("主动型信用承诺"),
            _("单位和个体工商户主动作出、正在公示的信用承诺。"),
            _("不包括自然人作出的承诺和信用修复型承诺，它们只在“信用承诺公示”页面上公示，不批量提供。"),
            tuple(fields.COMMITMENT),
            _commitments,
        ),
        DataSet(
            "organs",
            _("受理信用修复申请的机构"),
            _("认定单位和公共信用信息工作机构的名称、地区、电话和地址。"),
            "",
            tuple(fields.ORGAN),
            _organs,
        ),
        DataSet(
            "performance",
            _("各机构办理情况"),
            _(
                "各机构每个法定期限按月、按年的办结件数、按期率和用时。每天夜里统计一次，只统计已经结束的月份。"
            ),
            _("少于5件的只注明不足，不列数字；能从全年数字里推算出来的月份，只计入全年。"),
            tuple(fields.PERFORMANCE),
            _performance,
        ),
    )
}
