"""The public search: records in publicity, and published commitments (Articles 9 and 15)."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.commitments import selectors
from applications.commitments.models import Commitment
from applications.organs.models import Organ
from applications.records.history import REINSTATEMENT, REVOCATION
from applications.records.models import DishonestyRecord, RecordChange
from applications.records.selectors import is_under_objection, published
from applications.repairs.models import RepairCase
from applications.subjects.models import Subject
from applications.subjects.selectors import public_organisations, public_persons
from rules.procedure import State
from rules.sameness import plain_number

# More than anybody reads: who gets more is asked to say more.
SHOWN = 50
SUBJECTS = 200
# In one file of results.
FILED = 1_000

TOO_SHORT = _("请至少输入2个字。")


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("名称、统一社会信用代码或决定书文号"),
        max_length=128,
        min_length=2,
        error_messages={"min_length": TOO_SHORT, "required": _("请输入名称、代码或文号。")},
        help_text=_("单位可以只输入名称中的几个字；自然人须输入完整的姓名或证件号码。"),
    )
    unit = forms.CharField(
        label=_("认定单位（可不填）"),
        max_length=100,
        required=False,
        help_text=_("如“南京市”或“市场监督管理局”。"),
    )
    since = forms.DateField(label=_("处罚决定日期自（可不填）"), required=False, widget=DayInput)
    until = forms.DateField(label=_("至（可不填）"), required=False, widget=DayInput)
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def clean_q(self) -> str:
        q: str = self.cleaned_data["q"]
        # Two characters that do not count are none.
        if len(plain_number(q)) < 2:
            raise ValidationError(TOO_SHORT)
        return q

    def clean_until(self) -> date | None:
        since: date | None = self.cleaned_data.get("since")
        until: date | None = self.cleaned_data["until"]
        if since and until and until < since:
            raise ValidationError(_("结束日期早于开始日期，请核对。"))
        return until


@dataclass(frozen=True)
class Found:
    """A page of the records of at most SUBJECTS subjects, and at most SHOWN commitments; ``more``: there are others, which
    no page shows. ``revoked``: day and reason of what was withdrawn because its penalty was revoked, for who asks by the
    number of its document (Administrative Penalty Law 48)."""

    revoked: list[RecordChange]
    records: Page[DishonestyRecord]
    commitments: list[Commitment]
    more: bool

    def __bool__(self) -> bool:
        return bool(self.records or self.commitments or self.revoked)

    @property
    def for_file(self) -> bool:
        """Whether a file of the results would have any of this page."""
        return any(not record.subject.is_person for record in self.records)


def search_public(
    q: str,
    unit: str,
    *,
    persons: bool,
    since: date | None = None,
    until: date | None = None,
    page: int = 1,
) -> Found:
    """What the public may find. Persons are found by their whole name or number only, and if they are asked for.

    ``since`` and ``until`` are days of the decision; a page beyond the last is the last.
    """
    matching = Subject.objects.filter(
        public_organisations(q) | public_persons(q) if persons else public_organisations(q)
    )
    records, many = _records_found(q, unit, matching, since, until)
    promising = _those_with(selectors.published(unit=unit), matching)
    promised = list(selectors.published_of(promising[:SUBJECTS], unit=unit)[: SHOWN + 1])
    return Found(
        revoked=list(_revoked(q)),
        records=_page(records, page, SHOWN),
        commitments=promised[:SHOWN],
        more=many or len(promising) > SUBJECTS or len(promised) > SHOWN,
    )


def search_for_file(
    q: str, unit: str, *, since: date | None = None, until: date | None = None, page: int = 1
) -> tuple[Page[DishonestyRecord], bool]:
    """The records of organisations that ``search_public`` finds, FILED a page, and whether there are others that no page has."""
    matching = Subject.objects.filter(public_organisations(q))
    records, many = _records_found(q, unit, matching, since, until)
    # A document is found by its number, whomever it is about.
    return _page(of_organisations(records), page, FILED), many


def of_organisations(records: QuerySet[DishonestyRecord]) -> QuerySet[DishonestyRecord]:
    """Without natural persons, who are found one by one and by their whole name or number."""
    return records.exclude(subject__kind=Subject.Kind.NATURAL_PERSON)


def as_shown(records: QuerySet[DishonestyRecord]) -> QuerySet[DishonestyRecord]:
    """With all that the public reads of a record."""
    return records.annotate(under_objection=is_under_objection() | _refusal_is_disputed()).select_related(
        "subject", "identifying_unit"
    )


def _records_found(
    q: str, unit: str, matching: QuerySet[Subject], since: date | None, until: date | None
) -> tuple[QuerySet[DishonestyRecord], bool]:
    """The records of the first SUBJECTS of the matching subjects, and of the document; whether there are more subjects."""
    wanted: QuerySet[DishonestyRecord] = published()
    if unit:
        units = Organ.objects.filter(name__contains=unit).values_list("pk", flat=True)
        wanted = wanted.filter(identifying_unit__in=list(units))
    if since:
        wanted = wanted.filter(decided_on__gte=since)
    if until:
        wanted = wanted.filter(decided_on__lte=until)
    # Subjects first: each step is then answered from an index, however many records there are.
    recorded = _those_with(wanted, matching)
    records = wanted.filter(
        Q(subject__in=recorded[:SUBJECTS]) | Q(document_number=q) | Q(plain_number=plain_number(q))
    )
    return as_shown(records), len(recorded) > SUBJECTS


def _refusal_is_disputed() -> Exists:
    """Whether an objection to a refusal of its repair is not handled yet (Article 13)."""
    return Exists(RepairCase.objects.filter(record=OuterRef("pk"), status=State.OBJECTING))


def _those_with(
    rows: "QuerySet[DishonestyRecord] | QuerySet[Commitment]", matching: QuerySet[Subject]
) -> list[int]:
    """Ids of the matching subjects that the rows are about: one more than SUBJECTS, where there are as many."""
    about = rows.filter(subject=OuterRef("pk")).order_by()
    return list(matching.filter(Exists(about)).values_list("pk", flat=True)[: SUBJECTS + 1])


def _revoked(q: str) -> QuerySet[RecordChange]:
    undone = RecordChange.objects.filter(record=OuterRef("record"), pk__gt=OuterRef("pk"), verb=REINSTATEMENT)
    return (
        RecordChange.objects.filter(
            Q(record__document_number=q) | Q(record__plain_number=plain_number(q)),
            ~Exists(undone),
            verb=REVOCATION,
            before__publicity=DishonestyRecord.Publicity.PUBLISHED,
        )
        .exclude(record__subject__kind=Subject.Kind.NATURAL_PERSON)
        .select_related("record__identifying_unit")
    )


def _page(records: QuerySet[DishonestyRecord], number: int, size: int) -> Page[DishonestyRecord]:
    page = Paginator(records, size).get_page(number)
    # Read here, where the search itself fails if it cannot be, and not while a page is put together.
    page.object_list = list(page.object_list)
    return page
